import { accept, clear, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { decided, undecided } from './decide-kyc.js';

/** The customer keeps the tier that it has. */
export interface RejectKyc {
  readonly type: 'RejectKyc';
  readonly data: { readonly kyc_submission_id: string; readonly reason: string };
}

/** Refused, in this order: `kyc_submission_not_found`; `invalid_state` (decided already). */
export const rejectKyc = ({ data }: RejectKyc, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const before = undecided(state, data.kyc_submission_id);
  if ('code' in before) return before;
  const decided_at = formatInstant(moment.at);
  const rejected = { ...before, status: 'rejected', rejection_reason: clear(data.reason), decided_at } as const;
  return accept(decided('KycRejected', before, rejected, moment));
};
