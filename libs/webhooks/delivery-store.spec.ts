/** Claims, outcomes and what is due, as the tables say. */
import pg from 'pg';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import { BY_KEY_SETTINGS } from '#projecting/writer-settings.js';
import { PROJECTION_MIGRATIONS } from '#projections/registry.js';
import { MASTER_KEY } from '../../test/support/read-models.js';
import { startPostgres, type TestPostgres } from '../../test/support/postgres.js';
import { unsendable } from './attempt.js';
import { DeliveryStore, type Claim, type Claimed, type Lane, type Settlement } from './delivery-store.js';
import { WEBHOOKS_MIGRATIONS } from './migrations.js';

const NOW = Date.parse('2026-05-01T12:00:00Z');
const LIMITS = { perEndpoint: 10, leaseMs: 60_000, perTenant: { rate: 1_000, burst: 1_000 } };
const BREAKER = { opensAfter: 5, opensForMs: 5_000, opensForMostMs: 300_000 };

let server: TestPostgres;
let pool: pg.Pool;
let store: DeliveryStore;
beforeAll(async () => {
  server = await startPostgres();
  const ownerUrl = await server.createDatabase('daybook');
  const urls = await prepareDatabase(ownerUrl, MASTER_KEY, [...PROJECTION_MIGRATIONS, ...WEBHOOKS_MIGRATIONS]);
  const options = BY_KEY_SETTINGS.map((setting) => `-c ${setting.replaceAll(' ', '')}`).join(' ');
  pool = new pg.Pool({ connectionString: urls.projector, options, max: 4 });
  pool.on('error', () => undefined);
  store = new DeliveryStore(pool, LIMITS, BREAKER);
}, 60_000);
const TABLES = 'webhook_lanes, deliveries, delivery_claims, delivery_attempts, webhook_budgets';
afterEach(() => pool.query(`TRUNCATE ${TABLES}`));
afterAll(async () => {
  await pool?.end();
  await server?.stop();
});

const lane = (endpointId: string, tenantId = 'tnt_1'): Lane => ({ tenantId, endpointId });

const endpoint = async ({ tenantId, endpointId }: Lane, ordering = 'none'): Promise<void> => {
  await pool.query(
    `INSERT INTO webhook_lanes (tenant_id, endpoint_id, status, ordering, payload, url, headers, secrets)
     VALUES ($1, $2, 'enabled', $3, 'snapshot', 's1.url', '[]', '[]')`,
    [tenantId, endpointId, ordering],
  );
};

/** Deliveries n = from … to of an endpoint, of one account each unless `key` says which, due a second after one another. */
const pending = async (
  of: Lane,
  from: number,
  to: number,
  key = "'acc_' || n",
  dueAt = NOW - 3_600_000,
): Promise<void> => {
  await pool.query(
    `INSERT INTO deliveries (tenant_id, delivery_id, endpoint_id, cause, event_id, event_type, sequence, revision,
       ordering_key, next_attempt_at)
     SELECT $1, $2 || '-' || lpad(n::text, 6, '0'), $2, 'live', 'evt_' || n, 'account.created', n, n, ${key},
       $5::timestamptz + n * interval '1 millisecond' FROM generate_series($3::int, $4::int) n`,
    [of.tenantId, of.endpointId, from, to, new Date(dueAt)],
  );
};

const claimed = (claim: Claim | undefined): readonly Claimed[] => (claim?.kind === 'claimed' ? claim.claimed : []);
const numbers = (claim: Claim | undefined): number[] => claimed(claim).map(({ revision }) => revision);
const claim = async (of: Lane, most = 10, by = 'worker'): Promise<Claim> =>
  (await store.claim([{ lane: of, most }], by, NOW))[0] as Claim;

const settlement = (one: Claimed, next: Settlement['next']): Settlement => ({
  claimed: one,
  sent: { url: 's1.url', headers: {}, body: Buffer.from('{}'), at: NOW },
  attempt: { ...unsendable('', false), failure: null, status: 200, outcome: { class: 'delivered' } },
  next,
  now: NOW,
});

describe('claims', () => {
  it('are of several endpoints at once, each what is due longest, and none is claimed twice', async () => {
    for (const id of ['a', 'b']) {
      await endpoint(lane(id));
      await pending(lane(id), 1, 20);
    }
    const ask = ['b', 'a', 'gone'].map((id) => ({ lane: lane(id), most: 3 }));
    const first = await store.claim(ask, 'one', NOW);
    expect(first.map(numbers)).toEqual([[1, 2, 3], [1, 2, 3], []]);
    expect(first.map(({ kind }) => kind)).toEqual(['claimed', 'claimed', 'nothing']);
    expect((await store.claim(ask, 'two', NOW)).map(numbers)).toEqual([[4, 5, 6], [4, 5, 6], []]);
    expect(numbers(await claim(lane('a')))).toEqual([7, 8, 9, 10]);
    expect(await claim(lane('a'))).toEqual({ kind: 'busy' });
  });

  it('of many workers at the same moment are disjoint, and no more than may be under way', async () => {
    await endpoint(lane('a'));
    await pending(lane('a'), 1, 50);
    const all = await Promise.all(Array.from({ length: 8 }, (_, n) => claim(lane('a'), 3, `worker-${n}`)));
    const taken = all.flatMap(numbers);
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken.length).toBeLessThanOrEqual(10);
    expect(taken.length).toBeGreaterThan(0);
  });

  it('come back with their lease, and a failure of whoever held them counts no more', async () => {
    await endpoint(lane('a'));
    await pending(lane('a'), 1, 1);
    const [lost] = claimed(await claim(lane('a'), 1, 'killed'));
    await pool.query("UPDATE delivery_claims SET leased_until = now() - interval '1 second'");
    expect(numbers(await claim(lane('a'), 1, 'next'))).toEqual([1]);
    await store.settle([settlement(lost!, { atDelayMs: 30_000 })]);
    const { rows } = await pool.query('SELECT status, attempts FROM deliveries');
    expect(rows).toEqual([{ status: 'pending', attempts: 0 }]);
    await store.settle([settlement(lost!, 'delivered')]);
    expect((await pool.query('SELECT status, attempts FROM deliveries')).rows).toEqual([
      { status: 'succeeded', attempts: 1 },
    ]);
  });

  it('where order is wanted are the earliest of each account, however many wait for one of them', async () => {
    await endpoint(lane('a'), 'account');
    await pending(lane('a'), 1, 2_000, "'acc_hot'");
    await pending(lane('a'), 2_001, 2_003, "'acc_' || n % 2");
    expect(numbers(await claim(lane('a'))).sort((x, y) => x - y)).toEqual([1, 2_001, 2_002]);
    expect(await claim(lane('a'))).toEqual({ kind: 'nothing' });
    await pool.query('UPDATE deliveries SET next_attempt_at = $1 WHERE revision = 1', [new Date(NOW + 30_000)]);
    await pool.query('DELETE FROM delivery_claims');
    expect(numbers(await claim(lane('a'))).sort((x, y) => x - y)).toEqual([2_001, 2_002]);
  });

  it('of an endpoint that was deleted come to nothing, and so does what was under way for it', async () => {
    await endpoint(lane('a'));
    await pending(lane('a'), 1, 2);
    const [one, two] = claimed(await claim(lane('a')));
    await pool.query("DELETE FROM webhook_lanes; UPDATE deliveries SET status = 'canceled'");
    await store.settle([settlement(one!, 'delivered'), settlement(two!, { atDelayMs: 30_000 })]);
    expect(await claim(lane('a'))).toEqual({ kind: 'nothing' });
    const { rows } = await pool.query('SELECT DISTINCT status, attempts FROM deliveries');
    expect(rows).toEqual([{ status: 'canceled', attempts: 0 }]);
    expect((await pool.query('SELECT FROM delivery_claims')).rowCount).toBe(0);
  });
});

describe('what is due', () => {
  it('is one endpoint of each tenant after the other, the oldest first, however much one has', async () => {
    for (const id of ['a1', 'a2', 'a3']) await endpoint(lane(id, 'tnt_a'));
    for (const id of ['b1', 'b2']) await endpoint(lane(id, 'tnt_b'));
    await pending(lane('a1', 'tnt_a'), 1, 500, "'k'", NOW - 9_000);
    await pending(lane('a2', 'tnt_a'), 1, 1, "'k'", NOW - 8_000);
    await pending(lane('a3', 'tnt_a'), 1, 1, "'k'", NOW + 60_000);
    await pending(lane('b1', 'tnt_b'), 1, 1, "'k'", NOW - 3_000);
    await pending(lane('b2', 'tnt_b'), 1, 1, "'k'", NOW - 5_000);
    const due = async (most: number): Promise<string[]> =>
      (await store.due(NOW, most)).map(({ endpointId }) => endpointId);
    expect(await due(100)).toEqual(['a1', 'b2', 'a2', 'b1']);
    expect(await due(2)).toEqual(['a1', 'b2']);
    expect((await store.dueOf(NOW, ['tnt_b'])).map(({ endpointId }) => endpointId).sort()).toEqual(['b1', 'b2']);
    await claim(lane('a2', 'tnt_a'));
    await pool.query("UPDATE webhook_lanes SET status = 'disabled' WHERE endpoint_id = 'b2'");
    expect(await due(100)).toEqual(['a1', 'b1']);
  });
});

it('an attempt that was none says nothing of its endpoint, and does not kill it', async () => {
  await endpoint(lane('a'));
  await pending(lane('a'), 1, 1);
  const [one] = claimed(await claim(lane('a')));
  const attempt = unsendable('no secret', false);
  await store.settle([{ ...settlement(one!, 'dead'), attempt }]);
  const { rows } = await pool.query('SELECT d.status, l.failures, l.died_at FROM deliveries d, webhook_lanes l');
  expect(rows).toEqual([{ status: 'failed', failures: 0, died_at: null }]);
  const told = await pool.query('SELECT outcome, failure, detail FROM delivery_attempts WHERE attempt = 1');
  expect(told.rows).toEqual([{ outcome: 'retry', failure: 'unsendable', detail: 'no secret' }]);
});
