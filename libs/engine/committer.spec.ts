import {
  AppendRefused,
  NO_STREAM,
  type AppendResult,
  type EventStore,
  type StreamAppend,
} from '#event-store/event-store.js';
import { MemoryEventStore } from '#event-store/memory.js';
import { Committer } from './committer.js';
import { chained, NO_HASH } from './hash-chain.js';
import { UlidSequence } from './identifiers.js';
import { MisbehavingStore } from './spec-support.js';

const ids = new UlidSequence();

const anAppend = (stream: string, bytes = 10): StreamAppend => {
  const payload = Buffer.alloc(bytes, 1);
  return {
    stream,
    expectedRevision: NO_STREAM,
    expectedHash: NO_HASH,
    events: [{ id: ids.next(1), type: 'Something', payload, hash: chained(NO_HASH, payload) }],
  };
};

const streamsOf = (store: MisbehavingStore): string[][] => store.calls.map((call) => call.map(({ stream }) => stream));

test('appends that are asked for together are one call', async () => {
  const store = new MisbehavingStore();
  const committer = new Committer(store);
  const results = await Promise.all(['a', 'b', 'c'].map((stream) => committer.append(anAppend(stream))));
  expect(results).toMatchObject([{ outcome: 'appended' }, { outcome: 'appended' }, { outcome: 'appended' }]);
  expect(streamsOf(store)).toEqual([['a', 'b', 'c']]);
});

test('what comes while a call is under way gathers for the next one', async () => {
  const store = new MisbehavingStore();
  store.mishaps.push('slow');
  const committer = new Committer(store);
  const first = committer.append(anAppend('a'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  const later = [committer.append(anAppend('b')), committer.append(anAppend('c'))];
  expect(committer.gathered).toBe(2);
  await Promise.all([first, ...later]);
  expect(streamsOf(store)).toEqual([['a'], ['b', 'c']]);
});

test('as many calls are under way as the store can use', async () => {
  const store = new MisbehavingStore();
  Object.defineProperty(store, 'appendConcurrency', { value: 2 });
  store.mishaps.push('slow', 'slow');
  const committer = new Committer(store);
  const asked: Promise<AppendResult>[] = [];
  for (const stream of ['a', 'b', 'c']) {
    asked.push(committer.append(anAppend(stream)));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(store.calls).toHaveLength(2);
  await Promise.all(asked);
  expect(streamsOf(store)).toEqual([['a'], ['b'], ['c']]);
});

test('a call is bounded in bytes', async () => {
  const store = new MisbehavingStore();
  const committer = new Committer(store);
  await Promise.all(Array.from({ length: 12 }, (_, i) => committer.append(anAppend(`s${i}`, 900_000))));
  expect(store.calls.length).toBeGreaterThan(1);
  expect(store.calls.flat()).toHaveLength(12);
});

test('one tenant with a defect does not take the others with it', async () => {
  const committer = new Committer(new MisbehavingStore());
  const twice = anAppend('bad');
  const bad = { ...twice, events: [...twice.events, ...twice.events] };
  const results = await Promise.allSettled([
    committer.append(anAppend('a')),
    committer.append(bad),
    committer.append(anAppend('b')),
  ]);
  expect(results[0]).toMatchObject({ value: { outcome: 'appended' } });
  expect(results[1]).toMatchObject({ reason: expect.any(AppendRefused) as unknown });
  expect(results[2]).toMatchObject({ value: { outcome: 'appended' } });
});

test('a store that throws says nothing about what it did', async () => {
  const store: EventStore = new MemoryEventStore();
  store.append = () => Promise.reject(new Error('connection lost'));
  expect(await new Committer(store).append(anAppend('a'))).toEqual({ outcome: 'unknown', cause: 'connection lost' });
});
