import type { FinanceSettings } from '#domain/finance-settings/finance-settings.js';

/** Shares in basis points: 10500 is 105 %. */
export type FinanceSettingsResource = FinanceSettings & { readonly object: 'finance_settings' };

export const renderFinanceSettings = (facts: FinanceSettings): FinanceSettingsResource => ({
  object: 'finance_settings',
  ...facts,
});
