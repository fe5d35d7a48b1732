/** 64 bits of a key, as two 32-bit numbers. */
export interface KeyHash {
  readonly a: number;
  readonly b: number;
}

const last = { a: 0, b: 0 };

/**
 * Hashes a key. What it answers is one object, good until the next call: an object for each key would cost more than the
 * hashing. Filters and windows in snapshots are made of these numbers: whoever changes the function raises `FOLD_VERSION`.
 */
export const hashKey = (key: string): KeyHash => {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  last.a = a >>> 0;
  last.b = b >>> 0;
  return last;
};
