import { renderCustomer } from '#contract/resources/customer.js';
import { account, customer, DAY, elapse, SECOND, START, type Step } from '#domain/spec-support.js';
import { withTenant } from '#projecting/tenant-session.js';
import { openPlain, ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { getAccount, listAccounts } from '../accounts/accounts.queries.js';
import { getCustomer, listCustomers, type CustomersQuery } from './customers.queries.js';

let models: ReadModels;
let book: StoredBook;
const HISTORY: readonly Step[] = [
  customer('ada', { email: 'Ada@Example.com', metadata: { seat: '7' } }),
  customer('bob', { email: 'bob@example.com', phone: '+2348012345678' }),
  elapse(60 * SECOND),
  customer('shop', { kind: 'business', kyc_tier: 'tier2' }),
  { type: 'UpdateCustomer', data: { customer_id: '@bob', email: 'robert@example.com', kyc_tier: 'tier3' } },
  { type: 'UpdateCustomer', data: { customer_id: '@bob', phone: null } },
];
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(1, ...HISTORY);
  await models.projected(book);
});
afterAll(() => models.close());

// The first tenant's history begins a day later.
const MIDST = START + DAY + 30 * SECOND;
const names = async (query: Partial<CustomersQuery>): Promise<string[]> => {
  const { data } = await withTenant(models.app, book.tenantId, (session) =>
    listCustomers(session, { limit: 10, ...query }),
  );
  return data.data.map(({ id }) => [...book.ids].find(([, known]) => known === id)![0]);
};

describe('customers', () => {
  it('equal a fresh fold', async () => {
    for (const name of ['ada', 'bob', 'shop']) {
      const told = book.events.findLast(
        ({ data }) => 'customer' in data && data.customer.customer_id === book.id(name),
      )!;
      const facts = 'customer' in told.data ? told.data.customer : null;
      const { data } = await withTenant(models.app, book.tenantId, (session) => getCustomer(session, book.id(name)));
      expect(data).toEqual(renderCustomer(facts!, { updatedAt: told.at }, openPlain));
    }
  });

  it('are found by kind, tier, address and time, newest first', async () => {
    expect(await names({})).toEqual(['shop', 'bob', 'ada']);
    expect(await names({ kind: 'person', order: 'asc' })).toEqual(['ada', 'bob']);
    expect(await names({ kycTier: 'tier3' })).toEqual(['bob']);
    expect(await names({ email: 'ADA@example.com' })).toEqual(['ada']);
    expect(await names({ email: 'bob@example.com' })).toEqual([]);
    expect(await names({ email: 'robert@example.com' })).toEqual(['bob']);
    expect(await names({ from: MIDST })).toEqual(['shop']);
    expect(await names({ to: MIDST })).toEqual(['bob', 'ada']);
    expect(await names({ startingAfter: book.id('shop'), limit: 1 })).toEqual(['bob']);
  });

  it("are nobody else's", async () => {
    const other = await models.tenant(2);
    await models.projected(other);
    const { data } = await withTenant(models.app, other.tenantId, (session) => getCustomer(session, book.id('ada')));
    expect(data).toBeNull();
    expect((await models.app.query('SELECT FROM customers')).rowCount).toBe(0);
  });

  it.each([
    ['in one batch', false],
    ['one after the other', true],
  ])('give their tier to their accounts, %s', async (_telling, oneByOne) => {
    const steps: readonly Step[] = [
      customer('cyn'),
      account('wallet', 'customer', 'NGN', { customer_id: '@cyn' }),
      account('other', 'customer', 'NGN', { kyc_tier: 'tier2' }),
      { type: 'UpdateCustomer', data: { customer_id: '@cyn', kyc_tier: 'tier3' } },
      account('later', 'customer', 'EUR', { customer_id: '@cyn' }),
      { type: 'UpdateAccount', data: { account_id: '@wallet', account_name: 'Purse' } },
      { type: 'UpdateCustomer', data: { customer_id: '@cyn', kyc_tier: 'tier2' } },
      { type: 'UpdateCustomer', data: { customer_id: '@cyn', name: 'Cynthia' } },
    ];
    const mine = oneByOne ? await models.tenant(3) : await models.tenant(4, ...steps);
    for (const step of oneByOne ? steps : []) {
      await mine.tell(step);
      await models.projected(mine);
    }
    await models.projected(mine);
    const tiers = async (name: string): Promise<string | undefined> =>
      (await withTenant(models.app, mine.tenantId, (session) => getAccount(session, mine.id(name)))).data?.kyc_tier;
    expect([await tiers('wallet'), await tiers('later'), await tiers('other')]).toEqual(['tier2', 'tier2', 'tier2']);
    await mine.tell({ type: 'UpdateCustomer', data: { customer_id: '@cyn', kyc_tier: 'tier1' } });
    await models.projected(mine);
    const { data } = await withTenant(models.app, mine.tenantId, (session) =>
      listAccounts(session, { limit: 10, kycTier: 'tier1', customerId: mine.id('cyn') }),
    );
    expect(data.data.map(({ id, kyc_tier }) => [id, kyc_tier])).toEqual([
      [mine.id('later'), 'tier1'],
      [mine.id('wallet'), 'tier1'],
    ]);
    expect(await tiers('other')).toBe('tier2');
  });
});
