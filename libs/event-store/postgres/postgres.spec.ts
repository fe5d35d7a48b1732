import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startPostgres } from '../../../test/support/postgres.js';
import type { TestPostgres } from '../../../test/support/postgres.js';
import { chain, endOf, first, follow, next, readAll, settle, uniqueName } from '../../../test/support/stream-events.js';
import type { NewEvent, StreamAppend } from '../event-store.js';
import { migrateEventStore } from './migrate.js';
import { PostgresEventStore } from './postgres-event-store.js';
import type { PostgresEventStoreOptions } from './postgres-event-store.js';

const APPEND_LOCK = '7305526483110226503';
const opened: PostgresEventStore[] = [];
let server: TestPostgres;
let admin: pg.Pool;

function open(options?: PostgresEventStoreOptions, connectionString = server.url): PostgresEventStore {
  const store = new PostgresEventStore({ connectionString, max: 6 }, options);
  opened.push(store);
  return store;
}

beforeAll(async () => {
  server = await startPostgres();
  admin = new pg.Pool({ connectionString: server.url, application_name: 'admin' });
  await migrateEventStore(admin);
}, 60_000);

afterAll(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await admin.end();
  await server.stop();
});

/** Ends every connection but our own, as a restart or a failover would. */
async function loseConnections(): Promise<void> {
  await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name <> 'admin' AND backend_type = 'client backend'`);
}

/** Runs something while no append can go on, as behind a stuck one. */
async function whileAppendsWait<T>(task: () => Promise<T>): Promise<T> {
  const client = await admin.connect();
  await client.query('SELECT pg_advisory_lock($1)', [APPEND_LOCK]);
  try {
    return await task();
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [APPEND_LOCK]);
    client.release();
  }
}

describe('appending', () => {
  test('what does not answer in time is unknown, whether written later or not, and a resend settles it', async () => {
    const store = open({ appendTimeoutMs: 200 });
    const stream = uniqueName('late');
    const append = first(stream, chain(3));
    const begun = Date.now();
    const [result] = await whileAppendsWait(() => store.append([append]));
    expect(result).toEqual({ outcome: 'unknown', cause: expect.stringMatching(/timeout|did not answer/) });
    expect(Date.now() - begun).toBeLessThan(2_000);
    expect(await settle(store, append)).toMatchObject({ outcome: 'appended', revision: 2 });
    await sleep(200);
    expect(await readAll(store, stream)).toHaveLength(3);
  });

  test('a lost connection is unknown, and the store goes on', async () => {
    const store = open();
    const appends = [first(uniqueName('a'), chain(2)), first(uniqueName('b'), chain(1))];
    const results = await whileAppendsWait(async () => {
      const appending = store.append(appends);
      await sleep(100);
      await loseConnections();
      return appending;
    });
    expect(results.map((result) => result.outcome)).toEqual(['unknown', 'unknown']);
    expect(await store.append(appends)).toMatchObject([{ revision: 1 }, { revision: 0 }]);
  });

  test('no connection to be had is unknown in time', async () => {
    const store = open({ appendTimeoutMs: 300 }, 'postgres://nobody:x@127.0.0.1:1/none');
    expect(await store.append([first('stream', chain(1))])).toMatchObject([{ outcome: 'unknown' }]);
  });

  test('calls that name the same streams in other orders do not lock each other out', async () => {
    const [one, two] = [open(), open()];
    const streams = Array.from({ length: 6 }, () => uniqueName('crossed'));
    const calls = Array.from({ length: 40 }, (_, i) => {
      const appends = streams.map((stream): StreamAppend => first(stream, chain(1)));
      return (i % 2 === 0 ? one : two).append(i % 2 === 0 ? appends : appends.toReversed());
    });
    const outcomes = (await Promise.all(calls)).flat().map((result) => result.outcome);
    expect(outcomes.filter((outcome) => outcome === 'appended')).toHaveLength(streams.length);
    expect(outcomes.filter((outcome) => outcome === 'unknown')).toEqual([]);
  });

  test('positions have no gaps, whatever conflicted, was resent or was rolled back', async () => {
    const store = open();
    const stream = uniqueName('gaps');
    const events = chain(2);
    await store.append([first(stream, events), first(uniqueName('other'), chain(2))]);
    await store.append([first(stream, events), first(stream + '-2', chain(1)), next(stream + '-3', events, chain(1))]);
    const client = await admin.connect();
    await client.query('BEGIN');
    await client.query(
      `SELECT * FROM event_store.append(ARRAY['rolled-back'], ARRAY[-1::bigint], decode(repeat('00', 32), 'hex'),
        ARRAY[1], ARRAY[1], ARRAY['id'], ARRAY['type'], ARRAY[1], ARRAY[1], '\\x01', decode(repeat('00', 32), 'hex'))`,
    );
    await client.query('ROLLBACK');
    client.release();
    await store.append([first(uniqueName('after'), chain(1))]);
    const { rows } = await admin.query('SELECT count(*) AS events, max(position) AS top FROM event_store.events');
    expect(rows[0].events).toBe(rows[0].top);
  });
});

describe('following', () => {
  test('survives the loss of all its connections, also of the one that listens', async () => {
    const store = open();
    const stream = uniqueName('lost');
    const following = follow(store, null, [stream], (seen) => seen.length >= 12);
    let before: NewEvent[] = [];
    for (let round = 0; round < 6; round += 1) {
      const append = next(stream, before, chain(2, before.at(-1)?.hash));
      expect(await settle(store, append)).toMatchObject({ outcome: 'appended' });
      before = [...before, ...append.events];
      await loseConnections();
    }
    expect((await following).events.map((event) => event.revision)).toEqual(before.map((_, i) => i));
  });

  test('is told by another process, and needs not be', async () => {
    for (const [notify, atMost] of [
      [true, 2_000],
      [false, 10_000],
    ] as const) {
      const [writer, follower] = [open({ notify }), open({ notify, pollMs: 4_000 })];
      const stream = uniqueName('told');
      const following = follow(follower, await endOf(follower), [stream], (seen) => seen.length > 0);
      // Long enough for the pauses between two looks to have grown.
      await sleep(3_000);
      const begun = Date.now();
      await writer.append([first(stream, chain(1))]);
      await following;
      expect(Date.now() - begun).toBeLessThan(atMost);
    }
  }, 30_000);

  test('ends when the store is closed; a pool that was handed over stays open', async () => {
    const pool = new pg.Pool({ connectionString: server.url, max: 3 });
    const store = new PostgresEventStore(pool);
    const { signal } = new AbortController();
    setTimeout(() => void store.close(), 150);
    for await (const batch of store.subscribe(null, { signal, streamPrefixes: ['nothing-'] })) void batch;
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });
});

describe('the schema', () => {
  test('is made once by however many at once, and refuses to be older than the database', async () => {
    const url = await server.createDatabase('migrated');
    const pool = new pg.Pool({ connectionString: url });
    await Promise.all([1, 2, 3].map(() => migrateEventStore(pool)));
    const { rows } = await pool.query('SELECT version FROM event_store.schema_version');
    expect(rows).toEqual([{ version: 1 }]);
    await pool.query('INSERT INTO event_store.schema_version (version) VALUES (99)');
    await expect(migrateEventStore(pool)).rejects.toThrow('version 99');
    await pool.end();
  });

  test('a role that appends can change nothing, one that reads cannot append, the owner cannot change either', async () => {
    await admin.query(`CREATE ROLE "a-writer" LOGIN PASSWORD 'x'; CREATE ROLE "a-reader" LOGIN PASSWORD 'x'`);
    await migrateEventStore(admin, { append: ['a-writer'], read: ['a-reader'] });
    const as = (role: string): string => server.url.replace('postgres:postgres', `${role}:x`);
    const [writer, reader] = [open({}, as('a-writer')), open({}, as('a-reader'))];
    const stream = uniqueName('roles');
    await writer.ready(2_000);
    expect(await writer.append([first(stream, chain(2))])).toMatchObject([{ outcome: 'appended' }]);
    expect(await readAll(reader, stream)).toHaveLength(2);
    expect((await follow(reader, null, [stream], (seen) => seen.length === 2)).events).toHaveLength(2);
    expect(await reader.append([first(uniqueName('x'), chain(1))])).toEqual([
      { outcome: 'unknown', cause: expect.stringContaining('permission denied') },
    ]);
    const changes = [
      'UPDATE event_store.events SET type = type',
      'DELETE FROM event_store.events',
      'TRUNCATE event_store.events',
    ];
    const asWriter = new pg.Pool({ connectionString: as('a-writer') });
    for (const change of changes) {
      await expect(asWriter.query(change)).rejects.toThrow('permission denied');
      await expect(admin.query(change)).rejects.toThrow('append-only');
    }
    await asWriter.end();
  });

  test('ready says what is missing, in one sentence', async () => {
    const url = await server.createDatabase('empty');
    await expect(open({}, url).ready(2_000)).rejects.toThrow(/not ready after 2000 ms: .*event_store\.schema_version/);
    const nobody = open({}, 'postgres://nobody:x@127.0.0.1:1/none');
    await expect(nobody.ready(2_000)).rejects.toThrow(/not ready after 2000 ms: .*ECONNREFUSED/);
  });
});
