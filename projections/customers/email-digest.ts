import { createHash } from 'node:crypto';

/** What a customer is found by: 16 bytes, so that two different addresses never meet; large and small letters are one. */
export const emailDigest = (email: string): Buffer =>
  createHash('sha256').update(email.toLowerCase()).digest().subarray(0, 16);
