import { renderReservation } from '#contract/resources/reservation.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const RESERVATION = {
  tenant_id: 'text',
  reservation_id: 'text',
  account_id: 'text',
  status: 'text',
  reference: 'text',
  resource: 'text',
} as const;

const setReservations = insertInto(
  'reservations',
  RESERVATION,
  'ON CONFLICT (tenant_id, reservation_id) DO UPDATE SET status = EXCLUDED.status, resource = EXCLUDED.resource',
);

const statements = ({ events, open }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const rows = events.flatMap(({ tenantId, event }): RowOf<typeof RESERVATION>[] => {
    if (!('reservation' in event.data)) return [];
    const facts = event.data.reservation;
    const { reservation_id, account_id, status, reference } = facts;
    const resource = JSON.stringify(renderReservation(facts, { updatedAt: event.at }, open(tenantId)));
    return [{ tenant_id: tenantId, reservation_id, account_id, status, reference, resource }];
  });
  return setReservations(lastBy(rows, (row) => `${row.tenant_id} ${row.reservation_id}`));
};

export const reservations: Projection<LedgerEvent> = {
  name: 'reservations',
  version: 1,
  tables: ['reservations'],
  migrations: [{ name: 'reservations', sql: sqlBeside(import.meta.url, './reservations.sql') }],
  statements,
};
