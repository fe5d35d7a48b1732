/** From shipping to the end: what state a version is in, and the rules that its dates keep. */
import { parseInstant, type Instant } from '#domain/time.js';
import type { ApiVersion } from '../api-versions.js';

export type VersionStatus = 'current' | 'supported' | 'deprecated' | 'retired';

const MONTHS_SERVED = 24;

/** Dates are few, and asked about with each request. */
const STARTS = new Map<string, Instant>();

/** Midnight UTC, in milliseconds. Throws `RangeError` for what is no date. */
export const startOf = (date: string): Instant => {
  const known = STARTS.get(date);
  if (known !== undefined) return known;
  const at = /^\d{4}-\d{2}-\d{2}$/.test(date) ? parseInstant(`${date}T00:00:00Z`) : undefined;
  if (at === undefined) throw new RangeError(`${date} is no date`);
  STARTS.set(date, at);
  return at;
};

const monthsAfter = (date: string, months: number): string => {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const count = year * 12 + (month - 1) + months;
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${Math.floor(count / 12)}-${two((count % 12) + 1)}-${two(day)}`;
};

/**
 * What is wrong with a list of versions, in sentences; none: nothing. Dates ascend; who ends is deprecated before; no version
 * ends before its successor has been there for 24 months; the newest does not end; each but the first breaks something, and
 * says what.
 */
export const faultsOf = (versions: readonly ApiVersion[]): string[] => {
  const faults: string[] = [];
  const ids = new Set<string>();
  for (const [i, { date, deprecated, ends, changes }] of versions.entries()) {
    const successor = versions[i + 1];
    for (const one of [date, deprecated, ends]) if (one !== null) startOf(one);
    if (successor !== undefined && successor.date <= date)
      faults.push(`${successor.date} does not come after ${date}.`);
    if (ends !== null && deprecated === null) faults.push(`${date} ends without having been deprecated.`);
    if (deprecated !== null && successor === undefined) faults.push(`${date} is deprecated, and nothing follows it.`);
    if (deprecated !== null && successor !== undefined && deprecated < successor.date) {
      faults.push(`${date} is deprecated before ${successor.date} shipped.`);
    }
    if (ends !== null && successor !== undefined && ends < monthsAfter(successor.date, MONTHS_SERVED)) {
      faults.push(`${date} ends on ${ends}: less than ${MONTHS_SERVED} months after ${successor.date} shipped.`);
    }
    if (i > 0 && changes.length === 0) faults.push(`${date} breaks nothing: what it adds belongs to all versions.`);
    for (const change of changes) {
      if (ids.has(change.id)) faults.push(`Two changes are called ${change.id}.`);
      ids.add(change.id);
      if (change.breaks.length === 0) faults.push(`${change.id} breaks nothing: it belongs to all versions.`);
    }
  }
  return faults;
};

/** To be asked at the start of a process. Throws `RangeError` with every fault. */
export const checkVersions = (versions: readonly ApiVersion[]): void => {
  const faults = faultsOf(versions);
  if (faults.length > 0) throw new RangeError(`The API versions can’t be served: ${faults.join(' ')}`);
};

/** `at`: milliseconds. A version is served until the day on which it ends begins. */
export const statusAt = ({ deprecated, ends }: ApiVersion, isNewest: boolean, at: Instant): VersionStatus => {
  if (ends !== null && at >= startOf(ends)) return 'retired';
  if (deprecated !== null && at >= startOf(deprecated)) return 'deprecated';
  return isNewest ? 'current' : 'supported';
};
