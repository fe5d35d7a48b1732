import { formatInstant } from '#domain/time.js';
import type { TenantSession } from '#projecting/tenant-session.js';
import { INDICATORS, type Indicator, type Moments } from './indicators.js';

type Status = 'ok' | 'warning' | 'no_data';

const statusOf = (value: number | null, threshold: Indicator['threshold']): Status => {
  if (value === null) return 'no_data';
  if (threshold === null) return 'ok';
  const isBeyond = 'above' in threshold ? value > threshold.above : value < threshold.below;
  return isBeyond ? 'warning' : 'ok';
};

/** Every indicator there is, measured now. */
export const measuredHealth = async (session: TenantSession, at: Moments): Promise<object> => {
  const indicators = [];
  for (const [name, indicator] of Object.entries<Indicator>(INDICATORS)) {
    const { unit, windowSeconds, threshold, action } = indicator;
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
