import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();
const HOUR = 3_600_000;

const advance = (api: ApiUnderTest, tenant: string, body: unknown, options = {}): Promise<Reply> =>
  api.send(tenant, 'POST', '/v1/test/clock', body, options);

describe('POST /v1/test/clock', () => {
  let api: ApiUnderTest;
  let sandbox: string;
  beforeAll(async () => {
    api = await ApiUnderTest.start('silent', true);
    sandbox = await api.tenant({ environment: 'sandbox' });
  });
  afterAll(() => api.close());

  it('200: moves business time, and what is due by then has ended when it answers', async () => {
    const ada = await api.funded(sandbox, 500);
    const ask = { account_id: ada, amount: 100, currency: 'NGN' };
    const expires_at = new Date(api.clock.now() + HOUR).toISOString();
    const held = await api.send(sandbox, 'POST', '/v1/reservations', { ...ask, expires_at });
    const reservation = (): Promise<Reply> => api.send(sandbox, 'GET', `/v1/reservations/${held.body.id}`);
    const before = api.clock.now();
    const moved = await advance(api, sandbox, { advance_ms: HOUR / 2 });
    expect(moved).toMatchObject({ status: 200, body: { object: 'clock', offset_ms: HOUR / 2 } });
    expect(Date.parse(moved.body.now as string)).toBeGreaterThanOrEqual(before + HOUR / 2);
    expect((await reservation()).body).toMatchObject({ status: 'active' });
    const head = await api.head(sandbox);
    const later = await advance(api, sandbox, { advance_ms: HOUR / 2 });
    expect([later.headers['ledger-revision'], await api.head(sandbox)]).toEqual([String(head + 1), head + 1]);
    const expired = await reservation();
    expect(expired.body).toMatchObject({ status: 'expired', amounts: { held: 0, expired: 100 }, expires_at });
    expect(Date.parse(expired.body.updated_at as string)).toBeGreaterThanOrEqual(Date.parse(expires_at));
    const { body } = await api.send(sandbox, 'GET', `/v1/events?type=reservation.expired`);
    expect(body.data).toMatchObject([
      { data: { reservation: { id: held.body.id } }, previous_attributes: { status: 'active' } },
    ]);
    expect((await api.send(sandbox, 'GET', `/v1/accounts/${ada}`)).body).toMatchObject({
      balance: 500,
      available_balance: 500,
    });
    expect(told(await api.send(sandbox, 'POST', `/v1/reservations/${held.body.id}/capture`))).toBe('409 invalid_state');
  });

  it.each([
    [{}, '400 missing_field advance_ms'],
    [{ advance_ms: 0 }, '400 out_of_range advance_ms'],
    [{ advance_ms: -1 }, '400 out_of_range advance_ms'],
    [{ advance_ms: 1.5 }, '400 type_mismatch advance_ms'],
    [{ advance_ms: 1e15 }, '400 out_of_range advance_ms'],
    [{ advance_ms: 2 * 24 * HOUR }, '400 out_of_range advance_ms'],
    [{ advance_ms: 1, to: 'noon' }, '400 unknown_field to'],
  ])('%j: %s, and time stays', async (body, expected) => {
    const { offsetMs } = api.clock;
    expect(told(await advance(api, sandbox, body))).toBe(expected);
    expect(api.clock.offsetMs).toBe(offsetMs);
  });

  it('moves once under one Idempotency-Key, and answers as the first time; 409 for another request', async () => {
    const { offsetMs } = api.clock;
    const first = await advance(api, sandbox, { advance_ms: 1_000 }, { key: 'once' });
    await advance(api, sandbox, { advance_ms: 5_000 }, { key: 'between' });
    const again = await advance(api, sandbox, { advance_ms: 1_000 }, { key: 'once' });
    expect([again.status, again.body, again.headers['idempotent-replayed']]).toEqual([200, first.body, 'true']);
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    expect(told(await advance(api, sandbox, { advance_ms: 2_000 }, { key: 'once' }))).toBe('409 key_reused');
    expect(api.clock.offsetMs).toBe(offsetMs + 6_000);
    // A key is its tenant's.
    const other = await api.tenant({ environment: 'sandbox' });
    expect((await advance(api, other, { advance_ms: 2_000 }, { key: 'once' })).status).toBe(200);
    expect(api.clock.offsetMs).toBe(offsetMs + 8_000);
  });

  it('401 without a key, and takes a key of any scope', async () => {
    expect(told(await advance(api, sandbox, { advance_ms: 1 }, { credential: null }))).toBe('401 missing_auth');
    const reader = api.key(sandbox, ['accounts:read']);
    expect((await advance(api, sandbox, { advance_ms: 1 }, { credential: reader })).status).toBe(200);
  });

  it('404 with a live tenant’s key', async () => {
    const { offsetMs } = api.clock;
    expect(told(await advance(api, await api.tenant(), { advance_ms: 1 }))).toBe('404 route_not_found');
    expect(api.clock.offsetMs).toBe(offsetMs);
  });
});

it('404 where the clock is the system’s', async () => {
  const api = await ApiUnderTest.start();
  const sandbox = await api.tenant({ environment: 'sandbox' });
  expect(told(await advance(api, sandbox, { advance_ms: 1 }))).toBe('404 route_not_found');
  await api.close();
});
