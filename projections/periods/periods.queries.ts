import type { ClosedPeriodResource } from '#contract/resources/closed-period.js';
import type { Instant } from '#domain/time.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
import type { TenantSession } from '#projecting/tenant-session.js';

interface MonthRow {
  readonly month: string;
  readonly revision: string;
  readonly closed_at: string;
  readonly resource: string;
}

const tables = queriesOf<{ closed_months: MonthRow & { tenant_id: string } }>();

const resourceOf = ({ resource }: MonthRow): ClosedPeriodResource => JSON.parse(resource) as ClosedPeriodResource;

export interface ClosedMonthRow {
  readonly resource: ClosedPeriodResource;
  /** Of the event that closed it. */
  readonly revision: number;
  readonly closedAt: Instant;
}

/** `month`: `YYYY-MM`. Null where it is not closed. */
export const getClosedMonth = async (session: TenantSession, month: string): Promise<ClosedMonthRow | null> => {
  const [row] = await session.rows<MonthRow>(
    'SELECT month, revision, closed_at, resource FROM closed_months WHERE tenant_id = $1 AND month = $2',
    [session.tenantId, month],
    'closed_months.get',
  );
  if (row === undefined) return null;
  return { resource: resourceOf(row), revision: Number(row.revision), closedAt: Number(row.closed_at) };
};

/** Positions are months. */
export const listClosedMonths = async (
  session: TenantSession,
  query: PageQuery,
): Promise<Page<ClosedPeriodResource>> => {
  const list = tables
    .selectFrom('closed_months')
    .select(['month', 'revision', 'closed_at', 'resource'])
    .where('tenant_id', '=', session.tenantId);
  const rows = await rowsOf(session, scanned(list, 'month', scanOf(query)));
  return pageOf(query, rows, (row) => row.month, resourceOf);
};
