import type { KycTier } from '../accounts/accounts.js';
import { replaced } from '../changes.js';
import { customerFacts } from '../customers/customers.js';
import { refuse, type Moment, type Refusal } from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { kycFacts, type KycEvent, type KycFacts } from './kyc.js';

/** The profile, where it can still be decided. */
export const undecided = (state: TenantState, submissionId: string): KycFacts | Refusal => {
  const facts = kycFacts(state, submissionId);
  if (facts === null) return refuse('kyc_submission_not_found');
  if (facts.status === 'pending' || facts.status === 'under_review') return facts;
  return refuse('invalid_state', undefined, `The submission is ${facts.status}: it must be submitted again.`);
};

/** What a decision on a profile is recorded as, with the old values of what it changes. */
export const decided = (
  type: Exclude<KycEvent['type'], 'KycSubmitted'>,
  before: KycFacts,
  kyc_submission: KycFacts,
  moment: Moment,
): LedgerDraft => ({
  id: moment.nextUlid(),
  type,
  subject: before.customer_id,
  data: { kyc_submission, previous: replaced(before, kyc_submission) },
});

/** What gives the customer another tier; nothing where it has that one. The command must need the customer's cold key. */
export const tierChange = (
  state: TenantState,
  customerId: string,
  tier: KycTier,
  moment: Moment,
): readonly LedgerDraft[] => {
  const before = customerFacts(state, customerId);
  if (before === null) throw new LedgerInconsistent(`a KYC profile is of ${customerId}, who is nobody`);
  if (before.kyc_tier === tier) return [];
  const customer = { ...before, kyc_tier: tier };
  const previous = { kyc_tier: before.kyc_tier };
  return [{ id: moment.nextUlid(), type: 'CustomerUpdated', subject: customerId, data: { customer, previous } }];
};
