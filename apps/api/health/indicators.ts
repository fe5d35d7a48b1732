/** What is measured of a tenant's health: one row each, with its own query. Thresholds are those of the platform's document. */
import type { Instant } from '#domain/time.js';
import { NotExact } from '#contract/exact.js';
import { firstIdAt } from '#projecting/listing.js';
import type { TenantSession } from '#projecting/tenant-session.js';
import { kycSummary } from '#projections/kyc-submissions/kyc-submissions.queries.js';
import { latestLiquidity } from '#projections/liquidity/liquidity.queries.js';

export interface Measure {
  /** What it is of, where there is one for each. */
  readonly of: string | null;
  /** Null: nothing was there to measure. */
  readonly value: number | null;
}

export interface Moments {
  /** Time of day, as calls and webhooks are counted by. */
  readonly now: Instant;
  /** Business time. */
  readonly business: Instant;
}

export interface Indicator {
  readonly unit: 'percent' | 'count';
  readonly windowSeconds: number | null;
  readonly threshold: { readonly above: number } | { readonly below: number } | null;
  readonly action: string | null;
  readonly measure: (session: TenantSession, at: Moments) => Promise<readonly Measure[]>;
}

const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1_000;

const percent = (part: number, of: number): number | null => (of === 0 ? null : Math.round((part * 10_000) / of) / 100);

const one = (value: number | null): readonly Measure[] => [{ of: null, value }];

/** Sums that no amount can say cover nothing that could be told. */
const orBeyondAmounts = async <T>(read: Promise<readonly T[]>): Promise<readonly T[]> => {
  try {
    return await read;
  } catch (error) {
    if (error instanceof NotExact) return [];
    throw error;
  }
};

/** Calls of the last day that the audit log tells of: refused for a limit, refused otherwise, or failed here. */
const calls =
  (which: string) =>
  async (session: TenantSession, { now }: Moments): Promise<readonly Measure[]> => {
    const [row] = await session.rows<{ calls: string }>(
      `SELECT coalesce(sum(count), 0) AS calls FROM audit_log WHERE tenant_id = $1 AND audit_id >= $2 AND ${which}`,
      [session.tenantId, firstIdAt('aud', now - DAY_MS)],
    );
    return one(Number(row?.calls ?? 0));
  };

export const INDICATORS = {
  coverage_ratio: {
    unit: 'percent',
    windowSeconds: null,
    threshold: { below: 105 },
    action: 'Review liquidity position',
    measure: async (session) => {
      const points = await orBeyondAmounts(latestLiquidity(session));
      if (points.length === 0) return one(null);
      return points.map(({ facts }) => ({
        of: facts.currency,
        value: facts.coverage_ratio === null ? null : facts.coverage_ratio / 100,
      }));
    },
  },
  webhook_failure_rate: {
    unit: 'percent',
    windowSeconds: DAY_SECONDS,
    threshold: { above: 5 },
    action: 'Check endpoint health',
    measure: async (session, { now }) => {
      const [row] = await session.rows<{ made: string; failed: string }>(
        `SELECT count(*) AS made, count(*) FILTER (WHERE outcome <> 'delivered') AS failed FROM delivery_attempts
           WHERE tenant_id = $1 AND at >= $2`,
        [session.tenantId, new Date(now - DAY_MS)],
      );
      return one(percent(Number(row?.failed ?? 0), Number(row?.made ?? 0)));
    },
  },
  kyc_rejection_rate: {
    unit: 'percent',
    windowSeconds: 7 * DAY_SECONDS,
    threshold: { above: 20 },
    action: 'Review submission quality',
    measure: async (session, { business }) => one((await kycSummary(session, business)).rejection_rate),
  },
  rate_limit_hits: {
    unit: 'count',
    windowSeconds: DAY_SECONDS,
    threshold: { above: 100 },
    action: 'Consider increasing limits',
    measure: calls('status = 429'),
  },
  blocked_accounts: {
    unit: 'count',
    windowSeconds: DAY_SECONDS,
    threshold: { above: 10 },
    action: 'Investigate fraud patterns',
    measure: async (session, { business }) => {
      const [row] = await session.rows<{ accounts: string }>(
        `SELECT count(DISTINCT resource_id) AS accounts FROM events
           WHERE tenant_id = $1 AND type = 'account.blocked' AND event_id >= $2`,
        [session.tenantId, firstIdAt('evt', business - DAY_MS)],
      );
      return one(Number(row?.accounts ?? 0));
    },
  },
  failed_settlements: {
    unit: 'count',
    windowSeconds: null,
    threshold: { above: 0 },
    action: 'Pay them, or find out why they could not be paid',
    measure: async (session) => {
      const [row] = await session.rows<{ count: string }>(
        `SELECT count(*) AS count FROM settlements WHERE tenant_id = $1 AND status = 'failed'`,
        [session.tenantId],
      );
      return one(Number(row?.count ?? 0));
    },
  },
  refused_calls: {
    unit: 'count',
    windowSeconds: DAY_SECONDS,
    threshold: null,
    action: null,
    measure: calls(`outcome = 'refused' AND status <> 429`),
  },
  failed_calls: {
    unit: 'count',
    windowSeconds: DAY_SECONDS,
    threshold: null,
    action: null,
    measure: calls(`outcome = 'failed'`),
  },
} as const satisfies Record<string, Indicator>;
