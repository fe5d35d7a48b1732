/** How a tenant's finance is run: when its business days end, where settlements are paid, and from when on it is warned. */
import type { TenantState } from '../state.js';

/** Shares are in hundredths of a percent: 10500 is 105.00 %. */
export interface FinanceSettings {
  /** Local hour at which the next business day begins; 0: midnight. */
  readonly cut_off_hour: number;
  /** Where settlements are paid from and to; null: the main float of their currency. */
  readonly settlement_account_id: string | null;
  /** Below this coverage there is an alert. */
  readonly coverage_alert: number;
  /** At this coverage it is over; not below `coverage_alert`. */
  readonly coverage_restored: number;
  /** Minutes between liquidity snapshots. */
  readonly snapshot_minutes: number;
  /** Above this share of failed deliveries, of a day's, webhooks are not healthy. */
  readonly webhook_failure_rate: number;
  /** Above this share of rejected applications, of those decided in seven days, KYC is not healthy. */
  readonly kyc_rejection_rate: number;
  /** Calls refused by rate limits a day. */
  readonly rate_limit_hits: number;
  /** Accounts blocked a day. */
  readonly blocked_accounts: number;
}

/** The thresholds of the tenant management document. */
export const DEFAULT_FINANCE_SETTINGS: FinanceSettings = {
  cut_off_hour: 0,
  settlement_account_id: null,
  coverage_alert: 10_500,
  coverage_restored: 10_600,
  snapshot_minutes: 60,
  webhook_failure_rate: 500,
  kyc_rejection_rate: 2_000,
  rate_limit_hits: 100,
  blocked_accounts: 10,
};

export type FinanceSettingsEvent = {
  readonly type: 'FinanceSettingsChanged';
  readonly data: { readonly finance_settings: FinanceSettings; readonly previous: Partial<FinanceSettings> };
};

export const evolveFinanceSettings = (state: TenantState, { data }: FinanceSettingsEvent): void =>
  state.financeSettings.set({ ...DEFAULT_FINANCE_SETTINGS, ...data.finance_settings });
