import { renderEntitlements } from '#contract/resources/entitlements.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const CHANGE = { tenant_id: 'text', revision: 'bigint', resource: 'text' } as const;

const setEntitlements = insertInto(
  'tenant_entitlements',
  CHANGE,
  'ON CONFLICT (tenant_id) DO UPDATE SET revision = EXCLUDED.revision, resource = EXCLUDED.resource',
);

const statements = ({ events }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const rows = events.flatMap(({ tenantId, event }): RowOf<typeof CHANGE>[] => {
    if (event.type !== 'EntitlementsChanged') return [];
    const resource = JSON.stringify(renderEntitlements(event.data.entitlements, { tenantId }));
    return [{ tenant_id: tenantId, revision: event.revision, resource }];
  });
  return setEntitlements(lastBy(rows, (row) => `${row.tenant_id}`));
};

export const entitlements: Projection<LedgerEvent> = {
  name: 'entitlements',
  version: 1,
  tables: ['tenant_entitlements'],
  migrations: [{ name: 'entitlements', sql: sqlBeside(import.meta.url, './entitlements.sql') }],
  statements,
};
