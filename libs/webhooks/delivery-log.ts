/** What tenants see of their deliveries: lists, one with all its attempts, figures over a window. */
import type { Open } from '#contract/resources/personal.js';
import { formatInstant } from '#domain/time.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import type { TenantSession } from '#projecting/tenant-session.js';

export type DeliveryStatus = 'pending' | 'succeeded' | 'failed' | 'canceled';

/** Why a delivery that is pending is not under way. */
export type Waiting =
  'in_flight' | 'endpoint_disabled' | 'endpoint_dead' | 'circuit_open' | 'scheduled' | 'behind_earlier' | 'queued';

export interface DeliveryResource {
  readonly object: 'delivery';
  readonly id: string;
  readonly tenant_id: string;
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly sequence: number;
  readonly replay_id: string | null;
  readonly status: DeliveryStatus;
  readonly attempt_count: number;
  readonly next_attempt_at: string | null;
  readonly waiting_because: Waiting | null;
  readonly created_at: string;
  readonly settled_at: string | null;
}

export interface AttemptResource {
  readonly attempt: number;
  readonly at: string;
  readonly outcome: 'delivered' | 'retry' | 'refused';
  readonly http_status: number | null;
  readonly failure: string | null;
  readonly detail: string | null;
  readonly request: {
    readonly url: string;
    /** The endpoint's own without their values. */
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly response: {
    readonly headers: Readonly<Record<string, string>>;
    readonly excerpt: string;
    readonly bytes: number;
    readonly is_cut: boolean;
  } | null;
  readonly address: string | null;
  readonly timings: {
    readonly dns_ms: number | null;
    readonly connect_ms: number | null;
    readonly tls_ms: number | null;
    readonly first_byte_ms: number | null;
    readonly total_ms: number;
  };
}

export interface DeliveriesQuery extends PageQuery {
  readonly endpointId?: string;
  readonly status?: string;
  readonly eventType?: string;
  readonly eventId?: string;
  readonly replayId?: string;
}

interface DeliveryRow {
  readonly tenant_id: string;
  readonly delivery_id: string;
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly sequence: string;
  readonly cause: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly next_attempt_at: Date;
  readonly created_at: Date;
  readonly settled_at: Date | null;
  readonly waiting: Waiting | null;
}

const SELECT = `SELECT d.tenant_id, d.delivery_id, d.endpoint_id, d.event_id, d.event_type, d.sequence, d.cause, d.status,
    d.attempts, d.next_attempt_at, d.created_at, d.settled_at,
    CASE WHEN d.status <> 'pending' THEN NULL
      WHEN EXISTS (SELECT FROM delivery_claims c WHERE c.tenant_id = d.tenant_id AND c.endpoint_id = d.endpoint_id
        AND c.delivery_id = d.delivery_id AND c.leased_until > now()) THEN 'in_flight'
      WHEN l.status = 'disabled' THEN 'endpoint_disabled'
      WHEN l.status = 'dead' OR l.died_at IS NOT NULL THEN 'endpoint_dead'
      WHEN l.open_until > b.now THEN 'circuit_open'
      WHEN d.next_attempt_at > b.now THEN 'scheduled'
      WHEN l.ordering = 'account' AND EXISTS (SELECT FROM deliveries e WHERE e.tenant_id = d.tenant_id
        AND e.endpoint_id = d.endpoint_id AND e.status = 'pending' AND e.cause = d.cause
        AND e.ordering_key = d.ordering_key AND e.revision < d.revision) THEN 'behind_earlier'
      ELSE 'queued' END AS waiting
  FROM (SELECT business_now() AS now) b
    CROSS JOIN deliveries d LEFT JOIN webhook_lanes l ON l.tenant_id = d.tenant_id AND l.endpoint_id = d.endpoint_id
  WHERE d.tenant_id = $1`;

const time = (at: Date): string => formatInstant(at.getTime());

const resourceOf = (row: DeliveryRow): DeliveryResource => ({
  object: 'delivery',
  id: row.delivery_id,
  tenant_id: row.tenant_id,
  endpoint_id: row.endpoint_id,
  event_id: row.event_id,
  event_type: row.event_type,
  sequence: Number(row.sequence),
  replay_id: row.cause === 'live' ? null : row.cause,
  status: row.status,
  attempt_count: row.attempts,
  next_attempt_at: row.status === 'pending' ? time(row.next_attempt_at) : null,
  waiting_because: row.waiting,
  created_at: time(row.created_at),
  settled_at: row.settled_at === null ? null : time(row.settled_at),
});

/** Positions are delivery ids. */
export const listDeliveries = async (
  session: TenantSession,
  query: DeliveriesQuery,
): Promise<Page<DeliveryResource>> => {
  const { comparison, direction, from, limit } = scanOf(query);
  const { endpointId = null, status = null, eventType = null, eventId = null, replayId = null } = query;
  const rows = await session.rows<DeliveryRow>(
    `${SELECT} AND ($2::text IS NULL OR d.endpoint_id = $2) AND ($3::text IS NULL OR d.status = $3)
       AND ($4::text IS NULL OR d.event_type = $4) AND ($5::text IS NULL OR d.event_id = $5)
       AND ($6::text IS NULL OR d.cause = $6) AND ($7::text IS NULL OR d.delivery_id ${comparison} $7)
     ORDER BY d.delivery_id ${direction} LIMIT $8`,
    [session.tenantId, endpointId, status, eventType, eventId, replayId, from, limit],
  );
  return pageOf(query, rows, (row) => row.delivery_id, resourceOf);
};

interface AttemptRow {
  readonly attempt: number;
  readonly at: Date;
  readonly outcome: AttemptResource['outcome'];
  readonly status: number | null;
  readonly failure: string | null;
  readonly detail: string | null;
  readonly url: string;
  readonly request_headers: string;
  readonly body: Buffer;
  readonly answer_headers: string;
  readonly excerpt: string;
  readonly answer_bytes: string;
  readonly is_cut: boolean;
  readonly address: string | null;
  readonly timings: string;
}

interface Timings {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  readonly firstByteMs: number | null;
  readonly totalMs: number;
}

const attemptOf = (row: AttemptRow): AttemptResource => {
  const timings = JSON.parse(row.timings) as Timings;
  return {
    attempt: row.attempt,
    at: time(row.at),
    outcome: row.outcome,
    http_status: row.status,
    failure: row.failure,
    detail: row.detail,
    request: {
      url: row.url,
      headers: JSON.parse(row.request_headers) as Record<string, string>,
      body: row.body.toString('utf8'),
    },
    response:
      row.status === null
        ? null
        : {
            headers: JSON.parse(row.answer_headers) as Record<string, string>,
            excerpt: row.excerpt,
            bytes: Number(row.answer_bytes),
            is_cut: row.is_cut,
          },
    address: row.address,
    timings: {
      dns_ms: timings.dnsMs,
      connect_ms: timings.connectMs,
      tls_ms: timings.tlsMs,
      first_byte_ms: timings.firstByteMs,
      total_ms: timings.totalMs,
    },
  };
};

export interface DeliveryWithAttempts extends DeliveryResource {
  readonly attempts: readonly AttemptResource[];
}

/** What is sealed of it: where it was sent to. */
export const sealedUrlsOf = ({ attempts }: DeliveryWithAttempts): string[] =>
  attempts.map(({ request }) => request.url);

export const withOpenUrls = (delivery: DeliveryWithAttempts, open: Open): DeliveryWithAttempts => ({
  ...delivery,
  attempts: delivery.attempts.map((one) => ({
    ...one,
    request: { ...one.request, url: open(one.request.url) ?? '' },
  })),
});

/** With URLs as they are kept, sealed. Null where the tenant has no such delivery, or not any more. */
export const getDelivery = async (session: TenantSession, deliveryId: string): Promise<DeliveryWithAttempts | null> => {
  const [row] = await session.rows<DeliveryRow>(`${SELECT} AND d.delivery_id = $2`, [session.tenantId, deliveryId]);
  if (row === undefined) return null;
  const attempts = await session.rows<AttemptRow>(
    `SELECT attempt, at, outcome, status, failure, detail, url, request_headers, body, answer_headers, excerpt,
       answer_bytes, is_cut, address, timings
     FROM delivery_attempts WHERE tenant_id = $1 AND delivery_id = $2 ORDER BY attempt`,
    [session.tenantId, deliveryId],
  );
  return { ...resourceOf(row), attempts: attempts.map(attemptOf) };
};

export interface EndpointStats {
  readonly total_deliveries: number;
  readonly success_count: number;
  readonly failure_count: number;
  readonly pending_count: number;
  /** Per cent, with two decimals; null where nothing is settled. */
  readonly success_rate: number | null;
  readonly avg_response_time_ms: number | null;
  readonly last_success: string | null;
  readonly last_failure: string | null;
}

/** Of the deliveries that were made in the last so many milliseconds, and of the attempts in that time. */
export const endpointStats = async (
  session: TenantSession,
  endpointId: string,
  windowMs: number,
): Promise<EndpointStats> => {
  const [row] = await session.rows<{
    total: string;
    succeeded: string;
    failed: string;
    pending: string;
    average: number | null;
    last_success: Date | null;
    last_failure: Date | null;
  }>(
    `SELECT d.*, a.* FROM (
       SELECT count(*) AS total, count(*) FILTER (WHERE status = 'succeeded') AS succeeded,
         count(*) FILTER (WHERE status = 'failed') AS failed, count(*) FILTER (WHERE status = 'pending') AS pending
       FROM deliveries WHERE tenant_id = $1 AND endpoint_id = $2 AND created_at > now() - $3 * interval '1 millisecond'
     ) d, (
       SELECT avg(duration_ms) FILTER (WHERE status IS NOT NULL) AS average,
         max(at) FILTER (WHERE outcome = 'delivered') AS last_success,
         max(at) FILTER (WHERE outcome <> 'delivered') AS last_failure
       FROM delivery_attempts WHERE tenant_id = $1 AND endpoint_id = $2 AND at > now() - $3 * interval '1 millisecond'
     ) a`,
    [session.tenantId, endpointId, windowMs],
  );
  const count = (text: string | undefined): number => Number(text ?? 0);
  const [succeeded, failed] = [count(row?.succeeded), count(row?.failed)];
  const settled = succeeded + failed;
  return {
    total_deliveries: count(row?.total),
    success_count: succeeded,
    failure_count: failed,
    pending_count: count(row?.pending),
    success_rate: settled === 0 ? null : Math.round((succeeded / settled) * 10_000) / 100,
    avg_response_time_ms: row?.average === null || row === undefined ? null : Math.round(row.average),
    last_success: row?.last_success ? time(row.last_success) : null,
    last_failure: row?.last_failure ? time(row.last_failure) : null,
  };
};
