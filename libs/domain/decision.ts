import type { Ulid } from './ids.js';
import type { LimitEvaluation } from './limits/evaluate-limits.js';
import type { RefusalCode } from './refusals.js';
import type { Instant, LocalDate } from './time.js';

/** A business day as it is counted now. */
export interface BusinessDay {
  readonly date: LocalDate;
  /** The first instant of the next one. */
  readonly endsAt: Instant;
  /** IANA name. */
  readonly timezone: string;
  /** Local hour at which the next one begins; 0: midnight. */
  readonly cutOffHour: number;
}

/** What a decision may know besides the command and the state. All of it is fixed by the engine, none of it by a clock. */
export interface Moment {
  /** Never earlier than the last event's time, whatever the clock did. */
  readonly at: Instant;
  /** Calendar day in the tenant's time zone: what daily and monthly limits count by. */
  readonly localDate: LocalDate;
  /** The business day that settlements count by (time zone and cut-off hour). */
  readonly businessDate: LocalDate;
  /** How that day is counted, and when it ends. */
  readonly businessDay: BusinessDay;
  /** The business day of an earlier time, as days are counted now; also one that is over and netted. */
  readonly businessDateOf: (at: Instant) => LocalDate;
  /** The next ULID of this attempt: greater than every id before it, and by a random step. */
  readonly nextUlid: () => Ulid;
}

/**
 * Personal data or free text in a decided event. Its author's subject (a customer, an account, the tenant) is the event's;
 * the engine seals it on encoding, so that what is stored, hashed and folded is a `Sealed` string.
 */
export interface Clear {
  readonly clear: string;
  /** Where it is somebody else's than the event's subject. */
  readonly subject?: string;
}

/** `s1.<subject>.<base64url of iv ‖ ciphertext ‖ tag>`: AES-256-GCM under the subject's key. */
export type Sealed = string;

/** In a decision clear or, where it was taken over from an earlier event, sealed; in a stream always sealed. */
export type Personal = Clear | Sealed;

export const clear = (text: string): Clear => ({ clear: text });

/** A client's metadata, in the order of its keys. Pairs, because the keys of canonical JSON are ASCII and a client's may not be. */
export type PersonalMetadata = readonly (readonly [key: string, value: Personal])[];

export type Metadata = Readonly<Record<string, string>>;

/** RFC 7396: null removes a key, a text sets it, what is not named stays. */
export type MetadataPatch = Readonly<Record<string, string | null>>;

/** Whatever a request brings is checked at the door; what a patch adds up to only a decision can tell. */
export const MAX_METADATA_KEYS = 50;

// No key comes twice.
const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]): number => (a[0] < b[0] ? -1 : 1);

export const personalMetadata = (metadata: Metadata | undefined): PersonalMetadata =>
  Object.entries(metadata ?? {})
    .sort(byKey)
    .map(([key, value]) => [key, clear(value)] as const);

/** RFC 7396 on one level: null removes a key, a text sets it, what is not named stays. */
export const mergeMetadata = (before: PersonalMetadata, patch: MetadataPatch | undefined): PersonalMetadata => {
  if (patch === undefined) return before;
  const merged = new Map<string, Personal>(before);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, clear(value));
  }
  return [...merged].sort(byKey);
};

/** An event as decided: without revision, hash and meta, with personal data still in the clear. */
interface DraftOf<E extends { type: string; data: unknown }> {
  readonly id: Ulid;
  readonly type: E['type'];
  readonly data: E['data'];
  /** Id of whom the personal data in it belongs to: customer, else account, else tenant. */
  readonly subject: string;
}

/** A union of drafts for a union of events, so that `type` still tells which `data` it is. */
export type Draft<E extends { type: string; data: unknown }> = E extends unknown ? DraftOf<E> : never;

export interface Refusal {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  /** The field of the request that is at fault, dotted, in the newest version's names. */
  readonly param?: string;
  /** A sentence for a stranger, without personal data. */
  readonly message?: string;
  /** The limit, fee rule or entitlement responsible. */
  readonly rule?: string;
}

export interface Accepted<D> {
  readonly kind: 'accepted';
  readonly events: readonly D[];
  /** Of a batch that is only tried: what each of its lines came to. Never to be appended. */
  readonly lines?: readonly Decision<D>[];
  /** Of a question: all that it comes to. Never to be appended. */
  readonly answer?: LimitEvaluation;
}

/** Nothing is to change; the draft is never appended, it only says how things stand, for the answer. */
export interface Unchanged<D> {
  readonly kind: 'unchanged';
  readonly standing: D;
  /** Set where a network message came again: whether its body was another one. */
  readonly duplicate?: 'same_body' | 'other_body';
}

export type Decision<D> = Accepted<D> | Unchanged<D> | Refusal;

export const accept = <D>(...events: readonly D[]): Accepted<D> => ({ kind: 'accepted', events });

export const unchanged = <D>(standing: D): Unchanged<D> => ({ kind: 'unchanged', standing });

export const refuse = (code: RefusalCode, param?: string, message?: string): Refusal => ({
  kind: 'refused',
  code,
  ...(param === undefined ? {} : { param }),
  ...(message === undefined ? {} : { message }),
});
