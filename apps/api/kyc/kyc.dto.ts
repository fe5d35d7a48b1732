import { idForm } from '#contract/forms.js';
import { KYC_DOCUMENTS, type KycDocumentType } from '#domain/kyc/kyc.js';
import { KYC_TIERS } from '#domain/limits/limits.js';
import {
  Formed,
  FreeText,
  MetadataMap,
  MetadataPatchMap,
  Nullable,
  OneOf,
  Optional,
  Part,
  Parts,
  Says,
  Text,
} from '#platform/validation/fields.js';

type Tier = (typeof KYC_TIERS)[number];

const DOCUMENT_TYPES = Object.values(KYC_DOCUMENTS).flat();
const COUNTRY = /^[A-Z]{2}$/;
/** No day that no calendar has in any month. */
const DAY = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;
const MOST_DOCUMENTS = 20;
const MOST_DIRECTORS = 50;

export class KycDocumentBody {
  @OneOf(DOCUMENT_TYPES)
  type: KycDocumentType;

  @Says('As it stands on the document.', 'A12345678')
  @Nullable()
  @Text(1, 64)
  number?: string | null;

  @Says('ISO 3166, two letters.', 'NG')
  @Nullable()
  @Formed(COUNTRY)
  issuing_country?: string | null;

  @Nullable()
  @Formed(DAY)
  expires_on?: string | null;

  @Nullable()
  @FreeText(1, 255)
  file_name?: string | null;

  @Says('SHA-256 of the file, in hex.')
  @Nullable()
  @Formed(/^[0-9a-f]{64}$/)
  file_sha256?: string | null;
}

export class KycDirectorBody {
  @FreeText(1, 200)
  full_name: string;
}

export class KycBusinessBody {
  @FreeText(1, 200)
  registered_name: string;

  @Says('In the register of its country.', 'RC-123456')
  @Text(1, 64)
  registration_number: string;

  @Nullable()
  @FreeText(1, 500)
  address?: string | null;

  @Says('ISO 3166, two letters.', 'NG')
  @Nullable()
  @Formed(COUNTRY)
  country?: string | null;

  @Says('Without one the business can’t be approved.')
  @Optional()
  @Parts(() => KycDirectorBody, 0, MOST_DIRECTORS)
  directors?: KycDirectorBody[];
}

export class SubmitKycBody {
  @Formed(new RegExp(idForm('customer')))
  customer_id: string;

  @Says('The tier that is asked for.')
  @OneOf(KYC_TIERS)
  tier: Tier;

  @Optional()
  @Parts(() => KycDocumentBody, 0, MOST_DOCUMENTS)
  documents?: KycDocumentBody[];

  @Says('Of a business.')
  @Nullable()
  @Part(() => KycBusinessBody)
  business_details?: KycBusinessBody | null;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;
}

export class ResubmitKycBody {
  @Optional()
  @OneOf(KYC_TIERS)
  tier?: Tier;

  @Says('Instead of those that were there.')
  @Optional()
  @Parts(() => KycDocumentBody, 0, MOST_DOCUMENTS)
  documents?: KycDocumentBody[];

  @Says('Instead of what was there; null takes it away.')
  @Nullable()
  @Part(() => KycBusinessBody)
  business_details?: KycBusinessBody | null;

  @Says('Merged; null takes a key away.')
  @Optional()
  @MetadataPatchMap()
  metadata?: Record<string, string | null>;
}

export class ApproveKycBody {
  @Says('The tier that was asked for, where none is named.')
  @Optional()
  @OneOf(KYC_TIERS)
  tier?: Tier;
}

export class RejectKycBody {
  @FreeText(1, 1000)
  reason: string;
}
