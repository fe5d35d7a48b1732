/**
 * Where the latest event under each key of the recent revisions stands. Complete from `start` on, so together with an
 * index that is complete up to `start − 1` or later nothing is missed.
 */
export class KeyWindow {
  // In the order of revisions: a key that comes again moves to the end.
  readonly #revisions = new Map<string, number>();
  #start: number;

  constructor(start = 0) {
    this.#start = start;
  }

  /** First revision that it knows all keys of. */
  get start(): number {
    return this.#start;
  }

  /** How many keys it holds. */
  get size(): number {
    return this.#revisions.size;
  }

  get(key: string): number | undefined {
    return this.#revisions.get(key);
  }

  /** Revisions are given in rising order. */
  set(key: string, revision: number): void {
    if (this.#revisions.has(key)) this.#revisions.delete(key);
    this.#revisions.set(key, revision);
  }

  entries(): IterableIterator<[key: string, revision: number]> {
    return this.#revisions.entries();
  }

  /** Lets go of what lies before a revision. */
  forgetBefore(revision: number): void {
    if (revision <= this.#start) return;
    this.#start = revision;
    for (const [key, at] of this.#revisions) {
      if (at >= revision) return;
      this.#revisions.delete(key);
    }
  }
}
