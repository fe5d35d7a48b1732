import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreDBClient, NO_STREAM, binaryEvent, jsonEvent } from '@eventstore/db-client';
import { hasEventStoreDb, startEventStoreDb } from '../../../test/support/eventstoredb.js';
import type { TestEventStoreDb } from '../../../test/support/eventstoredb.js';
import { chain, first, follow, next, readAll, settle, uniqueName } from '../../../test/support/stream-events.js';
import { describeEventStore } from '../event-store.contract.js';
import { PositionRefused } from '../event-store.js';
import type { EventStore, NewEvent, RecordedEvent } from '../event-store.js';
import { EventStoreDbEventStore } from './eventstoredb-event-store.js';
import type { EventStoreDbOptions } from './eventstoredb-event-store.js';

const opened: EventStore[] = [];
let live: TestEventStoreDb;

function open(options?: EventStoreDbOptions): EventStoreDbEventStore {
  const store = new EventStoreDbEventStore(live.url, options);
  opened.push(store);
  return store;
}

if (hasEventStoreDb()) {
  beforeAll(async () => {
    live = await startEventStoreDb();
  }, 60_000);
  afterAll(async () => {
    await Promise.all(opened.map((store) => store.close()));
    await live?.stop();
  });
  describeEventStore('eventstoredb', async () => ({ open: () => open(), checksHash: false }));
  describe('eventstoredb, under way', underWay);
  describe('eventstoredb, when its server stops', stopping);
} else {
  process.stderr.write('Skipped EventStoreDB: set EVENTSTORE_URL or EVENTSTORE_BIN, or put eventstored on the PATH.\n');
  test.skip('event store: eventstoredb', () => undefined);
}

function underWay(): void {
  test('slow-consumer-drop: bursts and a slow follower lose and double nothing', async () => {
    const store = open();
    const streams = Array.from({ length: 8 }, (_, i) => uniqueName(`burst-${i}`));
    const expected = streams.length * 5 * 100;
    const seen: RecordedEvent[] = [];
    const stop = AbortSignal.timeout(40_000);
    const slow = (async () => {
      for await (const batch of store.subscribe(null, {
        signal: stop,
        streamPrefixes: ['test-burst-'],
        batchSize: 50,
      })) {
        seen.push(...batch.events);
        await sleep(5);
        if (seen.length >= expected) return;
      }
    })();
    await Promise.all(streams.map((stream) => writeMany(store, stream, 5, 100)));
    await slow;
    expect(seen).toHaveLength(expected);
    for (const stream of streams)
      expect(seen.filter((event) => event.stream === stream).map((event) => event.revision)).toEqual(upTo(500));
  }, 60_000);

  test('hundred-subscriptions: open at once they stall neither appends nor reads nor each other', async () => {
    const store = open();
    const stream = uniqueName('hundred');
    const followers = upTo(120).map(() => follow(store, null, [stream], (seen) => seen.length >= 3));
    await sleep(1_000);
    expect(await store.append([first(stream, chain(3))])).toMatchObject([{ outcome: 'appended' }]);
    expect(await readAll(store, stream)).toHaveLength(3);
    expect((await Promise.all(followers)).every(({ events }) => events.length === 3)).toBe(true);
  }, 60_000);

  test('metadata-number: what others wrote comes through as bytes, with an empty hash', async () => {
    const store = open();
    const stream = uniqueName('metadata');
    const client = EventStoreDBClient.connectionString(live.url);
    const foreign = [
      binaryEvent({ type: 'Foreign', data: Buffer.from('12'), metadata: Uint8Array.from(Buffer.from('12')) }),
      jsonEvent({ type: 'Foreign', data: { a: 1 } }),
    ];
    const credentials = { username: 'nobody', password: '' };
    await client.appendToStream(stream, foreign, { expectedRevision: NO_STREAM, credentials });
    const events = await readAll(store, stream);
    expect(events.map((event) => Buffer.from(event.payload).toString())).toEqual(['12', '{"a":1}']);
    expect(events.every((event) => event.hash.length === 0)).toBe(true);
    expect((await follow(store, null, [stream], (seen) => seen.length === 2)).events).toHaveLength(2);
  });

  test('a position inside of a record is refused', async () => {
    const store = open();
    const [result] = await store.append([first(uniqueName('inside'), chain(1))]);
    if (result?.outcome !== 'appended') throw new Error('not appended');
    const inside = String(Number(result.position.split('/')[0]) - 3);
    const feed = store.subscribe(`${inside}/${inside}`, { signal: AbortSignal.timeout(15_000), streamPrefixes: ['x'] });
    await expect(feed[Symbol.asyncIterator]().next()).rejects.toThrow(PositionRefused);
  });

  test('a stream whose end was deleted by an operator never acknowledges what was not written', async () => {
    const store = open();
    const stream = uniqueName('deleted');
    const events = chain(2);
    await store.append([first(stream, events)]);
    await EventStoreDBClient.connectionString(live.url).deleteStream(stream);
    const [result] = await store.append([first(stream, events)]);
    expect(result!.outcome).not.toBe('appended');
  });

  test('an idle follower whose subscription is renewed misses nothing', async () => {
    const store = open({ renewMs: 150 });
    const stream = uniqueName('renewed');
    const following = follow(store, null, [stream], (seen) => seen.length >= 20);
    await writeMany(store, stream, 5, 4, 300);
    expect((await following).events.map((event) => event.revision)).toEqual(upTo(20));
  });
}

function stopping(): void {
  const started = (): NonNullable<TestEventStoreDb['server']> => live.server!;
  const whenStarted = process.env.EVENTSTORE_URL ? test.skip : test;

  whenStarted(
    'written-but-rejected, resend-after-ack-lost: writers and a follower through three kills',
    async () => {
      const store = open({ appendTimeoutMs: 2_000, readTimeoutMs: 2_000 });
      const [writers, rounds] = [8, 60];
      const prefix = uniqueName('killed');
      const following = followPatiently(store, prefix, writers * rounds * 2);
      let unknown = 0;
      const writing = upTo(writers).map(async (writer) => {
        let before: NewEvent[] = [];
        for (let round = 0; round < rounds; round += 1) {
          const append = next(`${prefix}-${writer}`, before, chain(2, before.at(-1)?.hash));
          let [result] = await store.append([append]);
          if (result!.outcome === 'unknown') {
            unknown += 1;
            result = await settle(store, append);
          }
          expect(result).toMatchObject({ outcome: 'appended', revision: before.length + 1 });
          before = [...before, ...append.events];
          await sleep(15);
        }
      });
      for (let i = 0; i < 3; i += 1) {
        await sleep(300);
        await started().kill();
        await started().restart();
      }
      await Promise.all(writing);
      expect(unknown).toBeGreaterThan(0);
      const seen = await following;
      for (const writer of upTo(writers)) {
        const revisions = seen.filter((event) => event.stream === `${prefix}-${writer}`).map((event) => event.revision);
        expect(revisions).toEqual(upTo(rounds * 2));
        expect(await readAll(store, `${prefix}-${writer}`)).toHaveLength(rounds * 2);
      }
    },
    120_000,
  );

  whenStarted(
    'silent-server: a frozen server is an unknown outcome in time, and goes on when thawed',
    async () => {
      const store = open({ appendTimeoutMs: 500, readTimeoutMs: 500 });
      const stream = uniqueName('frozen');
      const events = chain(1);
      expect(await settle(store, first(stream, events))).toMatchObject({ outcome: 'appended' });
      started().freeze();
      const append = next(stream, events, chain(2, events[0]!.hash));
      try {
        const begun = Date.now();
        expect(await store.append([append])).toMatchObject([{ outcome: 'unknown' }]);
        await expect(store.head(stream)).rejects.toThrow(/reading from EventStoreDB failed/);
        await expect(store.ready(300)).rejects.toThrow(/not ready after 300 ms/);
        expect(Date.now() - begun).toBeLessThan(2_500);
      } finally {
        started().thaw();
      }
      expect(await settle(store, append)).toMatchObject({ outcome: 'appended', revision: 2 });
      expect(await readAll(store, stream)).toHaveLength(3);
    },
    60_000,
  );
}

async function writeMany(
  store: EventStore,
  stream: string,
  rounds: number,
  perRound: number,
  pauseMs = 0,
): Promise<void> {
  let before: NewEvent[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const events = chain(perRound, before.at(-1)?.hash, 100);
    expect(await store.append([next(stream, before, events)])).toMatchObject([{ outcome: 'appended' }]);
    before = [...before, ...events];
    await sleep(pauseMs);
  }
}

async function followPatiently(store: EventStore, prefix: string, count: number): Promise<RecordedEvent[]> {
  const seen: RecordedEvent[] = [];
  for await (const batch of store.subscribe(null, { signal: AbortSignal.timeout(100_000), streamPrefixes: [prefix] })) {
    seen.push(...batch.events);
    if (seen.length >= count) break;
  }
  return seen;
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
