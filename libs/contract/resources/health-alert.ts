import type { HealthIndicator } from '#domain/health/health.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { formatInstant } from '#domain/time.js';

const DAY_SECONDS = 86_400;

/** What is measured, over how long until then, and what to look at; the platform's document has it so. */
export const HEALTH_TERMS = {
  webhook_failure_rate: { unit: 'percent', windowSeconds: DAY_SECONDS, action: 'Check endpoint health' },
  kyc_rejection_rate: { unit: 'percent', windowSeconds: 7 * DAY_SECONDS, action: 'Review submission quality' },
  rate_limit_hits: { unit: 'count', windowSeconds: DAY_SECONDS, action: 'Consider increasing limits' },
  blocked_accounts: { unit: 'count', windowSeconds: DAY_SECONDS, action: 'Investigate fraud patterns' },
} as const satisfies Record<
  HealthIndicator,
  { readonly unit: 'percent' | 'count'; readonly windowSeconds: number; readonly action: string }
>;

type AlertEvent = Extract<LedgerEvent, { type: 'HealthThresholdCrossed' | 'HealthThresholdRestored' }>;

/** Percentages have two decimals. */
export const renderHealthAlert = ({ type, data: { health }, at, revision }: AlertEvent) => {
  const { indicator, value, threshold } = health;
  const { unit, windowSeconds, action } = HEALTH_TERMS[indicator];
  const told = (number: number): number => (unit === 'percent' ? number / 100 : number);
  return {
    object: 'health_indicator',
    name: indicator,
    value: value === null ? null : told(value),
    unit,
    window_seconds: windowSeconds,
    threshold: { above: told(threshold) },
    status: type === 'HealthThresholdCrossed' ? 'warning' : 'ok',
    action,
    revision,
    at: formatInstant(at),
  };
};
