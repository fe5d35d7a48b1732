import type { Account } from '../accounts/accounts.js';
import type { Card } from '../cards/cards.js';
import { personalMetadata, refuse, type Decision, type Metadata, type Moment } from '../decision.js';
import { idOf } from '../ids.js';
import type { LedgerDraft, LedgerEvent } from '../ledger.js';
import { type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { withinRange } from '../transactions/recording.js';
import type { CardTransactionEvent } from './card-transactions.js';
import { clearingPosted, giveTo } from './clearing.js';
import {
  firstOutcome,
  isSameMerchant,
  merchantOf,
  NO_AMOUNTS,
  purchaseRefusal,
  repeated,
  type MerchantData,
} from './network-messages.js';

export interface RefundToCard {
  readonly type: 'RefundToCard';
  readonly data: {
    readonly card_id: string;
    /** Minor units. */
    readonly amount: number;
    /** The account's, where it is left out. */
    readonly currency?: string;
    readonly merchant?: MerchantData;
    readonly network_reference: string;
    readonly metadata?: Metadata;
  };
}

type RefundData = RefundToCard['data'];

/**
 * Money back for a purchase that is not known here: a card transaction of its own, that nothing was captured of. Posts
 * whatever the card, the account and the tenant are; what the holder owes is repaid first.
 *
 * Refused, in this order, with nothing appended: `amount_not_positive`, `amount_out_of_range`, `invalid_currency`,
 * `invalid_parameter` (category); then a message that came before is answered again; then `card_not_found`,
 * `currency_mismatch` (the network bills in the account's currency).
 */
export const refundToCard = ({ data }: RefundToCard, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const malformed = purchaseRefusal(data.amount, data.currency, data.merchant);
  if (malformed !== null) return malformed;
  const first = firstOutcome(state, 'refund', data.network_reference);
  if (first !== null) return repeated(state, first, isSameRefund(data, first));
  const card = state.cards.get(data.card_id);
  if (!card) return refuse('card_not_found', 'card_id');
  const account = state.accounts.get(card.accountId) as Account;
  if (data.currency !== undefined && account.terms.currency !== data.currency) {
    return refuse('currency_mismatch', 'currency');
  }
  return withinRange(() => refund(data, card, account, state, moment));
};

const isSameRefund = (data: RefundData, first: LedgerEvent & CardTransactionEvent): boolean => {
  const told = first.data.card_transaction;
  return (
    told.elements.length === 1 &&
    told.card_id === data.card_id &&
    told.requested_amount === data.amount &&
    (data.currency === undefined || told.currency === data.currency) &&
    isSameMerchant(told.merchant, data.merchant === undefined ? null : merchantOf(data.merchant))
  );
};

const refund = (
  data: RefundData,
  card: Card,
  account: Account,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const amount = data.amount as Minor;
  const posting = new Posting(state, moment);
  const { fees, line } = giveTo(posting, account, amount, undefined, state, moment);
  const id = moment.nextUlid();
  const card_transaction = {
    card_transaction_id: idOf('card_transaction', id),
    card_id: card.id,
    account_id: account.id,
    direction: 'credit',
    status: 'refunded',
    amount,
    requested_amount: amount,
    currency: account.terms.currency,
    amounts: { ...NO_AMOUNTS, refunded: amount },
    merchant: data.merchant === undefined ? null : merchantOf(data.merchant),
    decline_reason: null,
    elements: [
      {
        type: 'refund',
        amount,
        at: formatInstant(moment.at),
        network_reference: data.network_reference,
        transaction_id: idOf('transaction', id),
      },
    ],
    expires_at: null,
    settlement_id: null,
    metadata: personalMetadata(data.metadata),
    posted_at_clamped: false,
  } as const;
  const facts = { type: 'card_refund', amount, channel: null, fees, effectiveAt: moment.at, line } as const;
  return clearingPosted(id, posting, account, null, card_transaction, facts, moment);
};
