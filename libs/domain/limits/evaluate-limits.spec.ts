import type { Command } from '../commands.js';
import {
  account,
  customer,
  DAY,
  deposit,
  elapse,
  given,
  limit,
  replaceLimits,
  tenant,
  transfer,
  type Row,
  type Step,
} from '../spec-support.js';
import type { EvaluateLimits, LimitEvaluation } from './evaluate-limits.js';

const ask = (amount: number, data: Partial<EvaluateLimits['data']> = {}): Command => ({
  type: 'EvaluateLimits',
  data: { account_id: '@ada', direction: 'outbound', amount, currency: 'NGN', ...data },
});
const get = (amount: number): Command => ask(amount, { direction: 'inbound' });

const two: readonly Step[] = [tenant(), account('ada'), account('bob'), deposit('ada', 1000), deposit('bob', 1000)];

const REFUSED: readonly Row[] = [
  ['nothing', two, ask(0), 'refused: amount_not_positive (amount)'],
  ['half a kobo', two, ask(0.5), 'refused: invalid_parameter (amount)'],
  ['more than there are numbers', two, ask(2 ** 53), 'refused: amount_out_of_range (amount)'],
  ['no currency', two, ask(1, { currency: 'ABC' }), 'refused: invalid_currency (currency)'],
  [
    'an account that is not there',
    two,
    ask(1, { account_id: 'acc_01JGFJJZ00ZZZZZZZZZZZZZZZZ' }),
    'refused: account_not_found (account_id)',
  ],
  ['another currency', two, ask(1, { currency: 'EUR' }), 'refused: currency_mismatch (currency)'],
];

const answerOf = (history: readonly Step[], command: Command): LimitEvaluation => {
  const { decision } = given(...history).when(command);
  if (decision.kind !== 'accepted' || decision.answer === undefined) throw new RangeError('it was not answered');
  expect(decision.events).toEqual([]);
  return decision.answer;
};

/** Violations as `code limit used remaining resets_on`. */
const told = (history: readonly Step[], command: Command): string[] =>
  answerOf(history, command).violations.map(({ code, limit, used, remaining, resets_on }) =>
    [code, limit, used, remaining, resets_on].join(' '),
  );

describe('EvaluateLimits', () => {
  it.each(REFUSED)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it.each([
    ['without limits', two, ask(5000), []],
    ['within one', [...two, replaceLimits(limit(100))], ask(100), []],
    ['beyond one', [...two, replaceLimits(limit(100))], ask(101), ['limit_exceeded 100 0 100 2026-01-06']],
    [
      'beyond one, with something used',
      [...two, replaceLimits(limit(100)), transfer('ada', 'bob', 60)],
      ask(41),
      ['limit_exceeded 100 60 40 2026-01-06'],
    ],
    [
      'beyond what was lowered since',
      [...two, transfer('ada', 'bob', 60), replaceLimits(limit(50))],
      ask(1),
      ['limit_exceeded 50 60 0 2026-01-06'],
    ],
    [
      'beyond both, the daily first',
      [...two, replaceLimits(limit(100, { window: 'monthly' }), limit(50))],
      ask(101),
      ['limit_exceeded 50 0 50 2026-01-06', 'limit_exceeded 100 0 100 2026-02-01'],
    ],
    [
      'on the last of a month',
      [...two, replaceLimits(limit(0), limit(0, { window: 'monthly' })), elapse(26 * DAY)],
      ask(1),
      ['limit_exceeded 0 0 0 2026-02-01', 'limit_exceeded 0 0 0 2026-02-01'],
    ],
    [
      'at the end of a year',
      [...two, replaceLimits(limit(0), limit(0, { window: 'monthly' })), elapse(360 * DAY)],
      ask(1),
      ['limit_exceeded 0 0 0 2027-01-01', 'limit_exceeded 0 0 0 2027-01-01'],
    ],
    [
      'more than it may hold',
      [...two, replaceLimits(limit(0, { max_balance: 1500 }))],
      get(501),
      ['max_balance_exceeded 1500 1000 500 '],
    ],
    ['what it gets, where nothing bounds what it holds', [...two, replaceLimits(limit(9))], get(5), []],
    [
      'what it gets, beyond the range of balances',
      [tenant(), account('ada'), deposit('ada', Number.MAX_SAFE_INTEGER - 5), replaceLimits(limit(9))],
      get(10),
      [],
    ],
    ['all that it may hold', [...two, replaceLimits(limit(0, { max_balance: 1500 }))], get(500), []],
    ['what it sends, holding too much', [...two, replaceLimits(limit(9, { max_balance: 1 }))], ask(5), []],
    [
      'who has too much already',
      [...two, replaceLimits(limit(9, { max_balance: 1 }))],
      get(5),
      ['max_balance_exceeded 1 1000 0 '],
    ],
    [
      'limits before the balance',
      [...two, replaceLimits(limit(9, { direction: 'inbound', max_balance: 1 }))],
      get(10),
      ['limit_exceeded 9 1000 0 2026-01-06', 'max_balance_exceeded 1 1000 0 '],
    ],
    [
      'the tenant’s own accounts',
      [...two, account('till', 'float'), replaceLimits(limit(0, { max_balance: 0 }))],
      ask(5, { account_id: '@till' }),
      [],
    ],
    [
      'what all accounts of a customer used',
      [
        ...two,
        customer('eve'),
        account('eves', 'customer', 'NGN', { customer_id: '@eve' }),
        account('more', 'customer', 'NGN', { customer_id: '@eve' }),
        deposit('eves', 100),
        replaceLimits(limit(100)),
        transfer('eves', 'bob', 60),
      ],
      ask(41, { account_id: '@more' }),
      ['limit_exceeded 100 60 40 2026-01-06'],
    ],
  ] as const)('%s', (_telling, history, command, expected) => {
    expect(told(history, command)).toEqual(expected);
    expect(answerOf(history, command).allowed).toBe(expected.length === 0);
  });

  it('counts what a debt takes of what comes in', () => {
    const { book, when } = given(
      tenant(),
      account('ada'),
      { type: 'IssueCard', data: { account_id: '@ada', type: 'virtual' } },
      replaceLimits(limit(1, { max_balance: 100 })),
    );
    const issued = book.events.find(({ type }) => type === 'CardIssued')?.data as { card: { card_id: string } };
    when({ type: 'ChangeCardStatus', data: { card_id: issued.card.card_id, action: 'activate' } });
    when({
      type: 'PostCardTransaction',
      data: {
        card_id: issued.card.card_id,
        amount: 50,
        currency: 'NGN',
        merchant: { name: 'Shop', category_code: '5411' },
        network_reference: 'n',
        direction: 'debit',
      },
    });
    const asked = (amount: number): LimitEvaluation | undefined => {
      const { decision } = when(get(amount));
      return decision.kind === 'accepted' ? decision.answer : undefined;
    };
    expect(asked(150)?.allowed).toBe(true);
    expect(asked(151)).toMatchObject({ allowed: false, violations: [{ limit: 100, used: 0, remaining: 150 }] });
    // Who has too much already may still get what it owes.
    when(replaceLimits(limit(1, { max_balance: 0 })));
    expect(asked(50)?.allowed).toBe(true);
    expect(asked(51)).toMatchObject({ allowed: false, violations: [{ limit: 0, used: 0, remaining: 50 }] });
  });

  it('changes nothing', () => {
    const { book, when } = given(...two, replaceLimits(limit(100, { max_balance: 5 })));
    const before = JSON.stringify([...book.state.limitCounters.rows(), ...book.state.accounts.values()]);
    when(ask(500));
    when(get(500));
    expect(JSON.stringify([...book.state.limitCounters.rows(), ...book.state.accounts.values()])).toBe(before);
  });
});
