/** The dated versions of the contract. Handlers know the newest alone; only this library compares dates. */
import { CHANGES_2026_02_01 } from './versions/2026-02-01.js';
import { CHANGES_2026_05_19 } from './versions/2026-05-19.js';
import type { Change } from './versions/change.js';

export interface ApiVersion {
  /** The day on which it shipped; its name. */
  readonly date: string;
  /** Since when clients are asked to leave it; null: they are not. */
  readonly deprecated: string | null;
  /** The first day on which it is no longer served; null while none is set. At least 24 months after its successor shipped. */
  readonly ends: string | null;
  /** What breaks a client of the version before. */
  readonly changes: readonly Change[];
}

/** Oldest first. A new one is a file of changes and a line here. */
export const API_VERSIONS: readonly ApiVersion[] = [
  { date: '2025-11-01', deprecated: '2026-05-19', ends: '2028-02-01', changes: [] },
  { date: '2026-02-01', deprecated: null, ends: null, changes: CHANGES_2026_02_01 },
  { date: '2026-05-19', deprecated: null, ends: null, changes: CHANGES_2026_05_19 },
];

export const NEWEST_API_VERSION = (API_VERSIONS.at(-1) as ApiVersion).date;

const BY_DATE: ReadonlyMap<string, ApiVersion> = new Map(API_VERSIONS.map((version) => [version.date, version]));

/** Undefined: there is none of that date. */
export const apiVersion = (date: string): ApiVersion | undefined => BY_DATE.get(date);

export const isApiVersion = (text: string): boolean => BY_DATE.has(text);

/** The one that shipped next; undefined for the newest. */
export const successorOf = (date: string): ApiVersion | undefined =>
  API_VERSIONS[API_VERSIONS.findIndex((one) => one.date === date) + 1];
