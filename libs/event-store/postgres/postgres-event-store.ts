import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Bell } from '../bell.js';
import { checkAppends } from '../check-appends.js';
import { causeOf, withDeadline } from '../deadline.js';
import { PositionRefused, StoreUnavailable } from '../event-store.js';
import type {
  AppendResult,
  EventStore,
  FeedBatch,
  Position,
  StreamAppend,
  StreamHead,
  SubscribeOptions,
} from '../event-store.js';
import { EVENT_COLUMNS, ReadEvent, type EventRow } from './read-event.js';
import { appendResults, appendStatement } from './append.js';
import type { AppendRow } from './append.js';
import { SCHEMA_VERSION } from './schema.js';
import { WakeUp } from './wake-up.js';

export interface PostgresEventStoreOptions {
  /** Milliseconds after which an append that has not answered is an unknown outcome. 5000 unless given. */
  readonly appendTimeoutMs?: number;
  /** Milliseconds after which a read that has not answered has failed. 10000 unless given. */
  readonly readTimeoutMs?: number;
  /** The longest a follower sleeps between two looks, in milliseconds. 50 unless given. */
  readonly pollMs?: number;
  /** Whether to shorten polling across processes with LISTEN and NOTIFY. True unless given. */
  readonly notify?: boolean;
}

/** A row of the feed: the store's end, and an event unless none matched. */
type FeedRow = { readonly top: string } & (EventRow | { readonly [key in keyof EventRow]: null });

const DEFAULT_PAGE = 1_000;
const DEFAULT_BATCH = 500;
const SHORTEST_POLL_MS = 2;

const READ = `SELECT ${EVENT_COLUMNS} FROM event_store.events e
  WHERE e.stream = $1 AND e.revision >= $2 AND e.revision < $3 ORDER BY e.revision`;

const HEAD = `SELECT e.revision, e.hash FROM event_store.events e
  WHERE e.stream = $1 ORDER BY e.revision DESC LIMIT 1`;

// One statement, one snapshot: the end and the events below it agree.
const FEED = `SELECT t.top, ${EVENT_COLUMNS}
  FROM (SELECT coalesce(max(m.position), 0) AS top FROM event_store.events m) t
  LEFT JOIN event_store.events e ON e.position > $1::bigint AND e.position <= $1::bigint + $2::bigint
    AND e.stream ^@ ANY ($3::text[])
  ORDER BY e.position`;

/**
 * Events in PostgreSQL, schema `event_store` (see `migrateEventStore`). Following is polling; what rings the bell only
 * shortens it.
 */
export class PostgresEventStore implements EventStore {
  readonly appendConcurrency = 2;
  readonly #pool: pg.Pool;
  readonly #owned: boolean;
  readonly #appendTimeoutMs: number;
  readonly #readTimeoutMs: number;
  readonly #pollMs: number;
  readonly #bell = new Bell();
  readonly #wakeUp: WakeUp | undefined;
  readonly #closing = new AbortController();

  /**
   * A pool that is handed over stays the caller's to end; one made here from its settings is ended by `close`. The pool
   * needs a connection for each append in flight, one for listening, and some for reads.
   */
  constructor(source: pg.Pool | pg.PoolConfig, options: PostgresEventStoreOptions = {}) {
    this.#appendTimeoutMs = options.appendTimeoutMs ?? 5_000;
    this.#readTimeoutMs = options.readTimeoutMs ?? 10_000;
    this.#pollMs = options.pollMs ?? 50;
    this.#owned = !(source instanceof pg.Pool);
    this.#pool = source instanceof pg.Pool ? source : new pg.Pool(this.#withTimeouts(source));
    // Without a listener, an idle connection that breaks ends the process.
    this.#pool.on('error', ignore);
    this.#wakeUp = options.notify === false ? undefined : new WakeUp(this.#pool, this.#bell);
  }

  async append(appends: readonly StreamAppend[]): Promise<AppendResult[]> {
    checkAppends(appends);
    if (appends.length === 0) return [];
    try {
      const { rows } = await this.#query<AppendRow>(appendStatement(appends), this.#appendTimeoutMs, 'append');
      const results = appendResults(rows);
      this.#announce();
      return results;
    } catch (error) {
      // Even an error that the server sent may follow a commit; sending the same events again is always safe.
      return appends.map(() => ({ outcome: 'unknown', cause: causeOf(error) }));
    }
  }

  async *read(stream: string, fromRevision: number, pageSize = DEFAULT_PAGE): AsyncIterable<ReadEvent[]> {
    for (let from = fromRevision; ; from += pageSize) {
      const page = await this.#rows<EventRow>('event_store.read', READ, [stream, from, from + pageSize]);
      if (page.length > 0) yield page.map((row) => new ReadEvent(row, ''));
      if (page.length < pageSize) return;
    }
  }

  async head(stream: string): Promise<StreamHead | null> {
    const [row] = await this.#rows<{ revision: string; hash: Buffer }>('event_store.head', HEAD, [stream]);
    return row ? { revision: Number(row.revision), hash: row.hash } : null;
  }

  async *subscribe(after: Position | null, options: SubscribeOptions): AsyncIterable<FeedBatch> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    this.#wakeUp?.listen();
    let at = after === null ? 0 : Number(after);
    if (!Number.isSafeInteger(at) || at < 0) throw new PositionRefused(`${after} is no position of this store`);
    let pause = SHORTEST_POLL_MS;
    for (let first = true; !signal.aborted;) {
      const rings = this.#bell.rings;
      const batch = await this.#nextBatch(at, options, signal);
      if (signal.aborted) return;
      if (batch === undefined) {
        await this.#bell.wait(rings, this.#pollMs, signal);
      } else if (Number(batch.position) > at || first) {
        first = false;
        at = Number(batch.position);
        pause = SHORTEST_POLL_MS;
        yield batch;
      } else {
        await this.#bell.wait(rings, pause, signal);
        pause = Math.min(2 * pause, this.#pollMs);
      }
    }
  }

  comparePositions(a: Position, b: Position): number {
    return Number(a) - Number(b);
  }

  async ready(timeoutMs: number): Promise<void> {
    const until = Date.now() + timeoutMs;
    for (let cause: string | null = null; ; await sleep(100)) {
      const left = until - Date.now();
      if (left <= 0)
        throw new StoreUnavailable(
          `PostgreSQL's event store is not ready after ${timeoutMs} ms: ${cause ?? 'no answer'}`,
        );
      try {
        return await withDeadline(this.#checkVersion(), left, 'PostgreSQL');
      } catch (error) {
        // An attempt that the end cut short says less than the one before it.
        if (cause === null || Date.now() < until) cause = causeOf(error);
      }
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wakeUp?.close();
    if (!this.#owned) this.#pool.off('error', ignore);
    else if (!this.#pool.ended) await this.#pool.end();
  }

  async #nextBatch(at: number, options: SubscribeOptions, signal: AbortSignal): Promise<FeedBatch | undefined> {
    const size = options.batchSize ?? DEFAULT_BATCH;
    let rows: FeedRow[];
    try {
      const reading = this.#rows<FeedRow>('event_store.feed', FEED, [at, size, options.streamPrefixes]);
      rows = await untilAborted(reading, signal);
    } catch {
      // A follower outlives the server's restarts: whoever must know asks `ready`.
      return undefined;
    }
    if (rows.length === 0) return undefined;
    const top = Number(rows[0]!.top);
    if (at > top) throw new PositionRefused(`position ${at} lies beyond the end of the store, which is ${top}`);
    const events = rows.flatMap((row) => (row.event_id === null ? [] : [new ReadEvent(row, row.position)]));
    const position = Math.min(at + size, top);
    return { events, position: String(position), caughtUp: position === top };
  }

  async #checkVersion(): Promise<void> {
    const { rows } = await this.#pool.query<{ version: number }>(
      'SELECT max(version) AS version FROM event_store.schema_version',
    );
    const version = rows[0]?.version ?? 0;
    if (version < SCHEMA_VERSION)
      throw new Error(`the schema has version ${version}, ${SCHEMA_VERSION} is needed: migrate it`);
  }

  async #rows<Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#query<Row>({ name, text, values }, this.#readTimeoutMs, 'read')).rows;
    } catch (error) {
      throw new StoreUnavailable(`reading from PostgreSQL failed: ${causeOf(error)}`, { cause: error });
    }
  }

  #query<Row extends pg.QueryResultRow>(
    query: { name: string; text: string; values: readonly unknown[] },
    timeoutMs: number,
    what: string,
  ): Promise<pg.QueryResult<Row>> {
    // The statement's own limit makes the pool drop the connection, whose state nobody knows; the outer one also covers
    // waiting for a connection.
    const config = { ...query, values: [...query.values], query_timeout: timeoutMs };
    return withDeadline(this.#pool.query<Row>(config), timeoutMs + 50, what);
  }

  #announce(): void {
    if (this.#wakeUp) this.#wakeUp.announce();
    else this.#bell.ring();
  }

  #withTimeouts(config: pg.PoolConfig): pg.PoolConfig {
    return {
      application_name: 'daybook-event-store',
      keepAlive: true,
      connectionTimeoutMillis: this.#appendTimeoutMs,
      // The server must not go on for long with what nobody waits for any more.
      statement_timeout: Math.max(this.#appendTimeoutMs, this.#readTimeoutMs),
      ...config,
    };
  }
}

/** The promise's value, or no rows as soon as the signal aborts. */
function untilAborted<T>(promise: Promise<T[]>, signal: AbortSignal): Promise<T[]> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve([]);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function ignore(): void {}
