import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';

const ERASURE = { tenant_id: 'text', subject_id: 'text', kind: 'text', erased_at: 'timestamptz' } as const;

const insertErasures = insertInto('erasures', ERASURE);

const statements = ({ events }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> =>
  insertErasures(
    events.flatMap(({ tenantId, event }): RowOf<typeof ERASURE>[] =>
      event.type === 'SubjectErased' ? [{ tenant_id: tenantId, ...event.data.erasure, erased_at: event.at }] : [],
    ),
  );

export const erasures: Projection<LedgerEvent> = {
  name: 'erasures',
  version: 1,
  tables: ['erasures'],
  migrations: [{ name: 'erasures', sql: sqlBeside(import.meta.url, './erasures.sql') }],
  statements,
};
