import type { Account } from '../accounts/accounts.js';
import { availableOf, effectiveBlock } from '../accounts/standing.js';
import type { Card } from '../cards/cards.js';
import { exceedsControls } from '../cards/spending.js';
import type { Moment } from '../decision.js';
import { exceededLimit } from '../limits/judge-limits.js';
import { larger, LARGEST, smaller, subtract, ZERO, type Minor } from '../money.js';
import type { TenantState } from '../state.js';
import type { DeclineReason, Element } from './card-transactions.js';

/** Why the network is told no. */
export interface Decline {
  readonly reason: DeclineReason;
  /** The limit (`lim_…`) responsible. */
  readonly rule?: string;
}

/** A decline as an element says it. */
export const declineSaid = ({ reason, rule }: Decline): Pick<Element, 'decline_reason' | 'decline_rule'> => ({
  decline_reason: reason,
  ...(rule === undefined ? {} : { decline_rule: rule }),
});

/** What the network asks to be allowed. */
export interface Purchase {
  /** Minor units that are asked for now. */
  readonly amount: Minor;
  /** Minor units that the whole authorization would come to. */
  readonly total: Minor;
  readonly currency: string;
  readonly categoryCode: string | null;
}

/** Why a card may not be used, whatever it is used for. */
const cardReason = ({ status, goodThrough }: Card, today: string): DeclineReason | null => {
  switch (status) {
    case 'active':
      return goodThrough !== null && today.slice(0, 7) > goodThrough ? 'expired_card' : null;
    case 'inactive':
      return 'card_inactive';
    case 'suspended':
      return 'card_suspended';
    case 'terminated':
      return 'card_terminated';
  }
};

const reasonAgainst = (
  { amount, total, currency, categoryCode }: Purchase,
  card: Card,
  account: Account,
  state: TenantState,
  { localDate }: Moment,
): DeclineReason | null => {
  const reason = cardReason(card, localDate);
  if (reason !== null) return reason;
  if (account.extras.closed) return 'account_closed';
  if (effectiveBlock(state, account).debits) return 'account_frozen';
  // An inactive tenant's cards are as dead as a suspended one's; the network knows one reason for both.
  if (state.tenant.value?.status !== 'active') return 'tenant_suspended';
  if (account.terms.currency !== currency) return 'currency_mismatch';
  if (categoryCode !== null && card.controls.blocked_categories.includes(categoryCode)) return 'category_blocked';
  return exceedsControls(card.controls, card.spent, amount, total, localDate) ? 'spending_limit_exceeded' : null;
};

/**
 * Why a purchase is declined whatever its account could pay, null where it is not; in this order: `card_inactive`,
 * `card_suspended`, `card_terminated`, `expired_card`; `account_closed`, `account_frozen` (also where only debits are
 * blocked); `tenant_suspended`; `currency_mismatch`; `category_blocked`; `spending_limit_exceeded`; `limit_exceeded`.
 */
export const declineOf = (
  purchase: Purchase,
  card: Card,
  account: Account,
  state: TenantState,
  moment: Moment,
): Decline | null => {
  const reason = reasonAgainst(purchase, card, account, state, moment);
  if (reason !== null) return { reason };
  const exceeded = exceededLimit(state, account, 'outbound', purchase.amount, moment);
  if (exceeded === null) return null;
  return { reason: 'limit_exceeded', ...(exceeded.rule === null ? {} : { rule: exceeded.rule }) };
};

/**
 * What may still be held on an account: no more than is available, nor than the sum of all holds has room for. The network
 * is owed an answer, not told of our numbers.
 */
export const holdable = (account: Account): Minor =>
  larger(smaller(availableOf(account), subtract(LARGEST, account.held)), ZERO);
