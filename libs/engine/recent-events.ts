import type { LedgerEvent } from '#domain/ledger.js';

/** A decoded event takes about this many times its encoded bytes. */
const DECODED_FACTOR = 3;

interface Kept {
  readonly shelf: Map<number, LedgerEvent>;
  readonly revision: number;
  readonly bytes: number;
}

/**
 * The last events of all loaded tenants, decoded, so that a capture soon after its authorization, a reversal or a repeated
 * key costs no read. Bounded by bytes over all tenants; the oldest go first.
 */
export class RecentEvents {
  #kept: Kept[] = [];
  #first = 0;
  #bytes = 0;

  /** `budgetBytes`: approximate memory for all tenants together. */
  constructor(private readonly budgetBytes = 64 * 1024 * 1024) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** `shelf` is one tenant's, by revision. */
  keep(shelf: Map<number, LedgerEvent>, event: LedgerEvent, encodedBytes: number): void {
    const bytes = encodedBytes * DECODED_FACTOR;
    shelf.set(event.revision, event);
    this.#kept.push({ shelf, revision: event.revision, bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.budgetBytes) this.#drop();
  }

  #drop(): void {
    const { shelf, revision, bytes } = this.#kept[this.#first]!;
    shelf.delete(revision);
    this.#bytes -= bytes;
    this.#first += 1;
    // The front is cut off now and then: doing it each time would move the whole array.
    if (this.#first > 1024 && this.#first * 2 > this.#kept.length) {
      this.#kept = this.#kept.slice(this.#first);
      this.#first = 0;
    }
  }
}
