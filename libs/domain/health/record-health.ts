import { accept, refuse, unchanged, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { HEALTH_INDICATORS, isCrossing, thresholdOf, type HealthIndicator } from './health.js';

/** What was measured now. Whoever measures need not know what was told before. */
export interface RecordHealth {
  readonly type: 'RecordHealth';
  readonly data: {
    /** Hundredths of a percent, or how many; null: nothing was there to measure. What is not named is left as it is. */
    readonly measures: { readonly [I in HealthIndicator]?: number | null };
  };
}

/**
 * Tells of each threshold that is crossed, once, and of each that is so no more (DECISIONS 161).
 *
 * Refused: `invalid_parameter` where nothing was measured.
 */
export const recordHealth = (
  { data: { measures } }: RecordHealth,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const drafts: LedgerDraft[] = [];
  let standing: LedgerDraft | null = null;
  for (const indicator of HEALTH_INDICATORS) {
    const value = measures[indicator];
    if (value === undefined) continue;
    const threshold = thresholdOf(state.financeSettings.value, indicator);
    const isBeyond = state.healthAlerts.has(indicator);
    const isChange = isCrossing(value, threshold, isBeyond);
    standing = {
      id: moment.nextUlid(),
      type: isChange === isBeyond ? 'HealthThresholdRestored' : 'HealthThresholdCrossed',
      data: { health: { indicator, value, threshold } },
      subject: state.tenant.value?.id as string,
    };
    if (isChange) drafts.push(standing);
  }
  if (standing === null) return refuse('invalid_parameter', 'measures', 'Nothing was measured.');
  return drafts.length === 0 ? unchanged(standing) : accept(...drafts);
};
