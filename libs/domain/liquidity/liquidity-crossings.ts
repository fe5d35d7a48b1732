import { systemKey } from '../accounts/accounts.js';
import type { Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { liquidityOf } from './liquidity.js';

/**
 * The alerts that the latest events made due, one for each currency that crossed its mark (DECISIONS 98): below
 * `coverage_alert_bps` it is breached, and not restored before it reaches `coverage_restored_bps`. Where there is no ratio there is
 * nothing to alert of. To be asked after each command, so that it does not depend on which commands are decided together.
 */
export const liquidityCrossings = (state: TenantState, moment: Moment): readonly LedgerDraft[] => {
  const currencies = state.liquidity.takeMoved();
  if (currencies.length === 0) return NONE;
  const { coverage_alert_bps, coverage_restored_bps } = state.financeSettings.value;
  const drafts: LedgerDraft[] = [];
  for (const currency of currencies) {
    const isBreached = state.liquidityAlerts.has(currency);
    if (isFarFromChange(state, currency, isBreached ? coverage_restored_bps : coverage_alert_bps, isBreached)) continue;
    const liquidity = liquidityOf(state, currency);
    if (liquidity === null) continue;
    const { coverage_ratio: ratio } = liquidity;
    const threshold = isBreached ? coverage_restored_bps : coverage_alert_bps;
    const isBelow = ratio !== null && ratio < threshold;
    if (isBelow === isBreached) continue;
    drafts.push({
      id: moment.nextUlid(),
      type: isBelow ? 'LiquidityBreached' : 'LiquidityRestored',
      data: { liquidity, threshold },
      subject: state.tenant.value?.id as string,
    });
  }
  return drafts;
};

/** Most commands are nowhere near a mark, which takes no exact sum to see. */
const isFarFromChange = (state: TenantState, currency: string, threshold: number, isBreached: boolean): boolean => {
  const { liabilities, liquidity } = state.liquidity.roughly(currency);
  if (liabilities <= 0) return !isBreached;
  const ratio = (liquidity / liabilities) * 10_000;
  const hasFloat = state.systemAccounts.has(systemKey('float', currency));
  return isBreached ? hasFloat && ratio < threshold - 1 : !hasFloat || ratio > threshold + 1;
};

const NONE: readonly LedgerDraft[] = [];
