import { withTenant } from '#projecting/tenant-session.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { countTenants, getTenant, listTenants, type TenantsQuery } from './tenants.queries.js';
import { traitsOf } from './traits.queries.js';

let models: ReadModels;
let books: StoredBook[];
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  books = await Promise.all([1, 2, 3].map((number) => models.tenant(number)));
  await books[0]!.tell(
    { type: 'UpdateTenant', data: { name: 'Bäcker GmbH', partner: { tier: 'enterprise', email: 'Ü@b.example' } } },
    { type: 'ChangeTenantStatus', data: { status: 'suspended', reason: 'late' } },
  );
  await models.projected(...books);
});
afterAll(() => models.close());

const found = async (query: Partial<TenantsQuery>): Promise<number[]> => {
  const { data } = await listTenants(models.engine, { limit: 10, ...query });
  const { limit: _limit, ...filters } = { limit: 0, ...query };
  if (query.offset === undefined) expect(await countTenants(models.engine, filters)).toBe(data.length);
  return data.map(({ id }) => books.findIndex(({ tenantId }) => tenantId === id));
};

describe('tenants', () => {
  it('are listed across the installation, by what operators ask for', async () => {
    expect(await found({})).toEqual([2, 1, 0]);
    expect(await found({ status: 'suspended' })).toEqual([0]);
    expect(await found({ tier: 'paid' })).toEqual([2, 1]);
    expect(await found({ containing: 'BÄCKER' })).toEqual([0]);
    expect(await found({ containing: 'ü@B' })).toEqual([0]);
    expect(await found({ containing: '%' })).toEqual([]);
    expect(await found({ environment: 'sandbox' })).toEqual([]);
    expect(await found({ offset: 1 })).toEqual([1, 0]);
  });

  it('are told the version that they are answered in and their tier, many at a time', async () => {
    const [first, second] = books.map(({ tenantId }) => tenantId) as [string, string];
    const traits = await traitsOf(models.engine, [second, 'tnt_none', first]);
    const unchanged = { apiVersion: '2026-05-19', environment: 'live', entitlements: {}, entitledAt: -1 };
    expect(traits).toEqual(
      new Map([
        [first, { ...unchanged, tier: 'enterprise' }],
        [second, { ...unchanged, tier: 'paid' }],
      ]),
    );
  });

  it('see themselves and no other', async () => {
    const { data } = await withTenant(models.app, books[0]!.tenantId, getTenant);
    expect(data).toMatchObject({
      object: 'tenant',
      id: books[0]!.tenantId,
      status: 'suspended',
      is_active: false,
      tier: 'enterprise',
      api_version: '2026-05-19',
      partner: { name: 'Jo Doe', email: 'Ü@b.example' },
    });
    const seen = await withTenant(models.app, books[1]!.tenantId, (session) =>
      session.rows<{ tenant_id: string }>('SELECT tenant_id FROM tenants'),
    );
    expect(seen.data.map(({ tenant_id }) => tenant_id)).toEqual([books[1]!.tenantId]);
    expect((await models.app.query('SELECT FROM tenants')).rowCount).toBe(0);
  });
});
