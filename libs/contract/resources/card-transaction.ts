import type {
  CardAmounts,
  CardTransactionFacts,
  CardTransactionStatus,
  DeclineReason,
  Element,
  Merchant,
} from '#domain/card-transactions/card-transactions.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { createdAt, openedMetadata, type MetadataResource, type Open } from './personal.js';

/** What the card network said of one purchase. Amounts are minor units of `currency`. */
export interface CardTransactionResource {
  readonly object: 'card_transaction';
  readonly id: string;
  readonly card_id: string;
  readonly account_id: string;
  readonly direction: 'debit' | 'credit';
  readonly status: CardTransactionStatus;
  /** First approved or posted. */
  readonly amount: number;
  readonly requested_amount: number;
  readonly currency: string;
  readonly amounts: CardAmounts;
  /** Null where a refund without a purchase names none. */
  readonly merchant: Merchant | null;
  readonly decline_reason: DeclineReason | null;
  readonly elements: readonly Element[];
  readonly expires_at: string | null;
  readonly settlement_id: string | null;
  /** The network's `posted_at` lay ahead or in a closed period, and was moved. */
  readonly posted_at_clamped: boolean;
  readonly metadata: MetadataResource;
  readonly created_at: string;
  readonly updated_at: string;
}

const renderAmounts = (amounts: CardAmounts): CardAmounts => ({
  authorized: amounts.authorized,
  incremented: amounts.incremented,
  reversed: amounts.reversed,
  expired: amounts.expired,
  released: amounts.released,
  captured: amounts.captured,
  over_captured: amounts.over_captured,
  refunded: amounts.refunded,
  held: amounts.held,
  receivable: amounts.receivable,
});

const renderElement = (element: Element): Element => ({
  type: element.type,
  amount: element.amount,
  at: element.at,
  network_reference: element.network_reference,
  transaction_id: element.transaction_id,
  ...(element.requested_amount === undefined ? {} : { requested_amount: element.requested_amount }),
  ...(element.decline_reason === undefined ? {} : { decline_reason: element.decline_reason }),
  ...(element.decline_rule === undefined ? {} : { decline_rule: element.decline_rule }),
  ...(element.exceeds_captured === undefined ? {} : { exceeds_captured: element.exceeds_captured }),
});

const renderMerchant = (merchant: Merchant | null): Merchant | null =>
  merchant === null
    ? null
    : {
        name: merchant.name,
        category_code: merchant.category_code,
        city: merchant.city,
        country: merchant.country,
      };

/** `updatedAt`: time of the card transaction's last event. */
export const renderCardTransaction = (
  facts: CardTransactionFacts,
  { updatedAt }: { readonly updatedAt: Instant },
  open: Open,
): CardTransactionResource => ({
  object: 'card_transaction',
  id: facts.card_transaction_id,
  card_id: facts.card_id,
  account_id: facts.account_id,
  direction: facts.direction,
  status: facts.status,
  amount: facts.amount,
  requested_amount: facts.requested_amount,
  currency: facts.currency,
  amounts: renderAmounts(facts.amounts),
  merchant: renderMerchant(facts.merchant),
  decline_reason: facts.decline_reason,
  elements: facts.elements.map(renderElement),
  expires_at: facts.expires_at,
  settlement_id: facts.settlement_id,
  posted_at_clamped: facts.posted_at_clamped,
  metadata: openedMetadata(facts.metadata, open),
  created_at: createdAt(facts.card_transaction_id),
  updated_at: formatInstant(updatedAt),
});
