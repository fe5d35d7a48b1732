/** Which limit stops which posting, and what counts towards it (DECISIONS 43 to 46). */
import type { Command } from '../commands.js';
import type { PostTransactionData } from '../transactions/post-transaction.js';
import {
  account,
  customer,
  DAY,
  deposit,
  elapse,
  given,
  limit,
  named,
  replaceLimits,
  tenant,
  transfer,
  type Book,
  type Outcome,
  type Step,
} from '../spec-support.js';
import type { LimitTerms } from './replace-limits.js';

const post = (data: Partial<PostTransactionData>): Command => ({
  type: 'PostTransaction',
  data: { type: 'transfer', amount: 1, currency: 'NGN', ...data } as PostTransactionData,
});
const withdraw = (from: string, amount: number): Command => post({ type: 'withdrawal', amount, source: `@${from}` });
const journal = (from: string, to: string, amount: number): Command => ({
  type: 'PostTransaction',
  data: {
    type: 'journal',
    entries: [
      { account: `@${from}`, direction: 'debit', amount, currency: 'NGN' },
      { account: `@${to}`, direction: 'credit', amount, currency: 'NGN' },
    ],
  },
});
const exchange = (from: string, to: string, amount: number, destination_amount: number): Command =>
  post({
    type: 'exchange',
    amount,
    destination_amount,
    rate: String(destination_amount / amount),
    source: `@${from}`,
    destination: `@${to}`,
  });
const reverse = (name: string, amount?: number): Command => ({
  type: 'ReverseTransaction',
  data: { transaction_id: `@${name}`, ...(amount === undefined ? {} : { amount }) },
});
const fee = (flat_amount: number): Command => ({
  type: 'ReplaceFeeRules',
  data: {
    rules: [
      {
        channel: 'funds_transfer',
        currency: 'NGN',
        flat_amount,
        percentage_rate: '0',
        who_pays: 'customer',
        who_gets_paid: 'platform',
        effective_from: '2026-01-01T00:00:00Z',
      },
    ],
  },
});

/** What came of it; a limit is named by its place in the last list. */
const told = (book: Book, { outcome, events }: Outcome): string => {
  const last = events.at(-1);
  if (last?.type !== 'TransactionFailed') return last?.type ?? outcome;
  const { failure_code, failure_rule } = last.data.transaction;
  const place = book.state.limitRules.value.rules.findIndex(({ limit_id }) => limit_id === failure_rule);
  return `${failure_code} ${place < 0 ? failure_rule : place}`;
};

const POSTED = 'TransactionPosted';
const people: readonly Step[] = [
  tenant(),
  customer('eve'),
  account('ada'),
  account('bob'),
  account('shop', 'merchant'),
  account('till', 'float'),
  account('books', 'general', 'NGN', { allow_negative: true }),
  account('eves', 'customer', 'NGN', { customer_id: '@eve' }),
  account('eves other', 'business', 'NGN', { customer_id: '@eve' }),
  account('eves euros', 'customer', 'EUR', { customer_id: '@eve' }),
  ...['ada', 'bob', 'eves', 'eves other'].map((name) => deposit(name, 10_000)),
  deposit('eves euros', 1000, 'EUR'),
];
// On the day after all that money came in.
const started: readonly Step[] = [...people, elapse(DAY)];
const inbound = (amount: number, more: Partial<LimitTerms> = {}) => limit(amount, { direction: 'inbound', ...more });
const monthly = (amount: number, more: Partial<LimitTerms> = {}) => limit(amount, { window: 'monthly', ...more });

const ROWS: readonly [telling: string, history: readonly Step[], command: Command, expected: string][] = [
  ['all of a limit', [replaceLimits(limit(100))], transfer('ada', 'bob', 100), POSTED],
  ['one more', [replaceLimits(limit(100))], transfer('ada', 'bob', 101), 'limit_exceeded 0'],
  [
    'one more, in two steps',
    [replaceLimits(limit(100)), transfer('ada', 'bob', 60)],
    transfer('ada', 'bob', 41),
    'limit_exceeded 0',
  ],
  ['nothing may be sent', [replaceLimits(limit(0))], transfer('ada', 'bob', 1), 'limit_exceeded 0'],
  [
    'what was used in the morning',
    [transfer('ada', 'bob', 60), replaceLimits(limit(100))],
    transfer('ada', 'bob', 41),
    'limit_exceeded 0',
  ],
  [
    'an amount as large as there is, on top of another',
    [replaceLimits(limit(Number.MAX_SAFE_INTEGER)), transfer('ada', 'bob', 60)],
    withdraw('ada', Number.MAX_SAFE_INTEGER),
    'limit_exceeded 0',
  ],
  ['another tier’s', [replaceLimits(limit(1, { kyc_level: 'tier2' }))], transfer('ada', 'bob', 2), POSTED],
  ['another currency’s', [replaceLimits(limit(1, { currency: 'EUR' }))], transfer('ada', 'bob', 2), POSTED],
  [
    'the daily one before the monthly',
    [replaceLimits(monthly(1), limit(1))],
    transfer('ada', 'bob', 2),
    'limit_exceeded 1',
  ],
  ['the monthly alone', [replaceLimits(monthly(1), limit(2))], transfer('ada', 'bob', 2), 'limit_exceeded 0'],
  [
    'what is sent before what is got',
    [replaceLimits(inbound(1), limit(1))],
    transfer('ada', 'bob', 2),
    'limit_exceeded 1',
  ],
  ['what is got', [replaceLimits(inbound(1))], transfer('ada', 'bob', 2), 'limit_exceeded 0'],
  ['a merchant gets', [replaceLimits(inbound(1))], transfer('ada', 'shop', 2), 'limit_exceeded 0'],
  ['a deposit', [replaceLimits(inbound(1))], deposit('ada', 2), 'limit_exceeded 0'],
  ['a deposit is not sent by anybody', [replaceLimits(limit(1), monthly(1))], deposit('ada', 2), POSTED],
  ['a withdrawal', [replaceLimits(limit(1))], withdraw('ada', 2), 'limit_exceeded 0'],
  ['a withdrawal comes to nobody', [replaceLimits(inbound(1))], withdraw('ada', 2), POSTED],
  ['a float and the books have none', [replaceLimits(limit(1), inbound(1))], transfer('books', 'till', 2), POSTED],
  ['a journal is not limited', [replaceLimits(limit(1), inbound(1))], journal('ada', 'bob', 2), POSTED],
  [
    'a journal does not count',
    [replaceLimits(limit(2)), journal('ada', 'bob', 100)],
    transfer('ada', 'bob', 2),
    POSTED,
  ],
  [
    'a fee does not count',
    [fee(50), replaceLimits(limit(2))],
    post({ amount: 2, source: '@ada', destination: '@bob', channel: 'funds_transfer' }),
    POSTED,
  ],
  [
    'the next day',
    [replaceLimits(limit(5)), transfer('ada', 'bob', 5), elapse(DAY)],
    transfer('ada', 'bob', 5),
    POSTED,
  ],
  [
    'the next day of the month',
    [replaceLimits(monthly(5)), transfer('ada', 'bob', 5), elapse(DAY)],
    transfer('ada', 'bob', 1),
    'limit_exceeded 0',
  ],
  [
    'the next month',
    [replaceLimits(limit(5), monthly(5)), transfer('ada', 'bob', 5), elapse(26 * DAY)],
    transfer('ada', 'bob', 5),
    POSTED,
  ],
  [
    'a customer’s accounts count together',
    [replaceLimits(limit(100)), transfer('eves', 'ada', 60)],
    transfer('eves other', 'ada', 41),
    'limit_exceeded 0',
  ],
  [
    'but each currency by itself',
    [replaceLimits(limit(100), limit(100, { currency: 'EUR' })), transfer('eves', 'ada', 60)],
    post({ type: 'withdrawal', amount: 100, currency: 'EUR', source: '@eves euros' }),
    POSTED,
  ],
  [
    'what goes from one to the other account of a customer',
    [replaceLimits(limit(1), inbound(1))],
    transfer('eves', 'eves other', 2),
    POSTED,
  ],
  [
    'and it uses nothing',
    [replaceLimits(limit(5)), transfer('eves', 'eves other', 50)],
    transfer('eves', 'ada', 5),
    POSTED,
  ],
  [
    'from one currency to the other of a customer',
    [replaceLimits(limit(1))],
    exchange('eves', 'eves euros', 200, 100),
    POSTED,
  ],
  [
    'an exchange sends the amount',
    [replaceLimits(limit(199))],
    exchange('ada', 'eves euros', 200, 100),
    'limit_exceeded 0',
  ],
  [
    'and what arrives of it is in the other currency',
    [replaceLimits(inbound(99, { currency: 'EUR' }))],
    exchange('ada', 'eves euros', 200, 100),
    'limit_exceeded 0',
  ],
  [
    'a reversal gives back',
    [replaceLimits(limit(5)), named('paid', transfer('ada', 'bob', 5)), reverse('paid')],
    transfer('ada', 'bob', 5),
    POSTED,
  ],
  [
    'a part of it a part',
    [replaceLimits(limit(5)), named('paid', transfer('ada', 'bob', 5)), reverse('paid', 2)],
    transfer('ada', 'bob', 3),
    'limit_exceeded 0',
  ],
  [
    'in parts until nothing is left',
    [replaceLimits(limit(5)), named('paid', transfer('ada', 'bob', 5)), ...[2, 1, 2].map((n) => reverse('paid', n))],
    transfer('ada', 'bob', 5),
    POSTED,
  ],
  [
    'a reversal of yesterday’s gives nothing of today back',
    [
      replaceLimits(limit(5)),
      named('paid', transfer('ada', 'bob', 5)),
      elapse(DAY),
      transfer('ada', 'bob', 1),
      reverse('paid'),
    ],
    transfer('ada', 'bob', 5),
    'limit_exceeded 0',
  ],
  [
    'but of the month',
    [replaceLimits(monthly(5)), named('paid', transfer('ada', 'bob', 5)), elapse(DAY), reverse('paid')],
    transfer('ada', 'bob', 5),
    POSTED,
  ],
  [
    'a reversal of last month’s gives nothing of this month back',
    [
      replaceLimits(monthly(5)),
      named('paid', transfer('ada', 'bob', 5)),
      elapse(26 * DAY),
      transfer('ada', 'bob', 1),
      reverse('paid'),
    ],
    transfer('ada', 'bob', 5),
    'limit_exceeded 0',
  ],
  [
    'a reversal is judged by no limit',
    [named('paid', transfer('ada', 'bob', 50)), replaceLimits(limit(0), inbound(0), monthly(0, { max_balance: 0 }))],
    reverse('paid'),
    'TransactionReversed',
  ],
  [
    'a new tier holds at once',
    [
      replaceLimits(limit(5), limit(500, { kyc_level: 'tier2' })),
      { type: 'UpdateAccount', data: { account_id: '@ada', kyc_tier: 'tier2' } },
    ],
    transfer('ada', 'bob', 500),
    POSTED,
  ],
  [
    'a customer’s new tier holds at once, for all its accounts',
    [
      replaceLimits(limit(5), limit(500, { kyc_level: 'tier2' })),
      { type: 'UpdateCustomer', data: { customer_id: '@eve', kyc_tier: 'tier2' } },
    ],
    transfer('eves other', 'bob', 500),
    POSTED,
  ],
  [
    'a failure uses nothing',
    [replaceLimits(limit(20_000)), transfer('ada', 'bob', 15_000)],
    transfer('ada', 'bob', 10_000),
    POSTED,
  ],
  [
    'new limits hold for the next',
    [replaceLimits(limit(5)), replaceLimits(limit(4))],
    transfer('ada', 'bob', 5),
    'limit_exceeded 0',
  ],
  ['none stay of what was replaced', [replaceLimits(limit(5)), replaceLimits()], transfer('ada', 'bob', 50), POSTED],

  [
    'all that an account may hold',
    [replaceLimits(limit(9999, { max_balance: 10_500 }))],
    transfer('ada', 'bob', 500),
    POSTED,
  ],
  [
    'one more than it may hold',
    [replaceLimits(limit(9999, { max_balance: 10_500 }))],
    transfer('ada', 'bob', 501),
    'max_balance_exceeded 0',
  ],
  [
    'the row that says so',
    [replaceLimits(limit(9999), inbound(9999, { max_balance: 10_500 }))],
    transfer('ada', 'bob', 501),
    'max_balance_exceeded 1',
  ],
  [
    'what another tier may hold',
    [replaceLimits(limit(1, { kyc_level: 'tier2', max_balance: 1 }))],
    deposit('bob', 1),
    POSTED,
  ],
  [
    'what may be held in another currency',
    [replaceLimits(limit(1, { currency: 'EUR', max_balance: 1 }))],
    deposit('bob', 1),
    POSTED,
  ],
  ['what it holds already', [replaceLimits(limit(1, { max_balance: 1 }))], journal('bob', 'bob', 5), POSTED],
  ['in a deposit', [replaceLimits(limit(1, { max_balance: 10_500 }))], deposit('bob', 501), 'max_balance_exceeded 0'],
  [
    'in an exchange',
    [replaceLimits(limit(1, { currency: 'EUR', max_balance: 1050 }))],
    exchange('ada', 'eves euros', 51, 51),
    'max_balance_exceeded 0',
  ],
  [
    'in a journal',
    [replaceLimits(limit(1, { max_balance: 10_500 }))],
    journal('books', 'bob', 501),
    'max_balance_exceeded 0',
  ],
  ['not of the books and floats', [replaceLimits(limit(1, { max_balance: 0 }))], journal('books', 'till', 500), POSTED],
  [
    'per account, not per customer',
    [replaceLimits(limit(1, { max_balance: 10_500 }))],
    transfer('eves', 'eves other', 500),
    POSTED,
  ],
  [
    'who has too much already may send',
    [replaceLimits(limit(9999, { max_balance: 1 })), account('new')],
    withdraw('ada', 5),
    POSTED,
  ],
  [
    'who sends all that there can be and owes a fee for it',
    [replaceLimits(inbound(0)), fee(1), account('new', 'general')],
    post({ amount: Number.MAX_SAFE_INTEGER, source: '@ada', destination: '@new', channel: 'funds_transfer' }),
    'insufficient_funds null',
  ],
  [
    'a limit before the balance',
    [replaceLimits(limit(1, { max_balance: 0 }))],
    transfer('ada', 'bob', 2),
    'limit_exceeded 0',
  ],
  ['a limit before the funds', [replaceLimits(limit(1))], transfer('ada', 'bob', 10_001), 'limit_exceeded 0'],
  [
    'the balance before the funds',
    [replaceLimits(limit(99_999, { max_balance: 0 }))],
    transfer('ada', 'bob', 10_001),
    'max_balance_exceeded 0',
  ],
  [
    'a blocked account before its limit',
    [
      replaceLimits(limit(0)),
      {
        type: 'BlockAccount',
        data: { account_id: '@ada', block_debits: true, block_credits: true, source: 'x', reason: 'y' },
      },
    ],
    transfer('ada', 'bob', 5),
    'account_frozen null',
  ],
];

describe('limits', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    const { book, when } = given(...started, ...history);
    expect(told(book, when(command))).toBe(expected);
  });

  it('an account that repays what it owes is judged by what it is left with', () => {
    const { book, when } = given(
      tenant(),
      account('ada'),
      { type: 'IssueCard', data: { account_id: '@ada', type: 'virtual' } },
      replaceLimits(limit(1, { max_balance: 100 })),
    );
    const card = book.events.find(({ type }) => type === 'CardIssued')?.data as { card: { card_id: string } };
    const { card_id } = card.card;
    const merchant = { name: 'Shop', category_code: '5411' };
    when({ type: 'ChangeCardStatus', data: { card_id, action: 'activate' } });
    when({
      type: 'PostCardTransaction',
      data: { card_id, amount: 50, currency: 'NGN', merchant, network_reference: 'n', direction: 'debit' },
    });
    expect(told(book, when(deposit('ada', 151)))).toBe('max_balance_exceeded 0');
    expect(told(book, when(deposit('ada', 150)))).toBe(POSTED);
    expect(book.state.accounts.get(book.id('ada'))?.balance).toBe(100);
  });

  it('a batch counts line by line, and an atomic one that fails uses nothing', () => {
    const { book, when } = given(...started, replaceLimits(limit(10)));
    const line = (amount: number) => ({
      type: 'transfer' as const,
      amount,
      currency: 'NGN',
      source: '@ada',
      destination: '@bob',
    });
    const batch = (...amounts: number[]): Command => ({
      type: 'PostBatch',
      data: { transactions: amounts.map(line) },
    });
    const { decision } = when(batch(6, 5));
    const [{ limit_id } = { limit_id: '' }] = book.state.limitRules.value.rules;
    expect(decision).toMatchObject({ code: 'limit_exceeded', param: 'transactions[1]', rule: limit_id });
    expect(when(batch(6, 4)).outcome).toBe(`${POSTED} ${POSTED}`);
    expect(told(book, when(transfer('ada', 'bob', 1)))).toBe('limit_exceeded 0');
  });

  it('says in the event what it counts, and in a reversal what is given back of which day', () => {
    const { book, when } = given(...started);
    const [posted] = when(exchange('ada', 'eves euros', 200, 100)).events.slice(-1);
    const [ada, euros] = [book.id('ada'), book.id('eves euros')];
    const uses = [
      { account_id: ada, direction: 'outbound', amount: 200, counted_on: '2026-01-06' },
      { account_id: euros, direction: 'inbound', amount: 100, counted_on: '2026-01-06' },
    ];
    expect(posted?.data).toHaveProperty('limit_uses', uses);
    book.at += DAY;
    const { transaction_id } = (posted?.data as unknown as { transaction: { transaction_id: string } }).transaction;
    const part = (amount: number) =>
      when({ type: 'ReverseTransaction', data: { transaction_id, amount } }).events[0]?.data;
    expect(part(67)).toMatchObject({
      limit_uses: [
        { ...uses[0], amount: -67 },
        { ...uses[1], amount: -34 },
      ],
      original_limit_uses: uses,
    });
    expect(part(133)).toMatchObject({
      limit_uses: [
        { ...uses[0], amount: -133 },
        { ...uses[1], amount: -66 },
      ],
    });
    expect(when(journal('ada', 'bob', 1)).events[0]?.data).not.toHaveProperty('limit_uses');
    expect(when(transfer('till', 'books', 1)).events[0]?.data).not.toHaveProperty('limit_uses');
  });

  it('refuses what a counter could not add up', () => {
    const huge = Number.MAX_SAFE_INTEGER;
    const { when } = given(tenant(), account('ada'), deposit('ada', huge), withdraw('ada', huge));
    expect(when(deposit('ada', 1)).outcome).toBe('refused: amount_out_of_range (amount)');
    expect(when(deposit('ada', huge)).outcome).toBe('refused: amount_out_of_range (amount)');
  });
});
