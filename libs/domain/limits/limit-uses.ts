import type { Account } from '../accounts/accounts.js';
import { LedgerInconsistent } from '../entries.js';
import { add, LARGEST, subtract, ZERO, type Minor } from '../money.js';
import type { TenantState } from '../state.js';
import type { LocalDate } from '../time.js';
import type { LimitDirection } from './limits.js';

/** What a fact adds to what an account's owner has used of its limits, or gives back of it (DECISIONS 43, 44). */
export interface LimitUse {
  readonly account_id: string;
  readonly direction: LimitDirection;
  /** Minor units of the account's currency: above zero uses, below zero gives back. */
  readonly amount: number;
  /** The tenant's local day on which it was counted; what is given back names the day on which it once was. */
  readonly counted_on: string;
}

/** What every fact may say that moves or holds money; left out where it is empty. */
export interface Counted {
  readonly limit_uses?: readonly LimitUse[];
}

/** Whether what an account sends and gets counts towards limits: a wallet's does, the tenant's own money does not. */
export const isCounted = ({ terms }: Account): boolean => {
  switch (terms.walletType) {
    case 'customer':
    case 'business':
    case 'merchant':
    case 'agent':
      return true;
    case 'float':
    case 'general':
    case 'system':
      return false;
  }
};

/**
 * Whose counter an account's uses go to: its customer's, one for each currency, else its own. An account has one currency,
 * so its id is enough.
 */
export const counterOf = ({ id, extras, terms }: Account): string =>
  extras.customerId === null ? id : `${extras.customerId}|${terms.currency}`;

/** Throws `AmountOutOfRange` where a counter would leave the range of safe integers by these uses. */
export const mustFit = (state: TenantState, uses: readonly LimitUse[]): void => {
  let more = 0;
  for (const { amount } of uses) if (amount > 0) more += amount;
  if (more + state.limitCounters.ceiling <= Number.MAX_SAFE_INTEGER) return;
  const sums = new Map<string, Minor>();
  for (const { account_id, direction, amount, counted_on } of uses) {
    if (amount <= 0) continue;
    const counter = counterOf(state.accounts.get(account_id) as Account);
    const key = `${counter}|${direction}`;
    const sum = add(sums.get(key) ?? ZERO, amount as Minor);
    sums.set(key, sum);
    add(state.limitCounters.used(counter, direction, 'monthly', counted_on), sum);
  }
};

/** What a counter still takes on a day: what a month has room for below the largest amount. */
export const roomOf = (state: TenantState, account: Account, direction: LimitDirection, day: LocalDate): Minor =>
  subtract(LARGEST, state.limitCounters.used(counterOf(account), direction, 'monthly', day));

/** Counts what a fact that was recorded on the local day `today` says it counts. */
export const applyLimitUses = (state: TenantState, uses: readonly LimitUse[], today: LocalDate): void => {
  for (const { account_id, direction, amount, counted_on } of uses) {
    const account = state.accounts.get(account_id);
    if (!account) throw new LedgerInconsistent(`a limit use names ${account_id}, which was never opened`);
    if (amount > 0 ? counted_on !== today : counted_on > today) {
      throw new LedgerInconsistent(`a limit use of ${account_id} is of ${counted_on}, which is not ${today}`);
    }
    state.limitCounters.change(counterOf(account), direction, amount as Minor, counted_on, today);
  }
};
