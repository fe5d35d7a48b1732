import { formatInstant } from '#domain/time.js';
import type { TenantSession } from '#projecting/tenant-session.js';
import type { FinanceSettings } from '#domain/finance-settings/finance-settings.js';
import { getFinanceSettings } from '#projections/finance-settings/finance-settings.queries.js';
import { INDICATORS, type Indicator, type Moments } from './indicators.js';

type Status = 'ok' | 'warning' | 'no_data';

const statusOf = (value: number | null, threshold: Indicator['threshold']): Status => {
  if (value === null) return 'no_data';
  if (threshold === null) return 'ok';
  const isBeyond = 'above' in threshold ? value > threshold.above : value < threshold.below;
  return isBeyond ? 'warning' : 'ok';
};

/** What the tenant has set for itself, of the thresholds that it may. */
const ownThreshold = (name: string, settings: FinanceSettings): Indicator['threshold'] => {
  switch (name) {
    case 'coverage_ratio':
      return { below: settings.coverage_alert_bps / 100 };
    case 'webhook_failure_rate':
      return { above: settings.webhook_failure_bps / 100 };
    case 'kyc_rejection_rate':
      return { above: settings.kyc_rejection_bps / 100 };
    case 'rate_limit_hits':
      return { above: settings.rate_limit_hits_per_day };
    case 'blocked_accounts':
      return { above: settings.blocked_accounts_per_day };
    default:
      return null;
  }
};

/** Every indicator there is, measured now. */
export const measuredHealth = async (session: TenantSession, at: Moments): Promise<object> => {
  const indicators = [];
  const settings = await getFinanceSettings(session);
  for (const [name, indicator] of Object.entries<Indicator>(INDICATORS)) {
    const { unit, windowSeconds, action } = indicator;
    const threshold = ownThreshold(name, settings) ?? indicator.threshold;
    for (const { of, value } of await indicator.measure(session, at)) {
      const status = statusOf(value, threshold);
      indicators.push({ name, of, value, unit, window_seconds: windowSeconds, threshold, status, action });
    }
  }
  return {
    object: 'tenant_health',
    tenant_id: session.tenantId,
    status: indicators.some(({ status }) => status === 'warning') ? 'warning' : 'ok',
    measured_at: formatInstant(at.now),
    indicators,
  };
};
