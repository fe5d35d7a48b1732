import { isEmpty, replaced } from '../changes.js';
import { accept, refuse, unchanged, type Decision, type Moment, type Refusal } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { calendarChange } from '../settlements/business-calendar.js';
import type { TenantState } from '../state.js';
import type { FinanceSettings } from './finance-settings.js';

/** What is not named stays. */
export interface ChangeFinanceSettings {
  readonly type: 'ChangeFinanceSettings';
  readonly data: Partial<FinanceSettings>;
}

/** Least and most of each number. */
const RANGES: { readonly [N in Exclude<keyof FinanceSettings, 'settlement_account_id'>]: readonly [number, number] } = {
  cut_off_hour: [0, 23],
  coverage_alert_bps: [0, 1_000_000],
  coverage_restored_bps: [0, 1_000_000],
  snapshot_minutes: [5, 1440],
  webhook_failure_bps: [0, 10_000],
  kyc_rejection_bps: [0, 10_000],
  rate_limit_hits_per_day: [0, 1_000_000_000],
  blocked_accounts_per_day: [0, 1_000_000_000],
};

const refusalOf = (data: Partial<FinanceSettings>, after: FinanceSettings, state: TenantState): Refusal | null => {
  for (const name of Object.keys(RANGES) as (keyof typeof RANGES)[]) {
    const [least, most] = RANGES[name];
    const value = after[name];
    if (Number.isSafeInteger(value) && value >= least && value <= most) continue;
    return refuse('invalid_parameter', name, `It is a whole number from ${least} to ${most}.`);
  }
  if (1440 % after.snapshot_minutes !== 0 || after.snapshot_minutes % 5 !== 0) {
    return refuse('invalid_parameter', 'snapshot_minutes', 'Whole fives of minutes, of which a day is a whole number.');
  }
  const { settlement_account_id } = data;
  if (typeof settlement_account_id !== 'string') return null;
  const account = state.accounts.get(settlement_account_id);
  if (!account || account.extras.closed) {
    return refuse('invalid_parameter', 'settlement_account_id', 'No open account has this id.');
  }
  const fits = account.terms.walletType === 'float' || account.terms.walletType === 'general';
  return fits
    ? null
    : refuse('invalid_parameter', 'settlement_account_id', 'Only a float or a general account can pay settlements.');
};

/**
 * Raising the alert above the mark at which it ends takes that mark with it, unless both are named.
 *
 * Refused: `invalid_parameter`, with the field.
 */
export const changeFinanceSettings = (
  { data }: ChangeFinanceSettings,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const before = state.financeSettings.value;
  const merged = { ...before, ...data };
  const after: FinanceSettings =
    data.coverage_restored_bps === undefined
      ? { ...merged, coverage_restored_bps: Math.max(merged.coverage_restored_bps, merged.coverage_alert_bps) }
      : merged;
  const refusal = refusalOf(data, after, state);
  if (refusal !== null) return refusal;
  if (after.coverage_restored_bps < after.coverage_alert_bps) {
    return refuse('invalid_parameter', 'coverage_restored_bps', 'It can’t be below coverage_alert_bps.');
  }
  const previous = replaced(before, after);
  const timezone = state.businessCalendar.value?.timezone ?? moment.businessDay.timezone;
  // Its event comes first, so its id is taken first.
  const calendar =
    previous.cut_off_hour === undefined
      ? null
      : calendarChange(state, moment, { timezone, cut_off_hour: after.cut_off_hour });
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'FinanceSettingsChanged',
    data: { finance_settings: after, previous },
    subject: state.tenant.value?.id as string,
  };
  if (isEmpty(previous)) return unchanged(draft);
  return calendar === null ? accept(draft) : accept<LedgerDraft>(calendar, draft);
};
