import type { KycTier } from '../accounts/accounts.js';
import { accept, refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { decided, tierChange, undecided } from './decide-kyc.js';

/** The customer has the tier from the next posting on. */
export interface ApproveKyc {
  readonly type: 'ApproveKyc';
  readonly data: {
    readonly kyc_submission_id: string;
    /** The tier that was asked for, where none is named. */
    readonly tier?: KycTier;
  };
}

/**
 * Refused, in this order: `kyc_submission_not_found`; `invalid_state` (decided already); `kyc_incomplete` (a business whose
 * details or directors are missing).
 */
export const approveKyc = ({ data }: ApproveKyc, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const before = undecided(state, data.kyc_submission_id);
  if ('code' in before) return before;
  const directors = before.business_details?.directors.length ?? 0;
  if (before.kind === 'business' && directors === 0) return refuse('kyc_incomplete');
  const tier = data.tier ?? before.tier;
  const approved = {
    ...before,
    status: 'approved',
    approved_tier: tier,
    decided_at: formatInstant(moment.at),
  } as const;
  const change = tierChange(state, before.customer_id, tier, moment);
  // Last: what an append is answered with is its last event.
  return accept(...change, decided('KycApproved', before, approved, moment));
};
