import { idForm } from '#contract/forms.js';
import {
  KYC_TIERS,
  LIMIT_DIRECTIONS,
  LIMIT_WINDOWS,
  type LimitDirection,
  type LimitWindow,
} from '#domain/limits/limits.js';
import {
  Amount,
  AmountOrZero,
  CurrencyCode,
  Formed,
  Nullable,
  OneOf,
  Optional,
  Parts,
  Says,
} from '#platform/validation/fields.js';

const ACCOUNT_ID = new RegExp(idForm('account'));

/** Three tiers, two directions and two windows of forty currencies. */
export const MAX_LIMITS = 480;

export class LimitBody {
  @Says('Of which tier it is.', 'tier1')
  @OneOf(KYC_TIERS)
  kyc_level: (typeof KYC_TIERS)[number];

  @Says('What comes in, or what goes out.', 'outbound')
  @OneOf(LIMIT_DIRECTIONS)
  direction: LimitDirection;

  @Says('A calendar day or month in the tenant’s time zone.', 'daily')
  @OneOf(LIMIT_WINDOWS)
  window: LimitWindow;

  @Says('Minor units that a customer may move in the window, over all its accounts of the currency.', 5_000_000)
  @AmountOrZero()
  amount: number;

  @Says('Minor units that one account may hold. Rows of one tier and currency that state it must agree.')
  @Nullable()
  @AmountOrZero()
  max_balance?: number | null;

  @Says('The tenant’s default currency where it is not given.', 'NGN')
  @Optional()
  @CurrencyCode()
  currency?: string;
}

export class ReplaceLimitsBody {
  @Parts(() => LimitBody, 0, MAX_LIMITS)
  limits: LimitBody[];
}

export class EvaluateLimitsBody {
  @Formed(ACCOUNT_ID)
  account_id: string;

  @Says('What the account gets, or what it sends.', 'outbound')
  @OneOf(LIMIT_DIRECTIONS)
  direction: LimitDirection;

  @Says('Minor units.', 250_000)
  @Amount()
  amount: number;

  @Says('The account’s.', 'NGN')
  @CurrencyCode()
  currency: string;
}
