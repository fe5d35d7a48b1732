/** Limits of the tiers: what may be set. What is used of them is recounted where it is judged. */
import { nextName, type Books } from './books.js';
import type { DataOf, LimitTerms, Verdict } from './terms.js';

const isOneRow = (a: LimitTerms, b: LimitTerms): boolean =>
  a.kyc_level === b.kyc_level && a.direction === b.direction && a.window === b.window && a.currency === b.currency;

const contradict = (a: LimitTerms, b: LimitTerms): boolean =>
  a.kyc_level === b.kyc_level &&
  a.currency === b.currency &&
  a.max_balance !== undefined &&
  b.max_balance !== undefined &&
  a.max_balance !== b.max_balance;

/** Replaces all limits, from the next command on. */
export const replaceLimits = (books: Books, { limits }: DataOf<'ReplaceLimits'>): Verdict => {
  const pairs = limits.flatMap((a, i) => limits.slice(0, i).map((b) => [a, b] as const));
  if (pairs.some(([a, b]) => isOneRow(a, b))) return 'refused: overlapping_limits';
  if (pairs.some(([a, b]) => contradict(a, b))) return 'refused: contradictory_max_balance';
  const made = nextName(books, 'limits');
  books.limits = limits.map((terms, i) => ({ name: `${made}.${i + 1}`, terms }));
  return 'done';
};
