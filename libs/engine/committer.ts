import {
  AppendRefused,
  type AppendResult,
  type EventStore,
  type NewEvent,
  type StreamAppend,
} from '#event-store/event-store.js';

const MAX_STREAMS = 500;
const MAX_BYTES = 8_000_000;

interface Asked {
  readonly append: StreamAppend;
  readonly bytes: number;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (reason: unknown) => void;
}

const bytesOf = (events: readonly NewEvent[]): number => events.reduce((sum, { payload }) => sum + payload.length, 0);

/**
 * Writes the batches of many tenants in one call of the store, so that they share a round trip and a commit (DECISIONS 12).
 * Goes at once when idle; while as many calls are under way as the store can use, what comes gathers for the next one.
 */
export class Committer {
  #asked: Asked[] = [];
  #underWay = 0;
  #scheduled = false;

  constructor(private readonly store: EventStore) {}

  /** Appends waiting for a call. */
  get gathered(): number {
    return this.#asked.length;
  }

  /**
   * The result for one stream. Never two at once for the same one. Rejects with `AppendRefused` only: nothing of this
   * append was written then. Whatever else the store throws is an unknown outcome.
   */
  append(append: StreamAppend): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ append, bytes: bytesOf(append.events), resolve, reject });
      this.#schedule();
    });
  }

  // A turn of the event loop later, so that all writers that were woken together go together.
  #schedule(): void {
    if (this.#scheduled || this.#underWay >= Math.max(1, this.store.appendConcurrency)) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#asked.length === 0) return;
      void this.#call(this.#take());
      if (this.#asked.length > 0) this.#schedule();
    });
  }

  #take(): Asked[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#asked.length && count < MAX_STREAMS) {
      bytes += this.#asked[count]!.bytes;
      if (count > 0 && bytes > MAX_BYTES) break;
      count += 1;
    }
    return this.#asked.splice(0, count);
  }

  async #call(asked: readonly Asked[]): Promise<void> {
    this.#underWay += 1;
    try {
      const results = await this.store.append(asked.map(({ append }) => append));
      asked.forEach(({ resolve }, i) =>
        resolve(results[i] ?? { outcome: 'unknown', cause: 'the store gave no result' }),
      );
    } catch (error) {
      this.#failed(asked, error);
    } finally {
      this.#underWay -= 1;
      if (this.#asked.length > 0) this.#schedule();
    }
  }

  #failed(asked: readonly Asked[], error: unknown): void {
    if (!(error instanceof AppendRefused)) {
      const cause = error instanceof Error ? error.message : String(error);
      for (const { resolve } of asked) resolve({ outcome: 'unknown', cause });
    } else if (asked.length === 1) {
      asked[0]!.reject(error);
    } else {
      // Nothing of the call was written. One tenant's defect must not be another's: each goes alone now.
      for (const one of asked) void this.#call([one]);
    }
  }
}
