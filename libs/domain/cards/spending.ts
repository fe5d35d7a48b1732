/** What a card has spent, for its spending controls: counted with its account's limits, whether or not it has controls. */
import type { LimitUse } from '../limits/limit-uses.js';
import type { LocalDate } from '../time.js';
import type { SpendingControls, SpendingLimit } from './cards.js';

/** Minor units, none below zero. */
export interface CardSpending {
  /** The latest local day on which the card was used; the sums of the day and of its month are of then. */
  readonly day: LocalDate;
  readonly daily: number;
  readonly monthly: number;
  readonly allTime: number;
}

export const NOT_SPENT: CardSpending = { day: '', daily: 0, monthly: 0, allTime: 0 };

const monthOf = (day: LocalDate): string => day.slice(0, 7);

// Clearings count whatever they come to, and nothing that a network says may stop the fold: sums stop at either end.
const bounded = (sum: number): number => Math.min(Math.max(sum, 0), Number.MAX_SAFE_INTEGER);

const turnedTo = (spent: CardSpending, today: LocalDate): CardSpending =>
  today <= spent.day
    ? spent
    : {
        day: today,
        daily: 0,
        monthly: monthOf(today) === monthOf(spent.day) ? spent.monthly : 0,
        allTime: spent.allTime,
      };

/** The counters after a fact of `today`. What is given back of a day or month that is over changes only what it is still in. */
export const spentAfter = (before: CardSpending, uses: readonly LimitUse[], today: LocalDate): CardSpending =>
  uses.reduce(
    (spent, { amount, counted_on }) => ({
      day: spent.day,
      daily: counted_on === spent.day ? bounded(spent.daily + amount) : spent.daily,
      monthly: monthOf(counted_on) === monthOf(spent.day) ? bounded(spent.monthly + amount) : spent.monthly,
      allTime: bounded(spent.allTime + amount),
    }),
    turnedTo(before, today),
  );

const usedOf = (spent: CardSpending, interval: SpendingLimit['interval'], today: LocalDate): number => {
  const now = turnedTo(spent, today);
  switch (interval) {
    case 'per_authorization':
      return 0;
    case 'daily':
      return now.daily;
    case 'monthly':
      return now.monthly;
    case 'all_time':
      return now.allTime;
  }
};

/** Whether one more purchase would break a control: `amount` on top of what was spent, or `total` at once (minor units). */
export const exceedsControls = (
  { limits }: SpendingControls,
  spent: CardSpending,
  amount: number,
  total: number,
  today: LocalDate,
): boolean =>
  limits.some(
    (limit) =>
      (limit.interval === 'per_authorization' ? total : amount) > limit.amount - usedOf(spent, limit.interval, today),
  );
