import { idOf } from '#domain/ids.js';
import { START, ulidAt } from '#domain/spec-support.js';
import { withTenant } from '#projecting/tenant-session.js';
import { ReadModels } from '../../test/support/read-models.js';
import { getWebhookEndpoint, listWebhookEndpoints } from './webhook-endpoints.queries.js';

let models: ReadModels;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
});
afterAll(() => models.close());

describe('webhook endpoints', () => {
  it('are listed as their last event left them, and gone once deleted', async () => {
    const [one, two, gone] = [901, 902, 903].map((n) => idOf('webhook_endpoint', ulidAt(START, n))) as [
      string,
      string,
      string,
    ];
    const made = { secret_id: 's1', url: 'https://acme.example/hooks', events: ['*'] };
    const book = await models.tenant(
      1,
      { type: 'CreateWebhookEndpoint', data: { ...made, endpoint_id: one, headers: { 'X-Team': 'ops' } } },
      { type: 'CreateWebhookEndpoint', data: { ...made, endpoint_id: two } },
      { type: 'DisableWebhookEndpoint', data: { endpoint_id: two, as: 'dead' } },
      { type: 'RotateWebhookSecret', data: { endpoint_id: one, secret_id: 's2', overlap_until: null } },
      { type: 'CreateWebhookEndpoint', data: { ...made, endpoint_id: gone } },
      { type: 'DeleteWebhookEndpoint', data: { endpoint_id: gone } },
    );
    await models.projected(book);
    const { data } = await withTenant(models.app, book.tenantId, async (session) => ({
      one: await getWebhookEndpoint(session, one),
      all: await listWebhookEndpoints(session, { limit: 5 }),
      dead: await listWebhookEndpoints(session, { limit: 5, status: 'dead' }),
      none: await getWebhookEndpoint(session, gone),
    }));
    expect(data.one).toMatchObject({
      object: 'webhook_endpoint',
      tenant_id: book.tenantId,
      url: 'https://acme.example/hooks',
      headers: { 'X-Team': '****' },
      status: 'enabled',
      is_active: true,
      secret_masked: 's2',
    });
    expect(data.all.data.map(({ id }) => id)).toEqual([two, one]);
    expect(data.dead.data.map(({ id }) => id)).toEqual([two]);
    expect(data.none).toBeNull();
    expect((await models.app.query('SELECT FROM webhook_endpoints')).rowCount).toBe(0);
  });
});
