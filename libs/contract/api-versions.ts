/** The dated versions of the contract. Handlers know the newest alone; only this library compares dates. */

export interface ApiVersion {
  readonly date: string;
  /** Last day on which it is served; null while none is set. */
  readonly ends: string | null;
}

/** Oldest first. */
export const API_VERSIONS: readonly ApiVersion[] = [
  { date: '2025-11-01', ends: '2028-02-01' },
  { date: '2026-02-01', ends: null },
  { date: '2026-05-19', ends: null },
];

export const NEWEST_API_VERSION = (API_VERSIONS.at(-1) as ApiVersion).date;

const DATES: ReadonlySet<string> = new Set(API_VERSIONS.map(({ date }) => date));

export const isApiVersion = (text: string): boolean => DATES.has(text);

/** From this version on a POST of the tenant plane must have an Idempotency-Key. */
const KEY_REQUIRED_SINCE = '2026-02-01';

// Dates of one form: their order as texts is their order in time.
export const requiresIdempotencyKey = (version: string): boolean => version >= KEY_REQUIRED_SINCE;
