import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();
const TENANT = {
  name: 'Acme Payments Ltd',
  default_currency: 'NGN',
  partner: { name: 'John Doe', email: 'john@acme.example', tier: 'paid' },
};
const RULE = {
  channel: 'funds_transfer',
  currency: 'NGN',
  flat_amount: 25,
  percentage_rate: 0.015,
  who_pays: 'customer',
};

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

const created = async (more: object = {}): Promise<string> =>
  (await api.admin('POST', '', { ...TENANT, ...more })).body.id as string;

describe('tenants', () => {
  it('201, read, listed, changed', async () => {
    const tenant = await api.admin('POST', '', { ...TENANT, metadata: { industry: 'fintech' }, is_active: true });
    expect(tenant).toMatchObject({
      status: 201,
      body: {
        object: 'tenant',
        status: 'active',
        is_active: true,
        environment: 'live',
        timezone: 'UTC',
        tier: 'paid',
        partner: { email: 'john@acme.example' },
      },
    });
    const path = `/${tenant.body.id}`;
    expect((await api.admin('GET', path)).body).toEqual(tenant.body);
    const list = await api.admin('GET', '?limit=1');
    expect(list.body).toMatchObject({ tenants: [{ id: tenant.body.id }], pagination: { limit: 1, offset: 0 } });
    const changed = await api.admin('PATCH', path, {
      name: 'Acme International',
      metadata: { region: 'west' },
      partner: { tier: 'enterprise' },
    });
    expect(changed.body).toMatchObject({
      name: 'Acme International',
      tier: 'enterprise',
      metadata: { industry: 'fintech', region: 'west' },
    });
  });

  it('pages by offset and by cursor', async () => {
    for (let i = 0; i < 3; i++) await created();
    const all = ((await api.admin('GET', '')).body.tenants as { id: string }[]).map(({ id }) => id);
    const second = await api.admin('GET', '?limit=2&offset=1');
    expect((second.body.tenants as { id: string }[]).map(({ id }) => id)).toEqual(all.slice(1, 3));
    const { cursor } = (await api.admin('GET', '?limit=2')).body.pagination as { cursor: string };
    expect(((await api.admin('GET', `?limit=2&cursor=${cursor}`)).body.tenants as { id: string }[])[0]?.id).toBe(
      all[2],
    );
    expect(told(await api.admin('GET', `?limit=2&offset=1&cursor=${cursor}`))).toBe('400 mutually_exclusive offset');
  });

  it('go through their statuses', async () => {
    const id = await created();
    const change = (body: object): Promise<Reply> => api.admin('PATCH', `/${id}/status`, body);
    expect((await change({ status: 'suspended', is_active: false })).body).toMatchObject({
      status: 'suspended',
      is_active: false,
    });
    expect(told(await change({ status: 'active', is_active: false }))).toBe('422 contradictory_status is_active');
    expect(told(await api.admin('PATCH', `/${id}`, { name: 'x' }))).toBe('403 tenant_suspended');
    expect((await change({ status: 'inactive' })).body.retention_ends_at).not.toBeNull();
    expect(told(await change({ status: 'suspended' }))).toBe('409 invalid_status_transition status');
    expect((await change({ status: 'active' })).body.is_active).toBe(true);
  });

  it.each([
    [{ name: undefined }, '400 missing_field name'],
    [{ partner: undefined }, '400 missing_field partner'],
    [{ partner: { name: 'x' } }, '400 missing_field partner.email'],
    [{ partner: { name: 'x', email: 'nobody' } }, '400 pattern_mismatch partner.email'],
    [{ partner: { ...TENANT.partner, tier: 'gold' } }, '400 invalid_enum partner.tier'],
    [{ default_currency: 'NAIRA' }, '400 invalid_currency default_currency'],
    [{ status: 'open' }, '400 invalid_enum status'],
    [{ status: 'active', is_active: false }, '422 contradictory_status is_active'],
    [{ timezone: 'Mars/Olympus' }, '400 pattern_mismatch timezone'],
    [{ environment: 'staging' }, '400 invalid_enum environment'],
    [{ workspace_id: 'wsp_1' }, '400 pattern_mismatch workspace_id'],
    [{ id: 'tnt_1' }, '400 unknown_field id'],
  ])('%j: %s', async (more, expected) => {
    expect(told(await api.admin('POST', '', { ...TENANT, ...more }))).toBe(expected);
  });

  it('show themselves to their own keys', async () => {
    const id = await api.tenant();
    expect((await api.send(id, 'GET', '/v1/tenant', undefined, { credential: api.key(id, []) })).body).toMatchObject({
      object: 'tenant',
      id,
    });
  });
});

describe('fees', () => {
  it('200: replaced and read', async () => {
    const id = await created();
    const put = await api.admin('PUT', `/${id}/fees`, {
      rules: [RULE, { ...RULE, channel: 'pos_card_present', percentage_rate: '0.0125', max_amount: null }],
    });
    expect(put).toMatchObject({
      status: 200,
      body: {
        fees: [{ object: 'fee_rule', percentage_rate: 0.015, who_gets_paid: 'platform' }, { percentage_rate: 0.0125 }],
      },
    });
    expect((await api.admin('GET', `/${id}/fees`)).body).toEqual(put.body);
  });

  it.each([
    [[RULE, RULE], '409 overlapping_fee_rules rules[1]'],
    [[{ ...RULE, percentage_rate: 1.5 }], '400 out_of_range rules[0].percentage_rate'],
    [[{ ...RULE, percentage_rate: 0.0000001 }], '400 out_of_range rules[0].percentage_rate'],
    [[{ ...RULE, percentage_rate: null }], '400 type_mismatch rules[0].percentage_rate'],
    [[{ ...RULE, flat_amount: -1 }], '400 amount_out_of_range rules[0].flat_amount'],
    [[{ ...RULE, min_amount: 10, max_amount: 5 }], '400 invalid_parameter rules[0].max_amount'],
    [[{ ...RULE, who_pays: 'nobody' }], '400 invalid_enum rules[0].who_pays'],
    [[{ ...RULE, effective_from: 'tomorrow' }], '400 pattern_mismatch rules[0].effective_from'],
    [[{ ...RULE, rate: 1 }], '400 unknown_field rules[0].rate'],
  ])('%j: %s', async (rules, expected) => {
    expect(told(await api.admin('PUT', `/${await created()}/fees`, { rules }))).toBe(expected);
  });
});

describe('API keys', () => {
  it('201 with the secret once, then without it', async () => {
    const id = await created();
    const made = await api.admin(
      'POST',
      `/${id}/api-keys`,
      { scopes: ['accounts:read'], name: 'till', prefix: 'prod' },
      { key: 'a-key' },
    );
    expect(made).toMatchObject({
      status: 201,
      body: { key: { object: 'api_key', scopes: ['accounts:read'], is_active: true, name: 'till' } },
    });
    expect(made.body.full_key).toMatch(/^qp_sk_live_/);
    const again = await api.admin(
      'POST',
      `/${id}/api-keys`,
      { scopes: ['accounts:read'], name: 'till', prefix: 'prod' },
      { key: 'a-key' },
    );
    expect([again.body, again.headers['idempotent-replayed']]).toEqual([made.body, 'true']);
    const { key_id } = made.body.key as { key_id: string };
    expect([...api.keySecrets.rows].filter(([, row]) => row.tenantId === id).map(([key]) => key)).toEqual([key_id]);
    const list = await api.admin('GET', `/${id}/api-keys`);
    expect([(list.body.keys as { key_id: string }[]).map((key) => key.key_id), list.text.includes('full_key')]).toEqual(
      [[key_id], false],
    );
    expect((await api.admin('GET', `/${id}/api-keys/${key_id}`)).body).toEqual(made.body.key);
    const off = await api.admin('PATCH', `/${id}/api-keys/${key_id}`, { is_active: false });
    expect([off.status, off.body.is_active, api.keySecrets.rows.get(key_id)?.active]).toEqual([200, false, false]);
  });

  it.each([
    [{ scopes: [] }, '400 too_short scopes'],
    [{ scopes: ['all'] }, '400 invalid_enum scopes[0]'],
    [{ scopes: ['accounts:read'], expires_at: '2001-01-01T00:00:00Z' }, '422 expiry_in_the_past expires_at'],
    [{ scopes: ['accounts:read'], rate_limit_per_min: 10_000_000 }, '422 limit_above_tier rate_limit_per_min'],
    [{ scopes: ['accounts:read'], rate_limit_per_min: 0 }, '400 out_of_range rate_limit_per_min'],
  ])('%j: %s, and no secret is left behind', async (body, expected) => {
    const id = await created();
    expect(told(await api.admin('POST', `/${id}/api-keys`, body))).toBe(expected);
    expect([...api.keySecrets.rows.values()].filter(({ tenantId }) => tenantId === id)).toEqual([]);
  });

  it('stays in use where taking it out of use was refused', async () => {
    const id = await created();
    const made = await api.admin('POST', `/${id}/api-keys`, { scopes: ['accounts:read'] });
    const { key_id } = made.body.key as { key_id: string };
    const path = `/${id}/api-keys/${key_id}`;
    const refused = await api.admin('PATCH', path, { is_active: false, expires_at: '2001-01-01T00:00:00Z' });
    expect(told(refused)).toBe('422 expiry_in_the_past expires_at');
    expect(api.keySecrets.rows.get(key_id)?.active).toBe(true);
  });

  it('is in use as the ledger says after a replay of an older change, also while the read model is behind', async () => {
    const id = await created();
    const made = await api.admin('POST', `/${id}/api-keys`, { scopes: ['accounts:read'] });
    const { key_id } = made.body.key as { key_id: string };
    const path = `/${id}/api-keys/${key_id}`;
    const off = await api.admin('PATCH', path, { is_active: false }, { key: 'off' });
    const before = await api.head(id);
    await api.admin('PATCH', path, { is_active: true });
    api.reads.upTo = before;
    setTimeout(() => (api.reads.upTo = Infinity), 50);
    const again = await api.admin('PATCH', path, { is_active: false }, { key: 'off' });
    expect([again.status, again.body, again.headers['idempotent-replayed']]).toEqual([200, off.body, 'true']);
    expect((await api.admin('GET', path)).body.is_active).toBe(true);
    expect(api.keySecrets.rows.get(key_id)?.active).toBe(true);
  });

  it('keeps its scopes', async () => {
    const id = await created();
    const made = await api.admin('POST', `/${id}/api-keys`, { scopes: ['accounts:read'] });
    const path = `/${id}/api-keys/${(made.body.key as { key_id: string }).key_id}`;
    expect(told(await api.admin('PATCH', path, { scopes: ['accounts:write'] }))).toBe('400 immutable_field scopes');
    expect(told(await api.admin('PATCH', `/${id}/api-keys/key_01HZXK5Y8Q2J3M4N5P6R7S8T9V`, { is_active: false }))).toBe(
      '404 api_key_not_found',
    );
    expect(told(await api.admin('GET', `/${id}/api-keys/key_01HZXK5Y8Q2J3M4N5P6R7S8T9V`))).toBe(
      '404 api_key_not_found',
    );
  });
});
