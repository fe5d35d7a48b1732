import type { FinanceSettings } from '#domain/finance-settings/finance-settings.js';

/** Shares in basis points: 10500 is 105 %. */
export interface FinanceSettingsResource {
  readonly object: 'finance_settings';
  readonly cut_off_hour: number;
  readonly settlement_account_id: string | null;
  readonly coverage_alert_bps: number;
  readonly coverage_restored_bps: number;
  readonly snapshot_minutes: number;
  readonly webhook_failure_bps: number;
  readonly kyc_rejection_bps: number;
  readonly rate_limit_hits_per_day: number;
  readonly blocked_accounts_per_day: number;
}

export const renderFinanceSettings = (facts: FinanceSettings): FinanceSettingsResource => ({
  object: 'finance_settings',
  cut_off_hour: facts.cut_off_hour,
  settlement_account_id: facts.settlement_account_id,
  coverage_alert_bps: facts.coverage_alert,
  coverage_restored_bps: facts.coverage_restored,
  snapshot_minutes: facts.snapshot_minutes,
  webhook_failure_bps: facts.webhook_failure_rate,
  kyc_rejection_bps: facts.kyc_rejection_rate,
  rate_limit_hits_per_day: facts.rate_limit_hits,
  blocked_accounts_per_day: facts.blocked_accounts,
});
