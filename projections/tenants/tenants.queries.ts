import type pg from 'pg';
import type { TenantResource } from '#contract/resources/tenant.js';
import { Conditions, pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import type { TenantSession } from '#projecting/tenant-session.js';

export interface TenantsQuery extends PageQuery {
  readonly status?: string;
  readonly tier?: string;
  readonly environment?: string;
  readonly workspaceId?: string;
  /** A part of its name, or of its partner's name or e-mail, in any case. */
  readonly containing?: string;
  /** Rows to pass over, for who pages by number; not together with a position. */
  readonly offset?: number;
}

interface TenantRow {
  readonly tenant_id: string;
  readonly resource: string;
}

const resourceOf = ({ resource }: TenantRow): TenantResource => JSON.parse(resource) as TenantResource;

/** The tenant as its own session sees it; null before its first event was projected. */
export const getTenant = async (session: TenantSession): Promise<TenantResource | null> => {
  const [row] = await session.rows<TenantRow>(
    'SELECT tenant_id, resource FROM tenants WHERE tenant_id = $1',
    [session.tenantId],
    'tenants.get',
  );
  return row === undefined ? null : resourceOf(row);
};

const conditionsOf = (query: Omit<TenantsQuery, keyof PageQuery>): Conditions =>
  new Conditions()
    .when(query.status, 'status = ?')
    .when(query.tier, 'tier = ?')
    .when(query.environment, 'environment = ?')
    .when(query.workspaceId, 'workspace_id = ?')
    .when(query.containing?.toLowerCase(), 'strpos(searched, ?) > 0');

/** Tenants across the installation: for operators, over a pool of the role `auth` or `engine`. Positions are tenant ids. */
export const listTenants = async (pool: pg.Pool, query: TenantsQuery): Promise<Page<TenantResource>> => {
  const scan = scanOf(query);
  const where = conditionsOf(query).when(scan.from, `tenant_id ${scan.comparison} ?`);
  const offset = where.parameter(query.offset ?? 0);
  const { rows } = await pool.query<TenantRow>(
    `SELECT tenant_id, resource FROM tenants WHERE ${where}
     ORDER BY tenant_id ${scan.direction} LIMIT ${scan.limit} OFFSET ${offset}`,
    where.values,
  );
  return pageOf(query, rows, (row) => row.tenant_id, resourceOf);
};

export const countTenants = async (pool: pg.Pool, query: Omit<TenantsQuery, keyof PageQuery>): Promise<number> => {
  const where = conditionsOf(query);
  const { rows } = await pool.query<{ count: string }>(`SELECT count(*) FROM tenants WHERE ${where}`, where.values);
  return Number(rows[0]?.count ?? 0);
};
