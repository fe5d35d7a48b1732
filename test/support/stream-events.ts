import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import { NO_STREAM } from '#event-store/event-store.js';
import type {
  AppendResult,
  EventStore,
  FeedBatch,
  NewEvent,
  Position,
  RecordedEvent,
  StreamAppend,
} from '#event-store/event-store.js';

/** What is expected of a stream without events as the hash of its last one. */
export const NO_HASH = new Uint8Array(32);

/** A name that no other test uses, so that all of them can share one store. */
export function uniqueName(what: string): string {
  return `test-${what}-${ulid()}`;
}

/** A chain of events with random bytes, following the event with hash `previous`. */
export function chain(count: number, previous: Uint8Array = NO_HASH, payloadBytes = 40): NewEvent[] {
  const events: NewEvent[] = [];
  let hash = previous;
  for (let i = 0; i < count; i += 1) {
    const payload = randomBytes(payloadBytes);
    hash = createHash('sha256').update(hash).update(payload).digest();
    events.push({ id: ulid(), type: 'SomethingHappened', payload, hash });
  }
  return events;
}

export function first(stream: string, events: readonly NewEvent[]): StreamAppend {
  return { stream, expectedRevision: NO_STREAM, expectedHash: NO_HASH, events };
}

/** The append of `events` after everything in `before`. */
export function next(stream: string, before: readonly NewEvent[], events: readonly NewEvent[]): StreamAppend {
  return { stream, expectedRevision: before.length - 1, expectedHash: before.at(-1)?.hash ?? NO_HASH, events };
}

export async function readAll(
  store: EventStore,
  stream: string,
  from = 0,
  pageSize?: number,
): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of store.read(stream, from, pageSize)) events.push(...page);
  return events;
}

/** What a follower was given until `enough` said so; fails after 15 s. */
export async function follow(
  store: EventStore,
  after: Position | null,
  streamPrefixes: readonly string[],
  enough: (events: readonly RecordedEvent[], batch: FeedBatch) => boolean,
  batchSize?: number,
): Promise<{ events: RecordedEvent[]; batches: FeedBatch[] }> {
  const stop = new AbortController();
  const events: RecordedEvent[] = [];
  const batches: FeedBatch[] = [];
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop.abort();
  }, 15_000);
  for await (const batch of store.subscribe(after, { signal: stop.signal, streamPrefixes, batchSize })) {
    batches.push(batch);
    events.push(...batch.events);
    if (enough(events, batch)) stop.abort();
  }
  clearTimeout(timer);
  if (late) throw new Error(`after 15 s the follower had ${events.length} events in ${batches.length} batches`);
  return { events, batches };
}

/** The store's end at this moment, as a position to follow from. */
export async function endOf(store: EventStore): Promise<Position> {
  const { batches } = await follow(store, null, [uniqueName('nothing')], (_, batch) => batch.caughtUp);
  return batches.at(-1)!.position;
}

/** Resends as a writer does, the same events at the same revision, until the outcome is known; at most 30 s. */
export async function settle(store: EventStore, append: StreamAppend): Promise<AppendResult> {
  for (const end = Date.now() + 30_000; ; await sleep(50)) {
    const [result] = await store.append([append]);
    if (result!.outcome !== 'unknown' || Date.now() > end) return result!;
  }
}

/** Waits until something is so; at most 15 s. */
export async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 15_000; !condition(); await sleep(20))
    if (Date.now() > end) throw new Error(`after 15 s not yet: ${String(condition)}`);
}
