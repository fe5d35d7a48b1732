import { sql, type SelectQueryBuilder } from 'kysely';
import { idOf, ulidOf } from '#domain/ids.js';
import type { Instant } from '#domain/time.js';
import { firstIdAt, lastIdAt, pageOf, scanOf, type Page, type PageQuery, type Scan } from '#projecting/listing.js';
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

interface Tables {
  readonly events: EventRow & { tenant_id: string };
}

const tables = queriesOf<Tables>();

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

/** Those of one resource: the event that made it has its ULID, and only the later ones are indexed by it. */
const ofResource = (list: SelectQueryBuilder<Tables, 'events', EventRow>, resourceId: string, scan: Scan) => {
  const later = scanned(list.where(sql<boolean>`NOT creates`), 'event_id', scan);
  const made = list.where(sql<boolean>`creates`).where('event_id', '=', idOf('event', ulidOf(resourceId)));
  const both = tables.selectFrom(later.as('later')).selectAll().unionAll(made);
  return scanned(tables.selectFrom(both.as('both')).selectAll(), 'event_id', scan);
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
  const scan = scanOf(query);
  const asked = resourceId === undefined ? scanned(list, 'event_id', scan) : ofResource(list, resourceId, scan);
  const rows = await rowsOf<EventRow>(session, asked);
  return pageOf(query, rows, (row) => row.event_id, placeOf);
};

/** Every so many of a tenant's events is indexed by its sequence, from the first on (see events.sql). */
const INDEXED = 64;

const AFTER = `SELECT ${COLUMNS.join()} FROM events WHERE tenant_id = $1 AND sequence > $2
  AND event_id >= (SELECT e.event_id FROM events e WHERE e.tenant_id = $1 AND e.sequence = $4 AND e.sequence % ${INDEXED} = 1)
  ORDER BY event_id LIMIT $3`;

/** The events after a sequence, in order: how a consumer that has all up to it goes on. From 0, all. */
export const eventsAfter = async (session: TenantSession, sequence: number, limit: number): Promise<EventPlace[]> => {
  // Sequences grow with ids. Where the last indexed one at or before it is not there, there is none after it either.
  const begin = sequence - ((Math.max(sequence, 1) - 1) % INDEXED);
  const rows = await session.rows<EventRow>(
    AFTER,
    [session.tenantId, sequence, limit, Math.max(begin, 1)],
    'events.after',
  );
  return rows.map(placeOf);
};
