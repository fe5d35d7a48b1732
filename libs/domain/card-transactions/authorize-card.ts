import type { Account } from '../accounts/accounts.js';
import { availableOf, effectiveBlock, subjectOf } from '../accounts/standing.js';
import type { Card } from '../cards/cards.js';
import { accept, personalMetadata, refuse, type Decision, type Metadata, type Moment } from '../decision.js';
import { idOf, type Ulid } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import { larger, LARGEST, smaller, subtract, ZERO, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { formatInstant, parseInstant, type Instant } from '../time.js';
import type { CardTransactionFacts, DeclineReason } from './card-transactions.js';
import { holdUntil } from './hold-duration.js';
import {
  firstOutcome,
  isSameMerchant,
  merchantOf,
  NO_AMOUNTS,
  purchaseRefusal,
  repeated,
  type MerchantData,
} from './network-messages.js';

export interface AuthorizeCard {
  readonly type: 'AuthorizeCard';
  readonly data: {
    readonly card_id: string;
    /** Minor units. */
    readonly amount: number;
    readonly currency: string;
    readonly merchant: MerchantData;
    readonly network_reference: string;
    /** Whether less than the amount is welcome. */
    readonly partial_approval?: boolean;
    /** RFC 3339; by the merchant's category, where it is left out. */
    readonly expires_at?: string;
    readonly metadata?: Metadata;
  };
}

type AuthorizeCardData = AuthorizeCard['data'];

/**
 * The network asks whether a purchase may be made: a hold on the card's account, or a decline with its reason. Both are
 * results and both are events.
 *
 * Refused, in this order, with nothing appended: `invalid_parameter`, `amount_not_positive`, `amount_out_of_range`,
 * `invalid_currency`; then a message that came before is answered again; then `card_not_found`, `expiry_in_the_past`.
 *
 * Declined, in this order: `card_inactive`, `card_suspended`, `card_terminated`; `account_closed`, `account_frozen` (also
 * where only debits are blocked); `tenant_suspended`; `currency_mismatch`; `category_blocked`; `spending_limit_exceeded`;
 * `insufficient_funds`.
 */
export const authorizeCard = ({ data }: AuthorizeCard, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const malformed = purchaseRefusal(data.amount, data.currency, data.merchant);
  if (malformed !== null) return malformed;
  const expiry =
    data.expires_at === undefined ? holdUntil(moment.at, data.merchant.category_code) : parseInstant(data.expires_at);
  if (expiry === undefined) return refuse('invalid_parameter', 'expires_at');
  const first = firstOutcome(state, 'authorization', data.network_reference);
  if (first !== null) return repeated(state, first, isSameRequest(data, first.data.card_transaction));
  const card = state.cards.get(data.card_id);
  if (!card) return refuse('card_not_found', 'card_id');
  if (expiry <= moment.at) return refuse('expiry_in_the_past', 'expires_at');
  const account = state.accounts.get(card.accountId) as Account;
  const reason = forbidden(data, card, account, state);
  const approved = reason === null ? approvedOf(data, account) : ZERO;
  return approved > 0
    ? authorized(data, account, approved, expiry, state, moment)
    : declined(data, account, reason ?? 'insufficient_funds', moment);
};

const isSameRequest = (data: AuthorizeCardData, told: CardTransactionFacts): boolean =>
  told.card_id === data.card_id &&
  told.requested_amount === data.amount &&
  told.currency === data.currency &&
  isSameMerchant(told.merchant, merchantOf(data.merchant));

/** Why a card may not be used, whatever the account could pay. */
const cardReason = ({ status }: Card): DeclineReason | null => {
  switch (status) {
    case 'active':
      return null;
    case 'inactive':
      return 'card_inactive';
    case 'suspended':
      return 'card_suspended';
    case 'terminated':
      return 'card_terminated';
  }
};

const forbidden = (data: AuthorizeCardData, card: Card, account: Account, state: TenantState): DeclineReason | null => {
  const reason = cardReason(card);
  if (reason !== null) return reason;
  if (account.extras.closed) return 'account_closed';
  if (effectiveBlock(state, account).debits) return 'account_frozen';
  // An inactive tenant's cards are as dead as a suspended one's; the network knows one reason for both.
  if (state.tenant.value?.status !== 'active') return 'tenant_suspended';
  if (account.terms.currency !== data.currency) return 'currency_mismatch';
  const { blocked_categories, limits } = card.controls;
  if (blocked_categories.includes(data.merchant.category_code)) return 'category_blocked';
  for (const { amount, interval } of limits) {
    if (interval === 'per_authorization' && data.amount > amount) return 'spending_limit_exceeded';
  }
  return null;
};

/**
 * What the account can pay of it: all, or with partial approval what there is, or nothing. Only wallets have cards. No
 * more is there than the sum of all holds has room for: the network is owed an answer, not told of our numbers.
 */
const approvedOf = ({ amount, partial_approval }: AuthorizeCardData, account: Account): Minor => {
  const asked = amount as Minor;
  const available = larger(smaller(availableOf(account), subtract(LARGEST, account.held)), ZERO);
  return available >= asked || partial_approval === true ? smaller(asked, available) : ZERO;
};

const authorized = (
  data: AuthorizeCardData,
  account: Account,
  approved: Minor,
  expiry: Instant,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const posting = new Posting(state, moment);
  posting.hold(account, approved);
  const id = moment.nextUlid();
  const { localDate: local_date, businessDate: business_date } = moment;
  const card_transaction = answered(id, data, account, approved, null, formatInstant(expiry), moment);
  return accept<LedgerDraft>({
    id,
    type: 'CardAuthorized',
    data: { local_date, business_date, card_transaction, holds: posting.holds },
    subject: subjectOf(account),
  });
};

const declined = (
  data: AuthorizeCardData,
  account: Account,
  reason: DeclineReason,
  moment: Moment,
): Decision<LedgerDraft> => {
  const id = moment.nextUlid();
  const { localDate: local_date, businessDate: business_date } = moment;
  const card_transaction = answered(id, data, account, ZERO, reason, null, moment);
  return accept<LedgerDraft>({
    id,
    type: 'CardDeclined',
    data: { local_date, business_date, card_transaction },
    subject: subjectOf(account),
  });
};

/** The card transaction that begins with the answer. */
const answered = (
  id: Ulid,
  data: AuthorizeCardData,
  account: Account,
  approved: Minor,
  reason: DeclineReason | null,
  expiresAt: string | null,
  moment: Moment,
): CardTransactionFacts => ({
  card_transaction_id: idOf('card_transaction', id),
  card_id: data.card_id,
  account_id: account.id,
  direction: 'debit',
  status: reason === null ? 'authorized' : 'declined',
  amount: approved,
  requested_amount: data.amount,
  currency: data.currency,
  amounts: { ...NO_AMOUNTS, authorized: approved, held: approved },
  merchant: merchantOf(data.merchant),
  decline_reason: reason,
  elements: [
    {
      type: reason === null ? 'authorization' : 'decline',
      amount: reason === null ? approved : data.amount,
      at: formatInstant(moment.at),
      network_reference: data.network_reference,
      transaction_id: null,
    },
  ],
  expires_at: expiresAt,
  settlement_id: null,
  metadata: personalMetadata(data.metadata),
  posted_at_clamped: false,
});
