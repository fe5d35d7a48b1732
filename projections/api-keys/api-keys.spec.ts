import { idOf } from '#domain/ids.js';
import { START, ulidAt } from '#domain/spec-support.js';
import { withTenant } from '#projecting/tenant-session.js';
import { ReadModels } from '../../test/support/read-models.js';
import { getApiKey, listApiKeys } from './api-keys.queries.js';

let models: ReadModels;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
});
afterAll(() => models.close());

describe('API keys', () => {
  it('are listed with what they may do, and found by whether they are active', async () => {
    const [one, two, gone] = [901, 902, 903].map((n) => idOf('api_key', ulidAt(START, n))) as [string, string, string];
    const book = await models.tenant(
      1,
      { type: 'CreateApiKey', data: { key_id: one, name: 'till', scopes: ['accounts:read'] } },
      { type: 'CreateApiKey', data: { key_id: two, scopes: ['transactions:write'] } },
      { type: 'UpdateApiKey', data: { key_id: one, is_active: false } },
      { type: 'CreateApiKey', data: { key_id: gone, scopes: ['transactions:write'] } },
      { type: 'DeleteApiKey', data: { key_id: gone } },
    );
    await models.projected(book);
    const { data } = await withTenant(models.app, book.tenantId, async (session) => ({
      one: await getApiKey(session, one),
      all: await listApiKeys(session, { limit: 5 }),
      active: await listApiKeys(session, { limit: 5, isActive: true }),
      none: (await getApiKey(session, 'key_0')) ?? (await getApiKey(session, gone)),
    }));
    expect(data.one).toMatchObject({
      object: 'api_key',
      key_id: one,
      tenant_id: book.tenantId,
      name: 'till',
      is_active: false,
      last_used_at: null,
    });
    expect(data.all.data.map(({ id }) => id)).toEqual([two, one]);
    expect(data.active.data.map(({ id }) => id)).toEqual([two]);
    expect(data.none).toBeNull();
    expect((await models.app.query('SELECT FROM api_keys')).rowCount).toBe(0);
  });
});
