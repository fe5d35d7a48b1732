import type { KeyHash } from './key-hash.js';

const FIRST_SLOTS = 256;

/** Keys and revisions as they stand in a snapshot: hash, hash and revision of each, one after the other. */
export type StoredKeys = Float64Array;

/**
 * The keys of a stretch of revisions: open addressing over numbers. A million strings in a `Map` cost 150 bytes each and
 * seconds of garbage collection; here a key is 16 bytes and nothing for the collector to look at.
 */
class Stretch {
  #slots = FIRST_SLOTS;
  #hashes = new Uint32Array(FIRST_SLOTS * 2);
  /** 0 is an empty slot; else the revision + 1. */
  #revisions = new Float64Array(FIRST_SLOTS);
  size = 0;

  constructor(readonly start: number) {}

  get bytes(): number {
    return this.#hashes.byteLength + this.#revisions.byteLength;
  }

  get(a: number, b: number): number | undefined {
    const found = this.#revisions[this.#find(a, b)]!;
    return found === 0 ? undefined : found - 1;
  }

  set(a: number, b: number, revision: number): void {
    const slot = this.#find(a, b);
    if (this.#revisions[slot] === 0) {
      this.#hashes[slot * 2] = a;
      this.#hashes[slot * 2 + 1] = b;
      this.size += 1;
    }
    this.#revisions[slot] = revision + 1;
    if (this.size * 3 > this.#slots * 2) this.#grow();
  }

  *entries(): Generator<[a: number, b: number, revision: number]> {
    for (let slot = 0; slot < this.#slots; slot++) {
      const stored = this.#revisions[slot]!;
      if (stored !== 0) yield [this.#hashes[slot * 2]!, this.#hashes[slot * 2 + 1]!, stored - 1];
    }
  }

  /** The slot of this key, or the empty one where it belongs. */
  #find(a: number, b: number): number {
    const mask = this.#slots - 1;
    let slot = a & mask;
    while (this.#revisions[slot] !== 0 && (this.#hashes[slot * 2] !== a || this.#hashes[slot * 2 + 1] !== b)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const revisions = this.#revisions;
    this.#slots *= 2;
    this.#hashes = new Uint32Array(this.#slots * 2);
    this.#revisions = new Float64Array(this.#slots);
    for (let slot = 0; slot < revisions.length; slot++) {
      if (revisions[slot] === 0) continue;
      const to = this.#find(hashes[slot * 2]!, hashes[slot * 2 + 1]!);
      this.#hashes[to * 2] = hashes[slot * 2]!;
      this.#hashes[to * 2 + 1] = hashes[slot * 2 + 1]!;
      this.#revisions[to] = revisions[slot]!;
    }
  }
}

/**
 * Where the latest event under each key of the recent revisions stands. Complete from `start` on, so together with an
 * index that is complete up to `start − 1` or later nothing is missed.
 *
 * It knows keys by 64 bits of hash: whoever finds one looks into the event whether it is really that key.
 */
export class KeyWindow {
  #older: Stretch | null = null;
  #newer: Stretch;

  constructor(start = 0) {
    this.#newer = new Stretch(start);
  }

  /** First revision that it knows all keys of. */
  get start(): number {
    return (this.#older ?? this.#newer).start;
  }

  /** How many keys it holds. */
  get size(): number {
    return (this.#older?.size ?? 0) + this.#newer.size;
  }

  /** Memory that it takes. */
  get bytes(): number {
    return (this.#older?.bytes ?? 0) + this.#newer.bytes;
  }

  /** Revision of the latest event under the key, if that is in the window. */
  get({ a, b }: KeyHash): number | undefined {
    return this.#newer.get(a, b) ?? this.#older?.get(a, b);
  }

  /** Revisions are given in rising order. */
  set({ a, b }: KeyHash, revision: number): void {
    this.#newer.set(a, b, revision);
  }

  /**
   * Lets go of what is old, stretch by stretch, and never of the last `revisions` before `head`: it covers those and up to
   * as many again.
   */
  keepLast(revisions: number, head: number): void {
    if (head - this.#newer.start < revisions) return;
    this.#older = this.#newer;
    this.#newer = new Stretch(head + 1);
  }

  /** What it holds from a revision on, in pieces of at most so many keys. */
  *stored(from: number, keysPerPiece: number): Generator<StoredKeys> {
    let piece: number[] = [];
    // The older ones first, so that whoever reads them back in order ends with the latest of each key.
    for (const stretch of [this.#older, this.#newer]) {
      for (const [a, b, revision] of stretch?.entries() ?? []) {
        if (revision >= from) piece.push(a, b, revision);
        if (piece.length < keysPerPiece * 3) continue;
        yield Float64Array.from(piece);
        piece = [];
      }
    }
    if (piece.length > 0) yield Float64Array.from(piece);
  }

  restore(piece: StoredKeys): void {
    for (let i = 0; i < piece.length; i += 3) this.#newer.set(piece[i]!, piece[i + 1]!, piece[i + 2]!);
  }
}
