import type { KycTier } from '../accounts/accounts.js';
import { customerFacts } from '../customers/customers.js';
import { accept, personalMetadata, refuse, type Decision, type Metadata, type Moment } from '../decision.js';
import { isErased } from '../erasure/erasure.js';
import { idOf } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { kycOfCustomer, namesOf } from './kyc.js';
import { detailsOf, documentsOf, unfitting, type BusinessTerms, type DocumentTerms } from './papers.js';

/** Makes the customer's KYC profile, to be decided by the platform. */
export interface SubmitKyc {
  readonly type: 'SubmitKyc';
  readonly data: {
    readonly customer_id: string;
    readonly tier: KycTier;
    readonly documents?: readonly DocumentTerms[];
    readonly business_details?: BusinessTerms | null;
    readonly metadata?: Metadata;
  };
}

/**
 * Refused, in this order: `customer_not_found`; `subject_erased`; `invalid_parameter` (documents or details of the other
 * kind); `kyc_profile_exists`.
 */
export const submitKyc = ({ data }: SubmitKyc, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const customer = customerFacts(state, data.customer_id);
  if (customer === null) return refuse('customer_not_found', 'customer_id');
  if (isErased(state, data.customer_id)) return refuse('subject_erased', 'customer_id');
  const refusal = unfitting(customer.kind, data.documents, data.business_details);
  if (refusal !== null) return refusal;
  const known = kycOfCustomer(state, data.customer_id);
  if (known !== null) {
    const message = `The customer has the profile ${known.kyc_submission_id}: submit that one again.`;
    return refuse('kyc_profile_exists', 'customer_id', message);
  }
  const { business_details: details } = data;
  const id = moment.nextUlid();
  return accept({
    id,
    type: 'KycSubmitted',
    subject: customer.customer_id,
    data: {
      kyc_submission: {
        kyc_submission_id: idOf('kyc_submission', id),
        customer_id: customer.customer_id,
        kind: customer.kind,
        ...namesOf(customer),
        status: 'pending',
        tier: data.tier,
        approved_tier: null,
        documents: documentsOf(data.documents ?? []),
        business_details: details === undefined || details === null ? null : detailsOf(details),
        rejection_reason: null,
        metadata: personalMetadata(data.metadata),
        attempts: 1,
        submitted_at: formatInstant(moment.at),
        review_started_at: null,
        decided_at: null,
      },
    },
  });
};
