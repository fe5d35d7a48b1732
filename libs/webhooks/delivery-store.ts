import type pg from 'pg';
import type { Sealed } from '#domain/decision.js';
import type { Attempt } from './attempt.js';
import type { SealedDestination } from './destination.js';
import type { Next } from './schedule.js';

/** An endpoint of a tenant. */
export interface Lane {
  readonly tenantId: string;
  readonly endpointId: string;
}

/** How an endpoint is sent to. */
export interface LaneTerms {
  readonly payload: 'snapshot' | 'thin';
  /** Null: the tenant's pin. */
  readonly apiVersion: string | null;
  readonly destination: SealedDestination;
  /** The present one, then those before it. */
  readonly secrets: readonly { readonly secret_id: string; readonly expires_at: string | null }[];
}

/** A delivery that this worker alone may attempt until its lease runs out. */
export interface Claimed extends Lane {
  readonly deliveryId: string;
  readonly claim: string;
  readonly cause: string;
  readonly eventId: string;
  readonly revision: number;
  /** How many attempts its schedule has seen. */
  readonly tries: number;
}

/** What was sent, as it is kept. */
export interface SentRequest {
  readonly url: Sealed;
  /** Exactly, but for the values of the endpoint's own. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Milliseconds since 1970, real time. */
  readonly at: number;
}

export type Claim =
  | {
      readonly kind: 'claimed';
      readonly claimed: readonly Claimed[];
      readonly terms: LaneTerms;
      /** Others may wait behind these. */
      readonly hasMore: boolean;
    }
  /** `busy`: as many as may be are under way; `budget`: the tenant has been sent what it may be for now. */
  | { readonly kind: 'nothing' | 'busy' | 'budget' };

interface ClaimedRow {
  /** Null: nothing was claimed, for the reason that stands as its cause. */
  readonly delivery_id: string | null;
  readonly cause: string;
  readonly event_id: string;
  readonly revision: string;
  readonly tries: number;
  readonly has_more: boolean;
  readonly payload: LaneTerms['payload'];
  readonly api_version: string | null;
  readonly url: string;
  readonly headers: string;
  readonly secrets: string;
}

export interface ClaimLimits {
  /** Attempts of one endpoint under way at once, over all workers. */
  readonly perEndpoint: number;
  /** Milliseconds after which a claim comes back whose worker is gone. */
  readonly leaseMs: number;
  /** Deliveries a second of one tenant, and how many at once after a pause. */
  readonly perTenant: { readonly rate: number; readonly burst: number };
}

export interface BreakerTerms {
  /** So many attempts in a row that came to nothing stop the others, for so long (ms) at first, twice as long each time. */
  readonly opensAfter: number;
  readonly opensForMs: number;
  readonly opensForMostMs: number;
}

const CLAIM = `SELECT c.*, l.payload, l.api_version, l.url, l.headers, l.secrets
  FROM claim_deliveries($1, $2, $3, $4, $5, $6, $7, $8, $9) c, webhook_lanes l
  WHERE l.tenant_id = $1 AND l.endpoint_id = $2`;

const DUE = `SELECT l.tenant_id, l.endpoint_id FROM webhook_lanes l
  WHERE l.status = 'enabled' AND l.died_at IS NULL AND (l.open_until IS NULL OR l.open_until <= $1)
    AND ($2::text[] IS NULL OR l.tenant_id = ANY($2))
    AND EXISTS (SELECT FROM deliveries d WHERE d.tenant_id = l.tenant_id AND d.endpoint_id = l.endpoint_id
      AND d.status = 'pending' AND d.next_attempt_at <= $1 AND (d.leased_until IS NULL OR d.leased_until <= now()))
  LIMIT 5000`;

const SETTLE = `WITH settled AS (
    SELECT settle_delivery($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS made
  )
  INSERT INTO delivery_attempts (tenant_id, delivery_id, attempt, endpoint_id, at, outcome, status, failure, detail, url,
    request_headers, body, answer_headers, excerpt, answer_bytes, is_cut, address, timings, duration_ms)
  SELECT $1, $3, made, $2, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27
  FROM settled WHERE made IS NOT NULL`;

const RELEASE = `UPDATE deliveries SET claim = NULL, leased_until = NULL
  WHERE tenant_id = $1 AND delivery_id = $2 AND claim = $3 AND status = 'pending'`;

const PRUNE = `WITH old AS (
    SELECT tenant_id, delivery_id FROM deliveries WHERE created_at < now() - $1 * interval '1 millisecond' LIMIT 5000
  ), attempts AS (
    DELETE FROM delivery_attempts a USING old WHERE a.tenant_id = old.tenant_id AND a.delivery_id = old.delivery_id
  )
  DELETE FROM deliveries d USING old WHERE d.tenant_id = old.tenant_id AND d.delivery_id = old.delivery_id`;

const at = (ms: number): Date => new Date(ms);

/** The tables of deliveries, as workers use them. The pool's role is `daybook_projector`. */
export class DeliveryStore {
  constructor(
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly limits: ClaimLimits,
    private readonly breaker: BreakerTerms,
  ) {}

  /** At most so many deliveries of an endpoint that are due; none where it is out of use, resting, or busy enough. */
  async claim(lane: Lane, claim: string, most: number, now: number): Promise<Claim> {
    const { perEndpoint, leaseMs, perTenant } = this.limits;
    const { rows } = await this.pool.query<ClaimedRow>({
      name: 'webhooks.claim',
      text: CLAIM,
      values: [
        ...[lane.tenantId, lane.endpointId, at(now), claim],
        ...[perEndpoint, most, leaseMs, perTenant.rate, perTenant.burst],
      ],
    });
    const [first] = rows;
    if (first === undefined) return { kind: 'nothing' };
    if (first.delivery_id === null) return { kind: first.cause === 'budget' ? 'budget' : 'busy' };
    const claimed = rows.map((row) => ({
      ...lane,
      claim,
      deliveryId: row.delivery_id as string,
      cause: row.cause,
      eventId: row.event_id,
      revision: Number(row.revision),
      tries: row.tries,
    }));
    const { payload, api_version, url, headers, secrets } = first;
    const terms = {
      payload,
      apiVersion: api_version,
      destination: { url, headers: JSON.parse(headers) as SealedDestination['headers'] },
      secrets: JSON.parse(secrets) as LaneTerms['secrets'],
    };
    return { kind: 'claimed', claimed, terms, hasMore: first.has_more };
  }

  /** Endpoints that have something to be sent now, of these tenants or of all. */
  async due(now: number, tenantIds: readonly string[] | null = null): Promise<Lane[]> {
    const { rows } = await this.pool.query<{ tenant_id: string; endpoint_id: string }>({
      name: 'webhooks.due',
      text: DUE,
      values: [at(now), tenantIds],
    });
    return rows.map((row) => ({ tenantId: row.tenant_id, endpointId: row.endpoint_id }));
  }

  /** Keeps what an attempt came to, and all of it. Once it is kept it is not made again. */
  async settle(claimed: Claimed, sent: SentRequest, attempt: Attempt, next: Next, now: number): Promise<void> {
    const { opensAfter, opensForMs, opensForMostMs } = this.breaker;
    const retryAt = typeof next === 'object' ? at(now + next.atDelayMs) : null;
    const status = next === 'delivered' ? 'succeeded' : retryAt === null ? 'failed' : 'pending';
    const { outcome, timings } = attempt;
    await this.pool.query({
      name: 'webhooks.settle',
      text: SETTLE,
      values: [
        ...[claimed.tenantId, claimed.endpointId, claimed.deliveryId, claimed.claim, at(now)],
        // A refusal of this delivery is an answer: the endpoint is well.
        ...[status, retryAt, outcome.class !== 'retry', next === 'dead', opensAfter, opensForMs, opensForMostMs],
        ...[at(sent.at), outcome.class, attempt.status, attempt.failure, attempt.detail, sent.url],
        ...[JSON.stringify(sent.headers), sent.body, JSON.stringify(attempt.answerHeaders), attempt.excerpt],
        ...[attempt.answerBytes, attempt.isCut, attempt.address, JSON.stringify(timings), timings.totalMs],
      ],
    });
  }

  /** Gives a claim back, as if it had not been made. */
  async release({ tenantId, deliveryId, claim }: Claimed): Promise<void> {
    await this.pool.query(RELEASE, [tenantId, deliveryId, claim]);
  }

  /** Deletes deliveries that are older, with all that is kept of them. Answers how many. */
  async prune(olderThanMs: number): Promise<number> {
    return (await this.pool.query(PRUNE, [olderThanMs])).rowCount ?? 0;
  }
}
