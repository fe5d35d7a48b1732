import type { CardTransactionFacts } from '../card-transactions/card-transactions.js';
import type { Personal, PersonalMetadata } from '../decision.js';
import type { Entry } from '../entries.js';
import type { ChargedFee } from '../fees/fees.js';
import type { Counted, LimitUse } from '../limits/limit-uses.js';
import type { RefusalCode } from '../refusals.js';
import type { Accrued } from '../settlements/settlements.js';

/** Types a client may post. */
export const POSTABLE_TYPES = ['transfer', 'deposit', 'withdrawal', 'journal', 'exchange'] as const;
export type PostableType = (typeof POSTABLE_TYPES)[number];

/**
 * `reversal` mirrors another transaction; the card types are what a clearing posted. `reservation` is a hold that was
 * refused: only a failed transaction is of it.
 */
export type TransactionType =
  | PostableType
  | 'reversal'
  | 'card_capture'
  | 'card_credit'
  | 'card_refund'
  | 'reservation'
  | 'reservation_capture'
  | 'network_fee'
  | 'interchange'
  | 'settlement_adjustment'
  | 'settlement_netting'
  | 'settlement_payment';
export type TransactionStatus = 'completed' | 'failed' | 'reversed' | 'partially_reversed';

/** The whole transaction as an event leaves it, enough to render the resource (with the event's entries). */
export interface TransactionFacts {
  readonly transaction_id: string;
  readonly type: TransactionType;
  readonly status: TransactionStatus;
  readonly channel: string | null;
  readonly amount: number;
  readonly currency: string;
  /** Of an exchange: what arrives, in the destination's currency. */
  readonly destination_amount: number | null;
  /** Of an exchange: a decimal string. */
  readonly rate: string | null;
  readonly source: string | null;
  readonly destination: string | null;
  readonly reference: string | null;
  readonly narration: Personal | null;
  readonly metadata: PersonalMetadata;
  readonly fees: readonly ChargedFee[];
  readonly failure_code: RefusalCode | null;
  /** The limit, fee rule or entitlement that a failure is due to. */
  readonly failure_rule: string | null;
  readonly reversal_of: string | null;
  /** Of `amount`, how much reversals have taken back. */
  readonly reversed_amount: number;
  readonly card_transaction_id: string | null;
  /** Of a reservation's capture; left out of all others. */
  readonly reservation_id?: string;
  /** RFC 3339; moves as-of balances and statements, never the order of the stream. */
  readonly effective_at: string;
}

/** The tenant's days when it was recorded (DECISIONS 10). */
export interface RecordedDays {
  readonly local_date: string;
  readonly business_date: string;
}

export type TransactionEvent =
  | {
      readonly type: 'TransactionPosted';
      readonly data: RecordedDays &
        Counted &
        Accrued & { readonly transaction: TransactionFacts; readonly entries: readonly Entry[] };
    }
  /** A business refusal of a posting, with its reason. Moves nothing. */
  | { readonly type: 'TransactionFailed'; readonly data: RecordedDays & { readonly transaction: TransactionFacts } }
  | {
      readonly type: 'TransactionReversed';
      readonly data: RecordedDays &
        Counted &
        Accrued & {
          /** The mirror, of type `reversal`; `entries` are its. */
          readonly transaction: TransactionFacts;
          readonly entries: readonly Entry[];
          readonly reason: Personal | null;
          /** What was reversed, as this event leaves it, and where its own entries stand. */
          readonly original: TransactionFacts;
          readonly original_event_id: string;
          readonly original_revision: number;
          readonly original_entries: readonly Entry[];
          /** The purchase as it leaves it, where what was reversed is a refund of one. */
          readonly purchase?: CardTransactionFacts;
          /** What it had counted towards limits; left out where that is nothing. */
          readonly original_limit_uses?: readonly LimitUse[];
        };
    };
