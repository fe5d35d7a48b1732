import type pg from 'pg';
import { renderAccount, type AccountResource } from '#contract/resources/account.js';
import { factsOf } from '#domain/accounts/standing.js';
import { account, card, deposit, transfer, type Step } from '#domain/spec-support.js';
import { withTenant } from '#projecting/tenant-session.js';
import { openPlain, ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { countAccounts, getAccount, listAccounts, trialBalance, type AccountsQuery } from './accounts.queries.js';

let models: ReadModels;
let book: StoredBook;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(1, ...HISTORY);
  await models.projected(book);
});
afterAll(() => models.close());

const below = (parent: string): { parent_account_id: string } => ({ parent_account_id: `@${parent}` });
const block = (name: string, source: string, block_debits: boolean, block_credits: boolean): Step => ({
  type: 'BlockAccount',
  data: { account_id: `@${name}`, source, reason: 'because', block_debits, block_credits },
});

const HISTORY: readonly Step[] = [
  account('ada', 'customer', 'NGN', { metadata: { vip: 'yes' } }),
  account('shop', 'merchant'),
  account('till', 'merchant', 'NGN', below('shop')),
  account('drawer', 'merchant', 'NGN', below('till')),
  account('euro', 'customer', 'EUR'),
  ...card('plastic', 'ada'),
  deposit('ada', 10_000),
  deposit('till', 500),
  transfer('ada', 'shop', 2_500),
];

/** Every account as a fresh fold of the events has it. */
const folded = (): AccountResource[] =>
  [...book.state.accounts.entries()]
    .map(([id]) => {
      const told = book.events.findLast(({ data }) => 'account' in data && data.account.account_id === id)!;
      book.state.cold.set(`acc:${id}`, told);
      return renderAccount(factsOf(book.state, id)!, { updatedAt: told.at }, openPlain);
    })
    .sort((a, b) => (a.id < b.id ? 1 : -1));

const listed = async (query: Partial<AccountsQuery> = {}): Promise<readonly AccountResource[]> => {
  const read = await withTenant(models.app, book.tenantId, (session) =>
    listAccounts(session, { limit: 100, ...query }),
  );
  expect(read.revision).toBe(book.events.length - 1);
  return read.data.data;
};
const codes = async (query: Partial<AccountsQuery>): Promise<string[]> =>
  (await listed(query)).map(({ account_code }) => account_code).sort();

describe('accounts', () => {
  it('equal a fresh fold', async () => {
    expect(await listed()).toEqual(folded());
  });

  it.each<[string, readonly Step[]]>([
    ['a block of the parent', [block('shop', 'fraud', true, true)]],
    ['a block of one below it, on one side', [block('till', 'audit', true, false)]],
    [
      'the parent unblocked again',
      [
        {
          type: 'UnblockAccount',
          data: {
            account_id: '@shop',
            source: 'fraud',
            reason: 'cleared',
            unblock_debits: true,
            unblock_credits: true,
          },
        },
      ],
    ],
    [
      'blocks above and below and a new account, all in one batch',
      [
        block('shop', 'a', false, true),
        block('drawer', 'b', true, false),
        account('float2', 'merchant', 'NGN', below('drawer')),
        {
          type: 'UnblockAccount',
          data: { account_id: '@till', source: 'audit', reason: 'done', unblock_debits: true, unblock_credits: true },
        },
      ],
    ],
    [
      'a name changed and an account closed',
      [
        {
          type: 'UpdateAccount',
          data: { account_id: '@ada', account_name: 'Ada L.', metadata: { vip: null, seat: '7' } },
        },
        {
          type: 'CloseAccount',
          data: { account_id: '@euro', reason: 'left', source: 'customer', confirmation: 'CLOSE_ACCOUNT' },
        },
      ],
    ],
    [
      'a clearing beyond the balance',
      [
        {
          type: 'PostCardTransaction',
          data: {
            card_id: '@plastic',
            direction: 'debit',
            amount: 9_000,
            currency: 'NGN',
            network_reference: 'n1',
            merchant: { name: 'Fuel', category_code: '5541' },
          },
        },
      ],
    ],
    [
      'a hold',
      [
        deposit('ada', 4_000),
        {
          type: 'AuthorizeCard',
          data: {
            card_id: '@plastic',
            amount: 700,
            currency: 'NGN',
            network_reference: 'n2',
            merchant: { name: 'Fuel', category_code: '5541' },
          },
        },
      ],
    ],
  ])('equal a fresh fold after %s', async (_, steps) => {
    await book.tell(...steps);
    await models.projected(book);
    expect(await listed()).toEqual(folded());
  });

  it.each<[string, () => Partial<AccountsQuery>, string[]]>([
    ['status', () => ({ status: 'closed' }), ['euro']],
    ['wallet type', () => ({ walletType: 'customer' }), ['ada', 'euro']],
    ['currency', () => ({ currency: 'EUR' }), ['euro']],
    ['parent', () => ({ parentAccountId: book.id('shop') }), ['till']],
    ['code', () => ({ accountCode: 'drawer' }), ['drawer']],
    ['a part of the name', () => ({ containing: 'ADA l' }), ['ada']],
    ['tier', () => ({ kycTier: 'tier3' }), []],
    ['two at once', () => ({ walletType: 'merchant', currency: 'EUR' }), []],
  ])('are found by %s', async (_, query, found) => {
    expect(await codes(query())).toEqual(found);
    const { data } = await withTenant(models.app, book.tenantId, (session) => countAccounts(session, query()));
    expect(data).toBe(found.length);
  });

  it('page both ways without loss', async () => {
    const all = (await listed()).map(({ id }) => id);
    const page = (query: Omit<AccountsQuery, 'limit'>): Promise<Awaited<ReturnType<typeof listAccounts>>> =>
      withTenant(models.app, book.tenantId, (session) => listAccounts(session, { limit: 3, ...query })).then(
        ({ data }) => data,
      );
    const forwards: string[] = [];
    for (let after: string | null = null; ;) {
      const { data, hasMore, last } = await page({ startingAfter: after });
      forwards.push(...data.map(({ id }) => id));
      after = last;
      if (!hasMore) break;
    }
    expect(forwards).toEqual(all);
    const back = await page({ endingBefore: all[4]! });
    expect(back.data.map(({ id }) => id)).toEqual(all.slice(1, 4));
    expect(back.hasMore).toBe(true);
    expect((await page({ endingBefore: all[0]! })).data).toEqual([]);
    expect((await page({ order: 'asc' })).data.map(({ id }) => id)).toEqual(all.slice(-3).reverse());
  });

  it("are nobody else's, and nobody's where no tenant is set", async () => {
    const other = await models.tenant(2, account('eve'));
    await models.projected(other);
    const { data } = await withTenant(models.app, other.tenantId, (session) => getAccount(session, book.id('ada')));
    expect(data).toBeNull();
    expect((await models.app.query('SELECT * FROM accounts')).rows).toEqual([]);
    expect((await models.app.query('SELECT * FROM account_balances')).rows).toEqual([]);
    const lied = await withTenant(models.app, other.tenantId, (session) =>
      session.rows('SELECT * FROM accounts WHERE tenant_id = $1', [book.tenantId]),
    );
    expect(lied.data).toEqual([]);
  });

  it('balance, debits and credits, in every currency', async () => {
    const { data } = await withTenant(models.app, book.tenantId, trialBalance);
    expect(data.map(({ currency }) => currency)).toEqual(['EUR', 'NGN']);
    for (const { debits, credits } of data) expect(debits).toBe(credits);
    expect(data[1]!.debits).toBeGreaterThan(10_000);
  });

  it('are found by index, what their holders owe included, under row-level security', async () => {
    const plans: string[] = [];
    await withTenant(models.app, book.tenantId, (session) =>
      getAccount(
        {
          ...session,
          rows: async <R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<R[]> => {
            await session.rows('SET LOCAL enable_seqscan = off');
            const plan = await session.rows<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
            plans.push(...plan.map((line) => line['QUERY PLAN']));
            return session.rows<R>(text, values);
          },
        },
        book.id('ada'),
      ),
    );
    expect(plans.filter((line) => line.includes('Index Cond'))).toHaveLength(4);
    expect(plans.join('\n')).toMatch(/Index Cond: .*receivable_of = /);
  });
});
