import { createHmac } from 'node:crypto';

/** What an address is known by where nobody may read it: HMAC-SHA-256 under a key that stands in no database. */
export class Addresses {
  constructor(private readonly key: Uint8Array) {}

  /** In any case, and with or without spaces around it, an address is the same. */
  digestOf(email: string): Buffer {
    return createHmac('sha256', this.key).update(email.trim().normalize('NFC').toLowerCase()).digest();
  }
}
