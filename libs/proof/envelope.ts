/** One line of an export as an event: its bytes, its hash, and what any event must be whatever it says. */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { canonicalJson, type Json } from '#domain/canonical.js';
import { readEnvelope } from '#domain/codec.js';
import { isUlid, timeOfUlid } from '#domain/ids.js';
import { IS_PUBLIC } from '#domain/is-public.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { formatInstant } from '#domain/time.js';
import { Contradiction, must } from './wrong.js';

const HASH_BYTES = 32;
const LONGEST = 2 ** 21;
const LAST_BRACE = 0x7d;
const BEFORE_HASH = Buffer.from(',"hash":"');
const AFTER_HASH = Buffer.from('"}');
/** `,"hash":"<64 hex>"}` */
const TAIL = BEFORE_HASH.length + 2 * HASH_BYTES + AFTER_HASH.length;

/** An event's line, taken apart. */
export interface EventLine {
  /** The stored envelope but for its last brace. */
  readonly open: Buffer;
  /** Hex, as the line states it. */
  readonly hash: string;
}

const isHexDigit = (byte: number): boolean => (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66);

/** How long the envelope of an event's line is, without its last brace; null where a line does not end as an event's does. */
export const openLength = (bytes: Buffer): number | null => {
  const at = bytes.length - TAIL;
  if (at <= 0) return null;
  for (let i = 0; i < BEFORE_HASH.length; i++) if (bytes[at + i] !== BEFORE_HASH[i]) return null;
  const end = bytes.length - AFTER_HASH.length;
  for (let i = at + BEFORE_HASH.length; i < end; i++) if (!isHexDigit(bytes[i]!)) return null;
  return bytes[end] === AFTER_HASH[0] && bytes[end + 1] === AFTER_HASH[1] ? at : null;
};

/** Null where a line does not end as an event's does. */
export const eventLine = (bytes: Buffer): EventLine | null => {
  const length = openLength(bytes);
  if (length === null) return null;
  const begin = length + BEFORE_HASH.length;
  return { open: bytes.subarray(0, length), hash: bytes.toString('latin1', begin, begin + 2 * HASH_BYTES) };
};

// One buffer for all: hashing in one call is quicker than feeding pieces, even with the copy.
const scratch = Buffer.allocUnsafeSlow(HASH_BYTES + LONGEST);

/** Hex of SHA-256(the hash before ‖ the envelope). */
export const chainedHash = (previous: string, open: Buffer): string => {
  scratch.write(previous, 0, 'hex');
  scratch.set(open, HASH_BYTES);
  scratch[HASH_BYTES + open.length] = LAST_BRACE;
  return hash('sha256', scratch.subarray(0, HASH_BYTES + open.length + 1), 'hex');
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Contradiction('it is not JSON');
  }
};

const eventOf = (envelope: unknown): LedgerEvent => {
  const event = readEnvelope(envelope);
  must(Object.keys(envelope as object).length === 7, () => 'its envelope has other members than it should');
  must((envelope as { at: string }).at === formatInstant(event.at), () => 'its time is not in UTC with milliseconds');
  return event;
};

/** Reads the envelope in the first bytes of a line, whichever way it is written. Throws `Contradiction`. */
export const readEvent = (line: Buffer, length = line.length): LedgerEvent =>
  eventOf(parsed(`${line.toString('utf8', 0, length)}}`));

/** Sees that an envelope is written in the one way that there is. Throws `Contradiction`. */
export const checkCanonical = (open: Buffer): void => {
  must(isUtf8(open), () => 'it is not UTF-8');
  const text = `${open.toString('utf8')}}`;
  let canonical: string;
  try {
    canonical = canonicalJson(parsed(text) as Json);
  } catch (error) {
    throw new Contradiction((error as Error).message);
  }
  must(canonical === text, () => 'it is not written canonically (RFC 8785)');
};

/** Reads an envelope and sees that it is written in the one way that there is. Throws `Contradiction`. */
export const readCanonical = (open: Buffer): LedgerEvent => {
  checkCanonical(open);
  return readEvent(open);
};

/** Where a stream stands, as its events so far say. */
export interface Place {
  readonly revision: number;
  readonly id: string;
  readonly at: number;
  readonly sequence: number;
}

export const BEFORE_FIRST: Place = { revision: -1, id: '', at: 0, sequence: 0 };

/** Revision, id, time and number of an event follow those before. */
export const follows = (before: Place, event: LedgerEvent, tenantId: string): Place => {
  const { revision, id, at, meta, type } = event;
  must(revision === before.revision + 1, () => `it says that it is revision ${String(revision)}`);
  must(typeof id === 'string' && isUlid(id), () => `its id ${String(id)} is no ULID`);
  must(id > before.id, () => `its id ${id} is not greater than the one before, ${before.id}`);
  must(
    timeOfUlid(id) === at,
    () => `its id was made at ${formatInstant(timeOfUlid(id))}, it says ${formatInstant(at)}`,
  );
  must(at >= before.at, () => `it is of ${formatInstant(at)}, before the one before it`);
  must(meta.tenant_id === tenantId, () => `it is of ${String(meta.tenant_id)}, another tenant`);
  const sequence = IS_PUBLIC[type] ? before.sequence + 1 : null;
  must(meta.sequence === sequence, () => `its sequence is ${String(meta.sequence)}, due is ${String(sequence)}`);
  return { revision, id, at, sequence: sequence ?? before.sequence };
};
