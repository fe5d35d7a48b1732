import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStoreDBClient, Position as ServerPosition } from '@eventstore/db-client';
import { causeOf } from '../deadline.js';
import { PositionRefused } from '../event-store.js';
import type { FeedBatch, SubscribeOptions } from '../event-store.js';
import { OpenFeed } from './open-feed.js';
import { compareServerPositions, formatPosition, parsePosition } from './position.js';

export interface Follow {
  readonly client: EventStoreDBClient;
  readonly after: ServerPosition;
  readonly options: SubscribeOptions;
  /** Where `$all` ends at this moment, asked of the leader. */
  readonly endOfAll: () => Promise<ServerPosition>;
  /** Milliseconds in which the server must confirm a subscription. */
  readonly confirmTimeoutMs: number;
  /** After so many idle milliseconds a subscription is replaced: one that was silently lost would wait for ever. */
  readonly renewMs: number;
}

/** What becomes known while one subscription is drained. */
interface Progress {
  at: ServerPosition;
  /** Whether the batch handed over last said so. */
  caughtUp: boolean;
  /** Subscriptions in a row that ended before they moved. */
  failures: number;
  /** How many of them the server refused at once, though it was there. */
  refusals: number;
}

const DEFAULT_BATCH = 500;
const REFUSALS_ALLOWED = 3;
const LONGEST_PAUSE_MS = 3_000;

/**
 * Follows `$all` by subscribing again after the last position that was handed over, for ever. An error is no more than
 * the end of one subscription; only a position that the server does not know ends the whole.
 */
export async function* follow(task: Follow): AsyncGenerator<FeedBatch> {
  const { signal } = task.options;
  const progress: Progress = { at: task.after, caughtUp: false, failures: 0, refusals: 0 };
  while (!signal.aborted) {
    const end = await task.endOfAll().catch(() => undefined);
    if (signal.aborted) return;
    if (end) {
      if (compareServerPositions(progress.at, end) > 0)
        throw new PositionRefused(`${formatPosition(progress.at)} lies beyond the store's end, ${formatPosition(end)}`);
      yield* drain(task, progress, end);
    }
    // What moved and was dropped, as after a burst, goes on at once.
    if (progress.failures > 0 || !end) await pause(progress, signal);
    progress.failures += 1;
  }
}

async function* drain(task: Follow, progress: Progress, end: ServerPosition): AsyncGenerator<FeedBatch> {
  const { signal, streamPrefixes, batchSize = DEFAULT_BATCH } = task.options;
  const feed = new OpenFeed(task.client, progress.at, streamPrefixes, 2 * batchSize);
  try {
    while (!signal.aborted) {
      const rings = feed.bell.rings;
      const batch = nextBatch(feed, progress, batchSize, end);
      if (batch) {
        progress.at = parsePosition(batch.position);
        progress.caughtUp = batch.caughtUp;
        progress.failures = 0;
        progress.refusals = 0;
        yield batch;
        continue;
      }
      if (feed.ended) return refuseUnknownPosition(feed, progress);
      await feed.bell.wait(rings, feed.confirmed ? task.renewMs : task.confirmTimeoutMs, signal);
      if (feed.bell.rings !== rings) continue;
      // Idle for long or never confirmed: the former is how a quiet store looks, and no reason to pause.
      if (feed.confirmed) progress.failures = 0;
      return;
    }
  } finally {
    feed.close();
  }
}

function nextBatch(feed: OpenFeed, progress: Progress, most: number, end: ServerPosition): FeedBatch | undefined {
  const taken = feed.take(most);
  const isNew = (position: string): boolean => compareServerPositions(parsePosition(position), progress.at) > 0;
  const events = taken.filter((event) => isNew(event.position));
  const caughtUp = feed.caughtUp;
  let at = progress.at;
  // The end was asked for before the subscription began, so whoever has caught up has passed it.
  for (const seen of [events.at(-1)?.position, feed.checkpoint, caughtUp ? end : undefined]) {
    const position = typeof seen === 'string' ? parsePosition(seen) : seen;
    if (position && compareServerPositions(position, at) > 0) at = position;
  }
  const moved = compareServerPositions(at, progress.at) > 0;
  if (!moved && (progress.caughtUp || !caughtUp)) return undefined;
  return { events, position: formatPosition(at), caughtUp };
}

/**
 * The server answers UNKNOWN to a position at which no record ends. It may say so for other reasons too, so it is asked
 * again before giving up: to start anywhere else could lose events.
 */
function refuseUnknownPosition(feed: OpenFeed, progress: Progress): void {
  const error = feed.ended?.error;
  const unknown = error instanceof Error && 'code' in error && error.code === 2 && !feed.confirmed;
  progress.refusals = unknown ? progress.refusals + 1 : 0;
  if (progress.refusals >= REFUSALS_ALLOWED)
    throw new PositionRefused(`the server refuses ${formatPosition(progress.at)}: ${causeOf(error)}`, { cause: error });
}

/** Half to all of a time that doubles, so that followers that fell together do not come back together. */
async function pause(progress: Progress, signal: AbortSignal): Promise<void> {
  const longest = Math.min(50 * 2 ** progress.failures, LONGEST_PAUSE_MS);
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
}
