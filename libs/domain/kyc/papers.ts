import { clearOrNull } from '../customers/create-customer.js';
import type { CustomerKind } from '../customers/customers.js';
import { clear, refuse, type Refusal } from '../decision.js';
import { KYC_DOCUMENTS, type BusinessDetails, type KycDocument, type KycDocumentType } from './kyc.js';

/** What a request says of a document; what is left out is null. */
export interface DocumentTerms {
  readonly type: KycDocumentType;
  readonly number?: string | null;
  readonly issuing_country?: string | null;
  readonly expires_on?: string | null;
  readonly file_name?: string | null;
  readonly file_sha256?: string | null;
}

export interface BusinessTerms {
  readonly registered_name: string;
  readonly registration_number: string;
  readonly address?: string | null;
  readonly country?: string | null;
  readonly directors?: readonly { readonly full_name: string }[];
}

export const documentsOf = (documents: readonly DocumentTerms[]): readonly KycDocument[] =>
  documents.map(({ type, number, issuing_country, expires_on, file_name, file_sha256 }) => ({
    type,
    number: clearOrNull(number),
    issuing_country: issuing_country ?? null,
    expires_on: expires_on ?? null,
    file_name: clearOrNull(file_name),
    file_sha256: file_sha256 ?? null,
  }));

export const detailsOf = (terms: BusinessTerms): BusinessDetails => ({
  registered_name: clear(terms.registered_name),
  registration_number: clear(terms.registration_number),
  address: clearOrNull(terms.address),
  country: terms.country ?? null,
  directors: (terms.directors ?? []).map(({ full_name }) => ({ full_name: clear(full_name) })),
});

/** `invalid_parameter` where a person shows what a business has, or the other way round; null: all of it fits. */
export const unfitting = (
  kind: CustomerKind,
  documents: readonly DocumentTerms[] | undefined,
  details: BusinessTerms | null | undefined,
): Refusal | null => {
  const fitting: readonly string[] = KYC_DOCUMENTS[kind];
  const odd = documents?.findIndex(({ type }) => !fitting.includes(type)) ?? -1;
  if (odd >= 0) {
    return refuse('invalid_parameter', `documents[${odd}].type`, `A ${kind} shows ${fitting.join(', ')}.`);
  }
  if (kind === 'business' || details === undefined || details === null) return null;
  return refuse('invalid_parameter', 'business_details', 'The customer is a person.');
};
