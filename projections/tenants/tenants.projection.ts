import { renderTenant, type TenantResource } from '#contract/resources/tenant.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const TENANT = {
  tenant_id: 'text',
  workspace_id: 'text',
  environment: 'text',
  status: 'text',
  tier: 'text',
  searched: 'text',
  resource: 'text',
} as const;

const setTenants = insertInto(
  'tenants',
  TENANT,
  `ON CONFLICT (tenant_id) DO UPDATE SET status = EXCLUDED.status, tier = EXCLUDED.tier, searched = EXCLUDED.searched,
     resource = EXCLUDED.resource`,
);

const searchedIn = ({ name, partner }: TenantResource): string =>
  [name, partner.name, partner.email]
    .filter((text) => text !== null)
    .join('\n')
    .toLowerCase();

const statements = ({ events, open }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const rows = events.flatMap(({ tenantId, event }): RowOf<typeof TENANT>[] => {
    if (!('tenant' in event.data)) return [];
    const resource = renderTenant(event.data.tenant, { updatedAt: event.at }, open(tenantId));
    const { workspace_id, environment, status, tier } = resource;
    const searched = searchedIn(resource);
    return [
      { tenant_id: tenantId, workspace_id, environment, status, tier, searched, resource: JSON.stringify(resource) },
    ];
  });
  return setTenants(lastBy(rows, (row) => `${row.tenant_id}`));
};

export const tenants: Projection<LedgerEvent> = {
  name: 'tenants',
  version: 1,
  tables: ['tenants'],
  migrations: [{ name: 'tenants', sql: sqlBeside(import.meta.url, './tenants.sql') }],
  statements,
};
