import { exactly } from '#contract/exact.js';
import {
  renderLiquiditySnapshot,
  snapshotNamed,
  type LiquiditySnapshotResource,
} from '#contract/resources/liquidity.js';
import { coverageRatio, type LiquidityFacts } from '#domain/liquidity/liquidity.js';
import { LIQUIDITY_KINDS, type LiquidityKind } from '#domain/liquidity/liquidity-sums.js';
import type { Instant } from '#domain/time.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import type { TenantSession } from '#projecting/tenant-session.js';

type Sums = { readonly [K in LiquidityKind]: string };

type PointRow = Sums & {
  readonly currency: string;
  readonly at: string;
  readonly revision: string;
  readonly has_float: boolean;
};

/** How a currency stood after an event. */
export interface LiquidityPoint {
  readonly facts: LiquidityFacts;
  readonly at: Instant;
  readonly revision: number;
}

const KINDS = LIQUIDITY_KINDS.map((kind) => `p.${kind}`).join(', ');
/** Whether there was an open float account at the point's revision. */
const HAS_FLOAT = `EXISTS (SELECT FROM liquidity_accounts f WHERE f.tenant_id = p.tenant_id AND f.currency = p.currency
  AND f.kind = 'float' AND f.opened_revision <= p.revision
  AND (f.closed_revision IS NULL OR f.closed_revision > p.revision)) AS has_float`;
const POINT = `p.currency, p.at, p.revision, ${KINDS}, ${HAS_FLOAT}`;

/** Throws `NotExact` where a sum is more than an amount can say. */
const pointOf = (row: PointRow): LiquidityPoint => {
  const [customer, business, merchant, agent, liquidity] = LIQUIDITY_KINDS.map((kind) => BigInt(row[kind])) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const liabilities = customer + business + merchant + agent;
  return {
    facts: {
      currency: row.currency,
      customer: exactly(customer),
      business: exactly(business),
      merchant: exactly(merchant),
      agent: exactly(agent),
      total_customer_liabilities: exactly(liabilities),
      total_available_liquidity: exactly(liquidity),
      coverage_ratio: row.has_float ? coverageRatio(liquidity, liabilities) : null,
    },
    at: Number(row.at),
    revision: Number(row.revision),
  };
};

const snapshotOf = (point: LiquidityPoint): LiquiditySnapshotResource => renderLiquiditySnapshot(point.facts, point);

/** How each currency stands, in the order of their codes. */
export const latestLiquidity = async (
  session: TenantSession,
  currency?: string,
): Promise<readonly LiquidityPoint[]> => {
  const rows = await session.rows<PointRow>(
    `SELECT ${POINT} FROM (SELECT DISTINCT ON (currency) * FROM liquidity_points
       WHERE tenant_id = $1 AND ($2::text IS NULL OR currency = $2) ORDER BY currency, bucket DESC) p ORDER BY p.currency`,
    [session.tenantId, currency ?? null],
    'liquidity.latest',
  );
  return rows.map(pointOf);
};

export interface CurveQuery {
  readonly currency?: string;
  readonly from: Instant;
  readonly to: Instant;
}

/** Every five minutes in which something changed. */
export const liquidityCurve = async (
  session: TenantSession,
  { currency, from, to }: CurveQuery,
): Promise<readonly LiquidityPoint[]> => {
  const rows = await session.rows<PointRow>(
    `SELECT ${POINT} FROM liquidity_points p WHERE p.tenant_id = $1 AND ($2::text IS NULL OR p.currency = $2)
       AND p.at >= $3 AND p.at <= $4 ORDER BY p.currency, p.bucket LIMIT 3000`,
    [session.tenantId, currency ?? null, from, to],
    'liquidity.curve',
  );
  return rows.map(pointOf);
};

export interface SnapshotsQuery extends PageQuery {
  /** Milliseconds between snapshots: a whole number of five minutes. */
  readonly every: number;
  readonly currency?: string;
  readonly from?: Instant;
  readonly to?: Instant;
}

const SCHEDULED = `SELECT DISTINCT ON (p.currency, p.bucket / $2::bigint) p.*,
    lpad(p.at::text, 15, '0') || p.currency AS position
  FROM liquidity_points p
  WHERE p.tenant_id = $1 AND ($3::text IS NULL OR p.currency = $3)
    AND ($4::bigint IS NULL OR p.at >= $4) AND ($5::bigint IS NULL OR p.at <= $5)
  ORDER BY p.currency, p.bucket / $2::bigint, p.bucket DESC`;

const scheduled = ({ every, currency, from, to }: SnapshotsQuery, tenantId: string): unknown[] => [
  tenantId,
  every,
  currency ?? null,
  from ?? null,
  to ?? null,
];

/** The last standing of each interval in which anything changed. Positions are times and currencies. */
export const listSnapshots = async (
  session: TenantSession,
  query: SnapshotsQuery,
): Promise<Page<LiquiditySnapshotResource>> => {
  const { direction, comparison, from, limit } = scanOf(query);
  const values = [...scheduled(query, session.tenantId), limit, ...(from === null ? [] : [from])];
  const rows = await session.rows<PointRow & { position: string }>(
    `SELECT p.position, ${POINT} FROM (${SCHEDULED}) p ${from === null ? '' : `WHERE p.position ${comparison} $7`}
       ORDER BY p.position ${direction} LIMIT $6`,
    values,
  );
  return pageOf(
    query,
    rows,
    ({ position }) => position,
    (row) => snapshotOf(pointOf(row)),
  );
};

export const countSnapshots = async (session: TenantSession, query: SnapshotsQuery): Promise<number> => {
  const [row] = await session.rows<{ count: string }>(
    `SELECT count(*) FROM (${SCHEDULED}) p`,
    scheduled(query, session.tenantId),
  );
  return Number(row?.count ?? 0);
};

const AT_POINT = `SELECT ${POINT} FROM liquidity_points p
  WHERE p.tenant_id = $1 AND p.currency = $2 AND p.revision = $3 AND p.at = $4`;

const since = (kind: LiquidityKind): string =>
  `coalesce((SELECT ${kind} FROM base), 0) + coalesce((SELECT change FROM since WHERE kind = '${kind}'), 0) AS ${kind}`;

// A transaction's id begins with the time at which it was recorded.
const BETWEEN = `WITH base AS (
    SELECT * FROM liquidity_points WHERE tenant_id = $1 AND currency = $2 AND revision < $3 ORDER BY bucket DESC LIMIT 1
  ), later AS (
    SELECT e.*, a.kind FROM liquidity_accounts a
    JOIN entries e ON e.tenant_id = a.tenant_id AND e.account_id = a.account_id
    WHERE a.tenant_id = $1 AND a.currency = $2
      AND e.revision <= $3 AND e.revision > coalesce((SELECT revision FROM base), -1)
  ), since AS (
    SELECT kind, sum(CASE WHEN debit = (kind = 'float') THEN amount ELSE -amount END) AS change FROM later GROUP BY kind
  ), p AS (
    SELECT $1::text AS tenant_id, $2::text AS currency, $4::bigint AS at, $3::bigint AS revision,
      ${LIQUIDITY_KINDS.map(since).join(', ')}
    WHERE EXISTS (SELECT FROM later WHERE revision = $3 AND substr(transaction_id, 5, 10) = $5)
  )
  SELECT ${POINT} FROM p`;

/**
 * How a currency stood at a revision: a point of the curve, or the one before it and what was entered since. Null where the
 * id names nothing that ever moved this currency of the tenant.
 */
export const getSnapshot = async (session: TenantSession, id: string): Promise<LiquidityPoint | null> => {
  const name = snapshotNamed(id);
  if (name === null) return null;
  const values = [session.tenantId, name.currency, name.revision, name.at];
  const [known] = await session.rows<PointRow>(AT_POINT, values, 'liquidity.at_point');
  if (known !== undefined) return pointOf(known);
  const [row] = await session.rows<PointRow>(BETWEEN, [...values, id.slice(4, 14)], 'liquidity.between');
  return row === undefined ? null : pointOf(row);
};
