/** Replays: events of the past, sent to an endpoint again, each once and so many a second at most. */
import type pg from 'pg';
import { formatInstant } from '#domain/time.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import type { TenantSession } from '#projecting/tenant-session.js';
import { DELIVERY_ID } from './fan-out.js';

export interface ReplayTerms {
  readonly endpointId: string;
  /** ms since 1970; `until` is not part of it. */
  readonly since: number;
  readonly until: number;
  /** Null: all. */
  readonly types: readonly string[] | null;
  /** Of the event's live delivery; null: all events, also those that there was none of. */
  readonly statuses: readonly string[] | null;
  /** Events a second. */
  readonly rate: number;
}

export interface ReplayResource {
  readonly object: 'webhook_replay';
  readonly id: string;
  readonly endpoint_id: string;
  readonly since: string;
  readonly until: string;
  readonly types: readonly string[] | null;
  readonly delivery_statuses: readonly string[] | null;
  readonly rate_per_second: number;
  readonly status: 'running' | 'completed' | 'canceled';
  /** Events that were found when it was asked for. */
  readonly total: number;
  readonly progress: {
    readonly queued: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly pending: number;
    readonly canceled: number;
  };
  readonly created_at: string;
  readonly ended_at: string | null;
}

const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The first id that a ULID of this millisecond can have, with the prefix of events. */
const firstEventAt = (ms: number): string => {
  let text = '';
  for (let i = 0, rest = ms; i < 10; i += 1, rest = Math.floor(rest / 32)) text = (BASE32[rest % 32] as string) + text;
  return `evt_${text}${'0'.repeat(16)}`;
};

/** `$1` tenant, `$2` endpoint, `$3` and `$4` ids of events, `$5` types, `$6` statuses. */
const FOUND = `FROM events e LEFT JOIN deliveries d ON d.tenant_id = e.tenant_id AND d.endpoint_id = $2
    AND d.event_id = e.event_id AND d.cause = 'live'
  WHERE e.tenant_id = $1 AND e.event_id >= $3 AND e.event_id < $4 AND ($5::text[] IS NULL OR e.type = ANY($5))
    AND ($6::text[] IS NULL OR d.status = ANY($6))`;

const boundsOf = ({ endpointId, since, until, types, statuses }: ReplayTerms): unknown[] => [
  endpointId,
  firstEventAt(since),
  firstEventAt(until),
  types,
  statuses,
];

/** How many events a replay would send. */
export const countReplay = async (session: TenantSession, terms: ReplayTerms): Promise<number> => {
  const [row] = await session.rows<{ count: string }>(`SELECT count(*) AS count ${FOUND}`, [
    session.tenantId,
    ...boundsOf(terms),
  ]);
  return Number(row?.count ?? 0);
};

interface ReplayRow {
  readonly replay_id: string;
  readonly endpoint_id: string;
  readonly since: Date;
  readonly until: Date;
  readonly types: string[] | null;
  readonly statuses: string[] | null;
  readonly rate: number;
  readonly status: ReplayResource['status'];
  readonly total: string;
  readonly queued: string;
  readonly created_at: Date;
  readonly ended_at: Date | null;
  readonly counts: Readonly<Record<string, number>> | null;
}

const SELECT = `SELECT r.*, (
    SELECT json_object_agg(c.status, c.count) FROM (
      SELECT d.status, count(*) AS count FROM deliveries d
      WHERE d.tenant_id = r.tenant_id AND d.endpoint_id = r.endpoint_id AND d.cause = r.replay_id GROUP BY d.status
    ) c
  ) AS counts FROM webhook_replays r WHERE r.tenant_id = $1`;

const time = (at: Date): string => formatInstant(at.getTime());

const resourceOf = (row: ReplayRow): ReplayResource => {
  const count = (status: string): number => row.counts?.[status] ?? 0;
  return {
    object: 'webhook_replay',
    id: row.replay_id,
    endpoint_id: row.endpoint_id,
    since: time(row.since),
    until: time(row.until),
    types: row.types,
    delivery_statuses: row.statuses,
    rate_per_second: row.rate,
    status: row.status,
    total: Number(row.total),
    progress: {
      queued: Number(row.queued),
      succeeded: count('succeeded'),
      failed: count('failed'),
      pending: count('pending'),
      canceled: count('canceled'),
    },
    created_at: time(row.created_at),
    ended_at: row.ended_at === null ? null : time(row.ended_at),
  };
};

export const getReplay = async (session: TenantSession, replayId: string): Promise<ReplayResource | null> => {
  const [row] = await session.rows<ReplayRow>(`${SELECT} AND r.replay_id = $2`, [session.tenantId, replayId]);
  return row === undefined ? null : resourceOf(row);
};

/** Positions are replay ids. */
export const listReplays = async (
  session: TenantSession,
  query: PageQuery & { readonly endpointId?: string },
): Promise<Page<ReplayResource>> => {
  const { comparison, direction, from, limit } = scanOf(query);
  const rows = await session.rows<ReplayRow>(
    `${SELECT} AND ($2::text IS NULL OR r.endpoint_id = $2) AND ($3::text IS NULL OR r.replay_id ${comparison} $3)
     ORDER BY r.replay_id ${direction} LIMIT $4`,
    [session.tenantId, query.endpointId ?? null, from, limit],
  );
  return pageOf(query, rows, (row) => row.replay_id, resourceOf);
};

const PAGE = 500;
/** So far ahead of when they are due events are queued: a replay of millions is no more work a second than its rate. */
const AHEAD_SECONDS = 30;

interface Running {
  readonly tenant_id: string;
  readonly replay_id: string;
  readonly endpoint_id: string;
  readonly since: Date;
  readonly until: Date;
  readonly types: string[] | null;
  readonly statuses: string[] | null;
  readonly rate: number;
  readonly queued: string;
  readonly position: string | null;
  readonly begins_at: Date;
}

interface Found {
  readonly event_id: string;
  readonly type: string;
  readonly sequence: string;
  readonly revision: string;
  readonly ordering_key: string | null;
}

/** What an event is told in the order of, where no delivery of it says so. */
export type OrderingKeys = (tenantId: string, revisions: readonly number[]) => Promise<ReadonlyMap<number, string>>;

const QUEUE = `INSERT INTO deliveries (tenant_id, delivery_id, endpoint_id, cause, event_id, event_type, sequence, revision,
    ordering_key, next_attempt_at)
  SELECT $1, ${DELIVERY_ID('$3::text', 'u.event_id || $2 || $3')}, $2, $3, u.event_id, u.type, u.sequence, u.revision,
    u.ordering_key, $4::timestamptz + ($5::bigint + u.n - 1) * interval '1 second' / $6
  FROM unnest($7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::text[])
    WITH ORDINALITY AS u(event_id, type, sequence, revision, ordering_key, n)
  ON CONFLICT DO NOTHING`;

/**
 * `$1`: business time, `$2`: whose turn was the last, `$3`: replays that are passed over. Tenants in turn, of one tenant the
 * replay asked for first.
 */
const NEXT = `SELECT * FROM webhook_replays
  WHERE status = 'running' AND begins_at + queued * interval '1 second' / rate <= $1::timestamptz + interval '${AHEAD_SECONDS} seconds'
    AND replay_id <> ALL ($3::text[])
  ORDER BY tenant_id <= $2, tenant_id, created_at LIMIT 1 FOR UPDATE SKIP LOCKED`;

/** Whose page was next. */
export interface ReplayTurn {
  readonly tenantId: string;
  readonly replayId: string;
  /** Why the page was not taken; left out where it was. */
  readonly error?: unknown;
}

/**
 * Takes the next page of one running replay, in one transaction with its progress, so that each event is queued once whoever
 * else does the same. The rate is in the rows: each is due a little later than the one before. Answers whose replay it was,
 * to be handed in the next time, so that one with a hundred replays gets no more turns than others; null: none has anything
 * to be queued now. `now`: business time; `passedOver`: ids of replays. Throws where the database is away.
 */
export const advanceReplay = async (
  client: pg.ClientBase,
  keysOf: OrderingKeys,
  now: number,
  lastTenant = '',
  passedOver: readonly string[] = [],
): Promise<ReplayTurn | null> => {
  await client.query('BEGIN');
  let turn: ReplayTurn | null = null;
  try {
    const { rows } = await client.query<Running>(NEXT, [new Date(now), lastTenant, passedOver]);
    const [replay] = rows;
    if (replay !== undefined) {
      turn = { tenantId: replay.tenant_id, replayId: replay.replay_id };
      await takePage(client, replay, keysOf);
    }
    await client.query('COMMIT');
    return turn;
  } catch (error) {
    await client.query('ROLLBACK');
    if (turn === null) throw error;
    return { ...turn, error };
  }
};

/**
 * Queues what is due soon of all running replays, a page of each tenant's after the other. One whose page can't be taken is
 * told and left for the next round: it holds up no other. `onFailure` may throw, which ends the round.
 */
export const advanceReplays = async (
  client: pg.ClientBase,
  keysOf: OrderingKeys,
  now: () => number,
  onFailure: (error: unknown, of: ReplayTurn) => void,
): Promise<void> => {
  const failed: string[] = [];
  let tenant = '';
  for (;;) {
    const turn = await advanceReplay(client, keysOf, now(), tenant, failed);
    if (turn === null) return;
    tenant = turn.tenantId;
    if (turn.error === undefined) continue;
    failed.push(turn.replayId);
    onFailure(turn.error, turn);
  }
};

const takePage = async (client: pg.ClientBase, replay: Running, keysOf: OrderingKeys): Promise<void> => {
  const { tenant_id, replay_id, endpoint_id, rate, queued, begins_at } = replay;
  const { rows: found } = await client.query<Found>(
    `SELECT e.event_id, e.type, e.sequence, e.revision, d.ordering_key ${FOUND}
       AND ($7::text IS NULL OR e.event_id > $7) ORDER BY e.event_id LIMIT ${PAGE}`,
    [tenant_id, endpoint_id, ...rangeOf(replay), replay.types, replay.statuses, replay.position],
  );
  const unknown = found.filter(({ ordering_key }) => ordering_key === null).map(({ revision }) => Number(revision));
  const keys = unknown.length === 0 ? new Map<number, string>() : await keysOf(tenant_id, unknown);
  const column = <V>(value: (one: Found) => V): V[] => found.map(value);
  if (found.length > 0) {
    await client.query(QUEUE, [
      ...[tenant_id, endpoint_id, replay_id, begins_at, queued, rate],
      ...[column((one) => one.event_id), column((one) => one.type)],
      ...[column((one) => one.sequence), column((one) => one.revision)],
      column((one) => one.ordering_key ?? keys.get(Number(one.revision)) ?? one.event_id),
    ]);
  }
  const isLast = found.length < PAGE;
  await client.query(
    `UPDATE webhook_replays SET queued = queued + $3, position = coalesce($4, position),
       status = CASE WHEN $5 THEN 'completed' ELSE status END, ended_at = CASE WHEN $5 THEN now() END
     WHERE tenant_id = $1 AND replay_id = $2`,
    [tenant_id, replay_id, found.length, found.at(-1)?.event_id ?? null, isLast],
  );
};

const rangeOf = ({ since, until }: Running): [string, string] => [
  firstEventAt(since.getTime()),
  firstEventAt(until.getTime()),
];
