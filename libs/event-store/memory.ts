import { Bell } from './bell.js';
import { HASH_BYTES, checkAppends } from './check-appends.js';
import { NO_STREAM, PositionRefused } from './event-store.js';
import type {
  AppendResult,
  EventStore,
  FeedBatch,
  NewEvent,
  Position,
  RecordedEvent,
  StreamAppend,
  StreamHead,
  SubscribeOptions,
} from './event-store.js';
import { sameBytes, sameEvents } from './same-events.js';

const NO_HASH = new Uint8Array(HASH_BYTES);
const DEFAULT_BATCH = 500;

/** The whole store in this process: for tests and for trying things out. Nothing survives the process. */
export class MemoryEventStore implements EventStore {
  readonly appendConcurrency = 1;
  readonly #all: RecordedEvent[] = [];
  readonly #streams = new Map<string, RecordedEvent[]>();
  readonly #bell = new Bell();

  async append(appends: readonly StreamAppend[]): Promise<AppendResult[]> {
    checkAppends(appends);
    const results = appends.map((append) => this.#appendOne(append));
    this.#bell.ring();
    return results;
  }

  async *read(stream: string, fromRevision: number, pageSize = DEFAULT_BATCH): AsyncIterable<RecordedEvent[]> {
    for (let from = fromRevision; ; from += pageSize) {
      const page = (this.#streams.get(stream) ?? []).slice(from, from + pageSize);
      if (page.length > 0) yield page.map((event) => ({ ...event, position: '' }));
      if (page.length < pageSize) return;
    }
  }

  async head(stream: string): Promise<StreamHead | null> {
    const last = this.#streams.get(stream)?.at(-1);
    return last ? { revision: last.revision, hash: last.hash } : null;
  }

  async *subscribe(after: Position | null, options: SubscribeOptions): AsyncIterable<FeedBatch> {
    const { signal, streamPrefixes, batchSize = DEFAULT_BATCH } = options;
    let at = after === null ? 0 : Number(after);
    if (!(Number.isSafeInteger(at) && at >= 0 && at <= this.#all.length))
      throw new PositionRefused(`the store never gave the position ${String(after)}`);

    for (let first = true; !signal.aborted; first = false) {
      const known = this.#bell.rings;
      const scanned = this.#all.slice(at, at + batchSize);
      if (scanned.length > 0 || first) {
        at += scanned.length;
        const events = scanned.filter((event) => streamPrefixes.some((prefix) => event.stream.startsWith(prefix)));
        yield { events, position: String(at), caughtUp: at === this.#all.length };
      } else {
        await this.#bell.wait(known, Infinity, signal);
      }
    }
  }

  comparePositions(a: Position, b: Position): number {
    return Number(a) - Number(b);
  }

  async ready(): Promise<void> {}

  async close(): Promise<void> {}

  #appendOne({ stream, expectedRevision, expectedHash, events }: StreamAppend): AppendResult {
    const stored = this.#streams.get(stream) ?? [];
    const last = stored.at(-1);
    const revision = last?.revision ?? NO_STREAM;
    if (revision === expectedRevision && sameBytes(last?.hash ?? NO_HASH, expectedHash))
      return this.#write(stream, stored, events);

    const known = stored.slice(expectedRevision + 1, expectedRevision + 1 + events.length);
    if (known.length > 0 && sameEvents(events, known)) {
      const original = known.at(-1)!;
      return { outcome: 'appended', revision: original.revision, position: original.position };
    }
    return { outcome: 'conflict', actualRevision: revision };
  }

  #write(stream: string, stored: RecordedEvent[], events: readonly NewEvent[]): AppendResult {
    for (const event of events) {
      const recorded: RecordedEvent = {
        id: event.id,
        type: event.type,
        // Copies: a caller that goes on using its buffers must not rewrite history.
        payload: Uint8Array.from(event.payload),
        text: Buffer.from(event.payload).toString('utf8'),
        hash: Uint8Array.from(event.hash),
        stream,
        revision: stored.length,
        position: String(this.#all.length + 1),
      };
      stored.push(recorded);
      this.#all.push(recorded);
    }
    this.#streams.set(stream, stored);
    const last = stored.at(-1)!;
    return { outcome: 'appended', revision: last.revision, position: last.position };
  }
}
