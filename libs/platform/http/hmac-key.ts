import { hash } from 'node:crypto';

const BLOCK = 64;
const DIGEST = 32;
const ROOM = 4096;

/**
 * HMAC-SHA-256 (RFC 2104) under one key, many times: two one-shot hashes over prepared bytes. Every keyed request is
 * fingerprinted, and an `Hmac` object of Node costs three times as much as both hashes.
 */
export class HmacKey {
  private readonly inner: Buffer;
  private readonly outer: Buffer;

  /** 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.length > BLOCK) throw new RangeError('a key longer than a block would have to be hashed first');
    this.inner = Buffer.alloc(BLOCK + ROOM, 0);
    this.outer = Buffer.alloc(BLOCK + DIGEST, 0);
    for (let i = 0; i < BLOCK; i++) {
      const byte = key[i] ?? 0;
      this.inner[i] = byte ^ 0x36;
      this.outer[i] = byte ^ 0x5c;
    }
  }

  /** Of the text's UTF-8, in hexadecimal. */
  hex(text: string): string {
    // At most three bytes come of each code unit.
    const isShort = text.length * 3 <= ROOM;
    const inner = isShort
      ? this.inner.subarray(0, BLOCK + this.inner.write(text, BLOCK, 'utf8'))
      : Buffer.concat([this.inner.subarray(0, BLOCK), Buffer.from(text, 'utf8')]);
    this.outer.write(hash('sha256', inner, 'binary'), BLOCK, 'latin1');
    return hash('sha256', this.outer, 'hex');
  }
}
