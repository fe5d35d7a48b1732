import { status } from '@grpc/grpc-js';
import { EventStoreDouble } from '../../../test/eventstore-double/eventstore-double.js';
import type { Misbehaviour } from '../../../test/eventstore-double/eventstore-double.js';
import { chain, first, follow, next, readAll, settle, uniqueName, until } from '../../../test/support/stream-events.js';
import { describeEventStore } from '../event-store.contract.js';
import { StoreUnavailable } from '../event-store.js';
import type { EventStore, NewEvent } from '../event-store.js';
import { EventStoreDbEventStore } from './eventstoredb-event-store.js';
import type { EventStoreDbOptions } from './eventstoredb-event-store.js';

const opened: EventStore[] = [];
let double: EventStoreDouble;

function open(url: string, options?: EventStoreDbOptions): EventStoreDbEventStore {
  const store = new EventStoreDbEventStore(url, options);
  opened.push(store);
  return store;
}

beforeAll(async () => {
  double = await EventStoreDouble.start();
});

afterAll(async () => {
  await Promise.all(opened.map((store) => store.close()));
  double.stop();
});

describeEventStore('eventstoredb, on a double of the server', async () => ({
  open: () => open(double.url),
  checksHash: false,
}));

// Jest fails a test during which a promise is rejected that nobody holds, or an error is thrown that nobody catches:
// outside of Jest the process would end.
describe('eventstoredb, when the server misbehaves', () => {
  const quick = { appendTimeoutMs: 500, readTimeoutMs: 500, renewMs: 800 };
  let store: EventStoreDbEventStore;
  beforeEach(() => {
    store = open(double.url, quick);
  });
  afterEach(async () => {
    await store.close();
    // The path that all clients of a process share, whose failures end it.
    expect(double.calls.batchAppend).toBe(0);
  });

  const silence: Misbehaviour = { answer: 'never' };
  const lost: Misbehaviour = { answer: 'lose-connections' };
  const failing = (code: status, text: string): Misbehaviour => ({ answer: { code, text } });
  const appendTroubles: [string, Misbehaviour][] = [
    ['silent-server', silence],
    ['a lost connection', lost],
    ['an answer that says nothing', { answer: 'empty' }],
    ['an end with OK and without an answer', { answer: 'end' }],
    ['an answer after the deadline', { answer: { lateMs: 900 } }],
    ['a server that is not the leader', { answer: 'not-leader' }],
    ['Server Is Not Ready', failing(status.UNAVAILABLE, 'Server Is Not Ready')],
    ['Server Is Too Busy', failing(status.UNAVAILABLE, 'Server Is Too Busy')],
    ['a time-out of the commit phase', failing(status.ABORTED, 'Operation timed out: Commit phase')],
    ['a cancelled call', failing(status.CANCELLED, 'cancelled')],
    ['an internal error', failing(status.INTERNAL, 'internal')],
    ['an unknown error', failing(status.UNKNOWN, 'Exception was thrown by handler.')],
  ];

  test.each(appendTroubles)('append: %s is an unknown outcome in time, and a resend settles it', async (_, trouble) => {
    const stream = uniqueName('trouble');
    double.misbehave('append', trouble);
    const append = first(stream, chain(2));
    const started = Date.now();
    expect(await store.append([append])).toMatchObject([{ outcome: 'unknown', cause: expect.stringMatching(/./) }]);
    expect(Date.now() - started).toBeLessThan(3_000);
    expect(await settle(store, append)).toMatchObject({ outcome: 'appended', revision: 1 });
    expect(await readAll(store, stream)).toHaveLength(2);
  });

  test.each(appendTroubles)(
    'written-but-rejected: after %s a resend answers the first revision',
    async (_, trouble) => {
      const stream = uniqueName('written');
      const events = chain(2);
      await store.append([first(stream, events)]);
      const more = next(stream, events, chain(3, events[1]!.hash));
      double.misbehave('append', { ...trouble, write: true });
      expect(await store.append([more])).toMatchObject([{ outcome: 'unknown' }]);
      expect(await settle(store, more)).toMatchObject({ outcome: 'appended', revision: 4 });
      expect(await readAll(store, stream)).toHaveLength(5);
    },
  );

  test.each(['conflict', 'wrong-revision'] as const)(
    'a %s that is not true is settled by what is stored',
    async (answer) => {
      const stream = uniqueName('untrue');
      double.misbehave('append', { answer, write: true }, { answer });
      const events = chain(2);
      expect(await store.append([first(stream, events)])).toMatchObject([{ outcome: 'appended', revision: 1 }]);
      const more = next(stream, events, chain(2, events[1]!.hash));
      expect(await store.append([more])).toEqual([{ outcome: 'conflict', actualRevision: 1 }]);
    },
  );

  test('resend-after-ack-lost: also after another process has gone on', async () => {
    const stream = uniqueName('ack-lost');
    const events = chain(2);
    double.misbehave('append', { answer: 'never', write: true });
    expect(await store.append([first(stream, events)])).toMatchObject([{ outcome: 'unknown' }]);
    const rival = open(double.url);
    expect(await rival.append([next(stream, events, chain(1, events[1]!.hash))])).toMatchObject([
      { outcome: 'appended' },
    ]);
    expect(await store.append([first(stream, events)])).toMatchObject([{ outcome: 'appended', revision: 1 }]);
  });

  test('a rival who won in the meantime is a conflict for the resend', async () => {
    const stream = uniqueName('lost-race');
    double.misbehave('append', silence);
    const append = first(stream, chain(2));
    expect(await store.append([append])).toMatchObject([{ outcome: 'unknown' }]);
    await open(double.url).append([first(stream, chain(3))]);
    expect(await store.append([append])).toEqual([{ outcome: 'conflict', actualRevision: 2 }]);
  });

  test('when what is stored cannot be read, the outcome stays unknown', async () => {
    const stream = uniqueName('unreadable');
    const append = first(stream, chain(2));
    await open(double.url).append([append]);
    for (const trouble of [
      silence,
      { answer: 'not-leader' } as const,
      failing(status.UNAVAILABLE, 'Server Is Not Ready'),
    ]) {
      double.misbehave('read', trouble);
      expect(await store.append([append])).toMatchObject([{ outcome: 'unknown' }]);
    }
    expect(await settle(store, append)).toMatchObject({ outcome: 'appended', revision: 1 });
  });

  test('one silent append holds up no other stream of the call', async () => {
    const [a, b] = [uniqueName('silent'), uniqueName('beside')];
    double.misbehave('append', silence);
    const results = await open(double.url, { appendTimeoutMs: 2_000 }).append([first(a, chain(1)), first(b, chain(1))]);
    expect(results.map((result) => result.outcome).sort()).toEqual(['appended', 'unknown']);
  });

  test.each<[string, Misbehaviour]>([
    ['silent-server', silence],
    ['a server silent after some events', { answer: 'never', after: 2 }],
    ['a lost connection', { answer: 'lose-connections', after: 2 }],
    ['a server that is not the leader', { answer: 'not-leader' }],
    ['an error', failing(status.UNAVAILABLE, 'Server Is Too Busy')],
  ])('read: %s fails in time, and the next read works', async (_, trouble) => {
    const stream = uniqueName('read');
    await store.append([first(stream, chain(5))]);
    double.misbehave('read', trouble);
    await expect(readAll(store, stream)).rejects.toThrow(StoreUnavailable);
    await store.ready(5_000);
    expect(await readAll(store, stream)).toHaveLength(5);
  });

  test.each<[string, Misbehaviour[]]>([
    ['slow-consumer-drop', Array(4).fill({ after: 3, answer: { code: status.ABORTED, text: 'Consumer too slow' } })],
    ['silent-server', [silence, silence]],
    ['a server silent after some events', [{ after: 4, answer: 'never' }]],
    [
      'an end with OK',
      [
        { after: 2, answer: 'end' },
        { after: 1, answer: 'end' },
      ],
    ],
    [
      'lost connections',
      [
        { after: 2, answer: 'lose-connections' },
        { after: 1, answer: 'lose-connections' },
      ],
    ],
    ['a server that is not the leader', [{ answer: 'not-leader' }]],
    [
      'errors before anything',
      [failing(status.UNAVAILABLE, 'x'), failing(status.UNKNOWN, 'x'), failing(status.INTERNAL, 'x')],
    ],
  ])('follow: %s loses and doubles nothing', async (_, troubles) => {
    const stream = uniqueName('follow');
    const events = chain(12);
    await store.append([first(stream, events)]);
    double.misbehave('subscribe', ...troubles);
    const following = follow(store, null, [stream], (seen) => seen.length >= 20);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await untilAppended(store, stream, events, chain(8, events.at(-1)!.hash));
    expect((await following).events.map((event) => event.revision)).toEqual(
      Array.from({ length: 20 }, (_event, i) => i),
    );
  });

  test('process-survives-stream-error: a restart under load, with appends, reads and followers under way', async () => {
    const streams = Array.from({ length: 10 }, (_, i) => uniqueName(`load-${i}`));
    const followers = streams.map((stream) => follow(store, null, [stream], (seen) => seen.length >= 30));
    const work = streams.map(async (stream) => {
      let before: NewEvent[] = [];
      for (let round = 0; round < 30; round += 1) {
        const events = chain(1, before.at(-1)?.hash);
        await untilAppended(store, stream, before, events);
        before = [...before, ...events];
        await readAll(store, stream).catch(() => []);
      }
    });
    for (let i = 0; i < 3; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await double.restart();
    }
    await Promise.all(work);
    for (const { events } of await Promise.all(followers))
      expect(events.map((event) => event.revision)).toEqual(Array.from({ length: 30 }, (_, i) => i));
  }, 60_000);

  test('metadata-number: what others wrote comes through as bytes, with an empty hash', async () => {
    const stream = uniqueName('metadata');
    const id = '00000000-0000-4000-8000-000000000001';
    const json = {
      id,
      type: 'Foreign',
      contentType: 'application/json',
      data: Buffer.from('{"a":1}'),
      metadata: Buffer.from('12'),
    };
    const binary = {
      ...json,
      contentType: 'application/octet-stream',
      data: Buffer.from('12'),
      metadata: Buffer.from('['),
    };
    double.write({ stream, expected: -1, events: [json, binary] });
    const events = await readAll(store, stream);
    expect(events.map((event) => Buffer.from(event.payload).toString())).toEqual(['{"a":1}', '12']);
    expect(events.every((event) => event.hash.length === 0)).toBe(true);
    expect((await follow(store, null, [stream], (seen) => seen.length === 2)).events).toHaveLength(2);
  });

  test('hundred-subscriptions: open at once they stall neither appends nor each other', async () => {
    const stream = uniqueName('hundred');
    const followers = Array.from({ length: 120 }, () => follow(store, null, [stream], (seen) => seen.length >= 3));
    await until(() => double.subscriptions >= 120);
    expect(await settle(store, first(stream, chain(3)))).toMatchObject({ outcome: 'appended' });
    expect((await Promise.all(followers)).every(({ events }) => events.length === 3)).toBe(true);
    await until(() => double.subscriptions === 0);
  });

  test('close ends whoever follows', async () => {
    const ended = (async () => {
      const { signal } = new AbortController();
      for await (const batch of store.subscribe(null, { signal, streamPrefixes: ['nothing-'] })) void batch;
      return 'ended';
    })();
    setTimeout(() => void store.close(), 50);
    expect(await ended).toBe('ended');
  });

  test('ready says why not, in one sentence', async () => {
    const nobody = open('esdb://127.0.0.1:1?tls=false', quick);
    await expect(nobody.ready(700)).rejects.toThrow(/^EventStoreDB is not ready after 700 ms: .*ECONNREFUSED/);
  });

  test('a cluster of which no node answers is an unknown outcome, and nothing more', async () => {
    const nobody = open('esdb://127.0.0.1:1,127.0.0.1:2?tls=false&maxDiscoverAttempts=2&discoveryInterval=50', quick);
    for (let i = 0; i < 3; i += 1) {
      const appends = [uniqueName('a'), uniqueName('b')].map((stream) => first(stream, chain(1)));
      expect(await nobody.append(appends)).toMatchObject([{ outcome: 'unknown' }, { outcome: 'unknown' }]);
      await expect(nobody.head('x')).rejects.toThrow(StoreUnavailable);
    }
    const signal = AbortSignal.timeout(300);
    for await (const batch of nobody.subscribe(null, { signal, streamPrefixes: ['x'] })) void batch;
  });

  test('over TLS it asks for credentials before anything is sent', () => {
    expect(() => new EventStoreDbEventStore('esdb://127.0.0.1:2113')).toThrow(/credentials/);
  });
});

async function untilAppended(
  store: EventStore,
  stream: string,
  before: readonly NewEvent[],
  events: NewEvent[],
): Promise<void> {
  expect(await settle(store, next(stream, before, events))).toMatchObject({ outcome: 'appended' });
}
