import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();
const ULID = '01HZXK5Y8Q2J3M4N5P6R7S8T9V';
const ADA = { kind: 'person', name: 'Ada Obi', email: 'ada@example.com', phone: '+2348012345678' };
const PASSPORT = { type: 'government_id', number: 'A1234567', issuing_country: 'NG', expires_on: '2030-01-31' };
const SHOP = { registered_name: 'Shop Ltd', registration_number: 'RC-1', directors: [{ full_name: 'Jo Doe' }] };

let api: ApiUnderTest;
let tenant: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
});
afterAll(() => api.close());

const customer = async (more: object = {}, of = tenant): Promise<string> =>
  (await api.send(of, 'POST', '/v1/customers', { ...ADA, ...more })).body.id as string;
const submit = (body: object, of = tenant): Promise<Reply> => api.send(of, 'POST', '/v1/kyc/submissions', body);
const submitted = async (more: object = {}): Promise<{ id: string; customer_id: string }> => {
  const customer_id = await customer();
  return (await submit({ customer_id, tier: 'tier2', documents: [PASSPORT], ...more })).body as never;
};
const decide = (id: string, act: string, body?: object, of = tenant): Promise<Reply> =>
  api.admin('POST', `/${of}/kyc/submissions/${id}/${act}`, body);
const tierOf = async (id: string): Promise<unknown> =>
  (await api.send(tenant, 'GET', `/v1/customers/${id}`)).body.kyc_tier;
const publicTypes = async (of: string): Promise<string[]> =>
  ((await api.send(of, 'GET', '/v1/events?order=asc')).body.data as { type: string }[]).map(({ type }) => type);

describe('submissions', () => {
  it('201 with all of it, read back on both planes, and told as an event', async () => {
    const customer_id = await customer();
    const made = await submit({ customer_id, tier: 'tier3', documents: [PASSPORT], metadata: { desk: '4' } });
    expect(made).toMatchObject({
      status: 201,
      body: {
        object: 'kyc_submission',
        tenant_id: tenant,
        customer_id,
        kind: 'person',
        full_name: 'Ada Obi',
        email: 'ada@example.com',
        phone: '+2348012345678',
        status: 'pending',
        tier: 'tier3',
        approved_tier: null,
        documents: [{ ...PASSPORT, file_name: null, file_sha256: null }],
        business_details: null,
        metadata: { desk: '4' },
        attempts: 1,
        decided_at: null,
      },
    });
    expect(made.body.id).toBe(made.body.profile_id);
    const id = made.body.id as string;
    expect((await api.send(tenant, 'GET', `/v1/kyc/submissions/${id}`)).body).toEqual(made.body);
    expect((await api.admin('GET', `/${tenant}/kyc/submissions/${id}`)).body).toEqual(made.body);
    const [event] = (await api.send(tenant, 'GET', '/v1/events?type=kyc.submitted')).body.data as object[];
    expect(event).toMatchObject({ data: { kyc_submission: made.body }, previous_attributes: null });
  });

  it('are approved: the customer has the tier, and its accounts are judged by that tier’s limits', async () => {
    const own = await api.tenant();
    const limits = [
      { kyc_level: 'tier1', direction: 'outbound', window: 'daily', amount: 100 },
      { kyc_level: 'tier2', direction: 'outbound', window: 'daily', amount: 500 },
    ];
    const customer_id = await customer({}, own);
    const ada = await api.account(own, { customer_id });
    const bob = await api.account(own);
    await api.send(own, 'POST', '/v1/transactions', {
      type: 'deposit',
      amount: 1_000,
      currency: 'NGN',
      destination: ada,
    });
    await api.admin('PUT', `/${own}/limits`, { limits });
    const pay = (): Promise<Reply> =>
      api.send(own, 'POST', '/v1/transactions', {
        type: 'transfer',
        amount: 300,
        currency: 'NGN',
        source: ada,
        destination: bob,
      });
    expect(told(await pay())).toBe('422 limit_exceeded');
    const { body } = await submit({ customer_id, tier: 'tier2' }, own);
    expect((await decide(body.id as string, 'review', undefined, own)).body.status).toBe('under_review');
    const approved = await decide(body.id as string, 'approve', undefined, own);
    expect(approved).toMatchObject({ status: 200, body: { status: 'approved', approved_tier: 'tier2' } });
    expect((await pay()).status).toBe(201);
    expect((await api.send(own, 'GET', `/v1/accounts/${ada}`)).body.kyc_tier).toBe('tier2');
    expect((await api.send(own, 'GET', `/v1/customers/${customer_id}`)).body.kyc_tier).toBe('tier2');
    // In one append: nothing stands between the two.
    expect((await publicTypes(own)).slice(-3)).toEqual(['customer.updated', 'kyc.approved', 'transaction.completed']);
    expect((await decide(body.id as string, 'expire', undefined, own)).body).toMatchObject({
      status: 'expired',
      approved_tier: null,
    });
    expect(told(await pay())).toBe('422 limit_exceeded');
  });

  it('are rejected with a reason, and submitted again on the same profile', async () => {
    const { id, customer_id } = await submitted();
    const rejected = await decide(id, 'reject', { reason: 'The photo is blurred.' });
    expect(rejected.body).toMatchObject({ status: 'rejected', rejection_reason: 'The photo is blurred.' });
    expect(told(await submit({ customer_id, tier: 'tier2' }))).toBe('409 kyc_profile_exists customer_id');
    const again = await api.send(tenant, 'POST', `/v1/kyc/submissions/${id}/resubmit`, { tier: 'tier3' });
    expect(again).toMatchObject({
      status: 200,
      body: { id, status: 'pending', tier: 'tier3', attempts: 2, rejection_reason: null, documents: [PASSPORT] },
    });
    expect((await decide(id, 'approve', { tier: 'tier2' })).body).toMatchObject({
      tier: 'tier3',
      approved_tier: 'tier2',
    });
    expect(await tierOf(customer_id)).toBe('tier2');
    const [event] = (await api.send(tenant, 'GET', '/v1/events?type=kyc.rejected')).body.data as object[];
    expect(event).toMatchObject({
      data: { kyc_submission: rejected.body },
      previous_attributes: { status: 'pending', rejection_reason: null, decided_at: null },
    });
  });

  it('of a business wait for its details and directors', async () => {
    const customer_id = await customer({ kind: 'business', name: 'Shop' });
    const { body } = await submit({ customer_id, tier: 'tier2' });
    const id = body.id as string;
    expect(body.business_details).toBeNull();
    expect(told(await decide(id, 'approve'))).toBe('409 kyc_incomplete');
    const path = `/v1/kyc/submissions/${id}/resubmit`;
    const complete = await api.send(tenant, 'POST', path, { business_details: SHOP });
    expect(complete.body.business_details).toEqual({ ...SHOP, address: null, country: null });
    expect((await decide(id, 'approve')).body.status).toBe('approved');
  });

  it('keep nothing of whose they are in the clear', async () => {
    const own = await api.tenant();
    const customer_id = await customer({ name: 'SECRET', kind: 'business' }, own);
    const { body } = await submit(
      {
        customer_id,
        tier: 'tier2',
        documents: [{ type: 'director_id', number: 'SECRET', file_name: 'SECRET' }],
        business_details: {
          registered_name: 'SECRET',
          registration_number: 'SECRET',
          address: 'SECRET',
          directors: [{ full_name: 'SECRET' }],
        },
        metadata: { note: 'SECRET' },
      },
      own,
    );
    await decide(body.id as string, 'reject', { reason: 'SECRET' }, own);
    for await (const page of api.store.read(`ledger-${own}-0`, 0)) {
      for (const { payload } of page) expect(Buffer.from(payload).toString()).not.toContain('SECRET');
    }
  });

  it.each([
    [{ tier: 'tier2' }, '400 missing_field customer_id'],
    [{ customer_id: 'ada', tier: 'tier2' }, '400 pattern_mismatch customer_id'],
    [{ customer_id: `cust_${ULID}`, tier: 'tier2' }, '400 customer_not_found customer_id'],
    [{ customer_id: `cust_${ULID}` }, '400 missing_field tier'],
    [{ customer_id: `cust_${ULID}`, tier: 'tier9' }, '400 invalid_enum tier'],
    [{ customer_id: `cust_${ULID}`, tier: 'tier2', documents: [{}] }, '400 missing_field documents[0].type'],
    [
      { customer_id: `cust_${ULID}`, tier: 'tier2', documents: [{ ...PASSPORT, file: 'x' }] },
      '400 unknown_field documents[0].file',
    ],
    [
      { customer_id: `cust_${ULID}`, tier: 'tier2', documents: [{ ...PASSPORT, expires_on: '2030-13-01' }] },
      '400 pattern_mismatch documents[0].expires_on',
    ],
    [{ customer_id: `cust_${ULID}`, tier: 'tier2', status: 'approved' }, '400 unknown_field status'],
    [
      { customer_id: `cust_${ULID}`, tier: 'tier2', metadata: { a: '4111111111111111' } },
      '400 pan_not_allowed metadata.a',
    ],
  ])('%j: %s', async (body, expected) => {
    const before = await api.head(tenant);
    expect(told(await submit(body))).toBe(expected);
    expect(await api.head(tenant)).toBe(before);
  });

  it('400 for papers of the other kind, 409 for what is decided, 404 for what is not there or another’s', async () => {
    const customer_id = await customer();
    const odd = { customer_id, tier: 'tier2', documents: [{ type: 'director_id' }] };
    expect(told(await submit(odd))).toBe('400 invalid_parameter documents[0].type');
    const { id } = await submitted();
    expect(told(await decide(id, 'expire'))).toBe('409 invalid_state');
    expect(told(await decide(id, 'reject'))).toBe('400 missing_field reason');
    await decide(id, 'approve');
    for (const act of ['review', 'approve']) expect(told(await decide(id, act))).toBe('409 invalid_state');
    const other = await api.tenant();
    for (const one of [id, `kyc_${ULID}`, 'kyc_1', `cust_${ULID}`]) {
      expect(told(await api.send(other, 'GET', `/v1/kyc/submissions/${one}`))).toBe('404 kyc_submission_not_found');
      expect(told(await api.send(other, 'POST', `/v1/kyc/submissions/${one}/resubmit`))).toBe(
        '404 kyc_submission_not_found',
      );
      expect(told(await decide(one, 'approve', {}, other))).toBe('404 kyc_submission_not_found');
    }
    expect(told(await submit({ customer_id, tier: 'tier2' }, other))).toBe('400 customer_not_found customer_id');
  });

  it('403 for a key, a permission or an entitlement that is not for it', async () => {
    const { id } = await submitted();
    const reader = api.key(tenant, ['kyc:read']);
    const as = (credential: string, method: string, url: string, body?: object): Promise<Reply> =>
      api.send(tenant, method, url, body, { credential });
    expect((await as(reader, 'GET', `/v1/kyc/submissions/${id}`)).status).toBe(200);
    expect(told(await as(reader, 'POST', `/v1/kyc/submissions/${id}/resubmit`))).toBe('403 missing_scope');
    const path = `/api/v1/admin/tenants/${tenant}/kyc/submissions/${id}/approve`;
    const viewer = await as(api.operator(['view_tenants']), 'POST', path);
    expect([told(viewer), viewer.body.error?.rule]).toEqual(['403 missing_permission', 'manage_tenant_kyc']);
    expect((await as(api.operator(['manage_tenant_kyc']), 'POST', path)).status).toBe(200);
    await api.admin('PATCH', `/${tenant}/entitlements`, { entitlements: { 'kyc.submit': { enabled: false } } });
    const refused = await api.send(tenant, 'POST', `/v1/kyc/submissions/${id}/resubmit`);
    expect([told(refused), refused.body.error?.rule]).toEqual(['403 entitlement_required', 'kyc.submit']);
    await api.admin('PATCH', `/${tenant}/entitlements`, { entitlements: { 'kyc.submit': { enabled: true } } });
  });
});

describe('lists and the summary', () => {
  it('are by status, kind and customer; operators see all tenants’', async () => {
    const own = await api.tenant({ name: 'Own Ltd' });
    const [ada, shop] = [await customer({}, own), await customer({ kind: 'business', name: 'Shop' }, own)];
    const first = (await submit({ customer_id: ada, tier: 'tier2' }, own)).body;
    const second = (await submit({ customer_id: shop, tier: 'tier2', business_details: SHOP }, own)).body;
    const done = (await decide(first.id as string, 'reject', { reason: 'x' }, own)).body;
    const ids = ({ body }: Reply, of: string): unknown => (body[of] as { id: string }[]).map(({ id }) => id);
    expect(ids(await api.send(own, 'GET', '/v1/kyc/submissions'), 'data')).toEqual([second.id, first.id]);
    expect(ids(await api.send(own, 'GET', '/v1/kyc/submissions?status=rejected'), 'data')).toEqual([first.id]);
    expect(ids(await api.send(own, 'GET', `/v1/kyc/submissions?customer_id=${shop}`), 'data')).toEqual([second.id]);
    const page = await api.admin('GET', `/${own}/kyc/submissions?kind=person`);
    expect(page.body).toMatchObject({ kyc_submissions: [done], pagination: { limit: 20, offset: 0, total_count: 1 } });
    expect((await api.admin('GET', `/${own}/kyc/summary`)).body).toMatchObject({
      tenant_id: own,
      counts: { pending: 1, approved: 0, rejected: 1, under_review: 0, expired: 0 },
    });
    const all = await api.send('operator-token', 'GET', `/api/v1/admin/kyc/customers?tenant_id=${own}`);
    expect(all.body).toMatchObject({
      customers: [
        { profile_id: first.id, customer_id: ada, tenant_id: own, tenant_name: 'Own Ltd', status: 'rejected' },
      ],
      pagination: { total_count: 1 },
    });
    const businesses = await api.send('operator-token', 'GET', '/api/v1/admin/kyc/businesses?status=pending&limit=1');
    expect(businesses.body).toMatchObject({ businesses: [{ profile_id: second.id }] });
    expect(told(await api.admin('GET', `/tnt_${ULID}/kyc/summary`))).toBe('404 tenant_not_found');
    expect(told(await api.send('operator-token', 'GET', '/api/v1/admin/kyc/customers?tenant_id=x'))).toBe(
      '400 pattern_mismatch tenant_id',
    );
  });
});
