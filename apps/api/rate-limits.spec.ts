import { ProcessCounters } from '#access/rate-limits/counters.js';
import { RateLimits } from '#access/rate-limits/rate-limits.js';
import type { TenantPrincipal } from '#access/principal.js';
import { ApiUnderTest } from './spec-support.js';

let api: ApiUnderTest;
let tenantId: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());
beforeEach(async () => {
  tenantId = await api.tenant();
  const limits = new RateLimits(new ProcessCounters(), () => null);
  const mine = { perMinute: 2, perDay: 100 };
  api.credentials.count = (principal) => limits.count({ ...(principal as TenantPrincipal), limits: mine });
});

const ACCOUNT = { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN' };

describe('a key that has called as often as it may', () => {
  it('is told so on every answer, and then refused in the envelope, with the time to wait', async () => {
    const first = await api.send(tenantId, 'GET', '/v1/accounts');
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"minute";q=2;w=60, "day";q=100;w=86400',
      ratelimit: '"minute";r=1;t=60, "day";r=99;t=86400',
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '1',
      'x-ratelimit-resource': 'minute',
    });
    const reset = Number(first.headers['x-ratelimit-reset']);
    expect(Math.abs(reset - (Date.now() / 1000 + 60))).toBeLessThan(3);
    await api.send(tenantId, 'GET', '/v1/accounts');
    const refused = await api.send(tenantId, 'GET', '/v1/accounts');
    expect(refused).toMatchObject({
      status: 429,
      headers: {
        'retry-after': '60',
        ratelimit: '"minute";r=0;t=60, "day";r=98;t=86400',
        vary: expect.any(String) as string,
      },
      body: {
        error: {
          type: 'rate_limited',
          code: 'key_limit',
          param: null,
          request_id: expect.stringMatching(/^req_/) as string,
        },
      },
    });
    expect(refused.body.error?.retry_after_ms).toBeGreaterThan(50_000);
  });

  it('appends nothing and uses up no idempotency key', async () => {
    let isFull = true;
    const limited = api.credentials.count;
    await api.send(tenantId, 'GET', '/v1/tenant');
    await api.send(tenantId, 'GET', '/v1/tenant');
    api.credentials.count = (principal) => (isFull ? limited(principal) : null);
    const head = await api.head(tenantId);
    const key = 'once-more';
    expect((await api.send(tenantId, 'POST', '/v1/accounts', ACCOUNT, { key })).status).toBe(429);
    expect((await api.send(tenantId, 'POST', '/v1/accounts', '{ no json', { key })).status).toBe(429);
    expect(await api.head(tenantId)).toBe(head);
    isFull = false;
    const opened = await api.send(tenantId, 'POST', '/v1/accounts', ACCOUNT, { key });
    expect(opened.status).toBe(201);
    expect(opened.headers['idempotent-replayed']).toBeUndefined();
  });

  it('has been counted for what it may not do, too', async () => {
    const reader = api.key(tenantId, ['accounts:read']);
    const refused = await api.send(tenantId, 'POST', '/v1/accounts', ACCOUNT, { credential: reader });
    expect(refused).toMatchObject({ status: 403, headers: { 'x-ratelimit-remaining': '1' } });
  });

  it('is no operator, and nobody at all is told of no limits', async () => {
    expect((await api.admin('GET', `/${tenantId}`)).headers.ratelimit).toBeUndefined();
    const nobody = await api.send(tenantId, 'GET', '/v1/accounts', undefined, { credential: 'garbage' });
    expect(nobody.status).toBe(401);
    expect(nobody.headers.ratelimit).toBeUndefined();
  });
});
