/** Two 32-bit hashes of the last key that `hashKey` was given. */
export const keyHash = { a: 0, b: 0 };

/**
 * Hashes a key into `keyHash`; an object for each would cost more than the hashing. Filters and windows in snapshots are
 * made of these numbers: whoever changes the function raises `FOLD_VERSION`.
 */
export const hashKey = (key: string): void => {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  keyHash.a = a >>> 0;
  keyHash.b = b >>> 0;
};
