import pg from 'pg';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import { PROJECTION_MIGRATIONS } from '#projections/registry.js';
import { MASTER_KEY } from '../../test/support/read-models.js';
import { startPostgres, type TestPostgres } from '../../test/support/postgres.js';
import { WEBHOOKS_MIGRATIONS } from './migrations.js';
import { advanceReplay, advanceReplays, type OrderingKeys } from './replays.js';

const NOW = Date.parse('2026-05-01T12:00:00Z');
const HOUR = 3_600_000;

let server: TestPostgres;
let client: pg.Client;
beforeAll(async () => {
  server = await startPostgres();
  const ownerUrl = await server.createDatabase('daybook');
  const urls = await prepareDatabase(ownerUrl, MASTER_KEY, [...PROJECTION_MIGRATIONS, ...WEBHOOKS_MIGRATIONS]);
  client = new pg.Client({ connectionString: urls.projector });
  await client.connect();
}, 60_000);
afterEach(() => client.query('DELETE FROM webhook_replays; DELETE FROM deliveries; DELETE FROM events'));
afterAll(async () => {
  await client?.end();
  await server?.stop();
});

/** A tenant with so many events, and replays of all of them. */
const asked = async (tenant: string, events: number, replays: number, rate: number): Promise<void> => {
  await client.query(
    `INSERT INTO events (tenant_id, event_id, sequence, revision, type, resource_id, creates)
     SELECT $1, 'evt_01KQ' || lpad(n::text, 22, '0'), n, n, 'account.created', 'acc_' || n, true
     FROM generate_series(1, $2) n`,
    [tenant, events],
  );
  await client.query(
    `INSERT INTO webhook_replays (tenant_id, replay_id, endpoint_id, since, until, rate, total, begins_at)
     SELECT $1, $1 || '-' || n, 'whk_' || $1, '2020-01-01', '2040-01-01', $2, $3, $4 FROM generate_series(1, $5) n`,
    [tenant, rate, events, new Date(NOW), replays],
  );
};

const queued = async (): Promise<Record<string, number>> => {
  const { rows } = await client.query<{ tenant_id: string; count: number }>(
    'SELECT tenant_id, count(*)::int AS count FROM deliveries GROUP BY tenant_id',
  );
  return Object.fromEntries(rows.map(({ tenant_id, count }) => [tenant_id, count]));
};

const noKeys = (): Promise<ReadonlyMap<number, string>> => Promise.resolve(new Map());

/** As a worker goes on, so many turns or until nothing is left. */
const turns = async (most: number, now = NOW): Promise<string[]> => {
  const taken: string[] = [];
  while (taken.length < most) {
    const turn = await advanceReplay(client, noKeys, now, taken.at(-1) ?? '');
    if (turn === null) break;
    expect(turn.error).toBeUndefined();
    taken.push(turn.tenantId);
  }
  return taken;
};

describe('replays of several tenants', () => {
  it('take turns: one with many and huge ones gets no more than another with a small one', async () => {
    await asked('tnt_a', 2_000, 20, 100);
    await asked('tnt_b', 1, 1, 100);
    await asked('tnt_c', 1_200, 1, 100);
    expect(await turns(7)).toEqual(['tnt_a', 'tnt_b', 'tnt_c', 'tnt_a', 'tnt_c', 'tnt_a', 'tnt_c']);
    expect(await queued()).toEqual({ tnt_a: 1_500, tnt_b: 1, tnt_c: 1_200 });
  });

  it('go on beside one whose page can’t be taken, which is told once a round and goes on when it can', async () => {
    await asked('tnt_a', 600, 1, 100);
    await asked('tnt_b', 600, 2, 100);
    await asked('tnt_c', 10, 1, 100);
    let broken = 'tnt_a';
    const keysOf: OrderingKeys = (tenant) =>
      tenant === broken ? Promise.reject(new Error('an event that can’t be read')) : noKeys();
    const told: unknown[] = [];
    const round = (): Promise<void> =>
      advanceReplays(
        client,
        keysOf,
        () => NOW,
        (error, { tenantId, replayId }) => void told.push([tenantId, replayId, (error as Error).message]),
      );
    await round();
    expect(told).toEqual([['tnt_a', 'tnt_a-1', 'an event that can’t be read']]);
    expect(await queued()).toEqual({ tnt_b: 1_200, tnt_c: 10 });
    const { rows } = await client.query(
      "SELECT status, queued::int AS queued FROM webhook_replays WHERE tenant_id = 'tnt_a'",
    );
    expect(rows).toEqual([{ status: 'running', queued: 0 }]);
    broken = '';
    await round();
    expect(await queued()).toEqual({ tnt_a: 600, tnt_b: 1_200, tnt_c: 10 });
    expect(told).toHaveLength(1);
  });

  it('of which the server can’t even say whose is next are given up for the round', async () => {
    const away = {
      query: (text: string) => (text === 'ROLLBACK' ? Promise.resolve() : Promise.reject(new Error('away'))),
    };
    await expect(
      advanceReplays(
        away as unknown as pg.Client,
        noKeys,
        () => NOW,
        () => undefined,
      ),
    ).rejects.toThrow('away');
  });

  it('are queued as they are due soon, not all at once, and each event once', async () => {
    await asked('tnt_a', 2_000, 1, 1);
    expect(await turns(100)).toEqual(['tnt_a']);
    expect(await turns(100, NOW + HOUR)).toHaveLength(4);
    const { rows } = await client.query<{ last: Date; count: number }>(
      'SELECT max(next_attempt_at) AS last, count(*)::int AS count FROM deliveries',
    );
    expect(rows).toEqual([{ last: new Date(NOW + 1_999_000), count: 2_000 }]);
    const replay = await client.query('SELECT status, queued::int AS queued FROM webhook_replays');
    expect(replay.rows).toEqual([{ status: 'completed', queued: 2_000 }]);
  });
});
