import { idOf, type Ulid } from '#domain/ids.js';
import type { LineType, SettlementFacts, SettlementLine, SettlementStatus } from '#domain/settlements/settlements.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { createdAt, opened, type Open } from './personal.js';

/**
 * What a tenant owes its card network for one business day and currency. Amounts are minor units of `currency`;
 * `net = gross − refunds + fees + adjustments`, above zero: owed to the network.
 */
export interface SettlementResource {
  readonly object: 'settlement';
  readonly id: string;
  /** `YYYY-MM-DD` in `timezone`. */
  readonly business_date: string;
  readonly currency: string;
  readonly status: SettlementStatus;
  readonly gross: number;
  readonly fees: number;
  readonly refunds: number;
  readonly adjustments: number;
  readonly net: number;
  readonly line_count: number;
  readonly late_count: number;
  readonly timezone: string;
  readonly cut_off_hour: number;
  readonly cut_off_at: string;
  readonly netted_at: string | null;
  readonly completed_at: string | null;
  readonly paid_amount: number | null;
  readonly difference: number | null;
  readonly payment_reference: string | null;
  readonly payment_account_id: string | null;
  readonly failure_reason: string | null;
  readonly failed_at: string | null;
  readonly failures: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** `updatedAt`: time of the settlement's last event. */
export const renderSettlement = (
  facts: SettlementFacts,
  { updatedAt }: { readonly updatedAt: Instant },
  open: Open,
): SettlementResource => ({
  object: 'settlement',
  id: facts.settlement_id,
  business_date: facts.business_date,
  currency: facts.currency,
  status: facts.status,
  gross: facts.gross,
  fees: facts.fees,
  refunds: facts.refunds,
  adjustments: facts.adjustments,
  net: facts.net,
  line_count: facts.line_count,
  late_count: facts.late_count,
  timezone: facts.timezone,
  cut_off_hour: facts.cut_off_hour,
  cut_off_at: facts.cut_off_at,
  netted_at: facts.netted_at,
  completed_at: facts.completed_at,
  paid_amount: facts.paid_amount,
  difference: facts.difference,
  payment_reference: facts.payment_reference,
  payment_account_id: facts.payment_account_id,
  failure_reason: opened(facts.failure_reason, open),
  failed_at: facts.failed_at,
  failures: facts.failures,
  created_at: createdAt(facts.settlement_id),
  updated_at: formatInstant(updatedAt),
});

/** One event's share of a settlement. */
export interface SettlementLineResource {
  readonly object: 'settlement_line';
  readonly id: string;
  readonly settlement_id: string;
  readonly type: LineType;
  /** Minor units; above zero: owed to the network. The sum over all lines is the settlement's `net`. */
  readonly amount: number;
  readonly currency: string;
  /** The ledger event that made it. */
  readonly event_id: string;
  readonly revision: number;
  readonly transaction_id: string;
  readonly card_transaction_id: string | null;
  /** Whether it is of an earlier business day, and of which. */
  readonly late: boolean;
  readonly late_for: string | null;
  /** The earlier settlement that it puts right. */
  readonly corrects: string | null;
  readonly created_at: string;
}

export interface LineOrigin {
  readonly eventId: Ulid;
  readonly revision: number;
  readonly at: Instant;
  readonly transactionId: string;
  readonly cardTransactionId: string | null;
}

export const renderSettlementLine = (line: SettlementLine, origin: LineOrigin): SettlementLineResource => ({
  object: 'settlement_line',
  id: idOf('settlement_line', origin.eventId),
  settlement_id: line.settlement_id,
  type: line.type,
  amount: line.amount,
  currency: line.currency,
  event_id: idOf('event', origin.eventId),
  revision: origin.revision,
  transaction_id: origin.transactionId,
  card_transaction_id: origin.cardTransactionId,
  late: line.late_for !== undefined,
  late_for: line.late_for ?? null,
  corrects: line.corrects ?? null,
  created_at: formatInstant(origin.at),
});
