import { coldKeys } from '#domain/cold-keys.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const LATEST = { tenant_id: 'text', key: 'text', revision: 'bigint' } as const;

const setLatest = insertInto(
  'cold_index',
  LATEST,
  'ON CONFLICT (tenant_id, key) DO UPDATE SET revision = EXCLUDED.revision',
);

export const coldIndex: Projection<LedgerEvent> = {
  name: 'cold-index',
  version: 1,
  tables: ['cold_index'],
  migrations: [{ name: 'cold-index', sql: sqlBeside(import.meta.url, './cold-index.sql') }],
  statements: ({ events }) => {
    const rows = events.flatMap(({ tenantId, event }) =>
      coldKeys(event).map((key) => ({ tenant_id: tenantId, key, revision: event.revision })),
    );
    return setLatest(lastBy(rows, (row) => `${row.tenant_id} ${row.key}`));
  },
};
