import { holdStandingOf } from '#domain/holds/due-holds.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, setStatement, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const DUE = { tenant_id: 'text', hold_id: 'text', due_at: 'bigint' } as const;
const ENDED = { tenant_id: 'text', hold_id: 'text' } as const;

const setDue = insertInto('due_holds', DUE, 'ON CONFLICT (tenant_id, hold_id) DO UPDATE SET due_at = EXCLUDED.due_at');
const dropEnded = setStatement(
  'due_holds.drop_ended',
  ENDED,
  (rows) => `DELETE FROM due_holds d USING ${rows} WHERE d.tenant_id = u.tenant_id AND d.hold_id = u.hold_id`,
);

const statements = ({ events }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const standings = events.flatMap(({ tenantId, event }) => {
    const standing = holdStandingOf(event);
    return standing === null ? [] : [{ tenant_id: tenantId, hold_id: standing.id, due_at: standing.dueAt }];
  });
  const open: RowOf<typeof DUE>[] = [];
  const ended: RowOf<typeof ENDED>[] = [];
  for (const { tenant_id, hold_id, due_at } of lastBy(standings, (row) => `${row.tenant_id} ${row.hold_id}`)) {
    if (due_at === null) ended.push({ tenant_id, hold_id });
    else open.push({ tenant_id, hold_id, due_at });
  }
  return [...setDue(open), ...dropEnded(ended)];
};

export const dueHolds: Projection<LedgerEvent> = {
  name: 'due-holds',
  version: 1,
  tables: ['due_holds'],
  migrations: [{ name: 'due-holds', sql: sqlBeside(import.meta.url, './due-holds.sql') }],
  statements,
};
