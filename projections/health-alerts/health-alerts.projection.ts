import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const ALERT = { tenant_id: 'text', indicator: 'text', beyond: 'boolean', revision: 'bigint' } as const;

const setAlerts = insertInto(
  'health_alerts',
  ALERT,
  'ON CONFLICT (tenant_id, indicator) DO UPDATE SET beyond = EXCLUDED.beyond, revision = EXCLUDED.revision',
);

const statements = ({ events }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const alerts: RowOf<typeof ALERT>[] = [];
  for (const { tenantId: tenant_id, event } of events) {
    if (event.type !== 'HealthThresholdCrossed' && event.type !== 'HealthThresholdRestored') continue;
    const { indicator } = event.data.health;
    alerts.push({ tenant_id, indicator, beyond: event.type === 'HealthThresholdCrossed', revision: event.revision });
  }
  return setAlerts(lastBy(alerts, (row) => `${row.tenant_id} ${row.indicator}`));
};

export const healthAlerts: Projection<LedgerEvent> = {
  name: 'health-alerts',
  version: 1,
  tables: ['health_alerts'],
  migrations: [{ name: 'health-alerts', sql: sqlBeside(import.meta.url, './health-alerts.sql') }],
  statements,
};
