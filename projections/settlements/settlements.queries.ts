import type pg from 'pg';
import type { SettlementLineResource, SettlementResource } from '#contract/resources/settlement.js';
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
