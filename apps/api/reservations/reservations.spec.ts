import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();
const GHOST = 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V';
const NOBODYS = 'rsv_01HZXK5Y8Q2J3M4N5P6R7S8T9V';
const DAY = 86_400_000;

let api: ApiUnderTest;
let tenant: string;
let ada: string;
let bob: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
  ada = await api.funded(tenant, 1_000_000);
  bob = await api.account(tenant);
});
afterAll(() => api.close());

const reserve = (more: object = {}, options = {}): Promise<Reply> =>
  api.send(
    tenant,
    'POST',
    '/v1/reservations',
    { account_id: ada, amount: 100, currency: 'NGN', destination: bob, ...more },
    options,
  );
const made = async (more: object = {}): Promise<string> => (await reserve(more)).body.id as string;
const act = (id: string, action: 'capture' | 'release', body?: object, options = {}): Promise<Reply> =>
  api.send(tenant, 'POST', `/v1/reservations/${id}/${action}`, body, options);
const get = (id: string): Promise<Reply> => api.send(tenant, 'GET', `/v1/reservations/${id}`);
const account = async (id: string): Promise<unknown> => {
  const { balance, held, available_balance } = (await api.send(tenant, 'GET', `/v1/accounts/${id}`)).body;
  return { balance, held, available_balance };
};

describe('POST /v1/reservations', () => {
  it('201: the whole reservation, as it is then read', async () => {
    const reply = await reserve({ reference: 'order-1', metadata: { shop: 'Lekki' } });
    expect(reply).toMatchObject({
      status: 201,
      body: {
        object: 'reservation',
        account_id: ada,
        amount: 100,
        currency: 'NGN',
        destination: bob,
        status: 'active',
        amounts: { held: 100, captured: 0, released: 0, expired: 0 },
        reference: 'order-1',
        transaction_id: null,
        metadata: { shop: 'Lekki' },
      },
    });
    const { created_at, expires_at } = reply.body as { created_at: string; expires_at: string };
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(7 * DAY);
    const read = await get(reply.body.id as string);
    expect([read.body, read.headers['ledger-revision']]).toEqual([reply.body, reply.headers['ledger-revision']]);
    await act(reply.body.id as string, 'release');
  });

  it('is held at once, and spent by nothing else', async () => {
    const before = (await account(ada)) as { balance: number };
    const id = await made({ amount: before.balance });
    expect(await account(ada)).toEqual({ balance: before.balance, held: before.balance, available_balance: 0 });
    expect(told(await reserve({ amount: 1 }))).toBe('422 insufficient_funds');
    await act(id, 'release');
    expect(await account(ada)).toEqual({ balance: before.balance, held: 0, available_balance: before.balance });
  });

  it.each([
    [{ account_id: undefined }, '400 missing_field account_id'],
    [{ amount: undefined }, '400 missing_field amount'],
    [{ currency: undefined }, '400 missing_field currency'],
    [{ amount: 0 }, '400 amount_not_positive amount'],
    [{ amount: 0.5 }, '400 type_mismatch amount'],
    [{ amount: 2 ** 53 }, '400 amount_out_of_range amount'],
    [{ currency: 'XXX' }, '400 invalid_currency currency'],
    [{ account_id: GHOST }, '400 account_not_found account_id'],
    [{ account_id: 'ada' }, '400 pattern_mismatch account_id'],
    [{ destination: GHOST }, '400 account_not_found destination'],
    [{ expires_at: 'tomorrow' }, '400 pattern_mismatch expires_at'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, '422 expiry_in_the_past expires_at'],
    [{ expires_at: '2999-01-01T00:00:00Z' }, '422 expiry_too_late expires_at'],
    [{ reference: 'order-1' }, '409 duplicate_reference reference'],
    [{ metadata: { card: '4111 1111 1111 1111' } }, '400 pan_not_allowed metadata.card'],
    [{ fee: 1 }, '400 unknown_field fee'],
  ])('%j: %s, and nothing is appended', async (more, expected) => {
    const before = await api.head(tenant);
    expect(told(await reserve(more))).toBe(expected);
    expect(await api.head(tenant)).toBe(before);
  });

  it.each([
    [{ amount: 99_999_999 }, 'insufficient_funds'],
    [{ currency: 'USD' }, 'currency_mismatch'],
    [
      {
        get destination() {
          return ada;
        },
      },
      'same_account',
    ],
  ])('%j: 422 %s, which is kept', async (more, code) => {
    const before = await api.head(tenant);
    const refused = await reserve(more, { key: `reserve-${code}` });
    expect(told(refused)).toBe(`422 ${code}`);
    expect(await api.head(tenant)).toBe(before + 1);
    const id = refused.body.error?.transaction_id as string;
    expect((await api.send(tenant, 'GET', `/v1/transactions/${id}`)).body).toMatchObject({
      id,
      type: 'reservation',
      status: 'failed',
      failure_code: code,
    });
    const again = await reserve(more, { key: `reserve-${code}` });
    expect([told(again), again.headers['idempotent-replayed']]).toEqual([`422 ${code}`, 'true']);
  });

  it('answers the same key as the first time, and another body with a 409', async () => {
    const first = await reserve({}, { key: 'twice' });
    const again = await reserve({}, { key: 'twice' });
    expect([again.status, again.body, again.headers['idempotent-replayed']]).toEqual([201, first.body, 'true']);
    expect(told(await reserve({ amount: 99 }, { key: 'twice' }))).toBe('409 key_reused');
    await act(first.body.id as string, 'release');
  });

  it('says what would happen, and does nothing', async () => {
    const before = await api.head(tenant);
    expect(await reserve({ dry_run: true })).toMatchObject({ status: 200, body: { status: 'active', amount: 100 } });
    expect(await reserve({ dry_run: true, amount: 99_999_999 })).toMatchObject({
      status: 200,
      body: { object: 'transaction', status: 'failed', failure_code: 'insufficient_funds' },
    });
    expect(await api.head(tenant)).toBe(before);
  });

  it('403 without the scope, the entitlement, or while the tenant is suspended', async () => {
    const reader = api.key(tenant, ['transactions:read']);
    expect(told(await reserve({}, { credential: reader }))).toBe('403 missing_scope');
    const other = await api.tenant();
    const id = await api.funded(other, 500);
    const ask = (): Promise<Reply> =>
      api.send(other, 'POST', '/v1/reservations', { account_id: id, amount: 100, currency: 'NGN' });
    const held = (await ask()).body.id as string;
    await api.admin('PATCH', `/${other}/entitlements`, { entitlements: { 'reservations.write': { enabled: false } } });
    const refused = await ask();
    expect([told(refused), refused.body.error?.rule]).toEqual(['403 entitlement_required', 'reservations.write']);
    await api.admin('PATCH', `/${other}/entitlements`, { entitlements: { 'reservations.read': { enabled: false } } });
    expect(told(await api.send(other, 'GET', '/v1/reservations'))).toBe('403 entitlement_required');
    await api.admin('PATCH', `/${other}/entitlements`, {
      entitlements: { 'reservations.write': { enabled: true }, 'reservations.read': { enabled: true } },
    });
    await api.admin('PATCH', `/${other}/status`, { status: 'suspended' });
    expect(told(await ask())).toBe('403 tenant_suspended');
    expect(told(await api.send(other, 'POST', `/v1/reservations/${held}/capture`))).toBe('403 tenant_suspended');
    // A release takes nothing from anybody.
    expect((await api.send(other, 'POST', `/v1/reservations/${held}/release`)).status).toBe(200);
  });

  it('422 max_single_transaction_exceeded, naming the entitlement', async () => {
    const other = await api.tenant();
    const id = await api.funded(other, 500);
    await api.admin('PATCH', `/${other}/entitlements`, {
      entitlements: { 'transactions.write': { config: { max_single_transaction: 99 } } },
    });
    const refused = await api.send(other, 'POST', '/v1/reservations', { account_id: id, amount: 100, currency: 'NGN' });
    expect([told(refused), refused.body.error?.rule]).toEqual([
      '422 max_single_transaction_exceeded',
      'transactions.write',
    ]);
  });
});

describe('POST /v1/reservations/{id}/capture', () => {
  it('200: takes all to its destination, and names the transaction', async () => {
    const id = await made();
    const before = (await account(bob)) as { balance: number };
    const captured = await act(id, 'capture');
    expect(captured).toMatchObject({
      status: 200,
      body: { id, status: 'captured', amounts: { held: 0, captured: 100, released: 0, expired: 0 } },
    });
    expect((await get(id)).body).toEqual(captured.body);
    expect(await account(bob)).toMatchObject({ balance: before.balance + 100 });
    const { transaction_id } = captured.body;
    const transaction = (await api.send(tenant, 'GET', `/v1/transactions/${transaction_id}`)).body;
    expect(transaction).toMatchObject({
      type: 'reservation_capture',
      reservation_id: id,
      source: ada,
      destination: bob,
      amount: 100,
      fees: [],
      entries: [
        { account_id: ada, direction: 'debit', amount: 100 },
        { account_id: bob, direction: 'credit', amount: 100 },
      ],
    });
    expect((await api.send(tenant, 'POST', `/v1/transactions/${transaction_id}/reverse`)).status).toBe(201);
  });

  it('in parts, until a final one gives the rest back', async () => {
    const id = await made();
    expect((await act(id, 'capture', { amount: 30, final: false })).body).toMatchObject({
      status: 'partially_captured',
      amounts: { held: 70, captured: 30 },
    });
    const last = await act(id, 'capture', { amount: 50 }, { key: 'last-part' });
    expect(last.body).toMatchObject({ status: 'captured', amounts: { held: 0, captured: 80, released: 20 } });
    expect(told(await act(id, 'capture', { amount: 1 }))).toBe('409 invalid_state');
    const again = await act(id, 'capture', { amount: 50 }, { key: 'last-part' });
    expect([again.status, again.body, again.headers['idempotent-replayed']]).toEqual([200, last.body, 'true']);
  });

  it('never more than is held, whoever asks at once', async () => {
    const id = await made();
    const asked = await Promise.all(Array.from({ length: 20 }, () => act(id, 'capture', { amount: 10, final: false })));
    expect(asked.map(({ status }) => status).sort()).toEqual([...Array(10).fill(200), ...Array(10).fill(409)]);
    expect((await get(id)).body).toMatchObject({ status: 'captured', amounts: { captured: 100, held: 0 } });
  });

  it('to another destination, or to the main float where there is none', async () => {
    const loose = await made({ destination: undefined });
    expect((await act(loose, 'capture', { amount: 40, final: false, destination: bob })).status).toBe(200);
    const { transaction_id } = (await act(loose, 'capture', {})).body;
    const { destination } = (await api.send(tenant, 'GET', `/v1/transactions/${transaction_id}`)).body;
    expect((await api.send(tenant, 'GET', `/v1/accounts/${destination}`)).body).toMatchObject({ wallet_type: 'float' });
  });

  it.each([
    [{ amount: 0 }, '400 amount_not_positive amount'],
    [{ amount: 'all' }, '400 type_mismatch amount'],
    [{ amount: 2 ** 53 }, '400 amount_out_of_range amount'],
    [{ destination: GHOST }, '400 account_not_found destination'],
    [{ final: 'yes' }, '400 type_mismatch final'],
    [{ account_id: GHOST }, '400 unknown_field account_id'],
  ])('%j: %s, and nothing is appended', async (body, expected) => {
    const id = await made();
    const before = await api.head(tenant);
    expect(told(await act(id, 'capture', body))).toBe(expected);
    expect(await api.head(tenant)).toBe(before);
    await act(id, 'release');
  });

  it('422 amount_exceeds_reservation, which is kept', async () => {
    const id = await made();
    const refused = await act(id, 'capture', { amount: 101 });
    expect(told(refused)).toBe('422 amount_exceeds_reservation');
    const failed = await api.send(tenant, 'GET', `/v1/transactions/${refused.body.error?.transaction_id}`);
    expect(failed.body).toMatchObject({ type: 'reservation_capture', status: 'failed', reservation_id: id });
    expect((await get(id)).body).toMatchObject({ status: 'active', amounts: { held: 100 } });
    await act(id, 'release');
  });

  it('says what would happen, and does nothing', async () => {
    const id = await made();
    const before = await api.head(tenant);
    expect(await act(id, 'capture', { amount: 40, dry_run: true })).toMatchObject({
      status: 200,
      body: { status: 'captured', amounts: { captured: 40, released: 60 } },
    });
    expect(await act(id, 'capture', { amount: 101, dry_run: true })).toMatchObject({
      status: 200,
      body: { object: 'transaction', failure_code: 'amount_exceeds_reservation' },
    });
    expect(await act(id, 'release', { dry_run: true })).toMatchObject({ status: 200, body: { status: 'released' } });
    expect(await api.head(tenant)).toBe(before);
    expect((await get(id)).body).toMatchObject({ status: 'active' });
    await act(id, 'release');
  });

  it('404 for what is nobody’s, or somebody else’s', async () => {
    const id = await made();
    const other = await api.tenant();
    for (const unknown of [NOBODYS, 'rsv_1', 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V']) {
      expect(told(await act(unknown, 'capture'))).toBe('404 reservation_not_found');
      expect(told(await act(unknown, 'release'))).toBe('404 reservation_not_found');
      expect(told(await get(unknown))).toBe('404 reservation_not_found');
    }
    const foreign = await api.send(other, 'GET', `/v1/reservations/${id}`);
    const none = await api.send(other, 'GET', `/v1/reservations/${NOBODYS}`);
    const { request_id: _id, ...error } = foreign.body.error ?? {};
    expect([foreign.status, none.body.error]).toEqual([404, expect.objectContaining(error)]);
    expect(told(await api.send(other, 'POST', `/v1/reservations/${id}/capture`))).toBe('404 reservation_not_found');
    await act(id, 'release');
  });
});

describe('POST /v1/reservations/{id}/release', () => {
  it('200: gives back what is left, and then there is nothing more to do', async () => {
    const id = await made();
    await act(id, 'capture', { amount: 30, final: false });
    const released = await act(id, 'release');
    expect(released).toMatchObject({
      status: 200,
      body: { status: 'released', amounts: { held: 0, captured: 30, released: 70, expired: 0 } },
    });
    expect((await get(id)).body).toEqual(released.body);
    const again = await act(id, 'release');
    expect([told(again), again.body.error?.message]).toEqual(['409 invalid_state', 'The reservation is released.']);
    expect(told(await act(id, 'capture'))).toBe('409 invalid_state');
  });
});

describe('GET /v1/reservations', () => {
  it('200: filtered and paged', async () => {
    const other = await api.tenant();
    const [first, second] = [await api.funded(other, 500), await api.account(other)];
    const make = async (more: object): Promise<string> => {
      const body = { account_id: first, amount: 10, currency: 'NGN', destination: second, ...more };
      return (await api.send(other, 'POST', '/v1/reservations', body)).body.id as string;
    };
    const [one, two, three] = [await make({ reference: 'one' }), await make({}), await make({ amount: 20 })];
    await api.send(other, 'POST', `/v1/reservations/${two}/capture`);
    const listed = async (query: string): Promise<unknown> => {
      const { body } = await api.send(other, 'GET', `/v1/reservations?order=asc&${query}`);
      return (body.data as { id: string }[]).map(({ id }) => id);
    };
    expect(await listed('')).toEqual([one, two, three]);
    expect(await listed('status=active')).toEqual([one, three]);
    expect(await listed('status=captured')).toEqual([two]);
    expect(await listed('reference=one')).toEqual([one]);
    expect(await listed(`account_id=${first}`)).toEqual([one, two, three]);
    expect(await listed(`account_id=${second}`)).toEqual([]);
    expect(await listed('from=2999-01-01T00:00:00Z')).toEqual([]);
    expect(await listed('to=2999-01-01T00:00:00Z')).toEqual([one, two, three]);
    const page = await api.send(other, 'GET', '/v1/reservations?limit=2');
    expect(page.body).toMatchObject({ data: [{ id: three }, { id: two }], has_more: true });
    const next = await api.send(other, 'GET', `/v1/reservations?limit=2&starting_after=${page.body.next_cursor}`);
    expect(next.body).toMatchObject({ data: [{ id: one }], has_more: false, next_cursor: null });
  });

  it.each([
    ['status=open', '400 invalid_enum status'],
    ['account_id=ada', '400 pattern_mismatch account_id'],
    ['destination=acc', '400 unknown_field destination'],
    ['from=noon', '400 pattern_mismatch from'],
  ])('?%s: %s', async (query, expected) => {
    expect(told(await api.send(tenant, 'GET', `/v1/reservations?${query}`))).toBe(expected);
  });
});

describe('public events', () => {
  it('tell of each step, with what was before', async () => {
    const id = await made();
    await act(id, 'capture', { amount: 30, final: false });
    await act(id, 'release');
    const { body } = await api.send(tenant, 'GET', '/v1/events?limit=6');
    const of = (event: { data: { reservation?: { id: string } } }): boolean => event.data.reservation?.id === id;
    expect((body.data as Parameters<typeof of>[0][]).filter(of).reverse()).toMatchObject([
      { type: 'reservation.created', data: { reservation: { status: 'active' } }, previous_attributes: null },
      {
        type: 'reservation.captured',
        data: {
          reservation: { id, status: 'partially_captured' },
          transaction: { type: 'reservation_capture', reservation_id: id, amount: 30 },
        },
        previous_attributes: { status: 'active', amounts: { held: 100, captured: 0 }, transaction_id: null },
      },
      {
        type: 'reservation.released',
        data: { reservation: { status: 'released' } },
        previous_attributes: { status: 'partially_captured', amounts: { held: 70 } },
      },
    ]);
  });
});
