/** What of a hold is counted on which day, so that giving back finds the windows that it was counted in (DECISIONS 44, 49). */
import type { Account } from '../accounts/accounts.js';
import { add, smaller, subtract, ZERO, type Minor } from '../money.js';
import type { Posting } from '../posting.js';
import type { LocalDate } from '../time.js';

/** One day's part of a hold. */
export interface HeldCount {
  /** The tenant's local day. */
  readonly counted_on: string;
  /** Minor units, above zero. */
  readonly amount: number;
}

/** Oldest day first; their sum is what is held, but of holds that were made before uses were counted. */
export type HeldCounts = readonly HeldCount[];

/** Counts more of a wallet's hold as outbound today, above zero: for the record of the fact in the making, and on the hold. */
export const countHeld = (
  posting: Posting,
  account: Account,
  counts: HeldCounts,
  amount: Minor,
  today: LocalDate,
): HeldCounts => {
  posting.count(account, 'outbound', amount, today);
  const newest = counts.at(-1);
  if (newest?.counted_on !== today) return [...counts, { counted_on: today, amount }];
  return [...counts.slice(0, -1), { counted_on: today, amount: add(newest.amount as Minor, amount) }];
};

/** Gives back what was counted of a part of the hold that nobody will spend: what was counted last goes first. */
export const uncountHeld = (posting: Posting, account: Account, counts: HeldCounts, amount: Minor): HeldCounts => {
  const left = [...counts];
  let rest = amount;
  while (rest > 0) {
    const newest = left.pop();
    if (newest === undefined) break;
    const back = smaller(rest, newest.amount as Minor);
    posting.count(account, 'outbound', subtract(ZERO, back), newest.counted_on);
    rest = subtract(rest, back);
    if (back < newest.amount) left.push({ ...newest, amount: subtract(newest.amount as Minor, back) });
  }
  return left;
};

/** The hold after a part of it was spent, which stays counted: what was counted first goes first. */
export const spendHeld = (counts: HeldCounts, amount: Minor): HeldCounts => {
  const left = [...counts];
  let rest = amount;
  while (rest > 0) {
    const oldest = left.shift();
    if (oldest === undefined) break;
    const spent = smaller(rest, oldest.amount as Minor);
    rest = subtract(rest, spent);
    if (spent < oldest.amount) left.unshift({ ...oldest, amount: subtract(oldest.amount as Minor, spent) });
  }
  return left;
};
