/** What of a tenant's health is told of as it happens: which thresholds are crossed, and which are no longer. */
import type { FinanceSettings } from '../finance-settings/finance-settings.js';
import type { TenantState } from '../state.js';

/** Measured outside the stream, each over its own time; the coverage of customers' money is `liquidity`'s. */
export const HEALTH_INDICATORS = [
  'webhook_failure_rate',
  'kyc_rejection_rate',
  'rate_limit_hits',
  'blocked_accounts',
] as const;
export type HealthIndicator = (typeof HEALTH_INDICATORS)[number];

export const isHealthIndicator = (name: string): name is HealthIndicator =>
  (HEALTH_INDICATORS as readonly string[]).includes(name);

/** The setting that is its threshold. Rates are in hundredths of a percent. */
const THRESHOLDS = {
  webhook_failure_rate: 'webhook_failure_bps',
  kyc_rejection_rate: 'kyc_rejection_bps',
  rate_limit_hits: 'rate_limit_hits_per_day',
  blocked_accounts: 'blocked_accounts_per_day',
} as const satisfies Record<HealthIndicator, keyof FinanceSettings>;

export interface HealthFacts {
  readonly indicator: HealthIndicator;
  /** Hundredths of a percent, or how many; null: there is nothing to measure any more. */
  readonly value: number | null;
  /** Above this it is crossed. */
  readonly threshold: number;
}

export type HealthEvent = {
  readonly type: 'HealthThresholdCrossed' | 'HealthThresholdRestored';
  readonly data: { readonly health: HealthFacts };
};

export const thresholdOf = (settings: FinanceSettings, indicator: HealthIndicator): number =>
  settings[THRESHOLDS[indicator]];

/**
 * Whether a value changes anything: it is crossed above its threshold, and restored at four fifths of it, so that a value that
 * goes to and fro about the threshold is told of once.
 */
export const isCrossing = (value: number | null, threshold: number, isBeyond: boolean): boolean =>
  isBeyond ? value === null || value <= Math.floor((threshold * 4) / 5) : value !== null && value > threshold;

export const evolveHealth = (state: TenantState, { type, data }: HealthEvent): void => {
  const { indicator, threshold } = data.health;
  if (type === 'HealthThresholdCrossed') state.healthAlerts.set(indicator, threshold);
  else state.healthAlerts.delete(indicator);
};
