import { replaced } from '../changes.js';
import { accept, refuse, unchanged, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { kycFacts, type KycFacts } from './kyc.js';

/** Somebody looks at it now. It can be decided without. */
export interface ReviewKyc {
  readonly type: 'ReviewKyc';
  readonly data: { readonly kyc_submission_id: string };
}

/** Refused, in this order: `kyc_submission_not_found`; `invalid_state` (decided, or expired). */
export const reviewKyc = ({ data }: ReviewKyc, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const before = kycFacts(state, data.kyc_submission_id);
  if (before === null) return refuse('kyc_submission_not_found');
  if (before.status !== 'pending' && before.status !== 'under_review') {
    return refuse('invalid_state', undefined, `The submission is ${before.status}.`);
  }
  const begun = before.status === 'under_review';
  const kyc_submission: KycFacts = begun
    ? before
    : { ...before, status: 'under_review', review_started_at: formatInstant(moment.at) };
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'KycReviewStarted',
    subject: before.customer_id,
    data: { kyc_submission, previous: replaced(before, kyc_submission) },
  };
  return begun ? unchanged(draft) : accept(draft);
};
