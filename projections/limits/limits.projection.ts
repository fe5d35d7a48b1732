import { renderLimit } from '#contract/resources/limit.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, setStatement, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';

const LIMIT = {
  tenant_id: 'text',
  limit_id: 'text',
  superseded_at: 'timestamptz',
  position: 'integer',
  resource: 'text',
} as const;
const REPLACED = { tenant_id: 'text', superseded_at: 'timestamptz' } as const;

const supersedeLimits = setStatement(
  'limits.supersede',
  REPLACED,
  (rows) =>
    `UPDATE limits l SET superseded_at = u.superseded_at FROM ${rows}
     WHERE l.tenant_id = u.tenant_id AND l.superseded_at IS NULL`,
);

const insertLimits = insertInto('limits', LIMIT);

const statements = ({ events }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const replaced = new Map<string, RowOf<typeof REPLACED>>();
  const ended: RowOf<typeof LIMIT>[] = [];
  const standing = new Map<string, readonly RowOf<typeof LIMIT>[]>();
  for (const { tenantId, event } of events) {
    if (event.type !== 'LimitsReplaced') continue;
    // The first list of a batch ends what stood before it, the later ones end each other here.
    if (!replaced.has(tenantId)) replaced.set(tenantId, { tenant_id: tenantId, superseded_at: event.at });
    for (const row of standing.get(tenantId) ?? []) ended.push({ ...row, superseded_at: event.at });
    const rows = event.data.limits.map((rule, position) => ({
      tenant_id: tenantId,
      limit_id: rule.limit_id,
      superseded_at: null,
      position,
      resource: JSON.stringify(renderLimit(rule, { tenantId, updatedAt: event.at })),
    }));
    standing.set(tenantId, rows);
  }
  const limits = [...ended, ...[...standing.values()].flat()];
  return [...supersedeLimits([...replaced.values()]), ...insertLimits(limits)];
};

export const limits: Projection<LedgerEvent> = {
  name: 'limits',
  version: 1,
  tables: ['limits'],
  migrations: [{ name: 'limits', sql: sqlBeside(import.meta.url, './limits.sql') }],
  statements,
};
