import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();
const GHOST = 'tnt_01HZXK5Y8Q2J3M4N5P6R7S8T9V';
const ROW = { kyc_level: 'tier1', direction: 'outbound', window: 'daily', amount: 1000 };

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

const replace = (tenant: string, ...limits: object[]): Promise<Reply> =>
  api.admin('PUT', `/${tenant}/limits`, { limits });
const idsOf = ({ body }: Reply): string[] => (body.limits as { id: string }[]).map(({ id }) => id);

describe('GET, PUT /api/v1/admin/tenants/{tenant_id}/limits', () => {
  it('200: none, then those that were put, as an event too', async () => {
    const tenant = await api.tenant();
    expect(await api.admin('GET', `/${tenant}/limits`)).toMatchObject({ status: 200, body: { limits: [] } });
    const put = await replace(
      tenant,
      { ...ROW, max_balance: 5000 },
      { ...ROW, window: 'monthly', max_balance: null },
      { ...ROW, kyc_level: 'tier3', direction: 'inbound', currency: 'EUR' },
    );
    expect(put).toMatchObject({
      status: 200,
      body: {
        limits: [
          { object: 'limit', tenant_id: tenant, ...ROW, max_balance: 5000, currency: 'NGN' },
          { window: 'monthly', max_balance: null, currency: 'NGN' },
          { kyc_level: 'tier3', direction: 'inbound', max_balance: null, currency: 'EUR' },
        ],
      },
    });
    expect(idsOf(put).every((id) => /^lim_[0-9A-Z]{26}$/.test(id))).toBe(true);
    const read = await api.admin('GET', `/${tenant}/limits`);
    expect([read.body, read.headers['ledger-revision']]).toEqual([put.body, put.headers['ledger-revision']]);
    const [event] = (await api.send(tenant, 'GET', '/v1/events?type=limits.replaced')).body.data as object[];
    expect(event).toMatchObject({ type: 'limits.replaced', data: put.body, previous_attributes: null });
    const again = await replace(tenant, ROW);
    expect(idsOf(put)).not.toContain(idsOf(again)[0]);
    expect((await api.admin('GET', `/${tenant}/limits`)).body).toEqual(again.body);
    expect((await replace(tenant)).body).toEqual({ limits: [] });
  });

  it.each([
    [[{ ...ROW, kyc_level: 'tier9' }], '400 invalid_enum limits[0].kyc_level'],
    [[{ ...ROW, direction: 'up' }], '400 invalid_enum limits[0].direction'],
    [[{ ...ROW, window: 'weekly' }], '400 invalid_enum limits[0].window'],
    [[{ ...ROW, amount: -1 }], '400 amount_out_of_range limits[0].amount'],
    [[{ ...ROW, amount: 0.5 }], '400 type_mismatch limits[0].amount'],
    [[{ ...ROW, max_balance: -1 }], '400 amount_out_of_range limits[0].max_balance'],
    [[{ ...ROW, currency: 'ABC' }], '400 invalid_currency limits[0].currency'],
    [[{ ...ROW, tenant_id: GHOST }], '400 unknown_field limits[0].tenant_id'],
    [[{ kyc_level: 'tier1', direction: 'inbound', window: 'daily' }], '400 missing_field limits[0].amount'],
    [Array.from({ length: 481 }, () => ROW), '400 too_long limits'],
    [[ROW, { ...ROW, amount: 5, currency: 'NGN' }], '409 overlapping_limits limits[1]'],
    [
      [
        { ...ROW, max_balance: 5 },
        { ...ROW, window: 'monthly', max_balance: 6 },
      ],
      '422 contradictory_max_balance limits[1].max_balance',
    ],
  ])('%j: %s', async (limits, expected) => {
    const tenant = await api.tenant();
    const before = await api.head(tenant);
    expect(told(await replace(tenant, ...limits))).toBe(expected);
    expect(await api.head(tenant)).toBe(before);
  });

  it('404 for a tenant that there is not, 403 without the permission or while it is suspended', async () => {
    expect(told(await api.admin('GET', `/${GHOST}/limits`))).toBe('404 tenant_not_found');
    expect(told(await replace(GHOST, ROW))).toBe('404 tenant_not_found');
    const tenant = await api.tenant();
    const as = (method: string, ...permissions: string[]): Promise<Reply> =>
      api.admin(method, `/${tenant}/limits`, method === 'PUT' ? { limits: [] } : undefined, {
        credential: api.operator(permissions),
      });
    expect(told(await as('PUT', 'view_tenants'))).toBe('403 missing_permission');
    expect(told(await as('GET', 'manage_tenant_limits'))).toBe('403 missing_permission');
    expect((await as('PUT', 'manage_tenant_limits')).status).toBe(200);
    expect((await as('PUT', 'manage_tenants')).status).toBe(200);
    expect((await as('GET', 'view_tenants')).status).toBe(200);
    await api.admin('PATCH', `/${tenant}/status`, { status: 'suspended' });
    expect(told(await replace(tenant, ROW))).toBe('403 tenant_suspended');
    expect((await api.admin('GET', `/${tenant}/limits`)).status).toBe(200);
  });
});

describe('a posting beyond a limit', () => {
  let tenant: string;
  let from: string;
  let to: string;
  let rules: string[];
  beforeAll(async () => {
    tenant = await api.tenant();
    from = await api.funded(tenant, 10_000);
    to = await api.account(tenant);
    rules = idsOf(
      await replace(tenant, { ...ROW, max_balance: 10_500 }, { ...ROW, direction: 'inbound', amount: 900 }),
    );
  });
  const transfer = (amount: number, more: object = {}): Promise<Reply> =>
    api.send(tenant, 'POST', '/v1/transactions', {
      type: 'transfer',
      amount,
      currency: 'NGN',
      source: from,
      destination: to,
      ...more,
    });

  it('422 with its rule, kept as a failed transaction', async () => {
    const refused = await transfer(1001);
    expect([told(refused), refused.body.error?.rule]).toEqual(['422 limit_exceeded', rules[0]]);
    const kept = await api.send(tenant, 'GET', `/v1/transactions/${refused.body.error?.transaction_id}`);
    expect(kept.body).toMatchObject({ status: 'failed', failure_code: 'limit_exceeded', failure_rule: rules[0] });
    const inbound = await transfer(901);
    expect([told(inbound), inbound.body.error?.rule]).toEqual(['422 limit_exceeded', rules[1]]);
    const full = await api.send(tenant, 'POST', '/v1/transactions', {
      type: 'deposit',
      amount: 501,
      currency: 'NGN',
      destination: from,
    });
    expect(told(full)).toBe('422 limit_exceeded');
  });

  it('200 as a dry run, with what would stop it', async () => {
    const before = await api.head(tenant);
    const dry = await transfer(1001, { dry_run: true });
    expect(dry).toMatchObject({ status: 200, body: { failure_code: 'limit_exceeded', failure_rule: rules[0] } });
    expect(await api.head(tenant)).toBe(before);
  });

  it('422 for more than it may hold', async () => {
    await replace(tenant, { ...ROW, max_balance: 10_500 });
    const [rule] = idsOf(await api.admin('GET', `/${tenant}/limits`));
    const body = { type: 'deposit', amount: 501, currency: 'NGN', destination: from };
    const refused = await api.send(tenant, 'POST', '/v1/transactions', body);
    expect([told(refused), refused.body.error?.rule]).toEqual(['422 max_balance_exceeded', rule]);
  });

  it('counts a batch line by line', async () => {
    await replace(tenant, ROW);
    const line = { type: 'transfer', currency: 'NGN', source: from, destination: to };
    const batch = await api.send(tenant, 'POST', '/v1/transactions/batch', {
      transactions: [600, 500, 400, 1].map((amount) => ({ ...line, amount })),
    });
    expect((batch.body.data as { status: number }[]).map(({ status }) => status)).toEqual([201, 422, 201, 422]);
    const atomic = await api.send(tenant, 'POST', '/v1/transactions/batch', {
      atomic: true,
      transactions: [{ ...line, amount: 1 }],
    });
    expect(told(atomic)).toBe('422 limit_exceeded transactions[0]');
  });
});

describe('POST /v1/limits/evaluate', () => {
  let tenant: string;
  let account: string;
  let daily: string;
  let monthly: string;
  beforeAll(async () => {
    tenant = await api.tenant({ timezone: 'Africa/Lagos' });
    account = await api.funded(tenant, 10_000);
    const put = await replace(
      tenant,
      { ...ROW, max_balance: 10_500 },
      { ...ROW, window: 'monthly', amount: 1500, max_balance: 10_500 },
    );
    [daily, monthly] = idsOf(put) as [string, string];
  });
  const evaluate = (amount: number, more: object = {}, options: object = {}): Promise<Reply> =>
    api.send(
      tenant,
      'POST',
      '/v1/limits/evaluate',
      { account_id: account, direction: 'outbound', amount, currency: 'NGN', ...more },
      options,
    );

  it('200 allowed: appending nothing, at the revision it is true at, and asked again with its key as if anew', async () => {
    const before = await api.head(tenant);
    const answer = await evaluate(1000, {}, { key: 'question' });
    const again = await evaluate(1001, {}, { key: 'question' });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([200, undefined]);
    expect(answer).toMatchObject({
      status: 200,
      body: { object: 'limit_evaluation', account_id: account, allowed: true, violations: [] },
    });
    expect(answer.headers['ledger-revision']).toBe(String(before));
    expect(await api.head(tenant)).toBe(before);
  });

  it('200 with every limit that would be exceeded, what is left of it, and when it begins again', async () => {
    await api.send(tenant, 'POST', '/v1/transactions', {
      type: 'withdrawal',
      amount: 700,
      currency: 'NGN',
      source: account,
    });
    const { body } = await evaluate(801);
    const lagos = new Date(api.clock.now() + 3_600_000);
    const [year, month, day] = [lagos.getUTCFullYear(), lagos.getUTCMonth(), lagos.getUTCDate()];
    const resets = (...date: [number, number, number]): string => new Date(Date.UTC(...date) - 3_600_000).toISOString();
    expect(body).toMatchObject({ allowed: false });
    expect(body.violations).toEqual([
      {
        rule: daily,
        code: 'limit_exceeded',
        limit: 1000,
        used: 700,
        remaining: 300,
        resets_at: resets(year, month, day + 1),
      },
      {
        rule: monthly,
        code: 'limit_exceeded',
        limit: 1500,
        used: 700,
        remaining: 800,
        resets_at: resets(year, month + 1, 1),
      },
    ]);
    const refused = await api.send(tenant, 'POST', '/v1/transactions', {
      type: 'withdrawal',
      amount: 801,
      currency: 'NGN',
      source: account,
    });
    expect(refused.body.error).toMatchObject({ code: 'limit_exceeded', rule: daily });
  });

  it('200 with what it may hold, which does not begin again', async () => {
    const { body } = await evaluate(1201, { direction: 'inbound' });
    expect(body.violations).toEqual([
      { rule: daily, code: 'max_balance_exceeded', limit: 10_500, used: 9300, remaining: 1200, resets_at: null },
    ]);
    expect((await evaluate(1200, { direction: 'inbound' })).body.allowed).toBe(true);
  });

  it.each([
    [{ amount: 0 }, '400 amount_not_positive amount'],
    [{ amount: 1.5 }, '400 type_mismatch amount'],
    [{ currency: 'ABC' }, '400 invalid_currency currency'],
    [{ direction: 'sideways' }, '400 invalid_enum direction'],
    [{ account_id: 'ada' }, '400 pattern_mismatch account_id'],
    [{ account_id: 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V' }, '400 account_not_found account_id'],
    [{ currency: 'EUR' }, '422 currency_mismatch currency'],
    [{ limit: 5 }, '400 unknown_field limit'],
  ])('%j: %s', async (more, expected) => {
    expect(told(await evaluate(1, more))).toBe(expected);
  });

  it('400 for an account of another tenant', async () => {
    const foreign = await api.account(await api.tenant());
    expect(told(await evaluate(1, { account_id: foreign }))).toBe('400 account_not_found account_id');
  });

  it('403 without the scope or the entitlement, 200 while suspended', async () => {
    expect(told(await evaluate(1, {}, { credential: api.key(tenant, ['transactions:read']) }))).toBe(
      '403 missing_scope',
    );
    await api.admin('PATCH', `/${tenant}/status`, { status: 'suspended' });
    expect((await evaluate(1)).status).toBe(200);
    await api.admin('PATCH', `/${tenant}/status`, { status: 'active' });
    await api.admin('PATCH', `/${tenant}/entitlements`, { entitlements: { 'limits.evaluate': { enabled: false } } });
    const refused = await evaluate(1);
    expect([told(refused), refused.body.error?.rule]).toEqual(['403 entitlement_required', 'limits.evaluate']);
  });
});
