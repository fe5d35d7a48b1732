import { accept, refuse, unchanged, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { decided, tierChange } from './decide-kyc.js';
import { kycFacts } from './kyc.js';

/** The documents have lapsed: what the approval gave is taken back, and the profile can be submitted again. */
export interface ExpireKyc {
  readonly type: 'ExpireKyc';
  readonly data: { readonly kyc_submission_id: string };
}

/** Refused, in this order: `kyc_submission_not_found`; `invalid_state` (not approved). */
export const expireKyc = ({ data }: ExpireKyc, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const before = kycFacts(state, data.kyc_submission_id);
  if (before === null) return refuse('kyc_submission_not_found');
  if (before.status === 'expired') return unchanged(decided('KycExpired', before, before, moment));
  if (before.status !== 'approved') return refuse('invalid_state', undefined, `The submission is ${before.status}.`);
  // A tier that somebody set by hand since is not the approval's to take back.
  const isOwn = state.customers.get(before.customer_id) === before.approved_tier;
  // Its event comes first, so its id is taken first.
  const change = isOwn ? tierChange(state, before.customer_id, 'tier1', moment) : [];
  const expired = decided('KycExpired', before, { ...before, status: 'expired', approved_tier: null }, moment);
  return accept(...change, expired);
};
