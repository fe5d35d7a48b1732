import type { Account } from '../accounts/accounts.js';
import { tierOf } from '../accounts/standing.js';
import type { Moment } from '../decision.js';
import { subtract, type Minor } from '../money.js';
import type { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { failure, type Failure } from '../transactions/recording.js';
import { counterOf, isCounted } from './limit-uses.js';
import { LIMIT_WINDOWS, type LimitDirection, type LimitRule } from './limits.js';

/** A limit, and what is used of it before anything that is being decided. */
export interface Standing {
  readonly rule: LimitRule;
  readonly used: Minor;
}

/** The limits on what an account sends or gets, daily before monthly; none for accounts that limits are not about. */
export const standingsOf = (
  state: TenantState,
  account: Account,
  direction: LimitDirection,
  moment: Moment,
): readonly Standing[] => {
  const { rules } = state.limitRules.value;
  if (rules.length === 0 || !isCounted(account)) return [];
  const tier = tierOf(state, account);
  const { currency } = account.terms;
  const standings: Standing[] = [];
  for (const window of LIMIT_WINDOWS) {
    const rule = rules.find(
      (one) =>
        one.window === window && one.kyc_level === tier && one.direction === direction && one.currency === currency,
    );
    if (rule !== undefined) {
      standings.push({
        rule,
        used: state.limitCounters.used(counterOf(account), direction, window, moment.localDate),
      });
    }
  }
  return standings;
};

/**
 * `limit_exceeded` with the limit as its rule, where this amount (minor units of the account's currency), on top of what
 * its owner has used, is more than a limit of its tier; daily before monthly (DECISIONS 45). To be asked before the posting
 * counts anything.
 */
export const exceededLimit = (
  state: TenantState,
  account: Account,
  direction: LimitDirection,
  amount: Minor,
  moment: Moment,
): Failure | null => {
  for (const { rule, used } of standingsOf(state, account, direction, moment)) {
    if (amount > subtract(rule.amount as Minor, used)) return failure('limit_exceeded', rule.limit_id);
  }
  return null;
};

/** The rule that bounds what one account of a tier may hold in a currency; rows that state it agree. */
export const balanceRule = (state: TenantState, account: Account): LimitRule | undefined => {
  const { rules } = state.limitRules.value;
  if (rules.length === 0 || !isCounted(account)) return undefined;
  const tier = tierOf(state, account);
  return rules.find(
    (one) => one.max_balance !== null && one.kyc_level === tier && one.currency === account.terms.currency,
  );
};

/**
 * `max_balance_exceeded` with its rule, for the first account whose balance the posting raises to more than its tier may
 * hold. To be asked when all legs are made, repayments of what is owed included.
 */
export const exceededBalance = (state: TenantState, posting: Posting): Failure | null => {
  if (state.limitRules.value.rules.length === 0) return null;
  for (const account of posting.accounts()) {
    const balance = posting.balanceOf(account);
    const rule = balance > account.balance ? balanceRule(state, account) : undefined;
    if (rule !== undefined && balance > (rule.max_balance as number)) {
      return failure('max_balance_exceeded', rule.limit_id);
    }
  }
  return null;
};
