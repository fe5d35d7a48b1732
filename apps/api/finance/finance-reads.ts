/** What the read model is asked about a tenant's finance beside its collections. */
import type pg from 'pg';
import { NotExact } from '#contract/exact.js';
import { renderFinanceSettings } from '#contract/resources/finance-settings.js';
import { renderBreakdown, renderLiquiditySnapshot } from '#contract/resources/liquidity.js';
import type { MonthFacts } from '#domain/periods/month-report.js';
import type { ClosedMonth } from '#domain/periods/periods.js';
import { formatInstant } from '#domain/time.js';
import type { FinanceSettings } from '#domain/finance-settings/finance-settings.js';
import { Problem } from '#platform/http/problem.js';
import { withTenant, type TenantSession } from '#projecting/tenant-session.js';
import { breachedCurrencies, getFinanceSettings } from '#projections/finance-settings/finance-settings.queries.js';
import { controlBalances } from '#projections/entries/control-accounts.queries.js';
import { getClosedMonth, listClosedMonths } from '#projections/periods/periods.queries.js';
import {
  getBankStatement,
  listBankStatementLines,
  listBankStatements,
  unreconciled,
  type Unreconciled,
} from '#projections/bank-statements/bank-statements.queries.js';
import {
  countSnapshots,
  getSnapshot,
  latestLiquidity,
  liquidityCurve,
  listSnapshots,
  type CurveQuery,
  type LiquidityPoint,
} from '#projections/liquidity/liquidity.queries.js';
import {
  countSettlements,
  getSettlement,
  listSettlementLines,
  listSettlements,
  settlementsOfMonth,
} from '#projections/settlements/settlements.queries.js';
import type { Counted, ListRequest, One, Resource } from '../reads.js';

/** How a tenant's currencies stand, and from when on it is warned. */
export interface Standing {
  readonly revision: number;
  readonly points: readonly LiquidityPoint[];
  readonly settings: FinanceSettings;
  /** Currencies whose alert is not over. */
  readonly breached: ReadonlySet<string>;
}

/** An account in a period, milliseconds, both ends included. */
export interface Period {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/** What the report of a closed month says, but for the hash of the event that closed it. */
export type MonthStanding = Omit<MonthFacts, 'head_hash'>;

export interface FinanceReads {
  /** `month`: `YYYY-MM`; null where it is not closed. */
  closedMonth(
    tenantId: string,
    month: string,
  ): Promise<{ readonly revision: number; readonly data: MonthStanding | null }>;
  settings(tenantId: string): Promise<One>;
  standing(tenantId: string, currency?: string): Promise<Standing>;
  curve(tenantId: string, query: CurveQuery): Promise<{ revision: number; points: readonly LiquidityPoint[] }>;
  /** What moved an account and is no line of a bank statement. */
  unreconciled(tenantId: string, account: Period): Promise<readonly Unreconciled[]>;
  settlementsCounted(tenantId: string, request: ListRequest): Promise<Counted>;
  snapshotsCounted(tenantId: string, request: ListRequest): Promise<Counted>;
}

const MINUTE_MS = 60_000;

type Values = Record<string, never>;

const paging = ({ limit, order, startingAfter = null, endingBefore = null }: ListRequest) => ({
  limit,
  order,
  startingAfter,
  endingBefore,
});

const SUMS_NOT_EXACT = 'The balances of a currency add up to more than 2^53 − 1 minor units, the largest exact number.';

/** That a sum can't be told is the caller's to know, not a defect. */
const told = async <T>(read: Promise<T>): Promise<T | Problem> => {
  try {
    return await read;
  } catch (error) {
    if (error instanceof NotExact) return new Problem('amount_out_of_range', { message: SUMS_NOT_EXACT });
    throw error;
  }
};

const exactly = <T>(answer: T | Problem): T => {
  if (answer instanceof Problem) throw answer;
  return answer;
};

/** Settlements as a list asks for them. */
const settlementsPage = (session: TenantSession, request: ListRequest) => {
  const { status, currency, from, to } = request.filters as Values;
  return listSettlements(session, { ...paging(request), status, currency, from, to });
};

const snapshotsQuery = async (session: TenantSession, request: ListRequest) => {
  const { snapshot_minutes } = await getFinanceSettings(session);
  const { currency, from, to } = request.filters as Values;
  return { ...paging(request), every: snapshot_minutes * MINUTE_MS, currency, from, to };
};

/** The collections of finance, as `read-models.ts` asks for each. */
export const FINANCE_QUERIES = {
  settlements: { one: getSettlement, list: settlementsPage },
  settlement_lines: {
    one: () => Promise.reject(new TypeError('lines are not asked for one by one')),
    list: (session: TenantSession, request: ListRequest) => {
      const { type, late } = request.filters as Values;
      const settlementId = request.filters.settlement_id as string;
      return listSettlementLines(session, { ...paging(request), settlementId, type, late });
    },
  },
  bank_statements: {
    one: getBankStatement,
    list: (session: TenantSession, request: ListRequest) =>
      listBankStatements(session, { ...paging(request), accountId: (request.filters as Values).account_id }),
  },
  bank_statement_lines: {
    one: () => Promise.reject(new TypeError('lines are not asked for one by one')),
    list: (session: TenantSession, request: ListRequest) => {
      const { status } = request.filters as Values;
      const statementId = request.filters.statement_id as string;
      return listBankStatementLines(session, { ...paging(request), statementId, status });
    },
  },
  closed_months: {
    one: () => Promise.reject(new TypeError('months are asked for with their reports')),
    list: (session: TenantSession, request: ListRequest) => listClosedMonths(session, paging(request)),
  },
  liquidity_snapshots: {
    one: async (session: TenantSession, id: string) => {
      const point = exactly(await told(getSnapshot(session, id)));
      return (
        point && { snapshot: renderLiquiditySnapshot(point.facts, point), breakdown: renderBreakdown(point.facts) }
      );
    },
    list: async (session: TenantSession, request: ListRequest) =>
      exactly(await told(listSnapshots(session, await snapshotsQuery(session, request)))),
  },
};

const monthStanding = async (session: TenantSession, name: string): Promise<MonthStanding | null> => {
  const found = await getClosedMonth(session, name);
  if (found === null) return null;
  const { month, timezone, from, through } = found.resource as { [K in keyof ClosedMonth]: string };
  const opening = await controlBalances(session, Date.parse(from) - 1);
  const closing = await controlBalances(session, Date.parse(through));
  const openingOf = new Map(opening.map((one) => [`${one.type} ${one.code} ${one.currency}`, one.balance]));
  return {
    tenant_id: session.tenantId,
    ...{ month, timezone, from, through },
    closed_at: formatInstant(found.closedAt),
    revision: found.revision,
    // Whoever has accounts at the beginning has them at the end.
    accounts: closing.map(({ type, code, currency, balance }) => ({
      ...{ type, code, currency },
      opening: openingOf.get(`${type} ${code} ${currency}`) ?? 0n,
      closing: balance,
    })),
    settlements: await settlementsOfMonth(session, month, found.revision),
  };
};

export class PostgresFinanceReads implements FinanceReads {
  /** `app`: rows of one tenant at a time. */
  constructor(private readonly app: pg.Pool) {}

  async settings(tenantId: string): Promise<One> {
    const { revision, data } = await withTenant(this.app, tenantId, getFinanceSettings);
    return { revision, resource: renderFinanceSettings(data) as unknown as Resource };
  }

  async standing(tenantId: string, currency?: string): Promise<Standing> {
    const { revision, data } = await withTenant(this.app, tenantId, (session) =>
      told(
        (async () => ({
          points: await latestLiquidity(session, currency),
          settings: await getFinanceSettings(session),
          breached: await breachedCurrencies(session),
        }))(),
      ),
    );
    return { revision, ...exactly(data) };
  }

  async curve(tenantId: string, query: CurveQuery) {
    const { revision, data } = await withTenant(this.app, tenantId, (session) => told(liquidityCurve(session, query)));
    return { revision, points: exactly(data) };
  }

  closedMonth(tenantId: string, month: string) {
    return withTenant(this.app, tenantId, (session) => monthStanding(session, month));
  }

  async unreconciled(tenantId: string, account: Period): Promise<readonly Unreconciled[]> {
    return (await withTenant(this.app, tenantId, (session) => unreconciled(session, account))).data;
  }

  async settlementsCounted(tenantId: string, request: ListRequest): Promise<Counted> {
    const { status, currency, from, to } = request.filters as Values;
    const { revision, data } = await withTenant(this.app, tenantId, async (session) => ({
      page: await settlementsPage(session, request),
      total: await countSettlements(session, { status, currency, from, to }),
    }));
    return { revision, total: data.total, page: data.page as unknown as Counted['page'] };
  }

  async snapshotsCounted(tenantId: string, request: ListRequest): Promise<Counted> {
    const { revision, data } = await withTenant(this.app, tenantId, (session) =>
      told(
        (async () => {
          const query = await snapshotsQuery(session, request);
          return { page: await listSnapshots(session, query), total: await countSnapshots(session, query) };
        })(),
      ),
    );
    const { page, total } = exactly(data);
    return { revision, total, page: page as unknown as Counted['page'] };
  }
}
