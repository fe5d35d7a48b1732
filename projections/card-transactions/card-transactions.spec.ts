import { renderCardTransaction, type CardTransactionResource } from '#contract/resources/card-transaction.js';
import { account, card, deposit, named, type Step } from '#domain/spec-support.js';
import { withTenant } from '#projecting/tenant-session.js';
import { openPlain, ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { getCardTransaction, listCardTransactions, type CardTransactionsQuery } from './card-transactions.queries.js';

let models: ReadModels;
let book: StoredBook;
const merchant = { name: 'Fuel', category_code: '5541' };
const authorized = (card_name: string, amount: number, network_reference: string): Parameters<typeof named>[1] => ({
  type: 'AuthorizeCard',
  data: { card_id: `@${card_name}`, amount, currency: 'NGN', network_reference, merchant },
});
const HISTORY: readonly Step[] = [
  account('ada'),
  account('bob'),
  ...card('one', 'ada'),
  ...card('two', 'bob'),
  deposit('ada', 10_000),
  named('hold', authorized('one', 700, 'n1')),
  named('declined', authorized('two', 700, 'n2')),
  {
    type: 'CaptureCardTransaction',
    data: { card_transaction_id: '@hold', amount: 500, network_reference: 'n3', final: false },
  },
  {
    type: 'PostCardTransaction',
    data: { card_id: '@one', direction: 'debit', amount: 900, currency: 'NGN', network_reference: 'n4', merchant },
  },
  named('gone', authorized('one', 300, 'n5')),
  { type: 'IncrementCardTransaction', data: { card_transaction_id: '@gone', amount: 50 } },
  { type: 'AdjustCardTransaction', data: { card_transaction_id: '@gone', amount: 320 } },
  { type: 'ReverseCardTransaction', data: { card_transaction_id: '@gone', amount: 20 } },
  { type: 'ExpireCardTransaction', data: { card_transaction_id: '@gone' } },
  named('back', { type: 'RefundToCard', data: { card_id: '@two', amount: 80, network_reference: 'n6' } }),
];
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(1, ...HISTORY);
  await models.projected(book);
});
afterAll(() => models.close());

const folded = (): CardTransactionResource[] => {
  const all = new Map<string, CardTransactionResource>();
  for (const { data, at } of book.events) {
    const facts = 'card_transaction' in data ? data.card_transaction : 'purchase' in data ? data.purchase : undefined;
    if (facts === undefined) continue;
    const resource = renderCardTransaction(facts, { updatedAt: at }, openPlain);
    all.set(resource.id, resource);
  }
  return [...all.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
};
const listed = async (query: Partial<CardTransactionsQuery> = {}): Promise<readonly CardTransactionResource[]> =>
  (await withTenant(models.app, book.tenantId, (session) => listCardTransactions(session, { limit: 10, ...query })))
    .data.data;

describe('card transactions', () => {
  it('equal a fresh fold, when projected at once and one by one', async () => {
    expect(await listed()).toEqual(folded());
    const again = await models.tenant(2);
    for (const step of HISTORY) {
      await again.tell(step);
      await models.projected(again);
    }
    const { data } = await withTenant(models.app, again.tenantId, (session) =>
      listCardTransactions(session, { limit: 10 }),
    );
    expect(data.data.map(({ amounts, status }) => [amounts, status])).toEqual(
      folded().map(({ amounts, status }) => [amounts, status]),
    );
  });

  it('tell of a refund that is taken back', async () => {
    const again = await models.tenant(4, ...HISTORY);
    const refund = again.events.findLast(({ type }) => type === 'CardTransactionRefunded');
    await again.ask({ type: 'ReverseTransaction', data: { transaction_id: `ltx_${refund?.id}`, amount: 30 } });
    await models.projected(again);
    const { data } = await withTenant(models.app, again.tenantId, (session) =>
      getCardTransaction(session, again.id('back')),
    );
    expect(data).toMatchObject({ status: 'refunded', merchant: null, amounts: { refunded: 50 } });
    expect(data?.elements.map(({ type }) => type)).toEqual(['refund', 'refund_reversal']);
  });

  it('are found by card, account, status and time', async () => {
    const fits = (isIt: (one: CardTransactionResource) => boolean): readonly CardTransactionResource[] =>
      folded().filter(isIt);
    expect(await listed({ cardId: book.id('one') })).toEqual(fits(({ card_id }) => card_id === book.id('one')));
    expect(await listed({ accountId: book.id('bob') })).toEqual(
      fits(({ account_id }) => account_id === book.id('bob')),
    );
    expect(await listed({ status: 'declined' })).toEqual(fits(({ status }) => status === 'declined'));
    const first = Date.parse(folded().at(-1)!.created_at);
    expect(await listed({ from: first, to: first })).toEqual(folded().slice(-1));
    const { data } = await withTenant(models.app, book.tenantId, (session) =>
      getCardTransaction(session, book.id('hold')),
    );
    expect(data).toMatchObject({ status: 'partially_captured', amounts: { captured: 500, held: 200 } });
  });

  it("are nobody else's", async () => {
    const other = await models.tenant(3);
    await models.projected(other);
    const { data } = await withTenant(models.app, other.tenantId, (session) =>
      getCardTransaction(session, book.id('hold')),
    );
    expect(data).toBeNull();
    expect((await models.app.query('SELECT FROM card_transactions')).rowCount).toBe(0);
  });
});
