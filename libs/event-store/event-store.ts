/**
 * The event store port. One contract suite (`event-store.contract.ts`) holds every adapter to what is said here.
 *
 * Payloads are bytes: the whole canonical envelope is encoded before it gets here and comes back byte for byte, because
 * those bytes are what the hash chain covers.
 */

/** Revision of a stream's first event is 0; `NO_STREAM` is what a writer expects of a stream that has no event yet. */
export const NO_STREAM = -1;

/** One append carries at most this many bytes of payload and metadata, on every adapter. */
export const MAX_APPEND_BYTES = 1_000_000;

export interface NewEvent {
  /** 26 Crockford characters; its 128 bits are the event's UUID in EventStoreDB. */
  readonly id: string;
  readonly type: string;
  readonly payload: Uint8Array;
  /** SHA-256 over the previous hash and the payload, 32 bytes; stored beside the payload, outside of it. */
  readonly hash: Uint8Array;
}

export interface RecordedEvent extends NewEvent {
  readonly stream: string;
  readonly revision: number;
  /** Where the event stands in the store's global order. Empty when it was read from its own stream. */
  readonly position: Position;
  /** The payload as UTF-8. */
  readonly text: string;
}

/** Opaque, comparable only by the adapter that made it. */
export type Position = string;

export interface StreamAppend {
  readonly stream: string;
  /** The revision of the stream's last event, or `NO_STREAM`. Always explicit: there is no "any". */
  readonly expectedRevision: number;
  /** Hash of the event at `expectedRevision`; 32 zero bytes when there is none. Checked where the store can. */
  readonly expectedHash: Uint8Array;
  readonly events: readonly NewEvent[];
}

export type AppendResult =
  | { readonly outcome: 'appended'; readonly revision: number; readonly position: Position }
  /**
   * Somebody else appended; nothing of this append was written. `actualRevision` is the head that was seen. When that is
   * the expected revision itself, the hash there is another: the two histories have parted, and deciding again won't help.
   */
  | { readonly outcome: 'conflict'; readonly actualRevision: number }
  /**
   * It may or may not have been written. The only safe moves are to resend the same events (same ids, same bytes) at the
   * same expected revision, or to read the stream: never to decide again before one of them has answered.
   */
  | { readonly outcome: 'unknown'; readonly cause: string };

export interface StreamHead {
  readonly revision: number;
  readonly hash: Uint8Array;
}

export interface SubscribeOptions {
  /** Ends the subscription; the iteration then finishes without an error. */
  readonly signal: AbortSignal;
  /** Only streams whose name begins with one of these; at least one. */
  readonly streamPrefixes: readonly string[];
  /** The most events handed over at once. */
  readonly batchSize?: number;
}

/** Events in global order, and how far the store was read to find them (which may lie beyond the last of them). */
export interface FeedBatch {
  readonly events: readonly RecordedEvent[];
  readonly position: Position;
  /** True when the store had nothing further at the time of reading. */
  readonly caughtUp: boolean;
}

export interface EventStore {
  /** How many calls of `append` it is worth having under way at once; never two for one stream. */
  readonly appendConcurrency: number;

  /**
   * Appends to several streams, each atomically and on its own: one may conflict while the others are written. The
   * promise never rejects for a reason outside of this process; results stand in the order of `appends`.
   *
   * Sending the same events again at the same expected revision answers `appended` with the original revision.
   * So does a batch that is the beginning of what was written there.
   * Rejects with `AppendRefused` for what is a defect of the caller: an empty batch, an id twice in one, a stream twice in
   * a call, a malformed name, over `MAX_APPEND_BYTES` for one stream. Then nothing of the call was written.
   */
  append(appends: readonly StreamAppend[]): Promise<AppendResult[]>;

  /** Pages of a stream, in order, from a revision on (inclusive); ends at the head. A stream without events has none. */
  read(stream: string, fromRevision: number, pageSize?: number): AsyncIterable<readonly RecordedEvent[]>;

  /** Last event's revision and hash, or null for a stream without events. Reads from the leader. */
  head(stream: string): Promise<StreamHead | null>;

  /**
   * Follows the store from just after a position (null: from its beginning), for ever. Survives drops and restarts of the
   * server by itself; throws only when going on would lose events: `PositionRefused` for a position that the store never
   * gave. The first batch comes even when there is nothing to read, so that a follower learns that it is caught up; after
   * that a batch comes whenever the position moves or the end is reached. Take a batch in whole before the next: its
   * position covers all of it.
   */
  subscribe(after: Position | null, options: SubscribeOptions): AsyncIterable<FeedBatch>;

  /** Negative when `a` stands before `b`. */
  comparePositions(a: Position, b: Position): number;

  /** Resolves when the store answers; rejects with a sentence for an operator when it does not in time. */
  ready(timeoutMs: number): Promise<void>;

  close(): Promise<void>;
}

/** The caller handed over something that no store may be asked to write. A defect, not a condition. */
export class AppendRefused extends Error {
  override readonly name = 'AppendRefused';
}

/** A subscription was to start where this store has never been: going on from there would skip events. */
export class PositionRefused extends Error {
  override readonly name = 'PositionRefused';
}

/** A read failed for a reason outside of this process (time-out, lost connection); trying again may succeed. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}
