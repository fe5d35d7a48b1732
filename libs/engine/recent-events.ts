/** What a kept event takes besides its payload, bytes. */
const OVERHEAD_BYTES = 120;

/** One tenant's last payloads, without a gap between them. */
export class Shelf {
  #payloads: Uint8Array[] = [];
  #dropped = 0;
  /** Revision of the first one that was ever kept, since it was last empty. */
  #base = 0;

  /** The payload at a revision, where it is still kept. */
  get(revision: number): Uint8Array | undefined {
    const index = revision - this.#base;
    return index < this.#dropped ? undefined : this.#payloads[index];
  }

  push(revision: number, payload: Uint8Array): void {
    if (revision !== this.#base + this.#payloads.length) {
      this.#payloads = [];
      this.#dropped = 0;
      this.#base = revision;
    }
    this.#payloads.push(payload);
  }

  dropBefore(revision: number): void {
    const index = revision - this.#base;
    if (index <= this.#dropped) return;
    this.#payloads.fill(NOTHING, this.#dropped, index);
    this.#dropped = index;
    // The front is cut off now and then: doing it each time would move the whole array.
    if (this.#dropped < 256 || this.#dropped * 2 < this.#payloads.length) return;
    this.#payloads = this.#payloads.slice(this.#dropped);
    this.#base += this.#dropped;
    this.#dropped = 0;
  }

  clear(): void {
    this.#payloads = [];
    this.#dropped = 0;
  }
}

const NOTHING = new Uint8Array(0);

/**
 * The last events of all loaded tenants, so that a capture soon after its authorization, a reversal or a repeated key
 * costs no read. Encoded: a decoded event takes three times as much, and the garbage collector has to look at all of it.
 * Bounded by bytes over all tenants; the oldest go first.
 */
export class RecentEvents {
  // Three columns, so that an event costs no object.
  #shelves: Shelf[] = [];
  #revisions: number[] = [];
  #sizes: number[] = [];
  #first = 0;
  #bytes = 0;

  /** `budgetBytes`: approximate memory for all tenants together. */
  constructor(private readonly budgetBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  keep(shelf: Shelf, revision: number, payload: Uint8Array): void {
    shelf.push(revision, payload);
    this.#shelves.push(shelf);
    this.#revisions.push(revision);
    this.#sizes.push(payload.length + OVERHEAD_BYTES);
    this.#bytes += payload.length + OVERHEAD_BYTES;
    while (this.#bytes > this.budgetBytes) this.#drop();
  }

  #drop(): void {
    this.#shelves[this.#first]!.dropBefore(this.#revisions[this.#first]! + 1);
    this.#bytes -= this.#sizes[this.#first]!;
    this.#first += 1;
    if (this.#first < 4096 || this.#first * 2 < this.#shelves.length) return;
    this.#shelves = this.#shelves.slice(this.#first);
    this.#revisions = this.#revisions.slice(this.#first);
    this.#sizes = this.#sizes.slice(this.#first);
    this.#first = 0;
  }
}
