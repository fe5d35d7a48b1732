import { KYC_TIERS } from '#domain/limits/limits.js';
import { CUSTOMER_KINDS, type CustomerKind } from '#domain/customers/customers.js';
import {
  EmailAddress,
  FreeText,
  MetadataMap,
  MetadataPatchMap,
  Nullable,
  OneOf,
  Optional,
  Says,
  Text,
} from '#platform/validation/fields.js';

type Tier = (typeof KYC_TIERS)[number];

/** 5 to 15 digits, as people write them: a card's 16 do not fit. */
const PHONE = /^\+?\(?(?:[0-9][ ().-]{0,2}){4,14}[0-9]$/;

export class CreateCustomerBody {
  @Says('Whether it is one person, or a business.', 'person')
  @OneOf(CUSTOMER_KINDS)
  kind: CustomerKind;

  @Says('Who it is.', 'Ada Obi')
  @FreeText(1, 200)
  name: string;

  @Nullable()
  @EmailAddress()
  email?: string | null;

  @Says('With its country code.', '+2348012345678')
  @Nullable()
  @Text(5, 48, PHONE)
  phone?: string | null;

  @Says('KYC tier: which limits its accounts have. `tier1` where it is not given.')
  @Optional()
  @OneOf(KYC_TIERS)
  kyc_tier?: Tier;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;
}

export class UpdateCustomerBody {
  @Optional()
  @FreeText(1, 200)
  name?: string;

  @Says('Null takes it away.')
  @Nullable()
  @EmailAddress()
  email?: string | null;

  @Says('Null takes it away.')
  @Nullable()
  @Text(5, 48, PHONE)
  phone?: string | null;

  @Says('Needs the scope `accounts:manage` too. It is all its accounts’ tier from then on.')
  @Optional()
  @OneOf(KYC_TIERS)
  kyc_tier?: Tier;

  @Says('Merged; null takes a key away.')
  @Optional()
  @MetadataPatchMap()
  metadata?: Record<string, string | null>;
}
