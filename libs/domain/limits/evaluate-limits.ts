import type { Account } from '../accounts/accounts.js';
import { receivableOf } from '../accounts/standing.js';
import { refuse, type Decision, type Moment, type Refusal } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { add, isCurrency, larger, subtract, ZERO, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { dayAfter, monthAfter, type LocalDate } from '../time.js';
import { amountRefusal, withinRange } from '../transactions/recording.js';
import { balanceRule, exceededBalance, standingsOf, type Standing } from './judge-limits.js';
import type { LimitDirection } from './limits.js';

/** Which limits an amount that an account sends or gets would exceed now. Only ever asked: it comes to no event. */
export interface EvaluateLimits {
  readonly type: 'EvaluateLimits';
  readonly data: {
    readonly account_id: string;
    readonly direction: LimitDirection;
    /** Minor units. */
    readonly amount: number;
    readonly currency: string;
  };
}

export interface LimitViolation {
  /** What a posting would be refused with, were this the only one. */
  readonly code: 'limit_exceeded' | 'max_balance_exceeded';
  readonly limit_id: string;
  /** Minor units. */
  readonly limit: number;
  /** What is used in the window, or the account's balance. */
  readonly used: number;
  /** The most that would still be taken: of a balance, with what would repay the debt of the account's owner first. */
  readonly remaining: number;
  /** The first local day on which nothing is used yet; null: of a balance. */
  readonly resets_on: LocalDate | null;
}

export interface LimitEvaluation {
  readonly allowed: boolean;
  /** In the order in which a posting is judged: its refusal names the first. */
  readonly violations: readonly LimitViolation[];
  /** In which `resets_on` is a day. */
  readonly timezone: string;
}

const windowViolation = ({ rule, used }: Standing, today: LocalDate): LimitViolation => ({
  code: 'limit_exceeded',
  limit_id: rule.limit_id,
  limit: rule.amount,
  used,
  remaining: larger(subtract(rule.amount as Minor, used), ZERO),
  resets_on: rule.window === 'daily' ? dayAfter(today) : monthAfter(today),
});

/** What comes in repays what is owed first, as in a posting. */
const balanceViolations = (
  account: Account,
  amount: Minor,
  state: TenantState,
  moment: Moment,
): readonly LimitViolation[] => {
  const rule = balanceRule(state, account);
  if (rule === undefined) return [];
  const posting = new Posting(state, moment);
  posting.creditCleared(account, amount);
  if (exceededBalance(state, posting) === null) return [];
  const limit = rule.max_balance as Minor;
  const used = account.balance;
  const room = larger(subtract(limit, used), ZERO);
  return [
    {
      code: 'max_balance_exceeded',
      limit_id: rule.limit_id,
      limit,
      used,
      // Less than the amount asked about, so it is a number, too.
      remaining: add(room, receivableOf(state, account)),
      resets_on: null,
    },
  ];
};

const malformed = ({ amount, currency }: EvaluateLimits['data']): Refusal | null =>
  amountRefusal(amount, 'amount') ?? (isCurrency(currency) ? null : refuse('invalid_currency', 'currency'));

/**
 * Judges as a posting with somebody else's account would be judged at this moment; of blocks, funds and fees it says
 * nothing.
 *
 * Refused, in this order: `invalid_parameter`, `amount_not_positive`, `amount_out_of_range`; `invalid_currency`;
 * `account_not_found`; `currency_mismatch`.
 */
export const evaluateLimits = ({ data }: EvaluateLimits, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const refusal = malformed(data);
  if (refusal !== null) return refusal;
  const { account_id, direction, currency } = data;
  const amount = data.amount as Minor;
  const account = state.accounts.get(account_id);
  if (account === undefined) return refuse('account_not_found', 'account_id');
  if (account.terms.currency !== currency) return refuse('currency_mismatch', 'currency');
  return withinRange(() => {
    const violations = [
      ...standingsOf(state, account, direction, moment)
        .filter(({ rule, used }) => amount > subtract(rule.amount as Minor, used))
        .map((standing) => windowViolation(standing, moment.localDate)),
      ...(direction === 'inbound' ? balanceViolations(account, amount, state, moment) : []),
    ];
    const { timezone } = state.tenant.value as Tenant;
    return { kind: 'accepted', events: [], answer: { allowed: violations.length === 0, violations, timezone } };
  });
};
