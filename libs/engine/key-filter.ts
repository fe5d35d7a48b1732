const BITS_PER_KEY = 16;
const PROBES = 8;
const FIRST_CAPACITY = 1024;
const GROWTH = 4;

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

const newLayer = (capacity: number): Layer => ({
  capacity,
  bits: new Uint8Array((capacity * BITS_PER_KEY) / 8),
  count: 0,
});

let hashA = 0;
let hashB = 0;

/** Two 32-bit hashes of a text at once, into `hashA` and `hashB`: an object for them would cost more than they do. */
const hashText = (text: string): void => {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  hashA = a >>> 0;
  // Odd, so that the probes of a key don't fall on one another.
  hashB = (b | 1) >>> 0;
};

/**
 * Says for certain that a key was never used, or that it may have been (wrong about once in a thousand fresh keys): so
 * that a fresh idempotency key or reference costs no question to a database.
 *
 * Bloom filters, each four times as large as the one before it: 16 bits a key, 2 KB for a tenant with little in it.
 */
export class KeyFilter {
  readonly #layers: Layer[] = [newLayer(FIRST_CAPACITY)];

  static restore(layers: readonly StoredLayer[]): KeyFilter {
    const filter = new KeyFilter();
    if (layers.length > 0) filter.#layers.length = 0;
    for (const { capacity, count, bits } of layers) {
      if (bits.length !== (capacity * BITS_PER_KEY) / 8) throw new RangeError('a filter of another size');
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

  add(key: string): void {
    let layer = this.#layers.at(-1)!;
    if (layer.count >= layer.capacity) {
      layer = newLayer(layer.capacity * GROWTH);
      this.#layers.push(layer);
    }
    hashText(key);
    const size = layer.bits.length * 8;
    for (let probe = 0, at = hashA; probe < PROBES; probe++, at = (at + hashB) >>> 0) {
      const bit = at % size;
      layer.bits[bit >>> 3]! |= 1 << (bit & 7);
    }
    layer.count += 1;
  }

  /** False: it was never added. */
  mayHave(key: string): boolean {
    hashText(key);
    return this.#layers.some((layer) => layer.count > 0 && has(layer));
  }
}

const has = ({ bits }: Layer): boolean => {
  const size = bits.length * 8;
  for (let probe = 0, at = hashA; probe < PROBES; probe++, at = (at + hashB) >>> 0) {
    const bit = at % size;
    if ((bits[bit >>> 3]! & (1 << (bit & 7))) === 0) return false;
  }
  return true;
};
