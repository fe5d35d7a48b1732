/** What tenants change of their deliveries themselves. Over a pool of the role `app`, which writes a tenant's own rows alone. */
import pg from 'pg';
import type { ReplayTerms } from './replays.js';

/** Of a delivery `d`: it is under way. */
const IS_CLAIMED = `EXISTS (SELECT FROM delivery_claims c WHERE c.tenant_id = d.tenant_id AND c.endpoint_id = d.endpoint_id
  AND c.delivery_id = d.delivery_id AND c.leased_until > now())`;

const inTenant = async <T>(
  pool: pg.Pool,
  tenantId: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> => {
  const client = await pool.connect();
  try {
    await client.query(`BEGIN; SET LOCAL daybook.tenant = ${pg.escapeLiteral(tenantId)}`);
    const done = await work(client);
    await client.query('COMMIT');
    client.release();
    return done;
  } catch (error) {
    // In a transaction whose state nobody knows, with a tenant set: not for the next one.
    client.release(true);
    throw error;
  }
};

/** What a tenant's delivery came to when it was asked to be tried again. */
export type Retried = 'due' | 'in_flight' | 'canceled' | 'missing';

/** From its first attempt on, as if none had been. `now`: business time. */
export const retryDelivery = (pool: pg.Pool, tenantId: string, deliveryId: string, now: number): Promise<Retried> =>
  inTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ status: string; is_claimed: boolean; has_lane: boolean }>(
      `SELECT d.status, ${IS_CLAIMED} AS is_claimed, l.endpoint_id IS NOT NULL AS has_lane
       FROM deliveries d LEFT JOIN webhook_lanes l ON l.tenant_id = d.tenant_id AND l.endpoint_id = d.endpoint_id
       WHERE d.tenant_id = $1 AND d.delivery_id = $2`,
      [tenantId, deliveryId],
    );
    const [row] = rows;
    if (row === undefined) return 'missing';
    if (row.status === 'canceled' || !row.has_lane) return 'canceled';
    if (row.is_claimed) return 'in_flight';
    await client.query(
      `UPDATE deliveries d SET status = 'pending', tries = 0, next_attempt_at = $3, settled_at = NULL
       WHERE d.tenant_id = $1 AND d.delivery_id = $2 AND d.status <> 'canceled' AND NOT ${IS_CLAIMED}`,
      [tenantId, deliveryId, new Date(now)],
    );
    return 'due';
  });

export interface NewReplay {
  readonly replayId: string;
  /** Names the request, and what it says; null: it can't be repeated. */
  readonly request: { readonly key: string; readonly content: string } | null;
  readonly terms: ReplayTerms;
  readonly total: number;
  /** Business time: when the first is due. */
  readonly now: number;
}

/** A replay runs for as long as its events take at its rate; so many of a tenant may do so at once. */
export const MOST_REPLAYS = 5;

const CREATE_REPLAY = `INSERT INTO webhook_replays (tenant_id, replay_id, endpoint_id, since, until, types, statuses, rate, total,
    begins_at, request_key, request)
  SELECT $1, $2, $3, $4::timestamptz, $5::timestamptz, $6::text[], $7::text[], $8::integer, $9::bigint, $10::timestamptz, $11, $12
  WHERE (SELECT count(*) FROM webhook_replays WHERE tenant_id = $1 AND status = 'running') < ${MOST_REPLAYS}
  ON CONFLICT (tenant_id, request_key) DO NOTHING RETURNING replay_id`;

/** The same request again finds the same replay, whose id is answered. `key_reused`: the key was another request's. */
export const createReplay = (
  pool: pg.Pool,
  tenantId: string,
  { replayId, request, terms, total, now }: NewReplay,
): Promise<{ readonly replayId: string } | 'key_reused' | 'too_many'> =>
  inTenant(pool, tenantId, async (client) => {
    // Of several at once each is counted by the next.
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`replays of ${tenantId}`]);
    const { rows } = await client.query<{ replay_id: string }>(CREATE_REPLAY, [
      ...[tenantId, replayId, terms.endpointId, new Date(terms.since), new Date(terms.until)],
      ...[terms.types, terms.statuses, terms.rate, total, new Date(now)],
      ...[request?.key ?? null, request?.content ?? null],
    ]);
    if (rows[0] !== undefined) return { replayId: rows[0].replay_id };
    const { rows: known } = await client.query<{ replay_id: string; is_same: boolean }>(
      'SELECT replay_id, request = $3 AS is_same FROM webhook_replays WHERE tenant_id = $1 AND request_key = $2',
      [tenantId, request?.key ?? null, request?.content ?? null],
    );
    if (known[0] === undefined) return 'too_many';
    return known[0].is_same ? { replayId: known[0].replay_id } : 'key_reused';
  });

/** What is not sent yet is not sent any more. False: it has ended already, or there is none. */
export const cancelReplay = (pool: pg.Pool, tenantId: string, replayId: string): Promise<boolean> =>
  inTenant(pool, tenantId, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE webhook_replays SET status = 'canceled', ended_at = now()
       WHERE tenant_id = $1 AND replay_id = $2 AND (status = 'running' OR EXISTS (
         SELECT FROM deliveries d WHERE d.tenant_id = $1 AND d.cause = $2 AND d.status = 'pending'))
         AND status <> 'canceled'`,
      [tenantId, replayId],
    );
    await client.query(
      `UPDATE deliveries d SET status = 'canceled', settled_at = now()
       WHERE d.tenant_id = $1 AND d.cause = $2 AND d.status = 'pending' AND NOT ${IS_CLAIMED}`,
      [tenantId, replayId],
    );
    return rowCount === 1;
  });
