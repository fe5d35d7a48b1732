import type { KycTier } from '#domain/accounts/accounts.js';
import type { CustomerKind } from '#domain/customers/customers.js';
import type { BusinessDetails, KycDocumentType, KycFacts, KycStatus } from '#domain/kyc/kyc.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { createdAt, opened, openedMetadata, type MetadataResource, type Open } from './personal.js';

/** Names, numbers, files and reasons are null once the customer is erased. */
export interface KycSubmissionResource {
  readonly object: 'kyc_submission';
  readonly id: string;
  /** The same as `id`: by this name the lists of the admin plane know it. */
  readonly profile_id: string;
  readonly tenant_id: string;
  readonly customer_id: string;
  readonly kind: CustomerKind;
  readonly full_name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly status: KycStatus;
  readonly tier: KycTier;
  readonly approved_tier: KycTier | null;
  readonly documents: readonly {
    readonly type: KycDocumentType;
    readonly number: string | null;
    readonly issuing_country: string | null;
    readonly expires_on: string | null;
    readonly file_name: string | null;
    readonly file_sha256: string | null;
  }[];
  readonly business_details: {
    readonly registered_name: string | null;
    readonly registration_number: string | null;
    readonly address: string | null;
    readonly country: string | null;
    readonly directors: readonly { readonly full_name: string | null }[];
  } | null;
  readonly rejection_reason: string | null;
  readonly metadata: MetadataResource;
  readonly attempts: number;
  readonly submitted_at: string;
  readonly review_started_at: string | null;
  readonly decided_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

const detailsOf = (details: BusinessDetails, open: Open): KycSubmissionResource['business_details'] => ({
  registered_name: opened(details.registered_name, open),
  registration_number: opened(details.registration_number, open),
  address: opened(details.address, open),
  country: details.country,
  directors: details.directors.map(({ full_name }) => ({ full_name: opened(full_name, open) })),
});

/** `updatedAt`: time of the profile's last event. */
export const renderKycSubmission = (
  facts: KycFacts,
  { tenantId, updatedAt }: { readonly tenantId: string; readonly updatedAt: Instant },
  open: Open,
): KycSubmissionResource => ({
  object: 'kyc_submission',
  id: facts.kyc_submission_id,
  profile_id: facts.kyc_submission_id,
  tenant_id: tenantId,
  customer_id: facts.customer_id,
  kind: facts.kind,
  full_name: opened(facts.full_name, open),
  email: opened(facts.email, open),
  phone: opened(facts.phone, open),
  status: facts.status,
  tier: facts.tier,
  approved_tier: facts.approved_tier,
  documents: facts.documents.map((document) => ({
    ...document,
    number: opened(document.number, open),
    file_name: opened(document.file_name, open),
  })),
  business_details: facts.business_details === null ? null : detailsOf(facts.business_details, open),
  rejection_reason: opened(facts.rejection_reason, open),
  metadata: openedMetadata(facts.metadata, open),
  attempts: facts.attempts,
  submitted_at: facts.submitted_at,
  review_started_at: facts.review_started_at,
  decided_at: facts.decided_at,
  created_at: createdAt(facts.kyc_submission_id),
  updated_at: formatInstant(updatedAt),
});
