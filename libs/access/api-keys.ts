import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { KeyEnvironment } from './principal.js';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SECRET = 33;
const CHECKSUM = 6;
const ULID = 26;
const FORM = /^qp_sk_(live|sandbox)_([0-7][0-9A-HJKMNP-TV-Z]{25})([0-9A-Za-z]{33})[0-9A-Za-z]{6}$/;

/** What finds a leaked key in logs and repositories; its checksum then tells a key from what only looks like one. */
export const API_KEY_PATTERN = /\bqp_sk_(?:live|sandbox)_[0-7][0-9A-HJKMNP-TV-Z]{25}[0-9A-Za-z]{39}\b/g;

export const API_KEY_PREFIX = 'qp_sk_';

export interface ApiKeyText {
  readonly environment: KeyEnvironment;
  readonly keyId: string;
  /** ULID and secret: what the verifier is made of. The environment is not in it, so a wrong one can be told from garbage. */
  readonly proof: string;
}

/**
 * A new key: `qp_sk_<environment>_<ULID><33 random base62><6 base62 of the CRC-32 of all before it>`. The secret has 196
 * bits, so it needs no slow hash. Its id is made here because the key, which is shown once, contains it.
 */
export const mintApiKey = (environment: KeyEnvironment, now: number): { keyId: string; fullKey: string } => {
  const ulid = newUlid(now);
  const body = `${API_KEY_PREFIX}${environment}_${ulid}${randomText(SECRET)}`;
  return { keyId: `key_${ulid}`, fullKey: body + checksum(body) };
};

/** Null for what never was a key: told by its form and checksum, without asking anybody. */
export const parseApiKey = (text: string): ApiKeyText | null => {
  const parts = FORM.exec(text);
  if (parts === null || checksum(text.slice(0, -CHECKSUM)) !== text.slice(-CHECKSUM)) return null;
  const ulid = parts[2]!;
  return { environment: parts[1] as KeyEnvironment, keyId: `key_${ulid}`, proof: ulid + parts[3]! };
};

/** The key id that stands in a text that has a key's length and prefix; null otherwise. Proves nothing. */
export const keyIdIn = (text: string): string | null => {
  const start = text.startsWith('qp_sk_live_') ? 11 : text.startsWith('qp_sk_sandbox_') ? 14 : 0;
  if (start === 0 || text.length !== start + ULID + SECRET + CHECKSUM) return null;
  return `key_${text.slice(start, start + ULID)}`;
};

/**
 * HMAC-SHA-256 of a key under a pepper, which stands in no database: a stolen table can't be tried against. Peppers are
 * numbered from 1 (`hash_version`); new keys get the last one, and one that was replaced stays until its keys are gone.
 */
export class KeyVerifiers {
  constructor(private readonly peppers: readonly Uint8Array[]) {
    if (peppers.length === 0) throw new RangeError('there must be a pepper');
  }

  get currentVersion(): number {
    return this.peppers.length;
  }

  verifierOf(key: ApiKeyText, version = this.currentVersion): Buffer {
    const pepper = this.peppers[version - 1];
    if (pepper === undefined) throw new RangeError(`there is no pepper ${version}`);
    return createHmac('sha256', pepper).update(key.proof).digest();
  }

  /** In constant time. Without a verifier, for a key that nobody has, it takes as long and answers false. */
  matches(key: ApiKeyText, verifier: { readonly bytes: Buffer; readonly version: number } | null): boolean {
    const expected = verifier?.bytes ?? NOBODYS;
    return timingSafeEqual(this.verifierOf(key, verifier?.version), expected) && verifier !== null;
  }
}

const NOBODYS = Buffer.alloc(32);

const checksum = (text: string): string => {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < CHECKSUM; i += 1) {
    digits = BASE62[rest % 62]! + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
};

/** Bytes from 248 on are thrown away: 256 is no multiple of 62, and some characters would come more often. */
const randomText = (length: number): string => {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length + 8)) if (byte < 248 && text.length < length) text += BASE62[byte % 62]!;
  }
  return text;
};

const newUlid = (now: number): string => {
  let time = '';
  for (let rest = now, i = 0; i < 10; i += 1) {
    time = BASE32[rest % 32]! + time;
    rest = Math.floor(rest / 32);
  }
  return time + Array.from(randomBytes(16), (byte) => BASE32[byte % 32]!).join('');
};
