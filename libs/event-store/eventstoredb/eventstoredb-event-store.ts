import { setTimeout as sleep } from 'node:timers/promises';
import { BACKWARDS, END, NO_STREAM as SERVER_NO_STREAM } from '@eventstore/db-client';
import type { AppendResult as ServerAnswer, Credentials, Position as ServerPosition } from '@eventstore/db-client';
import { checkAppends } from '../check-appends.js';
import { causeOf, withDeadline } from '../deadline.js';
import { NO_STREAM, StoreUnavailable } from '../event-store.js';
import type {
  AppendResult,
  EventStore,
  FeedBatch,
  Position,
  RecordedEvent,
  StreamAppend,
  StreamHead,
  SubscribeOptions,
} from '../event-store.js';
import { sameEvents } from '../same-events.js';
import { collect } from './collect.js';
import { connect } from './connection.js';
import type { Connection } from './connection.js';
import { follow } from './follow.js';
import { BEGINNING, compareServerPositions, formatPosition, parsePosition } from './position.js';
import { Slots } from './slots.js';
import { fromServer, toServer } from './stored-event.js';
import type { ServerEvent } from './stored-event.js';

export interface EventStoreDbOptions {
  /** Name and password for a server with TLS, unless the connection string has them. */
  readonly credentials?: Credentials;
  /** Milliseconds after which an append that has not answered is an unknown outcome. 5000 unless given. */
  readonly appendTimeoutMs?: number;
  /** Milliseconds without anything coming after which a read has failed. 10000 unless given. */
  readonly readTimeoutMs?: number;
  /** Milliseconds after which an idle subscription is replaced by a new one. 60000 unless given. */
  readonly renewMs?: number;
}

const DEFAULT_PAGE = 1_000;
/** Calls on one HTTP/2 connection beyond the server's hundred would wait without an error; reads need some too. */
const APPENDS_AT_ONCE = 64;
const FOLLOWERS_PER_CONNECTION = 50;
/** By how much our own timer outlives the deadline that the client sets, so that the client's word comes first. */
const GRACE_MS = 100;

/**
 * Events in EventStoreDB (or KurrentDB) 23.10 or newer, over gRPC. Appends take the client's plain path, which it chooses
 * when credentials stand on the call: what one call meets there touches no other.
 */
export class EventStoreDbEventStore implements EventStore {
  readonly appendConcurrency = 4;
  readonly #url: string;
  readonly #options: EventStoreDbOptions;
  readonly #main: Connection;
  readonly #followers: { readonly connection: Connection; live: number }[] = [];
  readonly #slots = new Slots(APPENDS_AT_ONCE);
  readonly #closing = new AbortController();
  readonly #appendTimeoutMs: number;
  readonly #readTimeoutMs: number;
  /**
   * Of each stream the last revision known for certain. An append that follows it can't be a resend, so the server's
   * word is enough. Of any other the server may acknowledge what was written before under the same ids, whatever its
   * bytes: then what is stored is read and compared.
   */
  readonly #certain = new Map<string, number>();

  /** From a connection string such as `esdb://127.0.0.1:2113?tls=false`. Connects when first used. */
  constructor(url: string, options: EventStoreDbOptions = {}) {
    this.#url = url;
    this.#options = options;
    this.#appendTimeoutMs = options.appendTimeoutMs ?? 5_000;
    this.#readTimeoutMs = options.readTimeoutMs ?? 10_000;
    this.#main = connect(url, options.credentials);
  }

  async append(appends: readonly StreamAppend[]): Promise<AppendResult[]> {
    checkAppends(appends);
    return Promise.all(appends.map((append) => this.#slots.run(() => this.#appendOne(append))));
  }

  async *read(stream: string, fromRevision: number, pageSize = DEFAULT_PAGE): AsyncIterable<RecordedEvent[]> {
    for (let from = fromRevision; ; from += pageSize) {
      const page = await this.#page(stream, from, pageSize);
      if (page.length > 0) yield page.map((event) => ({ ...event, position: '' }));
      if (page.length === pageSize) continue;
      if (page.length > 0 || from === 0) this.#certain.set(stream, from + page.length - 1);
      return;
    }
  }

  async head(stream: string): Promise<StreamHead | null> {
    const options = { direction: BACKWARDS, fromRevision: END, maxCount: 1, requiresLeader: true } as const;
    const [last] = await this.#read(() => this.#main.client.readStream(stream, options));
    this.#certain.set(stream, last ? Number(last.revision) : NO_STREAM);
    if (!last) return null;
    const { revision, hash } = fromServer(last);
    return { revision, hash };
  }

  async *subscribe(after: Position | null, options: SubscribeOptions): AsyncIterable<FeedBatch> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    const follower = this.#follower();
    follower.live += 1;
    try {
      yield* follow({
        client: follower.connection.client,
        after: after === null ? BEGINNING : parsePosition(after),
        options: { ...options, signal },
        endOfAll: () => this.#endOfAll(),
        confirmTimeoutMs: this.#readTimeoutMs,
        renewMs: this.#options.renewMs ?? 60_000,
      });
    } finally {
      follower.live -= 1;
    }
  }

  comparePositions(a: Position, b: Position): number {
    return compareServerPositions(parsePosition(a), parsePosition(b));
  }

  async ready(timeoutMs: number): Promise<void> {
    const until = Date.now() + timeoutMs;
    for (let cause = 'no answer'; ; await sleep(200)) {
      const left = until - Date.now();
      if (left <= 0) throw new StoreUnavailable(`EventStoreDB is not ready after ${timeoutMs} ms: ${cause}`);
      try {
        await withDeadline(this.#endOfAll(), left, 'EventStoreDB');
        return;
      } catch (error) {
        cause = causeOf(error);
      }
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.#main, ...this.#followers.map((follower) => follower.connection)].map((c) => c.close()));
  }

  async #appendOne(append: StreamAppend): Promise<AppendResult> {
    const { stream, expectedRevision, events } = append;
    const certain = this.#certain.get(stream) === expectedRevision;
    this.#certain.delete(stream);
    try {
      const answer = await withDeadline(this.#send(append), this.#appendTimeoutMs + GRACE_MS, 'EventStoreDB');
      const revision = expectedRevision + events.length;
      const asExpected = answer.success && Number(answer.nextExpectedRevision) === revision;
      if (!certain || !asExpected || !answer.position) return await this.#compareWithStored(append);
      this.#certain.set(stream, revision);
      return { outcome: 'appended', revision, position: formatPosition(answer.position) };
    } catch (error) {
      const actual = actualRevision(error);
      // Unless the stream is long enough to hold these very events, there is nothing to compare.
      if (actual !== undefined && actual < expectedRevision + events.length)
        return { outcome: 'conflict', actualRevision: actual };
      if (actual !== undefined) return this.#compareWithStored(append).catch(unknown);
      return unknown(error);
    }
  }

  #send({ stream, expectedRevision, events }: StreamAppend): Promise<ServerAnswer> {
    return this.#main.client.appendToStream(stream, events.map(toServer), {
      expectedRevision: expectedRevision === NO_STREAM ? SERVER_NO_STREAM : BigInt(expectedRevision),
      credentials: this.#main.credentials,
      requiresLeader: true,
      deadline: this.#appendTimeoutMs,
    });
  }

  /** The outcome by what the stream holds where these events were to go: all of them, ids and bytes, or a conflict. */
  async #compareWithStored({ stream, expectedRevision, events }: StreamAppend): Promise<AppendResult> {
    const stored = await this.#page(stream, expectedRevision + 1, events.length);
    if (sameEvents(events, stored)) {
      const { revision, position } = stored.at(-1)!;
      this.#certain.set(stream, revision);
      return { outcome: 'appended', revision, position };
    }
    const head = await this.head(stream);
    return { outcome: 'conflict', actualRevision: head?.revision ?? NO_STREAM };
  }

  async #page(stream: string, fromRevision: number, maxCount: number): Promise<RecordedEvent[]> {
    const options = { fromRevision: BigInt(fromRevision), maxCount, requiresLeader: true };
    return (await this.#read(() => this.#main.client.readStream(stream, options))).map(fromServer);
  }

  async #endOfAll(): Promise<ServerPosition> {
    const options = { direction: BACKWARDS, fromPosition: END, maxCount: 1, requiresLeader: true } as const;
    const [last] = await this.#read(() => this.#main.client.readAll(options));
    return last?.position ?? BEGINNING;
  }

  async #read(open: () => Parameters<typeof collect>[0]): Promise<ServerEvent[]> {
    try {
      return await collect(open(), this.#readTimeoutMs);
    } catch (error) {
      if (typeOf(error) === 'stream-not-found') return [];
      throw new StoreUnavailable(`reading from EventStoreDB failed: ${causeOf(error)}`, { cause: error });
    }
  }

  #follower(): { readonly connection: Connection; live: number } {
    const roomy = this.#followers.find((follower) => follower.live < FOLLOWERS_PER_CONNECTION);
    if (roomy) return roomy;
    const added = { connection: connect(this.#url, this.#options.credentials), live: 0 };
    this.#followers.push(added);
    return added;
  }
}

/** The stream's head that a wrong expectation met; undefined for every other error. */
function actualRevision(error: unknown): number | undefined {
  if (typeOf(error) !== 'wrong-expected-version') return undefined;
  const { actualVersion } = error as { actualVersion: bigint | 'no_stream' };
  return typeof actualVersion === 'bigint' ? Number(actualVersion) : NO_STREAM;
}

/** The client's errors all have the name `Error`; they are told apart by their type. */
function typeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('type' in error)) return undefined;
  return typeof error.type === 'string' ? error.type : undefined;
}

function unknown(error: unknown): AppendResult {
  return { outcome: 'unknown', cause: causeOf(error) };
}
