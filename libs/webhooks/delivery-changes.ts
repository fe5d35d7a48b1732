/** What tenants change of their deliveries themselves. Over a pool of the role `app`, which writes a tenant's own rows alone. */
import pg from 'pg';
import type { ReplayTerms } from './replays.js';

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
    const { rows } = await client.query<{ status: string; is_leased: boolean; has_lane: boolean }>(
      `SELECT d.status, coalesce(d.leased_until > now(), false) AS is_leased, l.endpoint_id IS NOT NULL AS has_lane
       FROM deliveries d LEFT JOIN webhook_lanes l ON l.tenant_id = d.tenant_id AND l.endpoint_id = d.endpoint_id
       WHERE d.tenant_id = $1 AND d.delivery_id = $2`,
      [tenantId, deliveryId],
    );
    const [row] = rows;
    if (row === undefined) return 'missing';
    if (row.status === 'canceled' || !row.has_lane) return 'canceled';
    if (row.is_leased) return 'in_flight';
    await client.query(
      `UPDATE deliveries SET status = 'pending', tries = 0, next_attempt_at = $3, settled_at = NULL
       WHERE tenant_id = $1 AND delivery_id = $2 AND status <> 'canceled'
         AND (leased_until IS NULL OR leased_until <= now())`,
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

/** The same request again finds the same replay. Answers its id; null: the key was another request's. */
export const createReplay = (
  pool: pg.Pool,
  tenantId: string,
  { replayId, request, terms, total, now }: NewReplay,
): Promise<string | null> =>
  inTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ replay_id: string }>(
      `INSERT INTO webhook_replays (tenant_id, replay_id, endpoint_id, since, until, types, statuses, rate, total,
         begins_at, request_key, request)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
       ON CONFLICT (tenant_id, request_key) DO NOTHING RETURNING replay_id`,
      [
        ...[tenantId, replayId, terms.endpointId, new Date(terms.since), new Date(terms.until)],
        ...[terms.types, terms.statuses, terms.rate, total, new Date(now)],
        ...[request?.key ?? null, request?.content ?? null],
      ],
    );
    if (rows[0] !== undefined) return rows[0].replay_id;
    const known = await client.query<{ replay_id: string }>(
      'SELECT replay_id FROM webhook_replays WHERE tenant_id = $1 AND request_key = $2 AND request = $3',
      [tenantId, request?.key, request?.content],
    );
    return known.rows[0]?.replay_id ?? null;
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
      `UPDATE deliveries SET status = 'canceled', settled_at = now()
       WHERE tenant_id = $1 AND cause = $2 AND status = 'pending' AND (leased_until IS NULL OR leased_until <= now())`,
      [tenantId, replayId],
    );
    return rowCount === 1;
  });
