import type { Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { minor } from '../money.js';
import { clampedTime } from '../periods/periods.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { formatInstant, parseInstant, type Instant } from '../time.js';
import { settlementTransaction } from './settlement-transaction.js';
import { NETWORK_PAYABLE, type SettlementFacts } from './settlements.js';

/** Where what a day came to waits for its payment. */
export const SETTLEMENT_CLEARING = 'settlement_clearing';

/**
 * The events that close a business day: its net leaves `network_payable` for `settlement_clearing`, effective at the
 * cut-off, whenever that is noticed. Also those that open the accounts it needs. Throws `AmountOutOfRange` where
 * `settlement_clearing` can't take it.
 */
export const netSettlement = (
  state: TenantState,
  settlement: SettlementFacts,
  moment: Moment,
): readonly LedgerDraft[] => {
  const { net, currency } = settlement;
  const { localDate: local_date, businessDate: business_date } = moment;
  const said = {
    local_date,
    business_date,
    settlement: { ...settlement, status: 'netting', netted_at: formatInstant(moment.at) },
    previous: { status: settlement.status, netted_at: null },
  } as const;
  const subject = state.tenant.value?.id as string;
  if (net === 0) return [{ id: moment.nextUlid(), type: 'SettlementNetted', data: said, subject }];
  const posting = new Posting(state, moment);
  const payable = posting.system(NETWORK_PAYABLE, currency);
  const clearing = posting.system(SETTLEMENT_CLEARING, currency);
  const amount = minor(Math.abs(net));
  const [source, destination] = net > 0 ? [payable, clearing] : [clearing, payable];
  posting.post(source, 'debit', amount);
  posting.post(destination, 'credit', amount);
  const id = moment.nextUlid();
  const transaction = settlementTransaction(id, {
    type: 'settlement_netting',
    amount,
    currency,
    source: source.id,
    destination: destination.id,
    effectiveAt: clampedTime(state, parseInstant(settlement.cut_off_at) as Instant, moment.at).at,
  });
  const entries = posting.balanced();
  return [...posting.opened, { id, type: 'SettlementNetted', data: { ...said, transaction, entries }, subject }];
};
