/** How a tenant's finance is run: when its business days end, where settlements are paid, and from when on it is warned. */
import type { TenantState } from '../state.js';

/** Shares are in basis points, hundredths of a percent: 10500 is 105.00 %. */
export interface FinanceSettings {
  /** Local hour at which the next business day begins; 0: midnight. */
  readonly cut_off_hour: number;
  /** Where settlements are paid from and to; null: the main float of their currency. */
  readonly settlement_account_id: string | null;
  /** Below this coverage there is an alert. */
  readonly coverage_alert_bps: number;
  /** At this coverage it is over; not below `coverage_alert_bps`. */
  readonly coverage_restored_bps: number;
  /** Minutes between liquidity snapshots. */
  readonly snapshot_minutes: number;
  /** Above this share of failed deliveries, of a day's, webhooks are not healthy. */
  readonly webhook_failure_bps: number;
  /** Above this share of rejected applications, of those decided in seven days, KYC is not healthy. */
  readonly kyc_rejection_bps: number;
  /** Calls refused by rate limits a day. */
  readonly rate_limit_hits_per_day: number;
  /** Accounts blocked a day. */
  readonly blocked_accounts_per_day: number;
}

/** The thresholds of the tenant management document. */
export const DEFAULT_FINANCE_SETTINGS: FinanceSettings = {
  cut_off_hour: 0,
  settlement_account_id: null,
  coverage_alert_bps: 10_500,
  coverage_restored_bps: 10_600,
  snapshot_minutes: 60,
  webhook_failure_bps: 500,
  kyc_rejection_bps: 2_000,
  rate_limit_hits_per_day: 100,
  blocked_accounts_per_day: 10,
};

export type FinanceSettingsEvent = {
  readonly type: 'FinanceSettingsChanged';
  readonly data: { readonly finance_settings: FinanceSettings; readonly previous: Partial<FinanceSettings> };
};

export const evolveFinanceSettings = (state: TenantState, { data }: FinanceSettingsEvent): void => {
  state.financeSettings.set({ ...DEFAULT_FINANCE_SETTINGS, ...data.finance_settings });
  // Another mark may be crossed though nothing moves.
  state.liquidity.touch();
};
