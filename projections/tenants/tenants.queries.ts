import { expressionBuilder, sql, type Expression, type SqlBool } from 'kysely';
import type pg from 'pg';
import type { TenantResource } from '#contract/resources/tenant.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
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

interface Tables {
  readonly tenants: TenantRow & { status: string; tier: string; environment: string; workspace_id: string };
}

const tables = queriesOf<Tables>();

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

const asked = (query: Omit<TenantsQuery, keyof PageQuery>): Expression<SqlBool> => {
  const { status, tier, environment, workspaceId, containing } = query;
  const { and } = expressionBuilder<Tables, 'tenants'>();
  const equal = and({ status, tier, environment, workspace_id: workspaceId });
  return containing === undefined ? equal : equal.and(sql<boolean>`strpos(searched, ${containing.toLowerCase()}) > 0`);
};

/** No session: operators look across tenants, as a role that may. */
const acrossTenants = (pool: pg.Pool): Pick<TenantSession, 'rows'> => ({
  rows: async <R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
    (await pool.query<R>(text, [...values])).rows,
});

/** Tenants across the installation: for operators, over a pool of the role `auth` or `engine`. Positions are tenant ids. */
export const listTenants = async (pool: pg.Pool, query: TenantsQuery): Promise<Page<TenantResource>> => {
  const list = tables
    .selectFrom('tenants')
    .select(['tenant_id', 'resource'])
    .where(asked(query))
    .offset(query.offset ?? 0);
  const rows = await rowsOf(acrossTenants(pool), scanned(list, 'tenant_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.tenant_id, resourceOf);
};

/** What these tenants are called, for operators; null where the name was erased. */
export const tenantNames = async (
  pool: Pick<pg.Pool, 'query'>,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, string | null>> => {
  const { rows } = await pool.query<{ tenant_id: string; name: string | null }>({
    name: 'tenants.names',
    text: `SELECT tenant_id, resource::json ->> 'name' AS name FROM tenants WHERE tenant_id = ANY ($1::text[])`,
    values: [tenantIds],
  });
  return new Map(rows.map(({ tenant_id, name }) => [tenant_id, name]));
};

export const countTenants = async (pool: pg.Pool, query: Omit<TenantsQuery, keyof PageQuery>): Promise<number> => {
  const count = tables.selectFrom('tenants').select(({ fn }) => fn.countAll<string>().as('count'));
  const [row] = await rowsOf(acrossTenants(pool), count.where(asked(query)));
  return Number(row?.count ?? 0);
};
