import type pg from 'pg';
import type { SettlementLineResource, SettlementResource } from '#contract/resources/settlement.js';
import type { MonthSettlement } from '#domain/periods/month-report.js';
import { formatInstant, type LocalDate } from '#domain/time.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
import type { TenantSession } from '#projecting/tenant-session.js';

export interface SettlementsQuery extends PageQuery {
  readonly status?: string;
  readonly currency?: string;
  /** Business days, both ends included. */
  readonly from?: LocalDate;
  readonly to?: LocalDate;
}

export interface SettlementLinesQuery extends PageQuery {
  readonly settlementId: string;
  readonly type?: string;
  readonly late?: boolean;
}

const SUMS = ['gross', 'refunds', 'fees', 'adjustments', 'net', 'line_count', 'late_count'] as const;

type SettlementRow = { readonly settlement_id: string; readonly updated_at: string; readonly resource: string } & {
  readonly [S in (typeof SUMS)[number]]: string;
};

interface LineRow {
  readonly line_id: string;
  readonly resource: string;
}

const tables = queriesOf<{
  settlements: SettlementRow & { tenant_id: string; status: string; currency: string; business_date: string };
  settlement_lines: LineRow & { tenant_id: string; settlement_id: string; type: string; late: boolean };
}>();

const COLUMNS = ['settlement_id', 'updated_at', 'resource', ...SUMS] as const;

const resourceOf = (row: SettlementRow): SettlementResource => ({
  ...(JSON.parse(row.resource) as SettlementResource),
  ...(Object.fromEntries(SUMS.map((sum) => [sum, Number(row[sum])])) as Pick<
    SettlementResource,
    (typeof SUMS)[number]
  >),
  updated_at: formatInstant(Number(row.updated_at)),
});

const lineOf = ({ resource }: LineRow): SettlementLineResource => JSON.parse(resource) as SettlementLineResource;

/** Null where the tenant has no such settlement. */
export const getSettlement = async (
  session: TenantSession,
  settlementId: string,
): Promise<SettlementResource | null> => {
  const [row] = await session.rows<SettlementRow>(
    `SELECT ${COLUMNS.join(', ')} FROM settlements WHERE tenant_id = $1 AND settlement_id = $2`,
    [session.tenantId, settlementId],
    'settlements.get',
  );
  return row === undefined ? null : resourceOf(row);
};

/** Those of these settlements that the tenant has, in no order. */
export const getSettlements = async (session: TenantSession, ids: readonly string[]): Promise<SettlementResource[]> => {
  const rows = await session.rows<SettlementRow>(
    `SELECT ${COLUMNS.join(', ')} FROM settlements WHERE tenant_id = $1 AND settlement_id = ANY($2)`,
    [session.tenantId, ids],
    'settlements.get_many',
  );
  return rows.map(resourceOf);
};

/** Positions are settlement ids. */
export const listSettlements = async (
  session: TenantSession,
  query: SettlementsQuery,
): Promise<Page<SettlementResource>> => {
  const { status, currency, from, to } = query;
  let list = tables
    .selectFrom('settlements')
    .select(COLUMNS)
    .where(({ and }) => and({ tenant_id: session.tenantId, status, currency }));
  if (from !== undefined) list = list.where('business_date', '>=', from);
  if (to !== undefined) list = list.where('business_date', '<=', to);
  const rows = await rowsOf(session, scanned(list, 'settlement_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.settlement_id, resourceOf);
};

export const countSettlements = async (
  session: TenantSession,
  { status, currency, from, to }: Omit<SettlementsQuery, 'limit'>,
): Promise<number> => {
  let list = tables
    .selectFrom('settlements')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where(({ and }) => and({ tenant_id: session.tenantId, status, currency }));
  if (from !== undefined) list = list.where('business_date', '>=', from);
  if (to !== undefined) list = list.where('business_date', '<=', to);
  return Number((await rowsOf(session, list))[0]?.count ?? 0);
};

/** Positions are line ids. */
export const listSettlementLines = async (
  session: TenantSession,
  query: SettlementLinesQuery,
): Promise<Page<SettlementLineResource>> => {
  const { settlementId, type, late } = query;
  const list = tables
    .selectFrom('settlement_lines')
    .select(['line_id', 'resource'])
    .where(({ and }) => and({ tenant_id: session.tenantId, settlement_id: settlementId, type, late }));
  const rows = await rowsOf(session, scanned(list, 'line_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.line_id, lineOf);
};

/** Settlements of all tenants that wait for their payment, or whose payment failed. The pool's role reads all tenants' rows. */
export const countUnpaid = async (pool: Pick<pg.Pool, 'query'>, status: 'netting' | 'failed'): Promise<number> => {
  const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM settlements WHERE status = $1', [status]);
  return Number(rows[0]?.count ?? 0);
};

const OF_MONTH = `
  SELECT s.resource, s.gross, s.refunds, s.fees, s.adjustments, s.net, s.line_count, EXISTS (
    SELECT FROM events v WHERE v.tenant_id = $1 AND v.resource_id = s.settlement_id
      AND v.type = 'settlement.completed' AND v.revision <= $3 AND NOT v.creates
  ) AS completed
  FROM settlements s WHERE s.tenant_id = $1 AND s.business_date >= $2 || '-01' AND s.business_date <= $2 || '-31'`;

/** Settlements of a month's business days, `YYYY-MM`, as they stood at a revision by which all of them were netted. */
export const settlementsOfMonth = async (
  session: TenantSession,
  month: string,
  revision: number,
): Promise<MonthSettlement[]> => {
  const values = [session.tenantId, month, revision];
  const rows = await session.rows<Omit<SettlementRow, 'late_count'> & { completed: boolean }>(OF_MONTH, values);
  return rows.map((row) => {
    const { id, business_date, currency, paid_amount, difference } = JSON.parse(row.resource) as SettlementResource;
    return {
      settlement_id: id,
      business_date,
      currency,
      gross: Number(row.gross),
      refunds: Number(row.refunds),
      fees: Number(row.fees),
      adjustments: Number(row.adjustments),
      net: Number(row.net),
      line_count: Number(row.line_count),
      paid_amount: row.completed ? paid_amount : null,
      difference: row.completed ? difference : null,
    };
  });
};
