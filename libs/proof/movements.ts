/** Entries and holds of an event: whether they balance, and what each account has after them. */
import type { Entry, HoldChange } from '#domain/entries.js';
import { accountOf, type AccountStanding, type Standing } from './standing.js';
import { must } from './wrong.js';

const isAmount = (value: unknown): boolean => Number.isSafeInteger(value);

const checkBalanced = (entries: readonly Entry[]): void => {
  const sums = new Map<string, bigint>();
  for (const { direction, amount, currency } of entries) {
    sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(direction === 'debit' ? amount : -amount));
  }
  for (const [currency, sum] of sums) {
    must(sum === 0n, () => `its debits and credits in ${currency} differ by ${sum < 0n ? -sum : sum}`);
  }
};

const isPair = (entries: readonly Entry[]): boolean => {
  const [a, b] = entries;
  return (
    entries.length === 2 && a!.direction !== b!.direction && a!.amount === b!.amount && a!.currency === b!.currency
  );
};

const checkEntry = (entry: Entry, account: AccountStanding, nth: number): number => {
  const { account_id: id, amount, currency, direction, balance_after } = entry;
  must(isAmount(amount) && amount > 0, () => `the amount of its entry ${nth} is ${String(amount)}`);
  must(direction === 'debit' || direction === 'credit', () => `its entry ${nth} is neither a debit nor a credit`);
  must(currency === account.currency, () => `its entry ${nth} is in ${currency}, ${id} in ${account.currency}`);
  const balance = account.balance + (direction === account.normalSide ? amount : -amount);
  must(isAmount(balance), () => `${id} would have ${balance}, which no amount can be`);
  must(balance === balance_after, () => `balance_after of ${id} is ${balance_after}, its entries come to ${balance}`);
  return balance;
};

/** Of accounts that may not owe, whoever has less than before still has something, or its overdraft. */
const checkFunds = (before: ReadonlyMap<AccountStanding, number>): void => {
  for (const [account, balance] of before) {
    if (account.allowNegative || account.balance >= balance) continue;
    must(
      account.balance + account.overdraftLimit >= 0,
      () => `${account.id} is left with ${account.balance}, less than it may owe`,
    );
  }
};

/** Answers what each account that it touches had before. */
export const applyEntries = (standing: Standing, entries: readonly Entry[]): Map<AccountStanding, number> => {
  const before = new Map<AccountStanding, number>();
  for (const [nth, entry] of entries.entries()) {
    const account = accountOf(standing, entry.account_id);
    if (!before.has(account)) before.set(account, account.balance);
    account.balance = checkEntry(entry, account, nth);
  }
  if (!isPair(entries)) checkBalanced(entries);
  checkFunds(before);
  return before;
};

export const applyHolds = (standing: Standing, holds: readonly HoldChange[]): void => {
  for (const { account_id: id, amount, held_after } of holds) {
    const account = accountOf(standing, id);
    must(isAmount(amount) && amount !== 0, () => `the amount of a hold on ${id} is ${String(amount)}`);
    const held = account.held + amount;
    must(held >= 0 && isAmount(held), () => `${id} would hold ${held}`);
    must(held === held_after, () => `held_after of ${id} is ${held_after}, its holds come to ${held}`);
    account.held = held;
  }
};

/** By how much the entries raised what an account has on its normal side. */
export const creditsTo = (
  standing: Standing,
  entries: readonly Entry[],
  which: (account: AccountStanding) => boolean,
): number =>
  entries.reduce((sum, { account_id, direction, amount }) => {
    if (!which(accountOf(standing, account_id))) return sum;
    return sum + (direction === 'credit' ? amount : -amount);
  }, 0);
