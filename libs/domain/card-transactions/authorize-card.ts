import type { Account } from '../accounts/accounts.js';
import { subjectOf } from '../accounts/standing.js';
import type { Card } from '../cards/cards.js';
import { accept, personalMetadata, refuse, type Decision, type Metadata, type Moment } from '../decision.js';
import { idOf, type Ulid } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import { countHeld } from '../limits/held-counts.js';
import { smaller, ZERO, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { formatInstant, parseInstant, type Instant } from '../time.js';
import { withinRange } from '../transactions/recording.js';
import type { CardTransactionFacts, DeclineReason } from './card-transactions.js';
import { holdUntil } from './hold-duration.js';
import { declineOf, declineSaid, holdable, type Decline } from './judge-purchase.js';
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
    /** The account's, where it is left out. */
    readonly currency?: string;
    readonly merchant: MerchantData;
    readonly network_reference: string;
    /** Only said by tests: to be declined for this reason, whatever else is so. */
    readonly decline_as?: DeclineReason;
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
 * Declined, in this order: what `declineOf` says; then `insufficient_funds`. Controls and limits judge what is asked for,
 * also where less is approved.
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
  // Refused where what its owner has used of the limits would leave it.
  return withinRange(() => answer(data, card, expiry, state, moment));
};

const answer = (
  data: AuthorizeCardData,
  card: Card,
  expiry: Instant,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const account = state.accounts.get(card.accountId) as Account;
  const posting = new Posting(state, moment);
  const { currency = account.terms.currency, merchant, decline_as } = data;
  const amount = data.amount as Minor;
  const purchase = { amount, total: amount, currency, categoryCode: merchant.category_code };
  const decline = decline_as === undefined ? declineOf(purchase, card, account, state, moment) : { reason: decline_as };
  const approved = decline === null ? approvedOf(data, account) : ZERO;
  return approved > 0
    ? authorized(data, account, approved, expiry, posting, moment)
    : declined(data, account, decline ?? { reason: 'insufficient_funds' }, moment);
};

const isSameRequest = (data: AuthorizeCardData, told: CardTransactionFacts): boolean =>
  told.card_id === data.card_id &&
  told.requested_amount === data.amount &&
  (data.currency === undefined || told.currency === data.currency) &&
  isSameMerchant(told.merchant, merchantOf(data.merchant));

/** What the account can pay of it: all, or with partial approval what there is, or nothing. Only wallets have cards. */
const approvedOf = ({ amount, partial_approval }: AuthorizeCardData, account: Account): Minor => {
  const asked = amount as Minor;
  const available = holdable(account);
  return available >= asked || partial_approval === true ? smaller(asked, available) : ZERO;
};

const authorized = (
  data: AuthorizeCardData,
  account: Account,
  approved: Minor,
  expiry: Instant,
  posting: Posting,
  moment: Moment,
): Decision<LedgerDraft> => {
  posting.hold(account, approved);
  const { localDate: local_date, businessDate: business_date } = moment;
  const counted = countHeld(posting, account, [], approved, local_date);
  const id = moment.nextUlid();
  const begun = begunWith(id, data, account, approved, null, moment);
  const card_transaction = {
    ...begun,
    expires_at: formatInstant(expiry),
    ...(counted.length === 0 ? {} : { counted }),
  };
  return accept<LedgerDraft>({
    id,
    type: 'CardAuthorized',
    data: { local_date, business_date, card_transaction, holds: posting.holds, ...posting.counted() },
    subject: subjectOf(account),
  });
};

const declined = (
  data: AuthorizeCardData,
  account: Account,
  decline: Decline,
  moment: Moment,
): Decision<LedgerDraft> => {
  const id = moment.nextUlid();
  const { localDate: local_date, businessDate: business_date } = moment;
  const card_transaction = begunWith(id, data, account, ZERO, decline, moment);
  return accept<LedgerDraft>({
    id,
    type: 'CardDeclined',
    data: { local_date, business_date, card_transaction },
    subject: subjectOf(account),
  });
};

/** The card transaction that begins with the answer. */
const begunWith = (
  id: Ulid,
  data: AuthorizeCardData,
  account: Account,
  approved: Minor,
  decline: Decline | null,
  moment: Moment,
): CardTransactionFacts => ({
  card_transaction_id: idOf('card_transaction', id),
  card_id: data.card_id,
  account_id: account.id,
  direction: 'debit',
  status: decline === null ? 'authorized' : 'declined',
  amount: approved,
  requested_amount: data.amount,
  currency: data.currency ?? account.terms.currency,
  amounts: { ...NO_AMOUNTS, authorized: approved, held: approved },
  merchant: merchantOf(data.merchant),
  decline_reason: decline?.reason ?? null,
  elements: [
    {
      type: decline === null ? 'authorization' : 'decline',
      amount: decline === null ? approved : data.amount,
      at: formatInstant(moment.at),
      network_reference: data.network_reference,
      transaction_id: null,
      ...(decline === null ? {} : declineSaid(decline)),
    },
  ],
  expires_at: null,
  settlement_id: null,
  metadata: personalMetadata(data.metadata),
  posted_at_clamped: false,
});
