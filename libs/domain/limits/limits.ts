import type { KycTier } from '../accounts/accounts.js';
import type { TenantState } from '../state.js';

export const KYC_TIERS = ['tier1', 'tier2', 'tier3'] as const satisfies readonly KycTier[];

export const LIMIT_DIRECTIONS = ['inbound', 'outbound'] as const;
export type LimitDirection = (typeof LIMIT_DIRECTIONS)[number];

/** A calendar day or month in the tenant's time zone. */
export const LIMIT_WINDOWS = ['daily', 'monthly'] as const;
export type LimitWindow = (typeof LIMIT_WINDOWS)[number];

/** At most so much per owner in a window, for a tier; and, where stated, on any one of its accounts. */
export interface LimitRule {
  readonly limit_id: string;
  readonly kyc_level: KycTier;
  readonly direction: LimitDirection;
  readonly window: LimitWindow;
  /** Minor units that may be used in the window. */
  readonly amount: number;
  /** Minor units that an account may hold; null: the rule says nothing about it. */
  readonly max_balance: number | null;
  readonly currency: string;
}

export interface LimitSchedule {
  readonly rules: readonly LimitRule[];
}

export type LimitEvent = { readonly type: 'LimitsReplaced'; readonly data: { readonly limits: readonly LimitRule[] } };

export const evolveLimits = (state: TenantState, event: LimitEvent): void => {
  state.limitRules.set({ rules: event.data.limits });
};
