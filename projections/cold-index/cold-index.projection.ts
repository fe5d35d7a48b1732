import { coldKeys } from '#domain/cold-keys.js';
import { idOf } from '#domain/ids.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, setStatement, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const LATEST = { tenant_id: 'text', key: 'text', revision: 'bigint' } as const;

const insertNew = insertInto('cold_index', LATEST);
const setLatest = setStatement(
  'cold_index.set',
  LATEST,
  (rows) =>
    `INSERT INTO cold_index (tenant_id, key, revision) SELECT * FROM ${rows}
     ON CONFLICT (tenant_id, key) DO UPDATE SET revision = EXCLUDED.revision`,
);

const keyOf = ({ tenant_id, key }: RowOf<typeof LATEST>): string => `${tenant_id} ${key}`;

const statements = ({ events }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  // Transactions that the batch itself records: nothing can stand under their keys yet, and to look costs as much again.
  const recorded = new Set<string>();
  const rows = events.flatMap(({ tenantId, event }) => {
    const own = `ltx:${idOf('transaction', event.id)}`;
    return coldKeys(event).map((key) => {
      const row = { tenant_id: tenantId, key, revision: event.revision };
      if (key === own) recorded.add(keyOf(row));
      return row;
    });
  });
  const latest = lastBy(rows, keyOf);
  return [
    ...insertNew(latest.filter((row) => recorded.has(keyOf(row)))),
    ...setLatest(latest.filter((row) => !recorded.has(keyOf(row)))),
  ];
};

export const coldIndex: Projection<LedgerEvent> = {
  name: 'cold-index',
  version: 1,
  tables: ['cold_index'],
  migrations: [{ name: 'cold-index', sql: sqlBeside(import.meta.url, './cold-index.sql') }],
  statements,
};
