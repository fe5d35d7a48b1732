import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const SETTINGS = { tenant_id: 'text', settings: 'text' } as const;
const ALERT = { tenant_id: 'text', currency: 'text', breached: 'boolean', revision: 'bigint' } as const;

const setSettings = insertInto(
  'finance_settings',
  SETTINGS,
  'ON CONFLICT (tenant_id) DO UPDATE SET settings = EXCLUDED.settings',
);
const setAlerts = insertInto(
  'liquidity_alerts',
  ALERT,
  'ON CONFLICT (tenant_id, currency) DO UPDATE SET breached = EXCLUDED.breached, revision = EXCLUDED.revision',
);

const statements = ({ events }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const settings: RowOf<typeof SETTINGS>[] = [];
  const alerts: RowOf<typeof ALERT>[] = [];
  for (const { tenantId: tenant_id, event } of events) {
    const { revision } = event;
    if (event.type === 'FinanceSettingsChanged') {
      settings.push({ tenant_id, settings: JSON.stringify(event.data.finance_settings) });
    }
    if (event.type !== 'LiquidityBreached' && event.type !== 'LiquidityRestored') continue;
    const { currency } = event.data.liquidity;
    alerts.push({ tenant_id, currency, breached: event.type === 'LiquidityBreached', revision });
  }
  return [
    ...setSettings(lastBy(settings, (row) => `${row.tenant_id}`)),
    ...setAlerts(lastBy(alerts, (row) => `${row.tenant_id} ${row.currency}`)),
  ];
};

export const financeSettings: Projection<LedgerEvent> = {
  name: 'finance-settings',
  version: 1,
  tables: ['finance_settings', 'liquidity_alerts'],
  migrations: [{ name: 'finance-settings', sql: sqlBeside(import.meta.url, './finance-settings.sql') }],
  statements,
};
