import type { Command } from '../commands.js';
import {
  account,
  card,
  deposit,
  elapse,
  given,
  named,
  tenant,
  transfer,
  type Row,
  type Step,
} from '../spec-support.js';
import type { ReverseTransaction } from './reverse-transaction.js';
import { block, close, credit, debit, entriesOf, fee, journal, outcome, post, UNKNOWN } from './spec-commands.js';

const reverse = (data: Partial<ReverseTransaction['data']> = {}): Command => ({
  type: 'ReverseTransaction',
  data: { transaction_id: '@rent', ...data },
});

const clearing = (name: string, amount: number, reference: string): Command => ({
  type: 'PostCardTransaction',
  data: {
    card_id: `@${name}`,
    amount,
    currency: 'NGN',
    merchant: { name: 'Shop', category_code: '5411' },
    network_reference: reference,
    direction: 'debit',
  },
});

const two: readonly Step[] = [tenant(), account('ada'), account('bob'), deposit('ada', 1000)];
const paid: readonly Step[] = [...two, named('rent', transfer('ada', 'bob', 100))];
const reversed: readonly Step[] = [...paid, named('back', reverse())];

const ROWS: readonly Row[] = [
  [
    'a fraction of nothing known',
    two,
    reverse({ transaction_id: UNKNOWN, amount: 0.5 }),
    'refused: invalid_parameter (amount)',
  ],
  ['nothing', paid, reverse({ amount: 0 }), 'refused: amount_not_positive (amount)'],
  ['2^53', paid, reverse({ amount: 2 ** 53 }), 'refused: amount_out_of_range (amount)'],
  [
    'an unknown transaction',
    paid,
    reverse({ transaction_id: 'ltx_01JGFJJZ00ZZZZZZZZZZZZZZZZ' }),
    'refused: transaction_not_found',
  ],
  ['one that failed', [...two, named('rent', transfer('ada', 'bob', 1001))], reverse(), 'refused: not_reversible'],
  ['a reversal', reversed, reverse({ transaction_id: '@back' }), 'refused: not_reversible'],
  ['twice', reversed, reverse(), 'refused: already_reversed'],
  ['a part of what is reversed', reversed, reverse({ amount: 1 }), 'refused: already_reversed'],
  ['more than it was', paid, reverse({ amount: 101 }), 'refused: already_reversed (amount)'],
  [
    'more than is left',
    [...paid, reverse({ amount: 60 })],
    reverse({ amount: 41 }),
    'refused: already_reversed (amount)',
  ],
  ['what is left', [...paid, reverse({ amount: 60 })], reverse({ amount: 40 }), 'TransactionReversed'],
  [
    'from a closed account',
    [...paid, transfer('bob', 'ada', 100), close('bob')],
    reverse(),
    'TransactionFailed: account_closed',
  ],
  [
    'from a frozen account',
    [...paid, transfer('bob', 'ada', 100), block('bob', true, false)],
    reverse(),
    'TransactionFailed: account_frozen',
  ],
  [
    'to a frozen account, with nothing left',
    [...paid, transfer('bob', 'ada', 1), block('ada', false, true)],
    reverse(),
    'TransactionFailed: account_frozen',
  ],
  ['with nothing left', [...paid, transfer('bob', 'ada', 1)], reverse(), 'TransactionFailed: insufficient_funds'],
  [
    'to an account that has no room for it',
    [
      ...paid,
      account('books', 'general', 'NGN', { allow_negative: true }),
      journal([debit('@books', Number.MAX_SAFE_INTEGER - 950), credit('@ada', Number.MAX_SAFE_INTEGER - 950)]),
    ],
    reverse(),
    'refused: amount_out_of_range (amount)',
  ],
  [
    'again after it failed',
    [...paid, transfer('bob', 'ada', 1), reverse(), transfer('ada', 'bob', 1)],
    reverse(),
    'TransactionReversed',
  ],
];

describe('ReverseTransaction', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(outcome(given(...history).when(command))).toBe(expected);
  });

  it('is not for what a card did', () => {
    const { book, when } = given(...two, ...card('plastic', 'ada'), clearing('plastic', 5, 'n1'));
    const event = book.events.at(-1);
    if (event?.type !== 'CardTransactionPosted') throw new RangeError('the card did nothing');
    expect(outcome(when(reverse({ transaction_id: event.data.transaction.transaction_id })))).toBe(
      'refused: not_reversible',
    );
  });

  it('mirrors, takes effect now, and tells how the original stands', () => {
    const { book, when } = given(...two, named('rent', post({ effective_at: '2026-01-01T00:00:00Z' })), elapse(1000));
    const posted = book.standing('rent');
    const first = when(reverse({ amount: 30, reason: 'half a month' }));
    expect(entriesOf(first, book)).toEqual(['ada credit 30 930', 'bob debit 30 70']);
    const said = `s1.${book.id('ada')}.half a month`;
    expect(first.events[0]?.data).toMatchObject({
      transaction: {
        type: 'reversal',
        status: 'completed',
        amount: 30,
        source: book.id('bob'),
        destination: book.id('ada'),
        narration: said,
        reversal_of: book.id('rent'),
        effective_at: '2026-01-05T09:00:07.000Z',
      },
      reason: said,
      original: { transaction_id: book.id('rent'), status: 'partially_reversed', reversed_amount: 30 },
      original_event_id: posted.id,
      original_revision: posted.revision,
    });
    const second = when(reverse());
    expect(entriesOf(second, book)).toEqual(['ada credit 70 1000', 'bob debit 70 0']);
    expect(second.events[0]?.data).toMatchObject({
      original: { status: 'reversed', reversed_amount: 100 },
      original_event_id: posted.id,
      original_entries: 'entries' in posted.data ? posted.data.entries : [],
    });
  });

  it('records the failure beside the transaction that stays as it was', () => {
    const { book, when } = given(...paid, transfer('bob', 'ada', 1));
    expect(when(reverse({ reason: 'wrong' })).events[0]?.data).toMatchObject({
      transaction: {
        type: 'reversal',
        status: 'failed',
        failure_code: 'insufficient_funds',
        reversal_of: book.id('rent'),
        amount: 100,
        fees: [],
        metadata: [],
      },
    });
    expect(book.standing('rent').type).toBe('TransactionPosted');
  });

  it('returns fees pro rata: rounded for all so far, less what was returned', () => {
    const { book, when } = given(...two, fee(), named('rent', post({ channel: 'funds_transfer' })));
    const shares = [30, 25, 45].map((amount) => {
      const event = when(reverse({ amount })).events[0];
      if (event?.type !== 'TransactionReversed') throw new RangeError('it was refused');
      return [event.data.transaction.fees[0]?.amount, event.data.entries.length];
    });
    // 12 × 0.3 = 3.6, 12 × 0.55 = 6.6, 12.
    expect(shares).toEqual([
      [4, 4],
      [3, 4],
      [5, 4],
    ]);
    expect(book.state.accounts.get(book.id('ada'))?.balance).toBe(1000);
    expect(book.state.accounts.get(book.state.systemAccounts.get('fees:platform|NGN') as string)?.balance).toBe(0);
  });

  it('returns no fee where it fails', () => {
    const history = [...two, fee(), named('rent', post({ channel: 'funds_transfer' })), transfer('bob', 'ada', 1)];
    expect(given(...history).when(reverse()).events[0]?.data).toMatchObject({
      transaction: { status: 'failed', failure_code: 'insufficient_funds', fees: [] },
    });
  });

  it('rounds the amount and its fee each alone', () => {
    const flat = fee({ flat_amount: 5, percentage_rate: '0' });
    const { book, when } = given(...two, flat, named('rent', post({ amount: 10, channel: 'funds_transfer' })));
    // Of 15 a tenth would be 2; of 10 it is 1, and of 5 it is 0.
    expect(entriesOf(when(reverse({ amount: 1 })), book)).toEqual(['ada credit 1 986', 'bob debit 1 9']);
    expect(entriesOf(when(reverse({ amount: 2 })), book)).toHaveLength(4);
  });

  it.each([
    ['a deposit, to whom it came', deposit('ada', 5), 'ada'],
    ['a transfer, to who sent it', transfer('ada', 'bob', 5), 'ada'],
    ['a withdrawal, to who sent it', post({ type: 'withdrawal', destination: undefined, amount: 5 }), 'ada'],
    ['a journal, to whom its first entry is of', journal([debit('@bob', 5), credit('@ada', 5)]), 'bob'],
  ])('seals the reason of %s', (_telling, command, name) => {
    const { book, when } = given(...two, transfer('ada', 'bob', 50), named('rent', command));
    expect(when(reverse({ reason: 'r' })).events.at(-1)?.data).toMatchObject({ reason: `s1.${book.id(name)}.r` });
  });

  it('says nothing where no reason is given', () => {
    const { when } = given(...paid);
    expect(when(reverse()).events[0]?.data).toMatchObject({
      reason: null,
      transaction: { narration: null, metadata: [], fees: [] },
    });
  });

  it('counts nothing back that was not counted', () => {
    const floats = [tenant(), account('one', 'float'), account('two', 'float'), account('ada')];
    const fill = post({ type: 'deposit', source: '@one', destination: '@ada', amount: 90 });
    const { when } = given(...floats, fill, named('rent', transfer('one', 'two', 30)));
    const data = when(reverse()).events[0]?.data ?? {};
    expect('limit_uses' in data || 'original_limit_uses' in data).toBe(false);
  });

  it('leaves out a share that comes to nothing', () => {
    const { book, when } = given(
      ...two,
      fee({ flat_amount: 1, percentage_rate: '0' }),
      named('rent', post({ channel: 'funds_transfer' })),
    );
    const done = when(reverse({ amount: 50 }));
    expect(entriesOf(done, book)).toEqual(['ada credit 50 949', 'bob debit 50 50']);
    expect(done.events[0]?.data).toMatchObject({ transaction: { fees: [] } });
    expect(entriesOf(when(reverse({ amount: 1 })), book)).toHaveLength(4);
  });

  it('keeps every part of a journal balanced, whatever its entries round to', () => {
    const legs = [debit('@ada', 10), ...Array<ReturnType<typeof credit>>(10).fill(credit('@bob', 1))];
    const { book, when } = given(...two, named('rent', journal(legs)));
    for (let part = 1; part <= 10; part++) expect(outcome(when(reverse({ amount: 1 })))).toBe('TransactionReversed');
    expect(book.state.accounts.get(book.id('ada'))?.balance).toBe(1000);
    expect(book.state.accounts.get(book.id('bob'))?.balance).toBe(0);
  });

  it('gives back both sides of an exchange', () => {
    const { book, when } = given(
      ...two,
      account('eve', 'customer', 'EUR'),
      named('rent', post({ type: 'exchange', destination: '@eve', rate: '0.5', destination_amount: 50 })),
    );
    expect(entriesOf(when(reverse({ amount: 1 })), book)).toEqual([
      'ada credit 1 901',
      'exchange:EUR-NGN|NGN debit 1 99',
    ]);
    expect(entriesOf(when(reverse()), book)).toEqual([
      'ada credit 99 1000',
      'exchange:EUR-NGN|NGN debit 99 0',
      'exchange:EUR-NGN|EUR credit 50 0',
      'eve debit 50 0',
    ]);
  });

  it('opens a debt again that the original had repaid', () => {
    const { book, when } = given(
      ...two,
      ...card('plastic', 'bob'),
      clearing('plastic', 70, 'n1'),
      named('rent', transfer('ada', 'bob', 100)),
    );
    const debt = `receivable:${book.id('bob')}|NGN`;
    expect(entriesOf(when(reverse()), book)).toEqual([
      'ada credit 100 1000',
      'bob debit 100 -70',
      'bob credit 70 0',
      `${debt} debit 70 70`,
    ]);
  });

  it('repays what the account that gets it back owes by now', () => {
    const { book, when } = given(...paid, ...card('plastic', 'ada'), clearing('plastic', 970, 'n1'));
    const debt = `receivable:${book.id('ada')}|NGN`;
    expect(entriesOf(when(reverse()), book)).toEqual([
      'ada credit 100 100',
      'bob debit 100 0',
      'ada debit 70 30',
      `${debt} credit 70 0`,
    ]);
  });
});
