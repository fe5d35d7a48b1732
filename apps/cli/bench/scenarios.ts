import { CHARGED_CHANNEL, CURRENCY, FREE_CHANNEL, type Book } from './fixture.js';
import type { Scenario, Step } from './load.js';

/** A tenant with much in it. */
export interface LargeBook extends Book {
  readonly cards: readonly string[];
}

export interface Books {
  readonly plain: LargeBook;
  /** The same with limits, fee rules and a bound on single transactions. */
  readonly configured: LargeBook;
  readonly small: readonly Book[];
}

const MERCHANT = '{"name":"Shop","category_code":"5411"}';

const post = (path: string, body: string, status: number, says: string): Step => ({
  method: 'POST',
  path,
  body,
  status,
  says,
});

const channelled = (channel: string | null): string => (channel === null ? '' : `"channel":"${channel}",`);

const transfer = (channel: string | null): string =>
  `{"type":"transfer",${channelled(channel)}"amount":1,"currency":"${CURRENCY}","source":"{a}","destination":"{b}"}`;

const single = (channel: string | null): Step =>
  post('/v1/transactions', transfer(channel), 201, '"status":"completed"');

const batchOf100 = (channel: string | null): Step => {
  const transactions = Array.from({ length: 100 }, () => transfer(channel)).join(',');
  const body = `{"atomic":true,"transactions":[${transactions}]}`;
  return post('/v1/transactions/batch', body, 200, '"status":"completed"');
};

const purchase = (channel: string | null): Step =>
  post(
    '/v1/card_transactions/post',
    `{"card_id":"{a}",${channelled(channel)}"amount":1,"currency":"${CURRENCY}","direction":"debit","network_reference":"{n}","merchant":${MERCHANT}}`,
    201,
    '"status":"captured"',
  );

const AUTHORIZE_AND_CAPTURE = [
  post(
    '/v1/card_transactions/authorize',
    `{"card_id":"{a}","amount":1,"currency":"${CURRENCY}","network_reference":"{n}","merchant":${MERCHANT}}`,
    201,
    '"status":"authorized"',
  ),
  post('/v1/card_transactions/{id}/capture', '{"amount":1,"network_reference":"{n}"}', 200, '"status":"captured"'),
] as const;

const RESERVE_AND_CAPTURE = [
  post(
    '/v1/reservations',
    `{"account_id":"{a}","amount":1,"currency":"${CURRENCY}","destination":"{b}"}`,
    201,
    '"status":"active"',
  ),
  post('/v1/reservations/{id}/capture', '{}', 200, '"status":"captured"'),
] as const;

const balance: Step = {
  method: 'GET',
  path: '/v1/accounts/{a}/balance',
  body: null,
  status: 200,
  says: '"available_balance":',
};

const one = { eventsEach: 1, transactionsEach: 1 };
const accountsOf = ({ accounts }: Book): string => accounts.length.toLocaleString('en-GB');
const cardsOf = ({ key, cards }: LargeBook): readonly Book[] => [{ key, accounts: cards }];

/** Each thing that is measured, by name. */
export const scenarios = ({ plain, small }: Books): readonly [Scenario, ...Scenario[]] => {
  const own = [plain];
  const hot = [{ key: plain.key, accounts: [plain.accounts[0] as string, plain.accounts.at(-1) as string] }];
  return [
    { ...one, name: `POST transaction, ${accountsOf(plain)} accounts`, steps: [single(null)], tenants: own },
    { ...one, name: 'POST transaction, one hot account', steps: [single(null)], tenants: hot },
    {
      ...one,
      name: `POST transaction, ${small.length.toLocaleString('en-GB')} tenants`,
      steps: [single(null)],
      tenants: small,
    },
    { name: 'POST batch of 100', steps: [batchOf100(null)], tenants: own, eventsEach: 100, transactionsEach: 100 },
    { ...one, name: 'POST card transaction', steps: [purchase(null)], tenants: cardsOf(plain) },
    {
      name: 'POST card authorize + capture',
      steps: AUTHORIZE_AND_CAPTURE,
      tenants: cardsOf(plain),
      eventsEach: 2,
      transactionsEach: 1,
    },
    {
      name: 'POST reservation create + capture',
      steps: RESERVE_AND_CAPTURE,
      tenants: own,
      eventsEach: 2,
      transactionsEach: 1,
    },
    { name: 'GET balance', steps: [balance], tenants: own, eventsEach: 0, transactionsEach: 0 },
  ];
};

/** The same requests to a tenant without limits, fee rules and a bound, and to one with them. */
export interface Comparison {
  readonly name: string;
  readonly plain: Scenario;
  /** Of a channel that costs nothing: the two post the same. */
  readonly configured: Scenario;
  /** Each with a fee, which is two entries more. */
  readonly charged: Scenario;
}

export const comparisons = ({ plain, configured }: Books): readonly Comparison[] => {
  const compared = (
    name: string,
    each: number,
    tenants: (book: LargeBook) => readonly Book[],
    step: (channel: string | null) => Step,
    charged: string | null,
  ): Comparison => {
    const scenario = (book: LargeBook, channel: string | null): Scenario => ({
      name,
      steps: [step(channel)],
      tenants: tenants(book),
      eventsEach: each,
      transactionsEach: each,
    });
    return {
      name,
      plain: scenario(plain, FREE_CHANNEL),
      configured: scenario(configured, FREE_CHANNEL),
      charged: scenario(configured, charged),
    };
  };
  return [
    compared(`configured: POST transaction, ${accountsOf(plain)} accounts`, 1, (b) => [b], single, CHARGED_CHANNEL),
    compared('configured: POST card transaction', 1, cardsOf, purchase, null),
    compared('configured: POST batch of 100', 100, (b) => [b], batchOf100, CHARGED_CHANNEL),
  ];
};
