import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

const close = (tenant: string, body: object, options = {}): Promise<Reply> =>
  api.send(tenant, 'POST', '/v1/periods/close', body, options);

describe('POST /v1/periods/close', () => {
  it('200: from then on nothing takes effect in it, for ever', async () => {
    const tenant = await api.tenant();
    const source = await api.funded(tenant, 1_000);
    const destination = await api.account(tenant);
    const transfer = (effective_at: string, more: object = {}): Promise<Reply> =>
      api.send(tenant, 'POST', '/v1/transactions', {
        type: 'transfer',
        amount: 1,
        currency: 'NGN',
        source,
        destination,
        effective_at,
        ...more,
      });
    expect((await transfer('2026-01-31T12:00:00Z')).status).toBe(201);
    const closed = await close(tenant, { through: '2026-01-31T23:59:59.999Z' });
    expect(closed).toMatchObject({
      status: 200,
      body: { object: 'closed_period', through: '2026-01-31T23:59:59.999Z' },
    });
    expect(closed.headers['ledger-revision']).toBe(String(await api.head(tenant)));
    expect(told(await transfer('2026-01-31T23:59:59.999Z'))).toBe('422 effective_at_out_of_range');
    expect(await transfer('2026-01-31T12:00:00Z', { dry_run: true })).toMatchObject({
      status: 200,
      body: { status: 'failed', failure_code: 'effective_at_out_of_range' },
    });
    expect((await transfer('2026-02-01T00:00:00Z')).status).toBe(201);
    const before = await api.head(tenant);
    expect((await close(tenant, { through: '2026-02-01T00:59:59.999+01:00' })).body).toEqual(closed.body);
    expect(told(await close(tenant, { through: '2026-01-31T23:59:59Z' }))).toBe('409 period_closed through');
    expect(await api.head(tenant)).toBe(before);
  });

  it.each([
    [{ through: '2999-01-01T00:00:00Z' }, '422 effective_at_out_of_range through'],
    [{ through: 'yesterday' }, '400 pattern_mismatch through'],
    [{}, '400 missing_field through'],
    [{ through: '2026-01-01T00:00:00Z', from: '2025-01-01T00:00:00Z' }, '400 unknown_field from'],
  ])('%j: %s, and nothing is appended', async (body, expected) => {
    const tenant = await api.tenant();
    const before = await api.head(tenant);
    expect(told(await close(tenant, body))).toBe(expected);
    expect(await api.head(tenant)).toBe(before);
  });

  it('403 without the scope, or while suspended', async () => {
    const tenant = await api.tenant();
    const credential = api.key(tenant, ['settlements:read']);
    const body = { through: '2026-01-01T00:00:00Z' };
    expect(told(await close(tenant, body, { credential }))).toBe('403 missing_scope');
    await api.admin('PATCH', `/${tenant}/status`, { status: 'suspended' });
    expect(told(await close(tenant, body))).toBe('403 tenant_suspended');
  });

  it('is told to nobody outside', async () => {
    const tenant = await api.tenant();
    await close(tenant, { through: '2026-01-01T00:00:00Z' });
    const { body } = await api.send(tenant, 'GET', '/v1/events?order=asc');
    expect((body.data as { type: string }[]).map(({ type }) => type)).toEqual(['tenant.created']);
  });
});
