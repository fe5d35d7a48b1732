/** Limits of the tiers: what may be set. What is used of them is recounted where it is judged. */
import { balanceOf, debtOf, isWallet, nextName, sum, tierOf, usedOf, type Books } from './books.js';
import type { DataOf, LimitTerms, Now, Verdict } from './terms.js';

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

/** Which limits an amount would exceed, sent to or got from somebody else. */
export const evaluateLimits = (books: Books, data: DataOf<'EvaluateLimits'>, now: Now): Verdict => {
  const { account_id, direction, amount, currency } = data;
  if (amount <= 0) return 'refused: amount_not_positive';
  const account = books.accounts.get(account_id);
  if (!account) return 'refused: account_not_found';
  if (account.currency !== currency) return 'refused: currency_mismatch';
  if (!isWallet(account)) return 'allowed';
  const its = books.limits.filter(
    ({ terms }) => terms.kyc_level === tierOf(books, account) && terms.currency === currency,
  );
  const exceeded: string[] = [];
  for (const window of ['daily', 'monthly'] as const) {
    const rule = its.find(({ terms }) => terms.direction === direction && terms.window === window);
    if (!rule) continue;
    const used = usedOf(books, account, direction, window, now.today);
    const left = Math.max(0, rule.terms.amount - used);
    if (amount > left) exceeded.push(`${rule.name} ${used} used ${left} left`);
  }
  const bound = its.find(({ terms }) => terms.max_balance !== undefined);
  if (direction === 'inbound' && bound) {
    const balance = balanceOf(books, account);
    sum([balance, amount]);
    // A debt is repaid first.
    const left = Math.max(0, (bound.terms.max_balance as number) - balance) + debtOf(books, account);
    if (amount > left) exceeded.push(`${bound.name} ${balance} held ${left} left`);
  }
  return exceeded.length === 0 ? 'allowed' : `exceeds by ${exceeded.join(', ')}`;
};
