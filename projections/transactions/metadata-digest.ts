import { createHash } from 'node:crypto';

/** What a pair of metadata is found by: 16 bytes, so that two different pairs never meet. */
export const metadataDigest = (key: string, value: string): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([key, value]))
    .digest()
    .subarray(0, 16);
