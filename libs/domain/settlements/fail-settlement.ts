import { accept, clear, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { payableSettlement } from './standing.js';

export interface FailSettlement {
  readonly type: 'FailSettlement';
  readonly data: { readonly settlement_id: string; readonly reason: string };
}

/**
 * A payment that did not happen. It moves nothing: what is owed stays in `settlement_clearing`, and the settlement is
 * tried again by completing it, or failing it once more. Refused: `settlement_not_found`, `invalid_state`.
 */
export const failSettlement = ({ data }: FailSettlement, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const settlement = payableSettlement(state, data.settlement_id);
  if ('kind' in settlement) return settlement;
  const { status, failure_reason, failed_at, failures } = settlement;
  return accept<LedgerDraft>({
    id: moment.nextUlid(),
    type: 'SettlementFailed',
    data: {
      settlement: {
        ...settlement,
        status: 'failed',
        failure_reason: clear(data.reason),
        failed_at: formatInstant(moment.at),
        failures: failures + 1,
      },
      previous: { status, failure_reason, failed_at, failures },
    },
    subject: state.tenant.value?.id as string,
  });
};
