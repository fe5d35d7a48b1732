import type { Card } from '../cards/cards.js';
import { spentAfter } from '../cards/spending.js';
import type { PersonalMetadata } from '../decision.js';
import type { Entry, HoldChange } from '../entries.js';
import type { Accrued } from '../settlements/settlements.js';
import type { TenantState } from '../state.js';
import type { HeldCounts } from '../limits/held-counts.js';
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

export const ELEMENT_TYPES = [
  'authorization',
  'decline',
  'increment',
  'increment_declined',
  'advice',
  'reversal',
  'expiry',
  'capture',
  'credit',
  'refund',
  'refund_reversal',
] as const;
export type ElementType = (typeof ELEMENT_TYPES)[number];

/** One message of the network about the purchase, in the order in which they came. */
export interface Element {
  readonly type: ElementType;
  /** Minor units: what it held, gave back, posted or was declined for; of an advice the hold that it set, 0 where there was none. */
  readonly amount: number;
  /** What the message asked for, where that is another amount; null: all there is. */
  readonly requested_amount?: number | null;
  /** RFC 3339: when it was recorded. */
  readonly at: string;
  readonly network_reference: string | null;
  /** The ledger transaction that it posted. */
  readonly transaction_id: string | null;
  /** Of a decline and of an increment that was declined. */
  readonly decline_reason?: DeclineReason;
  /** The limit (`lim_…`) that the decline is due to. */
  readonly decline_rule?: string;
  /** Of a refund that gave back more than was captured until then. */
  readonly exceeds_captured?: true;
}

/**
 * Sums over the elements, minor units. At all times
 * `held = authorized + incremented − reversed − expired − released − (captured − over_captured)`, and never below zero.
 */
export interface CardAmounts {
  readonly authorized: number;
  /** By increments and by advices upward. */
  readonly incremented: number;
  /** By reversals and by advices downward. */
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
  /** Null only of a refund without a purchase whose message names none. */
  readonly merchant: Merchant | null;
  readonly decline_reason: DeclineReason | null;
  readonly elements: readonly Element[];
  /** RFC 3339. */
  readonly expires_at: string | null;
  readonly settlement_id: string | null;
  readonly metadata: PersonalMetadata;
  /** Set where the network's `posted_at` lay ahead or in a closed period and was moved. */
  readonly posted_at_clamped: boolean;
  /** What of the hold is counted on which day; left out where there is nothing. */
  readonly counted?: HeldCounts;
  /** What of the hold an advice holds beyond what was available then; left out where it is nothing. Minor units. */
  readonly unbacked?: number;
}

/**
 * Of what an element changed, the values before it. Not the elements themselves: they were those of after without the last,
 * and with the one that had to make room for it, where one had to.
 */
export type PreviousCardTransaction = Partial<Omit<CardTransactionFacts, 'elements' | 'counted' | 'unbacked'>> & {
  readonly pushed_out?: Element;
};

interface CardFact {
  readonly card_transaction: CardTransactionFacts;
}

interface ChangeFact extends CardFact {
  /** Left out of what begins a card transaction, and of events from before it was recorded. */
  readonly previous?: PreviousCardTransaction;
}

export type CardTransactionEvent =
  | {
      readonly type: 'CardAuthorized';
      readonly data: RecordedDays & Counted & CardFact & { readonly holds: readonly HoldChange[] };
    }
  | { readonly type: 'CardDeclined'; readonly data: RecordedDays & CardFact }
  | {
      /** An increment, approved or declined, or an advice: the hold is another one now, or would have been. */
      readonly type: 'CardAuthorizationChanged';
      readonly data: RecordedDays &
        Counted &
        CardFact & { readonly holds: readonly HoldChange[]; readonly previous: PreviousCardTransaction };
    }
  | {
      /** Hold back to available: by the network, or because its time was up. */
      readonly type: 'CardAuthorizationReversed' | 'CardAuthorizationExpired';
      readonly data: RecordedDays & Counted & ChangeFact & { readonly holds: readonly HoldChange[] };
    }
  | {
      /** Money back from the network, of a purchase or of none that is known. Its ledger transaction goes with it. */
      readonly type: 'CardTransactionRefunded';
      readonly data: RecordedDays &
        Accrued &
        ChangeFact & { readonly transaction: TransactionFacts; readonly entries: readonly Entry[] };
    }
  | {
      /** A clearing: a capture of a hold, or a post without one. Its ledger transaction goes with it. */
      readonly type: 'CardTransactionPosted';
      readonly data: RecordedDays &
        Counted &
        Accrued &
        ChangeFact & {
          readonly transaction: TransactionFacts;
          readonly entries: readonly Entry[];
          readonly holds: readonly HoldChange[];
        };
    };

/** What deciding needs of a card transaction is all of it. */
export type CardTransaction = CardTransactionFacts;

/** In memory only while it holds money: what is settled, declined or given back is cold. */
export const evolveHeld = (state: TenantState, facts: CardTransactionFacts): void => {
  if (facts.amounts.held > 0) state.cardTransactions.set(facts.card_transaction_id, facts);
  else state.cardTransactions.delete(facts.card_transaction_id);
};

export const evolveCardTransaction = (state: TenantState, { data }: CardTransactionEvent): void => {
  evolveHeld(state, data.card_transaction);
  const uses = 'limit_uses' in data ? (data.limit_uses ?? []) : [];
  if (uses.length === 0) return;
  const card = state.cards.get(data.card_transaction.card_id) as Card;
  state.cards.set(card.id, { ...card, spent: spentAfter(card.spent, uses, data.local_date) });
};

/** Kinds of network message; a `network_reference` is unique per tenant and kind (DECISIONS 29). */
export type MessageKind = 'authorization' | 'increment' | 'advice' | 'reversal' | 'clearing' | 'refund';

/** Which kind of message an element is; null of what no message made. */
export const kindOf = (type: ElementType): MessageKind | null => {
  switch (type) {
    case 'authorization':
    case 'decline':
      return 'authorization';
    case 'increment':
    case 'increment_declined':
      return 'increment';
    case 'advice':
    case 'reversal':
    case 'refund':
      return type;
    case 'capture':
    case 'credit':
      return 'clearing';
    case 'expiry':
    case 'refund_reversal':
      return null;
  }
};

export const messageKey = (kind: MessageKind, networkReference: string): string => `net:${kind}:${networkReference}`;
