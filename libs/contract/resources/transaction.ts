import type { Entry } from '#domain/entries.js';
import type { ChargedFee } from '#domain/fees/fees.js';
import type { Ulid } from '#domain/ids.js';
import type { RefusalCode } from '#domain/refusals.js';
import { formatInstant, type Instant } from '#domain/time.js';
import type { TransactionFacts, TransactionStatus, TransactionType } from '#domain/transactions/transactions.js';
import { renderEntryLine, type EntryLine } from './entry.js';
import { createdAt, opened, openedMetadata, type MetadataResource, type Open } from './personal.js';

/** Amounts are minor units of `currency`. */
export interface TransactionResource {
  readonly object: 'transaction';
  readonly id: string;
  readonly type: TransactionType;
  readonly status: TransactionStatus;
  readonly channel: string | null;
  readonly amount: number;
  readonly currency: string;
  /** Of an exchange, in the destination's currency. */
  readonly destination_amount: number | null;
  /** Of an exchange, a decimal string. */
  readonly rate: string | null;
  readonly source: string | null;
  readonly destination: string | null;
  readonly entries: readonly EntryLine[];
  readonly fees: readonly ChargedFee[];
  readonly fee_amount: number;
  readonly reference: string | null;
  readonly narration: string | null;
  readonly failure_code: RefusalCode | null;
  /** The limit, fee rule or entitlement that a failure is due to. */
  readonly failure_rule: string | null;
  readonly reversal_of: string | null;
  readonly reversed_amount: number;
  readonly card_transaction_id: string | null;
  /** Of a reservation's capture. */
  readonly reservation_id: string | null;
  readonly effective_at: string;
  readonly metadata: MetadataResource;
  readonly created_at: string;
  readonly updated_at: string;
  /** Revision of the tenant's stream at which it was recorded. */
  readonly revision: number;
}

export interface Recorded {
  /** Of the event that recorded it: its entries are named after it. */
  readonly eventId: Ulid;
  readonly revision: number;
  /** When it last changed: its own event's time, or its last reversal's. */
  readonly at: Instant;
}

/** Any transaction, failed ones (which have no entries) included. */
export const renderTransaction = (
  facts: TransactionFacts,
  entries: readonly Entry[],
  { eventId, revision, at }: Recorded,
  open: Open,
): TransactionResource => ({
  object: 'transaction',
  id: facts.transaction_id,
  type: facts.type,
  status: facts.status,
  channel: facts.channel,
  amount: facts.amount,
  currency: facts.currency,
  destination_amount: facts.destination_amount,
  rate: facts.rate,
  source: facts.source,
  destination: facts.destination,
  entries: entries.map((entry, index) => renderEntryLine(entry, eventId, index)),
  fees: facts.fees.map(({ rule_id, amount, payer, payee, account_id }) => ({
    rule_id,
    amount,
    payer,
    payee,
    account_id,
  })),
  fee_amount: facts.fees.reduce((sum, fee) => sum + fee.amount, 0),
  reference: facts.reference,
  narration: opened(facts.narration, open),
  failure_code: facts.failure_code,
  failure_rule: facts.failure_rule,
  reversal_of: facts.reversal_of,
  reversed_amount: facts.reversed_amount,
  card_transaction_id: facts.card_transaction_id,
  reservation_id: facts.reservation_id ?? null,
  effective_at: facts.effective_at,
  metadata: openedMetadata(facts.metadata, open),
  created_at: createdAt(facts.transaction_id),
  updated_at: formatInstant(at),
  revision,
});
