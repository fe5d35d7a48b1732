import { LedgerInconsistent } from '../entries.js';
import { capture, reserve } from '../reservations/spec-reservations.js';
import { account, DAY, deposit, elapse, given, named, tenant, transfer } from '../spec-support.js';
import { credit, debit, journal, outcome } from '../transactions/spec-commands.js';
import { applyLimitUses } from './limit-uses.js';

const ALL = Number.MAX_SAFE_INTEGER - 10;

describe('what is used in a month', () => {
  it.each([
    [10, 'TransactionPosted'],
    [11, 'refused: amount_out_of_range (amount)'],
  ])('stays a number, whatever a day uses: %s more', (amount, expected) => {
    const { when } = given(
      tenant(),
      account('books', 'general', 'NGN', { allow_negative: true }),
      account('ada'),
      account('bob'),
      account('cyn'),
      journal([debit('@books', ALL), credit('@ada', ALL)]),
      transfer('ada', 'bob', ALL),
      // What another one uses last makes no more room.
      deposit('cyn', 1),
      elapse(DAY),
      // Counts for nobody, and gives Ada something to send again.
      journal([debit('@bob', 100), credit('@ada', 100)]),
    );
    expect(outcome(when(transfer('ada', 'bob', amount)))).toBe(expected);
  });
});

it.each([
  [10, 'ReservationCaptured'],
  [11, 'refused: amount_out_of_range (amount)'],
])('what one side gets back makes no room for the other: %s', (amount, expected) => {
  const { when } = given(
    tenant(),
    account('books', 'general', 'NGN', { allow_negative: true }),
    account('ada'),
    account('bob'),
    journal([debit('@books', ALL), credit('@ada', ALL)]),
    transfer('ada', 'bob', ALL),
    journal([debit('@bob', ALL), credit('@books', ALL)]),
    account('cyn'),
    deposit('cyn', 100),
    named('hold', reserve({ account_id: '@cyn', destination: '@bob', amount: 100 })),
  );
  expect(outcome(when(capture({ amount })))).toBe(expected);
});

it.each([
  ['customer', ['inbound 5']],
  ['business', ['inbound 5']],
  ['merchant', ['inbound 5']],
  ['agent', ['inbound 5']],
  ['float', []],
  ['general', []],
] as const)('what a %s gets is counted: %s', (walletType, told) => {
  const { book, when } = given(tenant(), account('ada'), deposit('ada', 9), account('it', walletType));
  when(transfer('ada', 'it', 5));
  const data = book.events.at(-1)?.data;
  const uses = data !== undefined && 'limit_uses' in data ? (data.limit_uses ?? []) : [];
  const its = uses.filter(({ account_id }) => account_id === book.id('it'));
  expect(its.map(({ direction, amount }) => `${direction} ${amount}`)).toEqual(told);
});

describe('what a fold refuses to believe of limits', () => {
  it.each([
    ['an account that was never opened', { account_id: 'acc_x' }],
    ['a use of another day', { counted_on: '2026-01-04' }],
    ['a use of a day to come', { counted_on: '2026-01-06' }],
    ['a return of a day to come', { amount: -1, counted_on: '2026-01-06' }],
    ['a return of more than was used', { amount: -6 }],
  ])('%s', (_telling, differing) => {
    const { book } = given(tenant(), account('ada'), account('bob'), deposit('ada', 9), transfer('ada', 'bob', 5));
    const use = { account_id: book.id('ada'), direction: 'outbound', amount: 1, counted_on: '2026-01-05' } as const;
    const apply = (more: object): void => applyLimitUses(book.state, [{ ...use, ...more }], '2026-01-05');
    expect(() => apply(differing)).toThrow(LedgerInconsistent);
    expect(() => {
      apply({});
      apply({ amount: -6 });
      apply({ amount: -6, counted_on: '2025-12-31' });
    }).not.toThrow();
  });
});
