import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

const MAC_BYTES = 16;
const MAX_LENGTH = 500;

/**
 * Cursors of lists: a position and a MAC over it and over what the list is of. One that was made for another tenant, route,
 * order or filter opens nothing, and nobody can make one up.
 */
export class Cursors {
  private readonly key: KeyObject;

  constructor(key: Uint8Array) {
    this.key = createSecretKey(key);
  }

  /** `list`: tenant, route, order and filters, in a fixed order. */
  seal(list: string, position: string): string {
    const text = Buffer.from(position, 'utf8');
    return Buffer.concat([this.mac(list, text), text]).toString('base64url');
  }

  /** The position, or null where the cursor is none of this list. */
  open(list: string, cursor: string): string | null {
    if (cursor.length > MAX_LENGTH || !/^[A-Za-z0-9_-]+$/.test(cursor)) return null;
    const bytes = Buffer.from(cursor, 'base64url');
    // Two texts may decode alike; only the one that was given out is taken.
    if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== cursor) return null;
    const text = bytes.subarray(MAC_BYTES);
    return timingSafeEqual(this.mac(list, text), bytes.subarray(0, MAC_BYTES)) ? text.toString('utf8') : null;
  }

  private mac(list: string, position: Uint8Array): Buffer {
    return createHmac('sha256', this.key)
      .update(`${list.length}\0${list}`)
      .update(position)
      .digest()
      .subarray(0, MAC_BYTES);
  }
}
