/** What a tenant owes its card network, or is owed by it, per business day and currency: events, state and fold. */
import type { Personal } from '../decision.js';
import { LedgerInconsistent, type Entry } from '../entries.js';
import { systemKey } from '../accounts/accounts.js';
import { add, minor, type Minor } from '../money.js';
import type { TenantState } from '../state.js';
import type { LocalDate } from '../time.js';
import type { RecordedDays, TransactionFacts } from '../transactions/transactions.js';

export const SETTLEMENT_STATUSES = ['accruing', 'netting', 'completed', 'failed'] as const;
export type SettlementStatus = (typeof SETTLEMENT_STATUSES)[number];

export const LINE_TYPES = ['card_transaction', 'refund', 'fee', 'adjustment'] as const;
export type LineType = (typeof LINE_TYPES)[number];

/** Sums over a settlement's lines, minor units. `net = gross − refunds + fees + adjustments` (DECISIONS 96). */
export interface SettlementSums {
  /** Captures and posts. */
  readonly gross: number;
  /** What the network gave back: refunds and posted credits. */
  readonly refunds: number;
  /** What the network charges, less the interchange that it pays: below zero where that is more. */
  readonly fees: number;
  readonly adjustments: number;
  /** Above zero: owed to the network; below: by it. */
  readonly net: number;
  readonly line_count: number;
  /** Lines of what happened on an earlier business day. */
  readonly late_count: number;
}

/** The whole settlement as an event leaves it, enough to render the resource. */
export interface SettlementFacts extends SettlementSums {
  readonly settlement_id: string;
  readonly business_date: LocalDate;
  readonly currency: string;
  readonly status: SettlementStatus;
  /** How the day was counted: IANA name, and the local hour (0: midnight) at which the next one began. */
  readonly timezone: string;
  readonly cut_off_hour: number;
  /** RFC 3339: the end of the business day. */
  readonly cut_off_at: string;
  readonly netted_at: string | null;
  readonly completed_at: string | null;
  /** Of what was paid, minor units in the direction of `net`; null until it is completed. */
  readonly paid_amount: number | null;
  /** `paid_amount` less the size of `net`: what stands in `suspense`. */
  readonly difference: number | null;
  readonly payment_reference: string | null;
  /** The account that the money went from or to. */
  readonly payment_account_id: string | null;
  /** Of the latest attempt that failed. */
  readonly failure_reason: Personal | null;
  readonly failed_at: string | null;
  /** How often it was tried to pay it without success. */
  readonly failures: number;
}

/** One line of a settlement, in the event that it is of: `stl_` and the event's ULID is its id. */
export interface SettlementLine {
  readonly settlement_id: string;
  readonly currency: string;
  readonly type: LineType;
  /** Minor units; above zero: owed to the network. It is what the event moved on `network_payable`. */
  readonly amount: number;
  /** The earlier business day that it belongs to; left out where it is of the settlement's own. */
  readonly late_for?: LocalDate;
  /** The earlier settlement that it puts right; left out where it does not. */
  readonly corrects?: string;
}

/** Left out of what moves nothing that is settled. */
export interface Accrued {
  readonly settlement_line?: SettlementLine;
}

/** How business days are counted from `from` on, none of them before `first_date`; and how until then. */
export interface BusinessCalendar {
  readonly before: { readonly timezone: string; readonly cut_off_hour: number };
  readonly timezone: string;
  readonly cut_off_hour: number;
  /** RFC 3339: the end of a business day, or the moment at which one was ended. */
  readonly from: string;
  readonly first_date: LocalDate;
}

interface SettlementChange {
  readonly settlement: SettlementFacts;
  readonly previous: Partial<SettlementFacts>;
}

export type SettlementEvent =
  | { readonly type: 'SettlementOpened'; readonly data: { readonly settlement: SettlementFacts } }
  /** The day is over: what it came to is moved to `settlement_clearing`, and from there when it is paid. */
  | {
      readonly type: 'SettlementNetted' | 'SettlementCompleted';
      readonly data: SettlementChange &
        RecordedDays & { readonly transaction: TransactionFacts; readonly entries: readonly Entry[] };
    }
  /** The same where nothing is owed and nothing was paid, so that nothing is moved. */
  | { readonly type: 'SettlementNetted' | 'SettlementCompleted'; readonly data: SettlementChange & RecordedDays }
  | { readonly type: 'SettlementFailed'; readonly data: SettlementChange }
  | { readonly type: 'BusinessCalendarChanged'; readonly data: BusinessCalendar };

export const NETWORK_PAYABLE = 'network_payable';

export const settlementKey = (settlementId: string): string => `set:${settlementId}`;

export const NO_SUMS: SettlementSums = {
  gross: 0,
  refunds: 0,
  fees: 0,
  adjustments: 0,
  net: 0,
  line_count: 0,
  late_count: 0,
};

/** Sums with one more line. Throws `AmountOutOfRange` where one would leave the range. */
export const withLine = <S extends SettlementSums>(before: S, line: SettlementLine): S => {
  const amount = line.amount as Minor;
  const raised = (sum: number, type: LineType, by: number = amount): Minor =>
    line.type === type ? add(sum as Minor, by as Minor) : (sum as Minor);
  return {
    ...before,
    gross: raised(before.gross, 'card_transaction'),
    refunds: raised(before.refunds, 'refund', minor(-amount)),
    fees: raised(before.fees, 'fee'),
    adjustments: raised(before.adjustments, 'adjustment'),
    net: add(before.net as Minor, amount),
    line_count: before.line_count + 1,
    late_count: before.late_count + (line.late_for === undefined ? 0 : 1),
  };
};

/** What entries add to what is owed to the network. */
const owedBy = (state: TenantState, entries: readonly Entry[], currency: string): number => {
  const id = state.systemAccounts.get(systemKey(NETWORK_PAYABLE, currency));
  let sum = 0;
  for (const { account_id, direction, amount } of entries) {
    if (account_id === id) sum += direction === 'credit' ? amount : -amount;
  }
  return sum;
};

/** Adds an event's line to the settlement that is open, and checks on the way that it is what the entries moved. */
export const applyLine = (state: TenantState, line: SettlementLine, entries: readonly Entry[]): void => {
  const open = state.settlements.get(line.currency);
  if (open?.settlement_id !== line.settlement_id) {
    throw new LedgerInconsistent(`a line is of ${line.settlement_id}, which is not open`);
  }
  if (owedBy(state, entries, line.currency) !== line.amount) {
    throw new LedgerInconsistent(`a line of ${line.settlement_id} is not what its entries moved`);
  }
  state.settlements.set(line.currency, withLine(open, line));
};

const SUMS = ['gross', 'refunds', 'fees', 'adjustments', 'net', 'line_count', 'late_count'] as const;

export const evolveSettlement = (state: TenantState, event: SettlementEvent): void => {
  switch (event.type) {
    case 'SettlementOpened': {
      const { settlement } = event.data;
      if (state.settlements.has(settlement.currency)) {
        throw new LedgerInconsistent(`${settlement.settlement_id} is opened beside another one of its currency`);
      }
      state.settlements.set(settlement.currency, settlement);
      return;
    }
    case 'SettlementNetted': {
      const { settlement } = event.data;
      const open = state.settlements.get(settlement.currency);
      if (open?.settlement_id !== settlement.settlement_id || SUMS.some((sum) => open[sum] !== settlement[sum])) {
        throw new LedgerInconsistent(`${settlement.settlement_id} is netted and is not what its lines come to`);
      }
      state.settlements.delete(settlement.currency);
      if (settlement.business_date > state.nettedThrough.value) state.nettedThrough.set(settlement.business_date);
      return;
    }
    case 'BusinessCalendarChanged':
      state.businessCalendar.set(event.data);
      return;
    case 'SettlementCompleted':
    case 'SettlementFailed':
      // Cold: what becomes of a settlement that is over, only its next command asks.
      return;
  }
};
