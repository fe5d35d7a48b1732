import type { KycTier } from '../accounts/accounts.js';
import type { CustomerFacts, CustomerKind } from '../customers/customers.js';
import type { Personal, PersonalMetadata } from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import { erasedKey } from '../erasure/erasure.js';
import { cold, type TenantState } from '../state.js';

export const KYC_STATUSES = ['pending', 'under_review', 'approved', 'rejected', 'expired'] as const;
export type KycStatus = (typeof KYC_STATUSES)[number];

/** What a person and what a business shows (core.schoolable.co, /docs/admin-kyc). */
export const KYC_DOCUMENTS = {
  person: ['government_id', 'proof_of_address', 'selfie'],
  business: ['incorporation_certificate', 'director_id', 'proof_of_business_address'],
} as const satisfies { readonly [K in CustomerKind]: readonly string[] };

export type KycDocumentType = (typeof KYC_DOCUMENTS)[CustomerKind][number];

/** What is known of a document. Its file is never kept here. */
export interface KycDocument {
  readonly type: KycDocumentType;
  readonly number: Personal | null;
  /** ISO 3166, two letters. */
  readonly issuing_country: string | null;
  /** Calendar day. */
  readonly expires_on: string | null;
  readonly file_name: Personal | null;
  /** Hex: of the file, so that it can be told from another one. */
  readonly file_sha256: string | null;
}

export interface BusinessDetails {
  readonly registered_name: Personal;
  readonly registration_number: Personal;
  readonly address: Personal | null;
  /** ISO 3166, two letters. */
  readonly country: string | null;
  readonly directors: readonly { readonly full_name: Personal }[];
}

/**
 * A customer's KYC profile as an event leaves it: what was submitted last, and what came of it. A customer has one, for
 * good. Whose it is is sealed under the customer's key.
 */
export interface KycFacts {
  readonly kyc_submission_id: string;
  readonly customer_id: string;
  readonly kind: CustomerKind;
  /** The customer as it was called when this was submitted. */
  readonly full_name: Personal;
  readonly email: Personal | null;
  readonly phone: Personal | null;
  readonly status: KycStatus;
  /** The tier that is asked for. */
  readonly tier: KycTier;
  /** The tier of the last approval; null before the first, and once it has expired. */
  readonly approved_tier: KycTier | null;
  readonly documents: readonly KycDocument[];
  /** Of a business. Null: not told yet. */
  readonly business_details: BusinessDetails | null;
  readonly rejection_reason: Personal | null;
  readonly metadata: PersonalMetadata;
  /** How often it was submitted. */
  readonly attempts: number;
  /** RFC 3339. */
  readonly submitted_at: string;
  readonly review_started_at: string | null;
  readonly decided_at: string | null;
}

type Changed = { readonly kyc_submission: KycFacts; readonly previous: Partial<KycFacts> };

export type KycEvent =
  | {
      readonly type: 'KycSubmitted';
      /** `previous` where it was submitted before. */
      readonly data: { readonly kyc_submission: KycFacts; readonly previous?: Partial<KycFacts> };
    }
  | { readonly type: 'KycReviewStarted' | 'KycApproved' | 'KycRejected' | 'KycExpired'; readonly data: Changed };

export const kycKey = (submissionId: string): string => `kyc:${submissionId}`;

/** Under which a customer's one profile is found. */
export const kycOfCustomerKey = (customerId: string): string => `kycof:${customerId}`;

const factsUnder = (state: TenantState, key: string): KycFacts | null => {
  const event = cold(state, key);
  if (event === null) return null;
  if (!('kyc_submission' in event.data)) throw new LedgerInconsistent(`no KYC profile stands under ${key}`);
  return event.data.kyc_submission;
};

/** Null where there is none. The command must have declared that it needs `kycKey`. */
export const kycFacts = (state: TenantState, submissionId: string): KycFacts | null =>
  factsUnder(state, kycKey(submissionId));

/** A customer's profile; null where it has none. The command must have declared that it needs `kycOfCustomerKey`. */
export const kycOfCustomer = (state: TenantState, customerId: string): KycFacts | null =>
  factsUnder(state, kycOfCustomerKey(customerId));

/** The customer whose tier a decision changes, by the profile that the command names. */
export const customerOfKyc = (state: TenantState, submissionId: string): readonly string[] => {
  const facts = kycFacts(state, submissionId);
  return facts === null ? [] : [`cust:${facts.customer_id}`];
};

export const erasureOfKyc = (state: TenantState, submissionId: string): readonly string[] => {
  const facts = kycFacts(state, submissionId);
  return facts === null ? [] : [erasedKey(facts.customer_id)];
};

/** The customer by its last names; what is asked of a profile anew is about whom it is now. */
export const namesOf = ({ name, email, phone }: CustomerFacts): Pick<KycFacts, 'full_name' | 'email' | 'phone'> => ({
  full_name: name,
  email,
  phone,
});
