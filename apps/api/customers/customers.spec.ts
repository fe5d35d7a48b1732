import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();
const ULID = '01HZXK5Y8Q2J3M4N5P6R7S8T9V';
const ADA = { kind: 'person', name: 'Ada Obi' };

let api: ApiUnderTest;
let tenant: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
});
afterAll(() => api.close());

const created = async (more: object = {}): Promise<string> =>
  (await api.send(tenant, 'POST', '/v1/customers', { ...ADA, ...more })).body.id as string;

describe('customers', () => {
  it('201 with all of it, read back, changed and told as events', async () => {
    const body = {
      ...ADA,
      email: 'ada@example.com',
      phone: '+234 (801) 234-5678',
      kyc_tier: 'tier2',
      metadata: { a: '1', b: '2' },
    };
    const made = await api.send(tenant, 'POST', '/v1/customers', body);
    expect(made).toMatchObject({ status: 201, body: { object: 'customer', ...body } });
    const path = `/v1/customers/${made.body.id}`;
    expect((await api.send(tenant, 'GET', path)).body).toEqual(made.body);
    const changed = await api.send(tenant, 'PATCH', path, {
      name: 'Ada Eze',
      email: null,
      kyc_tier: 'tier3',
      metadata: { a: null, c: '3' },
    });
    expect(changed).toMatchObject({
      status: 200,
      body: { name: 'Ada Eze', email: null, phone: body.phone, kyc_tier: 'tier3', metadata: { b: '2', c: '3' } },
    });
    const read = await api.send(tenant, 'GET', path);
    expect([read.body, read.headers['ledger-revision']]).toEqual([changed.body, changed.headers['ledger-revision']]);
    const same = await api.send(tenant, 'PATCH', path, { kyc_tier: 'tier3' });
    expect([same.status, same.body]).toEqual([200, changed.body]);

    const told = async (type: string): Promise<unknown> =>
      ((await api.send(tenant, 'GET', `/v1/events?type=${type}`)).body.data as unknown[])[0];
    const [creation, updated] = [await told('customer.created'), await told('customer.updated')];
    expect(creation).toMatchObject({
      type: 'customer.created',
      data: { customer: made.body },
      previous_attributes: null,
    });
    expect(updated).toMatchObject({
      type: 'customer.updated',
      data: { customer: changed.body },
      previous_attributes: {
        name: 'Ada Obi',
        email: 'ada@example.com',
        kyc_tier: 'tier2',
        metadata: { a: '1', b: '2' },
      },
    });
  });

  it('201 with nothing but what is needed', async () => {
    const made = await api.send(tenant, 'POST', '/v1/customers', { kind: 'business', name: 'Shop Ltd' });
    expect(made.body).toMatchObject({ kind: 'business', email: null, phone: null, kyc_tier: 'tier1', metadata: {} });
  });

  it('keeps nothing of who it is in the clear', async () => {
    const other = await api.tenant();
    await api.send(other, 'POST', '/v1/customers', {
      ...ADA,
      name: 'SECRET',
      email: 'SECRET@example.com',
      metadata: { note: 'SECRET' },
    });
    for await (const page of api.store.read(`ledger-${other}-0`, 0)) {
      for (const { payload } of page) expect(Buffer.from(payload).toString()).not.toContain('SECRET');
    }
  });

  it.each([
    [{ name: 'Ada' }, '400 missing_field kind'],
    [{ kind: 'person' }, '400 missing_field name'],
    [{ ...ADA, kind: 'robot' }, '400 invalid_enum kind'],
    [{ ...ADA, name: '' }, '400 too_short name'],
    [{ ...ADA, name: 'card 4111 1111 1111 1111' }, '400 pan_not_allowed name'],
    [{ ...ADA, metadata: { a: '4111111111111111' } }, '400 pan_not_allowed metadata.a'],
    [{ ...ADA, email: 'nobody' }, '400 pattern_mismatch email'],
    [{ ...ADA, phone: 'ring me' }, '400 pattern_mismatch phone'],
    [{ ...ADA, phone: '4111111111111111' }, '400 pattern_mismatch phone'],
    [{ ...ADA, kyc_tier: 'tier9' }, '400 invalid_enum kyc_tier'],
    [{ ...ADA, tier: 'tier1' }, '400 unknown_field tier'],
  ])('%j: %s', async (body, expected) => {
    const before = await api.head(tenant);
    expect(told(await api.send(tenant, 'POST', '/v1/customers', body))).toBe(expected);
    expect(await api.head(tenant)).toBe(before);
  });

  it('400 without an idempotency key, and once with one', async () => {
    expect(told(await api.send(tenant, 'POST', '/v1/customers', ADA, { key: null }))).toBe(
      '400 missing_field Idempotency-Key',
    );
    const first = await api.send(tenant, 'POST', '/v1/customers', ADA, { key: 'ada-1' });
    const again = await api.send(tenant, 'POST', '/v1/customers', ADA, { key: 'ada-1' });
    expect([again.body, again.headers['idempotent-replayed']]).toEqual([first.body, 'true']);
    expect(told(await api.send(tenant, 'POST', '/v1/customers', { ...ADA, name: 'Eve' }, { key: 'ada-1' }))).toBe(
      '409 key_reused',
    );
  });

  it.each([
    [{ kind: 'business' }, '400 unknown_field kind'],
    [{ name: null }, '400 type_mismatch name'],
    [{ kyc_tier: null }, '400 type_mismatch kyc_tier'],
    [
      { metadata: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'x'])) },
      '400 invalid_parameter metadata',
    ],
  ])('PATCH %j: %s', async (body, expected) => {
    const id = await created({ metadata: { first: '1' } });
    expect(told(await api.send(tenant, 'PATCH', `/v1/customers/${id}`, body))).toBe(expected);
  });

  it('404 for one that is not there, or is another tenant’s', async () => {
    const id = await created();
    const other = await api.tenant();
    for (const path of [`/v1/customers/cust_${ULID}`, `/v1/customers/${id}`, '/v1/customers/acc_1']) {
      expect(told(await api.send(other, 'GET', path))).toBe('404 customer_not_found');
      expect(told(await api.send(other, 'PATCH', path, { name: 'Eve' }))).toBe('404 customer_not_found');
    }
  });

  it('lists by kind, tier, address and time', async () => {
    const other = await api.tenant();
    const make = (more: object): Promise<Reply> => api.send(other, 'POST', '/v1/customers', { ...ADA, ...more });
    const a = await make({ email: 'a@example.com' });
    const b = await make({ kind: 'business', kyc_tier: 'tier2' });
    const list = async (query: string): Promise<unknown> =>
      ((await api.send(other, 'GET', `/v1/customers?${query}`)).body.data as { id: string }[]).map(({ id }) => id);
    expect(await list('')).toEqual([b.body.id, a.body.id]);
    expect(await list('kind=person')).toEqual([a.body.id]);
    expect(await list('kyc_tier=tier2&order=asc')).toEqual([b.body.id]);
    expect(await list('email=a@example.com')).toEqual([a.body.id]);
    expect(await list('from=2030-01-01T00:00:00Z')).toEqual([]);
    expect(told(await api.send(other, 'GET', '/v1/customers?kind=robot'))).toBe('400 invalid_enum kind');
    expect(told(await api.send(other, 'GET', '/v1/customers?name=Ada'))).toBe('400 unknown_field name');
  });

  it('403 for a key that may not, and for a tier without accounts:manage', async () => {
    const id = await created();
    const reader = api.key(tenant, ['accounts:read']);
    const writer = api.key(tenant, ['accounts:read', 'accounts:write']);
    const other = api.key(tenant, ['transactions:write']);
    const path = `/v1/customers/${id}`;
    const as = (credential: string, method: string, url: string, body?: object): Promise<Reply> =>
      api.send(tenant, method, url, body, { credential });
    expect(told(await as(reader, 'POST', '/v1/customers', ADA))).toBe('403 missing_scope');
    expect(told(await as(reader, 'PATCH', path, { name: 'Eve' }))).toBe('403 missing_scope');
    expect(told(await as(other, 'GET', path))).toBe('403 missing_scope');
    expect((await as(writer, 'POST', '/v1/customers', { ...ADA, kyc_tier: 'tier2' })).status).toBe(201);
    expect((await as(writer, 'PATCH', path, { name: 'Eve' })).status).toBe(200);
    const refused = await as(writer, 'PATCH', path, { kyc_tier: 'tier2' });
    expect([told(refused), refused.body.error?.rule]).toEqual(['403 missing_scope', 'accounts:manage']);
  });

  it('403 for a tenant that is not entitled, or not active', async () => {
    const other = await api.tenant();
    const path = `/v1/customers/${(await api.send(other, 'POST', '/v1/customers', ADA)).body.id}`;
    await api.admin('PATCH', `/${other}/entitlements`, { entitlements: { 'identity.read': { enabled: false } } });
    const refused = await api.send(other, 'GET', path);
    expect([told(refused), refused.body.error?.rule]).toEqual(['403 entitlement_required', 'identity.read']);
    expect(told(await api.send(other, 'GET', '/v1/customers'))).toBe('403 entitlement_required');
    await api.admin('PATCH', `/${other}/status`, { status: 'suspended' });
    expect(told(await api.send(other, 'POST', '/v1/customers', ADA))).toBe('403 tenant_suspended');
    expect(told(await api.send(other, 'PATCH', path, { name: 'Eve' }))).toBe('403 tenant_suspended');
  });
});

describe('accounts of a customer', () => {
  const ACCOUNT = { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN' };
  const open = (more: object): Promise<Reply> => api.send(tenant, 'POST', '/v1/accounts', { ...ACCOUNT, ...more });

  it('have its tier: when they are opened, when it changes, and whatever of them is said next', async () => {
    const id = await created({ kyc_tier: 'tier2' });
    const account = await open({ customer_id: id });
    expect(account).toMatchObject({ status: 201, body: { customer_id: id, kyc_tier: 'tier2' } });
    const path = `/v1/accounts/${account.body.id}`;
    await api.send(tenant, 'PATCH', `/v1/customers/${id}`, { kyc_tier: 'tier3' });
    expect((await api.send(tenant, 'GET', path)).body).toEqual({ ...account.body, kyc_tier: 'tier3' });
    const renamed = await api.send(tenant, 'PATCH', path, { account_name: 'Purse' });
    expect(renamed.body).toMatchObject({ kyc_tier: 'tier3', account_name: 'Purse' });
    expect((await open({ customer_id: id, kyc_tier: 'tier3' })).body.kyc_tier).toBe('tier3');
    const listed = await api.send(tenant, 'GET', `/v1/accounts?customer_id=${id}&kyc_tier=tier3`);
    expect(listed.body.data).toHaveLength(2);
    const [event] = (await api.send(tenant, 'GET', '/v1/events?type=account.updated')).body.data as {
      data: { account: object };
    }[];
    expect(event?.data.account).toMatchObject({ kyc_tier: 'tier3' });
  });

  it('400 for a customer who is not there, and for another tier than its own', async () => {
    const id = await created();
    const foreign = (await api.send(await api.tenant(), 'POST', '/v1/customers', ADA)).body.id;
    expect(told(await open({ customer_id: `cust_${ULID}` }))).toBe('400 customer_not_found customer_id');
    expect(told(await open({ customer_id: foreign }))).toBe('400 customer_not_found customer_id');
    expect(told(await open({ customer_id: 'ada' }))).toBe('400 pattern_mismatch customer_id');
    expect(told(await open({ customer_id: id, kyc_tier: 'tier2' }))).toBe('400 invalid_parameter kyc_tier');
    const account = await open({ customer_id: id });
    const path = `/v1/accounts/${account.body.id}`;
    expect(told(await api.send(tenant, 'PATCH', path, { kyc_tier: 'tier2' }))).toBe('400 invalid_parameter kyc_tier');
    expect((await api.send(tenant, 'PATCH', path, { kyc_tier: 'tier1' })).status).toBe(200);
    expect(told(await api.send(tenant, 'PATCH', path, { customer_id: id }))).toBe('400 unknown_field customer_id');
  });
});
