import type { KeyHash } from './key-hash.js';

const BYTES_PER_KEY = 3;
const PROBES = 12;
const FIRST_CAPACITY = 1024;
const GROWTH = 2;

interface Layer {
  readonly capacity: number;
  readonly bits: Uint8Array;
  count: number;
}

/** A layer as it stands in a snapshot. */
export interface StoredLayer {
  readonly capacity: number;
  readonly count: number;
  readonly bits: Uint8Array;
}

/** Bytes of a layer for so many keys. */
export const layerBytes = (capacity: number): number => capacity * BYTES_PER_KEY;

/** Odd, so that the probes of a key don't fall on one another. */
const stepOf = (hash: number): number => (hash | 1) >>> 0;

const newLayer = (capacity: number): Layer => ({
  capacity,
  bits: new Uint8Array(layerBytes(capacity)),
  count: 0,
});

/**
 * Says for certain that a key was never used, or that it may have been (wrong less than once in a thousand fresh keys):
 * so that a fresh idempotency key or reference costs no question to a database. A batch has hundreds of keys, and one
 * wrong answer costs it a round trip: hence more than the usual ten bits a key.
 *
 * Bloom filters, each twice as large as the one before it: 3 bytes a key, 3 KB for a tenant with little in it.
 */
export class KeyFilter {
  readonly #layers: Layer[] = [newLayer(FIRST_CAPACITY)];

  static restore(layers: readonly StoredLayer[]): KeyFilter {
    const filter = new KeyFilter();
    if (layers.length > 0) filter.#layers.length = 0;
    for (const { capacity, count, bits } of layers) {
      if (bits.length !== layerBytes(capacity)) throw new RangeError('a filter of another size');
      filter.#layers.push({ capacity, count, bits: Uint8Array.from(bits) });
    }
    return filter;
  }

  get layers(): readonly StoredLayer[] {
    return this.#layers;
  }

  /** Memory that it takes. */
  get bytes(): number {
    return this.#layers.reduce((sum, layer) => sum + layer.bits.length, 0);
  }

  add(hash: KeyHash): void {
    let layer = this.#layers.at(-1)!;
    if (layer.count >= layer.capacity) {
      layer = newLayer(layer.capacity * GROWTH);
      this.#layers.push(layer);
    }
    const { bits } = layer;
    const size = bits.length * 8;
    const step = stepOf(hash.b);
    for (let probe = 0, at = hash.a; probe < PROBES; probe++, at = (at + step) >>> 0) {
      const bit = at % size;
      bits[bit >>> 3]! |= 1 << (bit & 7);
    }
    layer.count += 1;
  }

  /** False: it was never added. */
  mayHave(hash: KeyHash): boolean {
    // The newest and largest has most of them.
    for (let i = this.#layers.length - 1; i >= 0; i--) if (has(this.#layers[i]!, hash)) return true;
    return false;
  }
}

const has = ({ bits }: Layer, hash: KeyHash): boolean => {
  const size = bits.length * 8;
  const step = stepOf(hash.b);
  for (let probe = 0, at = hash.a; probe < PROBES; probe++, at = (at + step) >>> 0) {
    const bit = at % size;
    if ((bits[bit >>> 3]! & (1 << (bit & 7))) === 0) return false;
  }
  return true;
};
