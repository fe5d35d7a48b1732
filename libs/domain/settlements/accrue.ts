import type { Moment } from '../decision.js';
import { idOf } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { formatInstant, type Instant } from '../time.js';
import { NO_SUMS, withLine, type LineType, type SettlementFacts, type SettlementLine } from './settlements.js';

/** What is to be settled with the network. */
export interface Accrual {
  readonly type: LineType;
  /** Minor units; above zero: owed to the network. */
  readonly amount: number;
  readonly currency: string;
  /** When it happened, where that is not now. */
  readonly occurredAt?: Instant;
  /** The earlier settlement that it puts right. */
  readonly corrects?: string;
}

const opened = (state: TenantState, moment: Moment, currency: string, drafts: LedgerDraft[]): SettlementFacts => {
  const { date, endsAt, timezone, cutOffHour } = moment.businessDay;
  const ulid = moment.nextUlid();
  const settlement: SettlementFacts = {
    settlement_id: idOf('settlement', ulid),
    business_date: date,
    currency,
    status: 'accruing',
    timezone,
    cut_off_hour: cutOffHour,
    cut_off_at: formatInstant(endsAt),
    ...NO_SUMS,
    netted_at: null,
    completed_at: null,
    paid_amount: null,
    difference: null,
    payment_reference: null,
    payment_account_id: null,
    failure_reason: null,
    failed_at: null,
    failures: 0,
  };
  drafts.push({
    id: ulid,
    type: 'SettlementOpened',
    data: { settlement },
    subject: state.tenant.value?.id as string,
  });
  return settlement;
};

/**
 * The line of an event that moves what is owed to the network, into the settlement that is open. Where none is, the event
 * that opens the business day's is pushed to `drafts`, which stand before the event whose line it is. What happened on an
 * earlier day goes into the open one too, and says so. Throws `AmountOutOfRange` where a sum would leave the range.
 */
export const accrue = (
  state: TenantState,
  moment: Moment,
  drafts: LedgerDraft[],
  { type, amount, currency, occurredAt, corrects }: Accrual,
): SettlementLine => {
  const settlement = state.settlements.get(currency) ?? opened(state, moment, currency, drafts);
  const day = occurredAt === undefined ? settlement.business_date : moment.businessDateOf(occurredAt);
  const line: SettlementLine = {
    settlement_id: settlement.settlement_id,
    currency,
    type,
    amount,
    ...(day < settlement.business_date ? { late_for: day } : {}),
    ...(corrects === undefined ? {} : { corrects }),
  };
  withLine(settlement, line);
  return line;
};
