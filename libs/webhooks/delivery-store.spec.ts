/** Claims, outcomes and what is due, as the tables say. */
import pg from 'pg';
import { BUSINESS_CLOCK_MIGRATIONS } from '#installation/business-clock.js';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import { withTenant } from '#projecting/tenant-session.js';
import { BY_KEY_SETTINGS } from '#projecting/writer-settings.js';
import { PROJECTION_MIGRATIONS } from '#projections/registry.js';
import { MASTER_KEY } from '../../test/support/read-models.js';
import { eventually } from '../../test/support/consumer.js';
import { startPostgres, type TestPostgres } from '../../test/support/postgres.js';
import { unsendable } from './attempt.js';
import { DeliveryStore, type Claim, type Claimed, type Lane, type Settlement } from './delivery-store.js';
import { listDeliveries, type Waiting } from './delivery-log.js';
import { WEBHOOKS_MIGRATIONS } from './migrations.js';

const NOW = Date.parse('2026-05-01T12:00:00Z');
const LIMITS = { perEndpoint: 10, leaseMs: 60_000, perTenant: { rate: 1_000, burst: 1_000 } };
const BREAKER = { opensAfter: 5, opensForMs: 5_000, opensForMostMs: 300_000 };

let server: TestPostgres;
let pool: pg.Pool;
let app: pg.Pool;
let store: DeliveryStore;
beforeAll(async () => {
  server = await startPostgres();
  const ownerUrl = await server.createDatabase('daybook');
  const migrations = [...BUSINESS_CLOCK_MIGRATIONS, ...PROJECTION_MIGRATIONS, ...WEBHOOKS_MIGRATIONS];
  const urls = await prepareDatabase(ownerUrl, MASTER_KEY, migrations);
  const options = BY_KEY_SETTINGS.map((setting) => `-c ${setting.replaceAll(' ', '')}`).join(' ');
  pool = new pg.Pool({ connectionString: urls.projector, options, max: 4 });
  pool.on('error', () => undefined);
  app = new pg.Pool({ connectionString: urls.app, max: 1 });
  app.on('error', () => undefined);
  store = new DeliveryStore(pool, LIMITS, BREAKER);
}, 60_000);
const TABLES = 'webhook_lanes, deliveries, delivery_claims, delivery_attempts, webhook_budgets';
afterEach(() => pool.query(`TRUNCATE ${TABLES}`));
afterAll(async () => {
  await app?.end();
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

/** Until somebody waits for a lock. */
const waiting = async (): Promise<void> =>
  eventually(async () => {
    const { rowCount } = await pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rowCount !== 0;
  }, 'waiting for a lock');

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

  it('of an endpoint that another claim is just about see nothing of it: what that one changes is read after it', async () => {
    await endpoint(lane('a'));
    await pending(lane('a'), 1, 20);
    const [first, second, holder] = [await pool.connect(), await pool.connect(), await pool.connect()];
    const claimBy = async (client: pg.PoolClient): Promise<Claim> =>
      (await new DeliveryStore(client, LIMITS, BREAKER).claim([{ lane: lane('a'), most: 1 }], 'one', NOW))[0] as Claim;
    try {
      // Their plans are made: nothing of these waits for the table but the reading of it.
      for (const client of [first, second]) expect(numbers(await claimBy(client))).toHaveLength(1);
      await holder.query('BEGIN; LOCK TABLE webhook_lanes IN ACCESS EXCLUSIVE MODE');
      const claiming = claimBy(first);
      await waiting();
      await second.query("SET lock_timeout = '10s'");
      expect(await claimBy(second)).toEqual({ kind: 'locked' });
      await holder.query("UPDATE webhook_lanes SET status = 'disabled'; COMMIT");
      expect(await claiming).toEqual({ kind: 'nothing' });
    } finally {
      for (const client of [holder, first, second]) client.release(true);
    }
  });

  it.each([
    ['canceled', "status = 'canceled'"],
    ['settled and to be tried later', `next_attempt_at = '${new Date(NOW + 30_000).toISOString()}'`],
  ])('are not of what is %s while they are made', async (_, change) => {
    await endpoint(lane('a'));
    await pending(lane('a'), 1, 2);
    const holder = await pool.connect();
    try {
      await holder.query(`BEGIN;
        INSERT INTO delivery_claims SELECT tenant_id, endpoint_id, delivery_id, 'other', now() FROM deliveries
          WHERE revision = 1`);
      const claiming = claim(lane('a'));
      await waiting();
      await holder.query(`UPDATE deliveries SET ${change} WHERE revision = 1; COMMIT`);
      expect(numbers(await claiming)).toEqual([2]);
    } finally {
      holder.release(true);
    }
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

describe('why a delivery waits', () => {
  const HOUR = 3_600_000;
  const set = (what: string): Promise<unknown> => pool.query(`UPDATE webhook_lanes SET ${what}`);
  /** By their revisions. */
  const reasons = async (): Promise<(Waiting | null)[]> => {
    const { data } = await withTenant(app, 'tnt_1', (session) => listDeliveries(session, { limit: 10, order: 'asc' }));
    return data.data.map(({ waiting_because }) => waiting_because);
  };

  it.each<[Waiting, string, () => Promise<unknown>]>([
    ['endpoint_disabled', 'its endpoint is disabled', () => set("status = 'disabled'")],
    ['endpoint_dead', 'its endpoint is dead', () => set("status = 'dead'")],
    ['endpoint_dead', 'its endpoint has just died', () => set('died_at = now()')],
    ['circuit_open', 'its endpoint fails', () => set("open_until = now() + interval '1 hour'")],
    ['queued', 'its endpoint failed, and is to be tried', () => set("open_until = now() - interval '1 hour'")],
    [
      'scheduled',
      'it is due later',
      () => pool.query("UPDATE deliveries SET next_attempt_at = now() + interval '1 hour'"),
    ],
    ['queued', 'nothing keeps it but its turn', () => Promise.resolve()],
  ])('%s: %s', async (reason, _, done) => {
    await endpoint(lane('a'));
    await pending(lane('a'), 1, 1, "'k'", Date.now() - HOUR);
    await done();
    expect(await reasons()).toEqual([reason]);
    const isClaimed =
      claimed((await store.claim([{ lane: lane('a'), most: 1 }], 'worker', Date.now()))[0]).length === 1;
    expect(isClaimed).toBe(reason === 'queued');
    if (isClaimed) expect(await reasons()).toEqual(['in_flight']);
  });

  it('behind_earlier: another of its account comes first, where order is wanted; none where it is not', async () => {
    await endpoint(lane('a'), 'account');
    await pending(lane('a'), 1, 3, "'k' || n % 2", Date.now() - HOUR);
    expect(await reasons()).toEqual(['queued', 'queued', 'behind_earlier']);
    await store.claim([{ lane: lane('a'), most: 10 }], 'worker', Date.now());
    expect(await reasons()).toEqual(['in_flight', 'in_flight', 'behind_earlier']);
    await set("ordering = 'none'");
    expect(await reasons()).toEqual(['in_flight', 'in_flight', 'queued']);
  });

  it.each([
    ['busy', 'as many of its endpoint as may be are under way', { perEndpoint: 1 }],
    ['budget', 'its tenant is sent what it may be in a second', { perTenant: { rate: 0, burst: 1 } }],
  ])('queued (%s): %s', async (kind, _, limit) => {
    const narrow = new DeliveryStore(pool, { ...LIMITS, ...limit }, BREAKER);
    await endpoint(lane('a'));
    await pending(lane('a'), 1, 2, "'k'", Date.now() - HOUR);
    const asked = [{ lane: lane('a'), most: 10 }];
    expect((await narrow.claim(asked, 'one', Date.now())).map(numbers)).toEqual([[1]]);
    expect(await narrow.claim(asked, 'other', Date.now())).toEqual([{ kind }]);
    expect(await reasons()).toEqual(['in_flight', 'queued']);
  });

  it('none: it waits no more', async () => {
    await endpoint(lane('a'));
    await pending(lane('a'), 1, 1);
    const [one] = claimed(await claim(lane('a')));
    await store.settle([settlement(one!, 'delivered')]);
    expect(await reasons()).toEqual([null]);
  });
});

describe('what is kept long enough', () => {
  const DAY = 86_400_000;
  const aged = (days: number, which: string): Promise<unknown> =>
    pool.query(`UPDATE deliveries SET created_at = now() - $1 * interval '1 day' WHERE ${which}`, [days]);
  const settled = async (of: Lane, from: number, to: number, status: string): Promise<void> => {
    await pending(of, from, to);
    await pool.query(`UPDATE deliveries SET status = $1, settled_at = now() WHERE revision BETWEEN $2 AND $3`, [
      ...[status, from, to],
    ]);
    await pool.query(
      `INSERT INTO delivery_attempts (tenant_id, delivery_id, attempt, endpoint_id, at, outcome, url, request_headers, body,
         answer_headers, excerpt, answer_bytes, is_cut, timings, duration_ms)
       SELECT tenant_id, delivery_id, 1, endpoint_id, now(), 'delivered', 's1.url', '{}', 'body', '{}', '', 0, false, '{}', 1
       FROM deliveries WHERE revision BETWEEN $1 AND $2`,
      [from, to],
    );
  };
  const left = async (): Promise<number[]> =>
    (await pool.query<{ n: number }>('SELECT revision::int AS n FROM deliveries ORDER BY 1')).rows.map(({ n }) => n);
  const attempts = async (): Promise<number[]> =>
    (
      await pool.query<{ n: number }>(`SELECT right(delivery_id, 6)::int AS n FROM delivery_attempts ORDER BY 1`)
    ).rows.map(({ n }) => n);

  it('is deleted with its attempts, and nothing younger', async () => {
    await endpoint(lane('a'));
    for (const [i, status] of ['succeeded', 'failed', 'canceled'].entries()) {
      await settled(lane('a'), 2 * i + 1, 2 * i + 2, status);
    }
    await aged(30.01, 'revision % 2 = 1');
    await aged(29.99, 'revision % 2 = 0');
    expect(await store.prune(30 * DAY)).toBe(3);
    expect([await left(), await attempts()]).toEqual([
      [2, 4, 6],
      [2, 4, 6],
    ]);
  });

  it('is not what is still due at an endpoint in use, nor what is under way', async () => {
    const made = { used: [1, 2], disabled: [3, 4], dead: [5, 5], dying: [6, 6], gone: [7, 7] } as const;
    for (const [id, [from, to]] of Object.entries(made)) {
      await endpoint(lane(id));
      await pending(lane(id), from, to);
    }
    await claim(lane('disabled'), 1);
    await pool.query("UPDATE webhook_lanes SET status = endpoint_id WHERE endpoint_id IN ('disabled', 'dead')");
    await pool.query("UPDATE webhook_lanes SET died_at = now() WHERE endpoint_id = 'dying'");
    await pool.query("DELETE FROM webhook_lanes WHERE endpoint_id = 'gone'");
    await aged(31, 'true');
    expect(await store.prune(30 * DAY)).toBe(4);
    expect(await left()).toEqual([1, 2, 3]);
  });

  it('goes all at once, however much it is', async () => {
    await endpoint(lane('a'));
    await settled(lane('a'), 1, 10_500, 'succeeded');
    await aged(31, 'revision > 1');
    expect(await Promise.all([store.prune(30 * DAY), store.prune(30 * DAY)]).then(([one, other]) => one + other)).toBe(
      10_499,
    );
    expect([await left(), await attempts()]).toEqual([[1], [1]]);
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

describe('an attempt that failed', () => {
  const failure = (one: Claimed, next: Settlement['next']): Settlement => ({
    ...settlement(one, next),
    attempt: { ...unsendable('', false), failure: 'timeout', outcome: { class: 'retry', retryAfterMs: null } },
  });
  const standing = async (): Promise<unknown> =>
    (await pool.query('SELECT failures, open_until, died_at FROM webhook_lanes')).rows[0];
  const WELL = { failures: 0, open_until: null, died_at: null };

  it.each([
    ['under way', []],
    ['delivered', ['delivered']],
  ] as const)(
    'kills no endpoint where its lease ran out and the delivery is %s by another worker',
    async (_, outcomes) => {
      await endpoint(lane('a'));
      await pending(lane('a'), 1, 1);
      const [late] = claimed(await claim(lane('a'), 1, 'late'));
      await pool.query("UPDATE delivery_claims SET leased_until = now() - interval '1 second'");
      const [other] = claimed(await claim(lane('a'), 1, 'other'));
      for (const outcome of outcomes) await store.settle([settlement(other!, outcome)]);
      await store.settle([failure(late!, 'dead')]);
      expect(await standing()).toEqual(WELL);
      if (outcomes.length === 0) await store.settle([settlement(other!, 'delivered')]);
      expect((await pool.query('SELECT status, attempts FROM deliveries')).rows).toEqual([
        { status: 'succeeded', attempts: 1 },
      ]);
    },
  );

  it('counts once for its endpoint and its delivery, however often it is told', async () => {
    await endpoint(lane('a'));
    await pending(lane('a'), 1, 4);
    const all = claimed(await claim(lane('a'), 4)).map((one) => failure(one, { atDelayMs: 30_000 }));
    await store.settle(all);
    for (const one of all) await store.settle([one]);
    expect(await standing()).toEqual({ ...WELL, failures: 4 });
    expect((await pool.query('SELECT DISTINCT attempts FROM deliveries')).rows).toEqual([{ attempts: 1 }]);
  });
});
