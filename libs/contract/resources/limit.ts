import type { KycTier } from '#domain/accounts/accounts.js';
import type { LimitDirection, LimitRule, LimitWindow } from '#domain/limits/limits.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { createdAt } from './personal.js';

/** Amounts are minor units of `currency`. */
export interface LimitResource {
  readonly object: 'limit';
  readonly id: string;
  readonly tenant_id: string;
  readonly kyc_level: KycTier;
  readonly direction: LimitDirection;
  readonly window: LimitWindow;
  readonly amount: number;
  readonly max_balance: number | null;
  readonly currency: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** `updatedAt`: when the limits were last replaced. */
export const renderLimit = (
  rule: LimitRule,
  { tenantId, updatedAt }: { readonly tenantId: string; readonly updatedAt: Instant },
): LimitResource => ({
  object: 'limit',
  id: rule.limit_id,
  tenant_id: tenantId,
  kyc_level: rule.kyc_level,
  direction: rule.direction,
  window: rule.window,
  amount: rule.amount,
  max_balance: rule.max_balance,
  currency: rule.currency,
  created_at: createdAt(rule.limit_id),
  updated_at: formatInstant(updatedAt),
});
