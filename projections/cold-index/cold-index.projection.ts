import { coldKeys } from '#domain/cold-keys.js';
import { idOf } from '#domain/ids.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, setStatement, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';

const LATEST = { tenant_id: 'text', key: 'text', revision: 'bigint' } as const;

const insertNew = insertInto('cold_index', LATEST);
const setLatest = setStatement(
  'cold_index.set',
  LATEST,
  (rows) =>
    `INSERT INTO cold_index (tenant_id, key, revision) SELECT * FROM ${rows}
     ON CONFLICT (tenant_id, key) DO UPDATE SET revision = EXCLUDED.revision`,
);

const statements = ({ events }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  // Of transactions that the batch itself records: nothing can stand under their keys yet, and to look costs as much again.
  const recorded = new Map<string, RowOf<typeof LATEST>>();
  const others = new Map<string, RowOf<typeof LATEST>>();
  for (const { tenantId, event } of events) {
    const own = `ltx:${idOf('transaction', event.id)}`;
    for (const key of coldKeys(event)) {
      const place = `${tenantId} ${key}`;
      const rows = key === own || recorded.has(place) ? recorded : others;
      rows.set(place, { tenant_id: tenantId, key, revision: event.revision });
    }
  }
  return [...insertNew([...recorded.values()]), ...setLatest([...others.values()])];
};

export const coldIndex: Projection<LedgerEvent> = {
  name: 'cold-index',
  version: 1,
  tables: ['cold_index'],
  migrations: [{ name: 'cold-index', sql: sqlBeside(import.meta.url, './cold-index.sql') }],
  statements,
};
