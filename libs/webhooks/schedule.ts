/** When a delivery is tried again. The gaps are those of the published schedule: ten attempts in about a week. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Between an attempt and the next, in ms: after the first, after the second, … */
export const GAPS_MS: readonly number[] = [
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  6 * HOUR,
  18 * HOUR,
  48 * HOUR,
  96 * HOUR,
];

export const MAX_ATTEMPTS = GAPS_MS.length + 1;

/** What is added at most to a wait, as a share of it, so that what failed together does not come back together. */
const JITTER = 0.1;

/** How an attempt ended, as far as the schedule is concerned. */
export type Outcome =
  | { readonly class: 'delivered' }
  /** It may go better later. `retryAfterMs`: what the consumer asked for, null where it did not. */
  | { readonly class: 'retry'; readonly retryAfterMs: number | null }
  /** The consumer has refused this delivery, and would again. */
  | { readonly class: 'refused' };

/**
 * - `{ atDelayMs }`: once more, so long after this attempt.
 * - `delivered`, `refused`: the delivery is done with.
 * - `dead`: that was the last attempt, and the endpoint is taken for dead.
 */
export type Next = { readonly atDelayMs: number } | 'delivered' | 'refused' | 'dead';

/**
 * @param attemptsMade from 1: the one that has just ended counts
 * @param random from 0 inclusive to 1 exclusive
 */
export const nextAttempt = (attemptsMade: number, outcome: Outcome, random: number): Next => {
  if (outcome.class !== 'retry') return outcome.class;
  const gap = GAPS_MS[attemptsMade - 1];
  if (gap === undefined) return 'dead';
  // Whoever asks for a year would get what it missed when nothing of it is kept any more.
  const longest = GAPS_MS[attemptsMade] ?? gap;
  const wait = Math.max(gap, Math.min(outcome.retryAfterMs ?? 0, longest));
  return { atDelayMs: wait + Math.floor(wait * JITTER * random) };
};

/** Statuses beside 5xx that say nothing about the delivery itself. */
const PASSING = new Set([408, 409, 425, 429]);

/**
 * 2xx is delivered. 408, 409, 425, 429, 5xx are tried again, and so is whatever is no answer to a delivery (1xx, 3xx: a
 * redirect is not followed, and its URL can be mended). Every other 4xx is a refusal.
 */
export const classOfStatus = (status: number): Outcome['class'] => {
  if (status >= 200 && status <= 299) return 'delivered';
  return status >= 400 && status <= 499 && !PASSING.has(status) ? 'refused' : 'retry';
};

const IMF_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** How long a `Retry-After` asks to wait, in ms; null where there is none or it says nothing (RFC 9110 §10.2.3). */
export const retryAfterMs = (header: string | undefined, now: number): number | null => {
  const value = header?.trim() ?? '';
  if (/^\d{1,12}$/.test(value)) return Number(value) * SECOND;
  if (!IMF_DATE.test(value)) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
};
