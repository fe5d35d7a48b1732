import type { PersonalMetadata } from '../decision.js';
import type { Entry, HoldChange } from '../entries.js';
import type { TenantState } from '../state.js';
import type { Counted } from '../limits/limit-uses.js';
import type { RecordedDays, TransactionFacts } from '../transactions/transactions.js';

export type CardTransactionStatus =
  | 'authorized'
  | 'declined'
  | 'captured'
  | 'partially_captured'
  | 'reversed'
  | 'expired'
  | 'refunded'
  | 'partially_refunded';

export const DECLINE_REASONS = [
  'insufficient_funds',
  'card_inactive',
  'card_suspended',
  'card_terminated',
  'account_frozen',
  'account_closed',
  'category_blocked',
  'limit_exceeded',
  'spending_limit_exceeded',
  'currency_mismatch',
  'tenant_suspended',
  'expired_card',
] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];

export interface Merchant {
  readonly name: string;
  /** Four-digit ISO 18245 code. */
  readonly category_code: string;
  readonly city: string | null;
  readonly country: string | null;
}

/** One message of the network about the purchase, in the order in which they came. */
export interface Element {
  readonly type:
    | 'authorization'
    | 'decline'
    | 'increment'
    | 'increment_declined'
    | 'advice'
    | 'reversal'
    | 'expiry'
    | 'capture'
    | 'credit'
    | 'refund';
  readonly amount: number;
  /** RFC 3339: when it was recorded. */
  readonly at: string;
  readonly network_reference: string | null;
  /** The ledger transaction that it posted. */
  readonly transaction_id: string | null;
}

/** Sums over the elements, minor units. */
export interface CardAmounts {
  readonly authorized: number;
  readonly incremented: number;
  readonly reversed: number;
  readonly expired: number;
  readonly released: number;
  /** Includes `over_captured`. */
  readonly captured: number;
  readonly over_captured: number;
  readonly refunded: number;
  readonly held: number;
  /** What its captures added to the holder's debt. */
  readonly receivable: number;
}

/** The whole aggregate as an event leaves it, enough to render the resource. */
export interface CardTransactionFacts {
  readonly card_transaction_id: string;
  readonly card_id: string;
  readonly account_id: string;
  readonly direction: 'debit' | 'credit';
  readonly status: CardTransactionStatus;
  /** First approved or posted. */
  readonly amount: number;
  readonly requested_amount: number;
  readonly currency: string;
  readonly amounts: CardAmounts;
  readonly merchant: Merchant;
  readonly decline_reason: DeclineReason | null;
  readonly elements: readonly Element[];
  /** RFC 3339. */
  readonly expires_at: string | null;
  readonly settlement_id: string | null;
  readonly metadata: PersonalMetadata;
  /** Set where the network's `posted_at` lay ahead or in a closed period and was moved. */
  readonly posted_at_clamped: boolean;
}

interface CardFact {
  readonly card_transaction: CardTransactionFacts;
}

export type CardTransactionEvent =
  | {
      readonly type: 'CardAuthorized';
      readonly data: RecordedDays & Counted & CardFact & { readonly holds: readonly HoldChange[] };
    }
  | { readonly type: 'CardDeclined'; readonly data: RecordedDays & CardFact }
  | {
      /** A clearing: a capture of a hold, or a post without one. Its ledger transaction goes with it. */
      readonly type: 'CardTransactionPosted';
      readonly data: RecordedDays &
        Counted &
        CardFact & {
          readonly transaction: TransactionFacts;
          readonly entries: readonly Entry[];
          readonly holds: readonly HoldChange[];
        };
    };

/** What deciding needs of a card transaction is all of it. */
export type CardTransaction = CardTransactionFacts;

/** In memory only while it holds money: what is settled, declined or given back is cold. */
export const evolveCardTransaction = (state: TenantState, event: CardTransactionEvent): void => {
  const facts = event.data.card_transaction;
  if (facts.amounts.held > 0) state.cardTransactions.set(facts.card_transaction_id, facts);
  else state.cardTransactions.delete(facts.card_transaction_id);
};

/** Kinds of network message; a `network_reference` is unique per tenant and kind (DECISIONS 29). */
export type MessageKind = 'authorization' | 'increment' | 'advice' | 'reversal' | 'clearing' | 'refund';

export const messageKey = (kind: MessageKind, networkReference: string): string => `net:${kind}:${networkReference}`;
