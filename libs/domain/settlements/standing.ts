import { refuse, type Refusal } from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import { cold, type TenantState } from '../state.js';
import { settlementKey, type SettlementFacts } from './settlements.js';

/** The settlement as it stands; null: unknown. The command must have declared that it needs `set:<id>`. */
export const settlementOf = (state: TenantState, settlementId: string): SettlementFacts | null => {
  const event = cold(state, settlementKey(settlementId));
  if (event === null) return null;
  if (!('settlement' in event.data)) throw new LedgerInconsistent(`no event says what ${settlementId} is`);
  const { settlement } = event.data;
  const open = state.settlements.get(settlement.currency);
  return open?.settlement_id === settlementId ? open : settlement;
};

/** A settlement whose payment can be told of, or why it can't be: before its cut-off, or once it is completed. */
export const payableSettlement = (state: TenantState, settlementId: string): SettlementFacts | Refusal => {
  const settlement = settlementOf(state, settlementId);
  if (settlement === null) return refuse('settlement_not_found');
  switch (settlement.status) {
    case 'netting':
    case 'failed':
      return settlement;
    case 'accruing':
      return refuse('invalid_state', undefined, `Its business day ends at ${settlement.cut_off_at}.`);
    case 'completed':
      return refuse('invalid_state', undefined, 'It is completed; a correction is a line of a later day.');
  }
};
