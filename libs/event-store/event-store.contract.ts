import { setTimeout as sleep } from 'node:timers/promises';
import { AppendRefused, MAX_APPEND_BYTES, NO_STREAM, PositionRefused } from './event-store.js';
import type { EventStore, FeedBatch, NewEvent, StreamAppend } from './event-store.js';
import { METADATA_BYTES } from './check-appends.js';
import { NO_HASH, chain, endOf, first, follow, next, readAll, uniqueName } from '../../test/support/stream-events.js';

export interface StoreUnderTest {
  /** One more instance over the same data, as another process would have. Closed by whoever runs the suite. */
  open(): EventStore;
  /** Whether the store itself compares `expectedHash`; where it does not, the explicit revision stands for it. */
  readonly checksHash: boolean;
}

/** What every adapter promises. `start` is called once; the tests share its data and use streams of their own. */
export function describeEventStore(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`event store: ${name}`, () => {
    let under: StoreUnderTest;
    let store: EventStore;
    beforeAll(async () => {
      under = await start();
      store = under.open();
      await store.ready(20_000);
    }, 60_000);

    const given = (): EventStore => store;
    describe('append', () => appending(given, () => under));
    describe('resend', () => resending(given, () => under));
    describe('refusals', () => refusing(given));
    describe('read', () => reading(given));
    describe('subscribe', () => following(given));
    describe('several writers', () => contending(given, () => under));
  });
}

function appending(store: () => EventStore, under: () => StoreUnderTest): void {
  test('numbers events without gaps and answers the last revision', async () => {
    const stream = uniqueName('append');
    const [a, b] = [chain(3), chain(0)];
    b.push(...chain(2, a[2]!.hash));
    expect(await store().append([first(stream, a)])).toMatchObject([{ outcome: 'appended', revision: 2 }]);
    expect(await store().append([next(stream, a, b)])).toMatchObject([{ outcome: 'appended', revision: 4 }]);
    expect((await readAll(store(), stream)).map((event) => event.revision)).toEqual([0, 1, 2, 3, 4]);
  });

  test('gives every event back byte for byte', async () => {
    const stream = uniqueName('bytes');
    const events = chain(5);
    const payloads = [
      Uint8Array.of(...Array.from({ length: 256 }, (_, i) => i)),
      new Uint8Array(0),
      Buffer.from('12'),
      Buffer.from('{"a":1.0}'),
      Buffer.from('{"name":"é \\" \\\\ 漢"}'),
    ];
    const sent = events.map((event, i) => ({ ...event, type: `Type-${i}"\\{},é`.slice(0, 10), payload: payloads[i]! }));
    await store().append([first(stream, sent)]);
    const stored = await readAll(store(), stream);
    expect(stored.map(plain)).toEqual(sent.map(plain));
    expect(stored.map(({ text }) => text)).toEqual(payloads.map((bytes) => Buffer.from(bytes).toString('utf8')));
    expect(stored.every((event) => event.stream === stream && event.position === '')).toBe(true);
  });

  test('conflicts when the stream exists and none was expected', async () => {
    const stream = uniqueName('exists');
    await store().append([first(stream, chain(2))]);
    expect(await store().append([first(stream, chain(1))])).toEqual([{ outcome: 'conflict', actualRevision: 1 }]);
  });

  test('conflicts when one was expected and there is none', async () => {
    const append = { ...first(uniqueName('none'), chain(1)), expectedRevision: 0 };
    expect(await store().append([append])).toEqual([{ outcome: 'conflict', actualRevision: NO_STREAM }]);
  });

  test('conflicts when the expectation is stale or ahead, and writes nothing', async () => {
    const stream = uniqueName('stale');
    const events = chain(3);
    await store().append([first(stream, events)]);
    for (const expectedRevision of [0, 1, 3, 99]) {
      const append = { ...next(stream, events, chain(1)), expectedRevision };
      expect(await store().append([append])).toEqual([{ outcome: 'conflict', actualRevision: 2 }]);
    }
    expect(await readAll(store(), stream)).toHaveLength(3);
  });

  test('conflicts at the expected revision when the hash there is another', async () => {
    if (!under().checksHash) return;
    const stream = uniqueName('hash');
    const events = chain(2);
    await store().append([first(stream, events)]);
    const append = { ...next(stream, events, chain(1)), expectedHash: new Uint8Array(32).fill(7) };
    expect(await store().append([append])).toEqual([{ outcome: 'conflict', actualRevision: 1 }]);
    expect(
      await store().append([{ ...first(uniqueName('hash'), chain(1)), expectedHash: append.expectedHash }]),
    ).toEqual([{ outcome: 'conflict', actualRevision: NO_STREAM }]);
  });

  test('several streams in one call: each on its own, results in order', async () => {
    const streams = ['c', 'a', 'b', 'd'].map(uniqueName);
    const taken = chain(2);
    await store().append([first(streams[1]!, taken)]);
    const results = await store().append(streams.map((stream, i) => first(stream, chain(i + 1))));
    expect(results).toMatchObject([
      { outcome: 'appended', revision: 0 },
      { outcome: 'conflict', actualRevision: 1 },
      { outcome: 'appended', revision: 2 },
      { outcome: 'appended', revision: 3 },
    ]);
    const lengths = await Promise.all(streams.map(async (stream) => (await readAll(store(), stream)).length));
    expect(lengths).toEqual([1, 2, 3, 4]);
  });

  test('nothing to append is nothing', async () => {
    expect(await store().append([])).toEqual([]);
  });

  test('answers the position of the last event', async () => {
    const stream = uniqueName('position');
    const [result] = await store().append([first(stream, chain(3))]);
    const { events } = await follow(store(), null, [stream], (seen) => seen.length === 3);
    expect(result).toMatchObject({ outcome: 'appended', position: events[2]!.position });
  });
}

function resending(store: () => EventStore, under: () => StoreUnderTest): void {
  test('the same batch answers as the first time', async () => {
    const stream = uniqueName('resend');
    const append = first(stream, chain(3));
    const original = await store().append([append]);
    expect(await store().append([append])).toEqual(original);
    expect(await readAll(store(), stream)).toHaveLength(3);
  });

  test('also after the stream has moved on, and from another process', async () => {
    const stream = uniqueName('moved');
    const events = chain(2);
    const more = chain(2, events[1]!.hash);
    const original = await store().append([first(stream, events)]);
    const second = await store().append([next(stream, events, more)]);
    await store().append([next(stream, [...events, ...more], chain(1, more[1]!.hash))]);
    const other = under().open();
    expect(await other.append([next(stream, events, more)])).toEqual(second);
    expect(await store().append([first(stream, events)])).toEqual(original);
    expect(await readAll(store(), stream)).toHaveLength(5);
  });

  test('the first of the events answer their own last revision', async () => {
    const stream = uniqueName('prefix');
    const events = chain(3);
    await store().append([first(stream, events)]);
    const [result] = await store().append([first(stream, events.slice(0, 2))]);
    expect(result).toMatchObject({ outcome: 'appended', revision: 1 });
  });

  test('known events and a new one are a conflict', async () => {
    const stream = uniqueName('partial');
    const events = chain(3);
    await store().append([first(stream, events.slice(0, 2))]);
    expect(await store().append([first(stream, events)])).toEqual([{ outcome: 'conflict', actualRevision: 1 }]);
    expect(await readAll(store(), stream)).toHaveLength(2);
  });

  test.each(['payload', 'hash', 'type'] as const)(
    'same-ids-other-bytes: known ids with another %s are not acknowledged',
    async (what) => {
      const stream = uniqueName('other-bytes');
      const events = chain(2);
      const other = { payload: Buffer.from('another'), hash: new Uint8Array(32).fill(9), type: 'AnotherType' };
      const changed: NewEvent[] = [events[0]!, { ...events[1]!, [what]: other[what] }];
      await store().append([first(stream, events)]);
      for (const instance of [store(), under().open()])
        expect(await instance.append([first(stream, changed)])).toEqual([{ outcome: 'conflict', actualRevision: 1 }]);
      expect((await readAll(store(), stream)).map(plain)).toEqual(events.map(plain));
    },
  );

  test('the same ids at another revision are a conflict', async () => {
    const stream = uniqueName('shifted');
    const events = chain(4);
    await store().append([first(stream, events)]);
    const append = { ...next(stream, events.slice(0, 2), events.slice(0, 2)) };
    expect(await store().append([append])).toEqual([{ outcome: 'conflict', actualRevision: 3 }]);
  });
}

function refusing(store: () => EventStore): void {
  const refused: [string, (stream: string) => StreamAppend[]][] = [
    ['no events', (stream) => [first(stream, [])]],
    [
      'an id twice',
      (stream) => [
        first(
          stream,
          [...chain(1), ...chain(1)].map((event, _, all) => ({ ...event, id: all[0]!.id })),
        ),
      ],
    ],
    ['a stream twice in a call', (stream) => [first(stream, chain(1)), first(stream, chain(1))]],
    ['a name that the store keeps for itself', (stream) => [first(`$${stream}`, chain(1))]],
    ['an empty name', () => [first('', chain(1))]],
    [
      'a NUL in a type',
      (stream) => [
        first(
          stream,
          chain(1).map((event) => ({ ...event, type: 'a\0b' })),
        ),
      ],
    ],
    [
      'an id that is no ULID',
      (stream) => [
        first(
          stream,
          chain(1).map((event) => ({ ...event, id: 'x' })),
        ),
      ],
    ],
    ['a revision below none', (stream) => [{ ...first(stream, chain(1)), expectedRevision: -2 }]],
    [
      'a short hash',
      (stream) => [
        first(
          stream,
          chain(1).map((event) => ({ ...event, hash: new Uint8Array(31) })),
        ),
      ],
    ],
    ['a byte too many', (stream) => [first(stream, chain(2, NO_HASH, MAX_APPEND_BYTES / 2 - METADATA_BYTES + 1))]],
  ];

  test.each(refused)('%s is refused, and nothing of the call is written', async (_, make) => {
    const [stream, beside] = [uniqueName('refused'), uniqueName('beside')];
    await expect(store().append([first(beside, chain(1)), ...make(stream)])).rejects.toThrow(AppendRefused);
    expect(await store().head(stream)).toBeNull();
    expect(await store().head(beside)).toBeNull();
  });

  test('an append of exactly the limit passes', async () => {
    const stream = uniqueName('limit');
    const events = chain(2, NO_HASH, MAX_APPEND_BYTES / 2 - METADATA_BYTES);
    expect(await store().append([first(stream, events)])).toMatchObject([{ outcome: 'appended', revision: 1 }]);
    expect((await readAll(store(), stream)).map(plain)).toEqual(events.map(plain));
  });
}

function reading(store: () => EventStore): void {
  test('pages from a revision on, and ends', async () => {
    const stream = uniqueName('pages');
    await store().append([first(stream, chain(10))]);
    const pages: number[][] = [];
    for await (const page of store().read(stream, 3, 3)) pages.push(page.map((event) => event.revision));
    expect(pages).toEqual([[3, 4, 5], [6, 7, 8], [9]]);
    expect(await readAll(store(), stream, 4, 3)).toHaveLength(6);
  });

  test('a stream without events, and one read from beyond its head, have no pages', async () => {
    const stream = uniqueName('beyond');
    expect(await readAll(store(), stream)).toEqual([]);
    await store().append([first(stream, chain(2))]);
    expect(await readAll(store(), stream, 2)).toEqual([]);
    expect(await readAll(store(), stream, 50)).toEqual([]);
  });

  test('leaving a read early leaves nothing behind', async () => {
    const stream = uniqueName('leave');
    await store().append([first(stream, chain(20))]);
    for (let i = 0; i < 150; i += 1) for await (const page of store().read(stream, 0, 5)) if (page.length > 0) break;
    expect(await readAll(store(), stream)).toHaveLength(20);
  });

  test('head is the last revision and its hash, or null', async () => {
    const stream = uniqueName('head');
    expect(await store().head(stream)).toBeNull();
    const events = chain(3);
    await store().append([first(stream, events)]);
    const head = await store().head(stream);
    expect(head?.revision).toBe(2);
    expect(Buffer.from(head!.hash)).toEqual(Buffer.from(events[2]!.hash));
  });
}

function following(store: () => EventStore): void {
  test('hands over what is there, in order, with positions that grow', async () => {
    const prefix = uniqueName('order');
    await store().append([first(`${prefix}-a`, chain(5)), first(`${prefix}-b`, chain(5))]);
    const { events } = await follow(store(), null, [prefix], (seen) => seen.length === 10, 3);
    for (const [i, event] of events.entries())
      if (i > 0) expect(store().comparePositions(events[i - 1]!.position, event.position)).toBeLessThan(0);
    for (const stream of [`${prefix}-a`, `${prefix}-b`])
      expect(events.filter((event) => event.stream === stream).map((event) => event.revision)).toEqual([0, 1, 2, 3, 4]);
  });

  test('only streams with one of the prefixes', async () => {
    const [a, b, c] = [uniqueName('a'), uniqueName('b'), uniqueName('c')];
    await store().append([a, b, c].map((stream) => first(stream, chain(2))));
    await store().append([first(`${a}-last`, chain(1))]);
    const { events } = await follow(store(), null, [a, c], (seen) => seen.length === 5);
    expect(new Set(events.map((event) => event.stream))).toEqual(new Set([a, c, `${a}-last`]));
  });

  test("a batch's position never lies beyond an event that was not yet handed over", async () => {
    const stream = uniqueName('beyond');
    await store().append([
      first(uniqueName('other'), chain(50)),
      first(stream, chain(40)),
      first(uniqueName('x'), chain(50)),
    ]);
    const batches: FeedBatch[] = [];
    const options = { signal: AbortSignal.timeout(15_000), streamPrefixes: [stream], batchSize: 1 };
    for await (const batch of store().subscribe(null, options)) {
      batches.push(batch);
      // Slowly, so that what the store says of its end comes while events are still on their way.
      await sleep(3);
      if (batch.caughtUp) break;
    }
    expect(batches.flatMap((batch) => batch.events)).toHaveLength(40);
    for (const [i, batch] of batches.entries()) {
      const following = batches.slice(i + 1).flatMap((later) => later.events);
      if (following[0]) expect(store().comparePositions(batch.position, following[0].position)).toBeLessThan(0);
    }
  });

  test('resumes just after an event, and just after a batch', async () => {
    const stream = uniqueName('resume');
    await store().append([first(stream, chain(6))]);
    const { events, batches } = await follow(store(), null, [stream], (seen) => seen.length === 6, 2);
    const after = await follow(store(), events[2]!.position, [stream], (seen) => seen.length === 3);
    expect(after.events.map((event) => event.revision)).toEqual([3, 4, 5]);
    const some = batches.find((batch) => batch.events.length > 0)!;
    const rest = 6 - some.events.at(-1)!.revision - 1;
    const resumed = await follow(
      store(),
      some.position,
      [stream],
      (seen, batch) => seen.length >= rest && batch.caughtUp,
    );
    expect(resumed.events.map((event) => event.revision)).toEqual([0, 1, 2, 3, 4, 5].slice(6 - rest));
  });

  test('follows live, and says when it is caught up', async () => {
    const stream = uniqueName('live');
    const end = await endOf(store());
    const following = follow(store(), end, [stream], (seen) => seen.length === 60);
    let before: NewEvent[] = [];
    for (let i = 0; i < 30; i += 1) {
      const events = chain(2, before.at(-1)?.hash);
      expect(await store().append([next(stream, before, events)])).toMatchObject([{ outcome: 'appended' }]);
      before = [...before, ...events];
    }
    const { events, batches } = await following;
    expect(events.map((event) => event.revision)).toEqual(before.map((_, i) => i));
    expect(events.map(plain)).toEqual(before.map(plain));
    expect(batches.some((batch) => batch.caughtUp)).toBe(true);
  });

  test('refuses a position beyond the end and one that is none', async () => {
    const end = await endOf(store());
    const beyond = end
      .split('/')
      .map((part) => String(Number(part) + 1_000_000))
      .join('/');
    const signal = AbortSignal.timeout(15_000);
    for (const position of [beyond, 'nonsense', '-1']) {
      const feed = store().subscribe(position, { signal, streamPrefixes: ['x'] });
      await expect(feed[Symbol.asyncIterator]().next()).rejects.toThrow(PositionRefused);
    }
  });

  test('the signal ends the iteration without an error, idle or not yet begun', async () => {
    const stop = new AbortController();
    const ended = (async () => {
      for await (const batch of store().subscribe(null, { signal: stop.signal, streamPrefixes: ['nothing-'] }))
        void batch;
      return 'ended';
    })();
    setTimeout(() => stop.abort(), 100);
    expect(await ended).toBe('ended');
    for await (const batch of store().subscribe(null, { signal: stop.signal, streamPrefixes: ['test-'] })) void batch;
  });

  test('hundred-subscriptions: leaving many early stalls nothing', async () => {
    const stream = uniqueName('hundred');
    await store().append([first(stream, chain(3))]);
    const { signal } = new AbortController();
    for (let i = 0; i < 120; i += 1)
      for await (const batch of store().subscribe(null, { signal, streamPrefixes: [stream] })) if (batch) break;
    expect((await follow(store(), null, [stream], (seen) => seen.length === 3)).events).toHaveLength(3);
    expect(await readAll(store(), stream)).toHaveLength(3);
  }, 60_000);
}

function contending(store: () => EventStore, under: () => StoreUnderTest): void {
  test('of two at one revision one wins, and nothing of the other is there', async () => {
    const stream = uniqueName('rivals');
    const [one, two] = [store(), under().open()];
    let before: NewEvent[] = [];
    for (let round = 0; round < 15; round += 1) {
      const rivals = [chain(2, before.at(-1)?.hash), chain(2, before.at(-1)?.hash)];
      const [a, b] = await Promise.all([
        one.append([next(stream, before, rivals[0]!)]),
        two.append([next(stream, before, rivals[1]!)]),
      ]);
      const outcomes = [a![0]!.outcome, b![0]!.outcome];
      expect([...outcomes].sort()).toEqual(['appended', 'conflict']);
      before = [...before, ...rivals[outcomes.indexOf('appended')]!];
    }
    expect((await readAll(store(), stream)).map(plain)).toEqual(before.map(plain));
  });

  test('sixteen writers and a follower: nothing lost, nothing double, nothing out of order', async () => {
    const prefix = uniqueName('sixteen');
    const [writers, rounds, perRound] = [16, 25, 3];
    const end = await endOf(store());
    const following = follow(store(), end, [prefix], (seen) => seen.length >= writers * rounds * perRound);
    const instances = [store(), under().open(), under().open(), under().open()];
    const write = async (writer: number): Promise<void> => {
      let before: NewEvent[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const events = chain(perRound, before.at(-1)?.hash);
        const result = await instances[writer % instances.length]!.append([
          next(`${prefix}-${writer}`, before, events),
        ]);
        expect(result).toMatchObject([{ outcome: 'appended' }]);
        before = [...before, ...events];
      }
    };
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
    const { events } = await following;
    const revisions = new Map<string, number[]>();
    for (const event of events) revisions.set(event.stream, [...(revisions.get(event.stream) ?? []), event.revision]);
    expect(revisions.size).toBe(writers);
    for (const seen of revisions.values()) expect(seen).toEqual(Array.from({ length: rounds * perRound }, (_, i) => i));
  }, 60_000);
}

function plain(event: NewEvent): { id: string; type: string; payload: string; hash: string } {
  return {
    id: event.id,
    type: event.type,
    payload: Buffer.from(event.payload).toString('hex'),
    hash: Buffer.from(event.hash).toString('hex'),
  };
}
