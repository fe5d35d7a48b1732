import type pg from 'pg';
import type { Sealed } from '#domain/decision.js';
import { columnArrays, unnested, type RowOf } from '#projecting/columns.js';
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

/** An endpoint's turn: at most so many of its deliveries are to be claimed. */
export interface Turn {
  readonly lane: Lane;
  readonly most: number;
}

export type Claim =
  | {
      readonly kind: 'claimed';
      readonly claimed: readonly Claimed[];
      readonly terms: LaneTerms;
      /** Others may wait behind these. */
      readonly hasMore: boolean;
    }
  /**
   * `busy`: as many as may be are under way; `budget`: the tenant has been sent what it may be for now; `locked`: another
   * worker claims of it at this moment.
   */
  | { readonly kind: 'nothing' | 'busy' | 'budget' | 'locked' };

interface ClaimedRow {
  readonly tenant_id: string;
  readonly endpoint_id: string;
  readonly outcome: Claim['kind'];
  /** Null, with all that follows, where nothing was claimed. */
  readonly delivery_id: string;
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

/** What became of a claim. */
export interface Settlement {
  readonly claimed: Claimed;
  readonly sent: SentRequest;
  readonly attempt: Attempt;
  readonly next: Next;
  /** Business time. */
  readonly now: number;
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

const TURN = { tenant_id: 'text', endpoint_id: 'text', most: 'integer' } as const;

const CLAIM = `WITH turns AS MATERIALIZED (SELECT * FROM ${unnested(TURN, 'u')} ORDER BY tenant_id, endpoint_id)
  SELECT t.tenant_id, t.endpoint_id, c.* FROM turns t
  CROSS JOIN LATERAL claim_deliveries(t.tenant_id, t.endpoint_id, $4, $5, $6, t.most, $7, $8, $9) c`;

/** Of an endpoint `l`: it may be sent to. */
const IS_OPEN = `l.status = 'enabled' AND l.died_at IS NULL AND (l.open_until IS NULL OR l.open_until <= $1)`;

/** Of an endpoint `l`: something of it is due that nobody sends at this moment. */
const HAS_DUE = `EXISTS (SELECT FROM deliveries d WHERE d.tenant_id = l.tenant_id AND d.endpoint_id = l.endpoint_id
    AND d.status = 'pending' AND d.next_attempt_at <= $1 AND NOT EXISTS (
      SELECT FROM delivery_claims c WHERE c.tenant_id = d.tenant_id AND c.endpoint_id = d.endpoint_id
        AND c.delivery_id = d.delivery_id AND c.leased_until > now()))`;

const DUE_OF = `SELECT l.tenant_id, l.endpoint_id FROM webhook_lanes l
  WHERE l.tenant_id = ANY ($2::text[]) AND ${IS_OPEN} AND ${HAS_DUE}`;

/**
 * From each endpoint with something pending straight to the next one, however much each has, by the index of what is due. One
 * of each tenant after the other, and of a tenant whose oldest has waited longest.
 */
const DUE = `WITH RECURSIVE waiting AS (
    (SELECT d.tenant_id, d.endpoint_id, d.next_attempt_at FROM deliveries d WHERE d.status = 'pending'
     ORDER BY d.tenant_id, d.endpoint_id, d.next_attempt_at, d.revision LIMIT 1)
    UNION ALL
    SELECT n.* FROM waiting w CROSS JOIN LATERAL (
      SELECT d.tenant_id, d.endpoint_id, d.next_attempt_at FROM deliveries d
      WHERE d.status = 'pending' AND (d.tenant_id, d.endpoint_id) > (w.tenant_id, w.endpoint_id)
      ORDER BY d.tenant_id, d.endpoint_id, d.next_attempt_at, d.revision LIMIT 1
    ) n
  ), due AS (
    SELECT w.*, row_number() OVER (PARTITION BY w.tenant_id ORDER BY w.next_attempt_at) AS turn
    FROM waiting w JOIN webhook_lanes l ON l.tenant_id = w.tenant_id AND l.endpoint_id = w.endpoint_id
    WHERE w.next_attempt_at <= $1 AND ${IS_OPEN} AND ${HAS_DUE}
  )
  SELECT tenant_id, endpoint_id FROM due ORDER BY turn, next_attempt_at LIMIT $2`;

const SETTLEMENT = {
  tenant_id: 'text',
  endpoint_id: 'text',
  delivery_id: 'text',
  claim: 'text',
  business_now: 'timestamptz',
  new_status: 'text',
  retry_at: 'timestamptz',
  is_answered: 'boolean',
  is_death: 'boolean',
  at: 'timestamptz',
  outcome: 'text',
  status: 'integer',
  failure: 'text',
  detail: 'text',
  url: 'text',
  request_headers: 'text',
  body: 'bytea',
  answer_headers: 'text',
  excerpt: 'text',
  answer_bytes: 'bigint',
  is_cut: 'boolean',
  address: 'text',
  timings: 'text',
  total_us: 'bigint',
} as const;

const ATTEMPT = `endpoint_id, at, outcome, status, failure, detail, url, request_headers, body, answer_headers, excerpt,
  answer_bytes, is_cut, address, timings`;

const SETTLE = `WITH told AS MATERIALIZED (
    SELECT * FROM ${unnested(SETTLEMENT, 'u')} ORDER BY tenant_id, endpoint_id, delivery_id
  ), settled AS MATERIALIZED (
    SELECT t.*, settle_delivery(tenant_id, endpoint_id, delivery_id, claim, business_now, new_status, retry_at, is_answered,
      is_death, $25, $26, $27) AS made
    FROM told t
  )
  INSERT INTO delivery_attempts (tenant_id, delivery_id, attempt, ${ATTEMPT}, duration_ms)
  SELECT tenant_id, delivery_id, made, ${ATTEMPT}, total_us / 1000.0 FROM settled WHERE made IS NOT NULL`;

const RELEASE = `DELETE FROM delivery_claims
  WHERE tenant_id = $1 AND endpoint_id = $2 AND delivery_id = $3 AND claim = $4`;

const PRUNE_CLAIMS = `DELETE FROM delivery_claims WHERE leased_until < now() - interval '1 hour'`;

const PRUNED_TOGETHER = 5_000;

/**
 * Not what is under way, nor what an endpoint that is in use still has to be sent: that ends by itself, with its last attempt.
 * What one that is out of use would have been sent goes with the rest.
 */
const PRUNE = `WITH old AS MATERIALIZED (
    SELECT d.tenant_id, d.delivery_id FROM deliveries d
    WHERE d.created_at < now() - $1 * interval '1 millisecond'
      AND NOT EXISTS (SELECT FROM delivery_claims c WHERE c.tenant_id = d.tenant_id AND c.endpoint_id = d.endpoint_id
        AND c.delivery_id = d.delivery_id AND c.leased_until > now())
      AND (d.status <> 'pending' OR NOT EXISTS (SELECT FROM webhook_lanes l WHERE l.tenant_id = d.tenant_id
        AND l.endpoint_id = d.endpoint_id AND l.status = 'enabled' AND l.died_at IS NULL))
    LIMIT ${PRUNED_TOGETHER} FOR UPDATE OF d SKIP LOCKED
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

  /**
   * For each of these endpoints, in this order, at most so many deliveries that are due; none where it is out of use, gone,
   * resting, or busy enough.
   */
  async claim(turns: readonly Turn[], claim: string, now: number): Promise<readonly Claim[]> {
    const { perEndpoint, leaseMs, perTenant } = this.limits;
    const asked = turns.map(({ lane, most }) => ({ tenant_id: lane.tenantId, endpoint_id: lane.endpointId, most }));
    const { rows } = await this.pool.query<ClaimedRow>({
      name: 'webhooks.claim',
      text: CLAIM,
      values: [
        ...columnArrays(TURN, asked),
        ...[at(now), claim, perEndpoint, leaseMs, perTenant.rate, perTenant.burst],
      ],
    });
    const found = new Map<string, ClaimedRow[]>();
    for (const row of rows) {
      const key = `${row.tenant_id}/${row.endpoint_id}`;
      const own = found.get(key);
      if (own === undefined) found.set(key, [row]);
      else own.push(row);
    }
    return turns.map(({ lane }) => claimOf(lane, claim, found.get(`${lane.tenantId}/${lane.endpointId}`) ?? []));
  }

  /** Endpoints of these tenants that have something to be sent now. */
  async dueOf(now: number, tenantIds: readonly string[]): Promise<Lane[]> {
    return this.lanes('webhooks.due_of', DUE_OF, [at(now), tenantIds]);
  }

  /** Endpoints that have something to be sent now, at most so many: one of each tenant after the other. */
  async due(now: number, most: number): Promise<Lane[]> {
    return this.lanes('webhooks.due', DUE, [at(now), most]);
  }

  private async lanes(name: string, text: string, values: unknown[]): Promise<Lane[]> {
    const { rows } = await this.pool.query<{ tenant_id: string; endpoint_id: string }>({ name, text, values });
    return rows.map((row) => ({ tenantId: row.tenant_id, endpointId: row.endpoint_id }));
  }

  /** Keeps what attempts came to, and all of each, in one transaction. Once it is kept none of them is made again. */
  async settle(settlements: readonly Settlement[]): Promise<void> {
    const { opensAfter, opensForMs, opensForMostMs } = this.breaker;
    await this.pool.query({
      name: 'webhooks.settle',
      text: SETTLE,
      values: [...columnArrays(SETTLEMENT, settlements.map(settlementRow)), opensAfter, opensForMs, opensForMostMs],
    });
  }

  /** Gives a claim back, as if it had not been made. */
  async release({ tenantId, endpointId, deliveryId, claim }: Claimed): Promise<void> {
    await this.pool.query(RELEASE, [tenantId, endpointId, deliveryId, claim]);
  }

  /** Deletes all deliveries that are older and not due any more, with all that is kept of them. Answers how many. */
  async prune(olderThanMs: number, signal?: AbortSignal): Promise<number> {
    await this.pool.query(PRUNE_CLAIMS);
    let pruned = 0;
    for (;;) {
      const count = (await this.pool.query(PRUNE, [olderThanMs])).rowCount ?? 0;
      pruned += count;
      if (count < PRUNED_TOGETHER || signal?.aborted === true) return pruned;
    }
  }
}

const claimOf = (lane: Lane, claim: string, rows: readonly ClaimedRow[]): Claim => {
  const [first] = rows;
  if (first === undefined) return { kind: 'nothing' };
  if (first.outcome !== 'claimed') return { kind: first.outcome };
  const claimed = rows.map((row) => ({
    ...lane,
    claim,
    deliveryId: row.delivery_id,
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
};

const settlementRow = ({ claimed, sent, attempt, next, now }: Settlement): RowOf<typeof SETTLEMENT> => {
  const { outcome, timings } = attempt;
  const retryAt = typeof next === 'object' ? now + next.atDelayMs : null;
  const isSent = attempt.failure !== 'unsendable';
  return {
    tenant_id: claimed.tenantId,
    endpoint_id: claimed.endpointId,
    delivery_id: claimed.deliveryId,
    claim: claimed.claim,
    business_now: now,
    new_status: next === 'delivered' ? 'succeeded' : retryAt === null ? 'failed' : 'pending',
    retry_at: retryAt,
    // A refusal of this delivery is an answer: the endpoint is well.
    is_answered: isSent ? outcome.class !== 'retry' : null,
    is_death: isSent && next === 'dead',
    at: sent.at,
    outcome: outcome.class,
    status: attempt.status,
    failure: attempt.failure,
    detail: attempt.detail,
    url: sent.url,
    request_headers: JSON.stringify(sent.headers),
    body: sent.body,
    answer_headers: JSON.stringify(attempt.answerHeaders),
    excerpt: attempt.excerpt,
    answer_bytes: attempt.answerBytes,
    is_cut: attempt.isCut,
    address: attempt.address,
    timings: JSON.stringify(timings),
    total_us: Math.round(timings.totalMs * 1_000),
  };
};
