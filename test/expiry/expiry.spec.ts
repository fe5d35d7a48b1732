/** Holds end by themselves: the product as `npm start` starts it, over HTTP, on a clock that the spec moves. */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, expectStatus } from '../support/client.js';
import { newDataDir, startProduct, type Product } from '../support/product.js';

const LONG = 180_000;
const DAY = 86_400_000;
const HOUR = 3_600_000;

type Body = Record<string, unknown>;
type Listed = { readonly data: readonly { readonly id: string; readonly type?: string }[] };

let product: Product;
let dataDir: string;
const clients: Client[] = [];
const env = { DAYBOOK_CLOCK: 'settable' };
beforeAll(async () => {
  dataDir = newDataDir();
  product = await startProduct(env, { dataDir, timeoutMs: 120_000 });
}, LONG);
afterAll(async () => {
  for (const client of clients) client.close();
  await product.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const clientOf = (credential: string): Client => {
  const client = new Client(product.credentials.base_url, credential);
  clients.push(client);
  return client;
};

interface Holder {
  readonly client: Client;
  readonly key: string;
  /** A customer's account with 10,000 on it, and another one without money. */
  readonly ada: string;
  readonly bob: string;
}

const tenantWithMoney = async (environment: 'sandbox' | 'live'): Promise<Holder> => {
  const admin = clientOf(product.credentials.admin_token);
  const partner = { name: 'Jo', email: 'jo@example.com', tier: 'enterprise' };
  const terms = { name: 'Acme', default_currency: 'NGN', environment, partner };
  const { id } = expectStatus(await admin.post<{ id: string }>('/api/v1/admin/tenants', terms), 201);
  const scopes = ['accounts:read', 'accounts:write', 'transactions:read', 'transactions:write', 'events:read'].concat(
    'cards:read',
    'cards:write',
  );
  const prefix = environment === 'sandbox' ? 'test' : 'prod';
  const made = await admin.post<{ full_key: string }>(`/api/v1/admin/tenants/${id}/api-keys`, { prefix, scopes });
  const key = expectStatus(made, 201).full_key;
  const client = clientOf(key);
  const open = async (body: Body): Promise<string> =>
    expectStatus(await client.post<{ id: string }>('/v1/accounts', { currency: 'NGN', ...body }), 201).id;
  const float = await open({ account_name: 'Bank', wallet_type: 'float', allow_negative: true });
  const ada = await open({ account_name: 'Ada', wallet_type: 'customer' });
  const bob = await open({ account_name: 'Bob', wallet_type: 'customer' });
  const deposit = { type: 'deposit', amount: 10_000, currency: 'NGN', source: float, destination: ada };
  expectStatus(await client.post('/v1/transactions', deposit), 201);
  return { client, key, ada, bob };
};

const reserve = async ({ client, ada, bob }: Holder, more: Body = {}): Promise<Body & { id: string }> => {
  const body = { account_id: ada, amount: 100, currency: 'NGN', destination: bob, ...more };
  return expectStatus(await client.post<Body & { id: string }>('/v1/reservations', body), 201);
};
const get = async ({ client }: Holder, path: string): Promise<Body> => expectStatus(await client.get<Body>(path), 200);
const advance = async ({ client }: Holder, advance_ms: number): Promise<{ now: string; offset_ms: number }> =>
  expectStatus(await client.post<{ now: string; offset_ms: number }>('/v1/test/clock', { advance_ms }), 200);
const ids = async (holder: Holder, path: string): Promise<string[]> =>
  ((await get(holder, path)) as unknown as Listed).data.map(({ id }) => id);

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  for (const deadline = Date.now() + 20_000; !(await isSo());) {
    if (Date.now() > deadline) throw new Error('it did not come about');
    await sleep(50);
  }
};

it(
  'what is due has ended when the clock was moved, for whoever moved it; and within moments for tenants at rest',
  async () => {
    const [sandbox, live] = [await tenantWithMoney('sandbox'), await tenantWithMoney('live')];
    const [short, week, long] = [
      await reserve(sandbox, { expires_at: new Date(Date.now() + HOUR).toISOString() }),
      await reserve(sandbox),
      await reserve(sandbox, { expires_at: new Date(Date.now() + 30 * DAY).toISOString() }),
    ];
    const resting = await reserve(live);
    const { id: card_id } = expectStatus(
      await sandbox.client.post<{ id: string }>('/v1/cards', { account_id: sandbox.ada, type: 'virtual' }),
      201,
    );
    expectStatus(await sandbox.client.post(`/v1/cards/${card_id}/activate`, {}), 200);
    const purchase = {
      card_id,
      amount: 500,
      currency: 'NGN',
      network_reference: 'n1',
      merchant: { name: 'Shop', category_code: '5411' },
    };
    const buy = expectStatus(await sandbox.client.post<Body>('/v1/card_transactions/authorize', purchase), 201);
    expect(await get(sandbox, `/v1/accounts/${sandbox.ada}`)).toMatchObject({ held: 800, available_balance: 9_200 });

    await advance(sandbox, HOUR);
    expect(await get(sandbox, `/v1/reservations/${short.id}`)).toMatchObject({
      status: 'expired',
      amounts: { held: 0, captured: 0, released: 0, expired: 100 },
    });
    expect(await get(sandbox, `/v1/reservations/${week.id}`)).toMatchObject({ status: 'active' });

    const { now } = await advance(sandbox, 7 * DAY);
    const ended = await get(sandbox, `/v1/reservations/${week.id}`);
    expect(ended).toMatchObject({ status: 'expired' });
    expect(Date.parse(ended.updated_at as string)).toBeGreaterThanOrEqual(Date.parse(week.expires_at as string));
    expect(Date.parse(ended.updated_at as string)).toBeLessThanOrEqual(Date.parse(now) + 60_000);
    expect(await get(sandbox, `/v1/card_transactions/${buy.id as string}`)).toMatchObject({
      status: 'expired',
      amounts: { expired: 500, held: 0 },
    });
    expect(await get(sandbox, `/v1/accounts/${sandbox.ada}`)).toMatchObject({ held: 100, available_balance: 9_900 });
    expect(await ids(sandbox, '/v1/reservations?status=active')).toEqual([long.id]);
    const types = (await get(sandbox, '/v1/events?limit=3')) as unknown as Listed;
    expect(types.data.map(({ type }) => type)).toEqual([
      'card.transaction.expired',
      'reservation.expired',
      'reservation.expired',
    ]);
    const late = await sandbox.client.post(`/v1/reservations/${week.id}/capture`, {});
    expect([late.status, late.body]).toMatchObject([409, { error: { code: 'invalid_state' } }]);

    // Nobody asks for anything of this tenant: it is woken.
    await until(async () => (await get(live, `/v1/reservations/${resting.id}`)).status === 'expired');
    expect(await get(live, `/v1/accounts/${live.ada}`)).toMatchObject({ held: 0, available_balance: 10_000 });
    expect((await ids(live, '/v1/events?type=reservation.expired')).length).toBe(1);
    const refused = await live.client.post('/v1/test/clock', { advance_ms: 1 });
    expect([refused.status, refused.body]).toMatchObject([404, { error: { code: 'route_not_found' } }]);
  },
  LONG,
);

it(
  'a clock that was moved stays so over a restart, and what was made before ends at its time',
  async () => {
    const sandbox = await tenantWithMoney('sandbox');
    const { offset_ms } = await advance(sandbox, 3 * DAY);
    const held = await reserve(sandbox);
    const hours = Math.round((Date.parse(held.created_at as string) - Date.now()) / HOUR);
    expect(hours).toBe(Math.round(offset_ms / HOUR));
    await product.stop();
    product = await startProduct(env, { dataDir, timeoutMs: 120_000 });
    const again: Holder = { ...sandbox, client: clientOf(sandbox.key) };
    expect((await advance(again, 6 * DAY)).offset_ms).toBe(offset_ms + 6 * DAY);
    expect(await get(again, `/v1/reservations/${held.id}`)).toMatchObject({ status: 'active' });
    await advance(again, DAY);
    expect(await get(again, `/v1/reservations/${held.id}`)).toMatchObject({ status: 'expired' });
    const [from, to] = [Date.parse(held.created_at as string), Date.parse(held.created_at as string) + 1];
    const within = (a: number, b: number): string =>
      `/v1/reservations?from=${new Date(a).toISOString()}&to=${new Date(b).toISOString()}`;
    expect(await ids(again, within(from, to))).toEqual([held.id]);
    expect(await ids(again, within(from - DAY, from - 1))).toEqual([]);
    // On the system's own clock there is nothing to move, and time does not go back.
    await product.stop();
    product = await startProduct({}, { dataDir, timeoutMs: 120_000 });
    const fixed: Holder = { ...sandbox, client: clientOf(sandbox.key) };
    expect((await fixed.client.post('/v1/test/clock', { advance_ms: 1 })).status).toBe(404);
    const later = await reserve(fixed);
    expect(Date.parse(later.created_at as string)).toBeGreaterThan(Date.parse(held.expires_at as string));
  },
  LONG,
);

it(
  '64 callers at once capture exactly what is held, and spend exactly what is not',
  async () => {
    const sandbox = await tenantWithMoney('sandbox');
    const { id } = await reserve(sandbox, { amount: 6_400 });
    const { client, ada, bob } = sandbox;
    const spend = { type: 'transfer', amount: 100, currency: 'NGN', source: ada, destination: bob };
    const asked = Array.from({ length: 256 }, (_, i) =>
      i % 2 === 0
        ? client.post(`/v1/reservations/${id}/capture`, { amount: 100, final: false })
        : client.post('/v1/transactions', spend),
    );
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    const count = (status: number, remainder: number): number =>
      statuses.filter((one, i) => one === status && i % 2 === remainder).length;
    expect([count(200, 0), count(409, 0), count(201, 1), count(422, 1)]).toEqual([64, 64, 36, 92]);
    expect(await get(sandbox, `/v1/accounts/${ada}`)).toMatchObject({ balance: 0, held: 0 });
    expect(await get(sandbox, `/v1/accounts/${bob}`)).toMatchObject({ balance: 10_000 });
  },
  LONG,
);
