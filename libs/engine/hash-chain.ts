import { hash } from 'node:crypto';
import { MAX_APPEND_BYTES } from '#event-store/event-store.js';
import { Slab } from './slab.js';

const HASH_BYTES = 32;

/** What stands before the first event of a stream. */
export const NO_HASH: Uint8Array = new Uint8Array(HASH_BYTES);

// One buffer for all: hashing in one call is quicker than feeding two pieces, even with the copy.
const scratch = Buffer.allocUnsafeSlow(HASH_BYTES + MAX_APPEND_BYTES);
const hashes = new Slab(8192);

/** SHA-256(previous event's hash ‖ the stored bytes of this one), 32 bytes (DECISIONS 2). */
export const chained = (previous: Uint8Array, payload: Uint8Array): Uint8Array => {
  scratch.set(previous, 0);
  scratch.set(payload, HASH_BYTES);
  return hashes.write(hash('sha256', scratch.subarray(0, HASH_BYTES + payload.length), 'binary'), 'latin1');
};

export const sameHash = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
