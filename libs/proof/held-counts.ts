/** What of a card's hold is counted towards limits on which day, newest last (DECISIONS 49). */
import type { HeldCounts } from '#domain/limits/held-counts.js';

type Counts = HeldCounts;

export const counted = (counts: Counts, amount: number, day: string): Counts => {
  const last = counts.at(-1);
  if (last?.counted_on !== day) return [...counts, { counted_on: day, amount }];
  return [...counts.slice(0, -1), { counted_on: day, amount: last.amount + amount }];
};

/** The counts without so much of them, from one end, and what was taken of which day. */
const without = (counts: Counts, amount: number, end: 'newest' | 'oldest'): { left: Counts; taken: Counts } => {
  const left = [...counts];
  const taken: { counted_on: string; amount: number }[] = [];
  let rest = amount;
  while (rest > 0 && left.length > 0) {
    const next = (end === 'newest' ? left.pop() : left.shift())!;
    const part = Math.min(rest, next.amount);
    taken.push({ counted_on: next.counted_on, amount: part });
    rest -= part;
    if (part === next.amount) continue;
    const kept = { counted_on: next.counted_on, amount: next.amount - part };
    if (end === 'newest') left.push(kept);
    else left.unshift(kept);
  }
  return { left, taken };
};

/** What nobody will spend is given back, what was counted last goes first. */
export const givenBack = (counts: Counts, amount: number) => without(counts, amount, 'newest');

/** What was spent stays counted, what was counted first goes first. */
export const spent = (counts: Counts, amount: number): Counts => without(counts, amount, 'oldest').left;
