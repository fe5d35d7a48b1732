import type { Account } from '../accounts/accounts.js';
import type { Card } from '../cards/cards.js';
import { personalMetadata, refuse, type Decision, type Metadata, type Moment } from '../decision.js';
import { FEE_CHANNELS, type FeeChannel } from '../fees/fees.js';
import { idOf } from '../ids.js';
import type { LedgerDraft, LedgerEvent } from '../ledger.js';
import { type Minor } from '../money.js';
import { clampedTime } from '../periods/periods.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { formatInstant, parseInstant, type Instant } from '../time.js';
import { withinRange } from '../transactions/recording.js';
import type { CardTransactionEvent } from './card-transactions.js';
import { channelOf, clearingPosted, giveTo, NO_HOLD, takeFrom } from './clearing.js';
import {
  firstOutcome,
  isSameMerchant,
  merchantOf,
  NO_AMOUNTS,
  purchaseRefusal,
  repeated,
  type MerchantData,
} from './network-messages.js';

export interface PostCardTransaction {
  readonly type: 'PostCardTransaction';
  readonly data: {
    readonly card_id: string;
    /** Minor units. */
    readonly amount: number;
    readonly currency: string;
    readonly merchant: MerchantData;
    readonly network_reference: string;
    /** `debit` takes from the card's account, `credit` gives to it. */
    readonly direction: 'debit' | 'credit';
    /** RFC 3339: when the network posted it; now, where it is left out or lies ahead; after what is closed. */
    readonly posted_at?: string;
    /** Which fee rule applies; by the card's type where it is left out, and none for a credit. */
    readonly channel?: string;
    readonly metadata?: Metadata;
  };
}

type PostData = PostCardTransaction['data'];

/**
 * A clearing without an authorization: a force post, a single message, or money back. It is a fact from the network and
 * posts whatever the account has; blocks, the card's status and the tenant's are ignored.
 *
 * Refused, in this order, with nothing appended: `amount_not_positive`, `amount_out_of_range`, `invalid_currency`,
 * `invalid_parameter` (category, channel, posted_at); then a message that came before is answered again; then
 * `card_not_found`, `currency_mismatch` (the network bills in the account's currency).
 */
export const postCardTransaction = (
  { data }: PostCardTransaction,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const malformed = purchaseRefusal(data.amount, data.currency, data.merchant);
  if (malformed !== null) return malformed;
  if (data.channel !== undefined && !FEE_CHANNELS.includes(data.channel as FeeChannel)) {
    return refuse('invalid_parameter', 'channel');
  }
  const postedAt = data.posted_at === undefined ? moment.at : parseInstant(data.posted_at);
  if (postedAt === undefined) return refuse('invalid_parameter', 'posted_at');
  const first = firstOutcome(state, 'clearing', data.network_reference);
  if (first !== null) return repeated(state, first, isSamePost(data, postedAt, first));
  const card = state.cards.get(data.card_id);
  if (!card) return refuse('card_not_found', 'card_id');
  const account = state.accounts.get(card.accountId) as Account;
  if (account.terms.currency !== data.currency) return refuse('currency_mismatch', 'currency');
  return withinRange(() => post(data, card, account, postedAt, state, moment));
};

const isSamePost = (data: PostData, postedAt: Instant, first: LedgerEvent & CardTransactionEvent): boolean => {
  const told = first.data.card_transaction;
  if (first.type !== 'CardTransactionPosted' || told.elements.length !== 1) return false;
  return (
    told.card_id === data.card_id &&
    told.requested_amount === data.amount &&
    told.currency === data.currency &&
    told.direction === data.direction &&
    isSameMerchant(told.merchant, merchantOf(data.merchant)) &&
    (data.posted_at === undefined ||
      told.posted_at_clamped ||
      first.data.transaction.effective_at === formatInstant(postedAt))
  );
};

const post = (
  data: PostData,
  card: Card,
  account: Account,
  postedAt: Instant,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const amount = data.amount as Minor;
  const isDebit = data.direction === 'debit';
  const channel = data.channel ?? (isDebit ? channelOf(card) : undefined);
  const posting = new Posting(state, moment);
  if (isDebit) posting.countCleared(account, amount);
  const { fees, lacking, line } = isDebit
    ? takeFrom(posting, account, amount, NO_HOLD, channel, state, moment, postedAt)
    : giveTo(posting, account, amount, channel, state, moment, postedAt);
  // A clearing is never refused for its date (DECISIONS 20).
  const { at: effectiveAt, clamped } = clampedTime(state, postedAt, moment.at);

  const id = moment.nextUlid();
  const card_transaction = {
    card_transaction_id: idOf('card_transaction', id),
    card_id: card.id,
    account_id: account.id,
    direction: data.direction,
    status: 'captured',
    amount,
    requested_amount: amount,
    currency: data.currency,
    // Without a hold all of it is beyond one.
    amounts: { ...NO_AMOUNTS, captured: amount, over_captured: amount, receivable: lacking },
    merchant: merchantOf(data.merchant),
    decline_reason: null,
    elements: [
      {
        type: isDebit ? 'capture' : 'credit',
        amount,
        at: formatInstant(moment.at),
        network_reference: data.network_reference,
        transaction_id: idOf('transaction', id),
      },
    ],
    expires_at: null,
    settlement_id: null,
    metadata: personalMetadata(data.metadata),
    posted_at_clamped: clamped,
  } as const;
  const type = isDebit ? 'card_capture' : 'card_credit';
  return clearingPosted(
    id,
    posting,
    account,
    null,
    card_transaction,
    { type, amount, channel: channel ?? null, fees, effectiveAt, line },
    moment,
  );
};
