import type { Instant } from '#domain/time.js';
import { firstIdAt, lastIdAt, pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
import type { TenantSession } from '#projecting/tenant-session.js';

/** Where a public event stands: its body is rendered from the tenant's stream at that revision. */
export interface EventPlace {
  readonly id: string;
  readonly type: string;
  /** Gapless per tenant, from 1. */
  readonly sequence: number;
  readonly revision: number;
  readonly resourceId: string;
}

export interface EventsQuery extends PageQuery {
  readonly type?: string;
  readonly resourceId?: string;
  /** When it happened, both ends included. */
  readonly from?: Instant;
  readonly to?: Instant;
}

interface EventRow {
  readonly event_id: string;
  readonly type: string;
  readonly sequence: string;
  readonly revision: string;
  readonly resource_id: string;
}

const COLUMNS = ['event_id', 'type', 'sequence', 'revision', 'resource_id'] as const;

const tables = queriesOf<{ events: EventRow & { tenant_id: string } }>();

const placeOf = (row: EventRow): EventPlace => ({
  id: row.event_id,
  type: row.type,
  sequence: Number(row.sequence),
  revision: Number(row.revision),
  resourceId: row.resource_id,
});

/** Null where the tenant has no such public event. */
export const getEvent = async (session: TenantSession, eventId: string): Promise<EventPlace | null> => {
  const [row] = await session.rows<EventRow>(
    `SELECT ${COLUMNS.join()} FROM events WHERE tenant_id = $1 AND event_id = $2`,
    [session.tenantId, eventId],
    'events.get',
  );
  return row === undefined ? null : placeOf(row);
};

/** Positions are event ids. */
export const listEvents = async (session: TenantSession, query: EventsQuery): Promise<Page<EventPlace>> => {
  const { type, resourceId, from, to } = query;
  let list = tables
    .selectFrom('events')
    .select(COLUMNS)
    .where(({ and }) => and({ tenant_id: session.tenantId, type, resource_id: resourceId }));
  if (from !== undefined) list = list.where('event_id', '>=', firstIdAt('evt', from));
  if (to !== undefined) list = list.where('event_id', '<=', lastIdAt('evt', to));
  const rows = await rowsOf(session, scanned(list, 'event_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.event_id, placeOf);
};

/** The events after a sequence, in order: how a consumer that has all up to it goes on. */
export const eventsAfter = async (session: TenantSession, sequence: number, limit: number): Promise<EventPlace[]> => {
  const rows = await session.rows<EventRow>(
    `SELECT ${COLUMNS.join()} FROM events WHERE tenant_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
    [session.tenantId, sequence, limit],
    'events.after',
  );
  return rows.map(placeOf);
};
