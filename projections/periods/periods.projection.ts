import { renderClosedPeriod } from '#contract/resources/closed-period.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';

const MONTH = { tenant_id: 'text', month: 'text', revision: 'bigint', closed_at: 'bigint', resource: 'text' } as const;

const insertMonths = insertInto('closed_months', MONTH);

const statements = ({ events }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const months: RowOf<typeof MONTH>[] = [];
  for (const { tenantId: tenant_id, event } of events) {
    if (event.type !== 'PeriodClosed' || event.data.month === undefined) continue;
    const resource = JSON.stringify(renderClosedPeriod(event.data));
    const { month } = event.data.month;
    months.push({ tenant_id, month, revision: event.revision, closed_at: event.at, resource });
  }
  return insertMonths(months);
};

export const periods: Projection<LedgerEvent> = {
  name: 'periods',
  version: 1,
  tables: ['closed_months'],
  migrations: [{ name: 'periods', sql: sqlBeside(import.meta.url, './periods.sql') }],
  statements,
};
