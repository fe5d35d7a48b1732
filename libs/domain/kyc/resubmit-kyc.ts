import type { KycTier } from '../accounts/accounts.js';
import { replaced } from '../changes.js';
import { customerFacts } from '../customers/customers.js';
import {
  accept,
  MAX_METADATA_KEYS,
  mergeMetadata,
  refuse,
  type Decision,
  type MetadataPatch,
  type Moment,
} from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import { isErased } from '../erasure/erasure.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { kycFacts, namesOf, type KycFacts } from './kyc.js';
import { detailsOf, documentsOf, unfitting, type BusinessTerms, type DocumentTerms } from './papers.js';

/**
 * Submits the same profile again, whatever came of it before: what is given replaces what was there. The customer keeps
 * the tier of an earlier approval until this is decided.
 */
export interface ResubmitKyc {
  readonly type: 'ResubmitKyc';
  readonly data: {
    readonly kyc_submission_id: string;
    readonly tier?: KycTier;
    readonly documents?: readonly DocumentTerms[];
    readonly business_details?: BusinessTerms | null;
    readonly metadata?: MetadataPatch;
  };
}

/**
 * Refused, in this order: `kyc_submission_not_found`; `subject_erased`; `invalid_parameter` (documents or details of the
 * other kind; more than 50 keys of metadata).
 */
export const resubmitKyc = ({ data }: ResubmitKyc, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const before = kycFacts(state, data.kyc_submission_id);
  if (before === null) return refuse('kyc_submission_not_found');
  if (isErased(state, before.customer_id)) return refuse('subject_erased');
  const customer = customerFacts(state, before.customer_id);
  if (customer === null) throw new LedgerInconsistent(`${before.kyc_submission_id} is of nobody`);
  const refusal = unfitting(before.kind, data.documents, data.business_details);
  if (refusal !== null) return refusal;
  const metadata = mergeMetadata(before.metadata, data.metadata);
  if (metadata.length > MAX_METADATA_KEYS) return refuse('invalid_parameter', 'metadata', 'More than 50 keys.');
  const { business_details: details } = data;
  const kyc_submission: KycFacts = {
    ...before,
    ...namesOf(customer),
    status: 'pending',
    tier: data.tier ?? before.tier,
    documents: data.documents === undefined ? before.documents : documentsOf(data.documents),
    business_details: details === undefined ? before.business_details : details === null ? null : detailsOf(details),
    rejection_reason: null,
    metadata,
    attempts: before.attempts + 1,
    submitted_at: formatInstant(moment.at),
    review_started_at: null,
    decided_at: null,
  };
  return accept({
    id: moment.nextUlid(),
    type: 'KycSubmitted',
    subject: before.customer_id,
    data: { kyc_submission, previous: replaced(before, kyc_submission) },
  });
};
