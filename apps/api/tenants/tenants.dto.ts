import { idForm } from '#contract/forms.js';
import {
  CurrencyCode,
  EmailAddress,
  Flag,
  Formed,
  FreeText,
  MetadataMap,
  MetadataPatchMap,
  OneOf,
  Optional,
  Part,
  Says,
  TimeZone,
} from '#platform/validation/fields.js';

const STATUSES = ['active', 'suspended', 'inactive'] as const;
const TIERS = ['free', 'paid', 'enterprise'] as const;

export class PartnerBody {
  @FreeText(1, 200)
  name: string;

  @EmailAddress()
  email: string;

  @Optional()
  @OneOf(TIERS)
  tier?: (typeof TIERS)[number];
}

export class PartnerPatchBody {
  @Optional()
  @FreeText(1, 200)
  name?: string;

  @Optional()
  @EmailAddress()
  email?: string;

  @Optional()
  @OneOf(TIERS)
  tier?: (typeof TIERS)[number];
}

export class CreateTenantBody {
  @FreeText(1, 200)
  name: string;

  @CurrencyCode()
  default_currency: string;

  @Part(() => PartnerBody)
  partner: PartnerBody;

  @Optional()
  @OneOf(STATUSES)
  status?: (typeof STATUSES)[number];

  @Says('Follows from `status`; what contradicts it is a 422.')
  @Optional()
  @Flag()
  is_active?: boolean;

  @Says('`live` by default.')
  @Optional()
  @OneOf(['live', 'sandbox'])
  environment?: 'live' | 'sandbox';

  @Says('A workspace of its own where none is named.')
  @Optional()
  @Formed(new RegExp(idForm('workspace')))
  workspace_id?: string;

  @Says('IANA name: what its days are counted by.', 'Africa/Lagos')
  @Optional()
  @TimeZone()
  timezone?: string;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;
}

export class UpdateTenantBody {
  @Optional()
  @FreeText(1, 200)
  name?: string;

  @Optional()
  @CurrencyCode()
  default_currency?: string;

  @Optional()
  @TimeZone()
  timezone?: string;

  @Optional()
  @Part(() => PartnerPatchBody)
  partner?: PartnerPatchBody;

  @Says('Merged; null takes a key away.')
  @Optional()
  @MetadataPatchMap()
  metadata?: Record<string, string | null>;
}

export class ChangeTenantStatusBody {
  @OneOf(STATUSES)
  status: (typeof STATUSES)[number];

  @Optional()
  @Flag()
  is_active?: boolean;

  @Optional()
  @FreeText(1, 1000)
  reason?: string;
}
