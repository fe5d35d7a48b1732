import { CLIENT_WALLET_TYPES } from '#domain/accounts/accounts.js';
import { idForm } from '#contract/forms.js';
import {
  AmountOrZero,
  CurrencyCode,
  Flag,
  Formed,
  FreeText,
  MetadataMap,
  MetadataPatchMap,
  Nullable,
  OneOf,
  Optional,
  Says,
  Text,
} from '#platform/validation/fields.js';

const ACCOUNT_ID = new RegExp(idForm('account'));
const CUSTOMER_ID = new RegExp(idForm('customer'));
const TIERS = ['tier1', 'tier2', 'tier3'] as const;

export class OpenAccountBody {
  @Says('What its holder calls it.', 'Ada’s wallet')
  @FreeText(1, 200)
  account_name: string;

  @Says('Whose wallet it is; `float` holds the tenant’s own money, `general` is any other account.', 'customer')
  @OneOf(CLIENT_WALLET_TYPES)
  wallet_type: (typeof CLIENT_WALLET_TYPES)[number];

  @Says('ISO 4217 code.', 'NGN')
  @CurrencyCode()
  currency: string;

  @Says('Unique in the tenant; one is made where none is given.', 'WLT-001234567')
  @Optional()
  @Text(1, 64)
  account_code?: string;

  @Says('Only `general` accounts have a choice: credit by default.')
  @Optional()
  @OneOf(['debit', 'credit'])
  normal_side?: 'debit' | 'credit';

  @Says('By how many minor units it may be overdrawn.')
  @Optional()
  @AmountOrZero()
  overdraft_limit?: number;

  @Says('Whether its balance may be below zero: `general` and `float` only.')
  @Optional()
  @Flag()
  allow_negative?: boolean;

  @Says('KYC tier: which limits apply.')
  @Optional()
  @OneOf(TIERS)
  kyc_tier?: (typeof TIERS)[number];

  @Says('The account that it stands below: blocks are inherited.')
  @Nullable()
  @Formed(ACCOUNT_ID)
  parent_account_id?: string | null;

  @Says('The customer that it belongs to.')
  @Nullable()
  @Formed(CUSTOMER_ID)
  customer_id?: string | null;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;
}

export class UpdateAccountBody {
  @Optional()
  @FreeText(1, 200)
  account_name?: string;

  @Says('Merged; null takes a key away.')
  @Optional()
  @MetadataPatchMap()
  metadata?: Record<string, string | null>;

  @Says('Needs the scope `accounts:manage` too.')
  @Optional()
  @OneOf(TIERS)
  kyc_tier?: (typeof TIERS)[number];

  @Says('Minor units. Needs the scope `accounts:manage` too.')
  @Optional()
  @AmountOrZero()
  overdraft_limit?: number;
}

export class BlockAccountBody {
  @Says('Why, for those who look at it later.', 'Suspicious activity')
  @FreeText(1, 1000)
  reason: string;

  @Says('Who blocks: each source has a block of its own.', 'fraud_detection')
  @Text(1, 64)
  source: string;

  @Says('Whether debits are blocked. Both sides where neither is named.')
  @Optional()
  @Flag()
  block_debits?: boolean;

  @Optional()
  @Flag()
  block_credits?: boolean;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;
}

export class UnblockAccountBody {
  @FreeText(1, 1000)
  reason: string;

  @Says('Who lifts, which need not be who blocked.', 'compliance_cleared')
  @Text(1, 64)
  source: string;

  @Says('Whether debits are freed. Both sides where neither is named.')
  @Optional()
  @Flag()
  unblock_debits?: boolean;

  @Optional()
  @Flag()
  unblock_credits?: boolean;

  @Says('Whose block is lifted; without it everybody’s.')
  @Optional()
  @Text(1, 64)
  block_source?: string;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;
}

export class CloseAccountBody {
  @FreeText(1, 1000)
  reason: string;

  @Says('Who asked for it.', 'customer_request')
  @Text(1, 64)
  source: string;

  @Says('Must read `CLOSE_ACCOUNT`: closing can’t be undone.', 'CLOSE_ACCOUNT')
  @Optional()
  @Text(0, 64)
  confirmation?: string;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;
}
