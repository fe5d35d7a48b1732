import type { ReservationResource } from '#contract/resources/reservation.js';
import type { Instant } from '#domain/time.js';
import { firstIdAt, lastIdAt, pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
import type { TenantSession } from '#projecting/tenant-session.js';

export interface ReservationsQuery extends PageQuery {
  readonly accountId?: string;
  readonly status?: string;
  readonly reference?: string;
  /** When it was made, both ends included. */
  readonly from?: Instant;
  readonly to?: Instant;
}

interface ReservationRow {
  readonly reservation_id: string;
  readonly resource: string;
}

const tables = queriesOf<{
  reservations: ReservationRow & { tenant_id: string; account_id: string; status: string; reference: string | null };
}>();

const resourceOf = ({ resource }: ReservationRow): ReservationResource => JSON.parse(resource) as ReservationResource;

/** Null where the tenant has no such reservation. */
export const getReservation = async (
  session: TenantSession,
  reservationId: string,
): Promise<ReservationResource | null> => {
  const [row] = await session.rows<ReservationRow>(
    'SELECT reservation_id, resource FROM reservations WHERE tenant_id = $1 AND reservation_id = $2',
    [session.tenantId, reservationId],
    'reservations.get',
  );
  return row === undefined ? null : resourceOf(row);
};

/** Those of these reservations that the tenant has, in no order. */
export const getReservations = async (
  session: TenantSession,
  ids: readonly string[],
): Promise<ReservationResource[]> => {
  const rows = await session.rows<ReservationRow>(
    'SELECT reservation_id, resource FROM reservations WHERE tenant_id = $1 AND reservation_id = ANY($2)',
    [session.tenantId, ids],
    'reservations.get_many',
  );
  return rows.map(resourceOf);
};

/** Positions are reservation ids. */
export const listReservations = async (
  session: TenantSession,
  query: ReservationsQuery,
): Promise<Page<ReservationResource>> => {
  const { accountId, status, reference, from, to } = query;
  let list = tables
    .selectFrom('reservations')
    .select(['reservation_id', 'resource'])
    .where(({ and }) => and({ tenant_id: session.tenantId, account_id: accountId, status, reference }));
  if (from !== undefined) list = list.where('reservation_id', '>=', firstIdAt('rsv', from));
  if (to !== undefined) list = list.where('reservation_id', '<=', lastIdAt('rsv', to));
  const rows = await rowsOf(session, scanned(list, 'reservation_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.reservation_id, resourceOf);
};
