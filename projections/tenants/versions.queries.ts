import type pg from 'pg';

/** The version that each of these tenants is answered in without asking for one; over a pool of the role `engine`. */
export const apiVersionsOf = async (
  pool: Pick<pg.Pool, 'query'>,
  tenantIds: readonly string[],
): Promise<Map<string, string>> => {
  const { rows } = await pool.query<{ tenant_id: string; api_version: string }>({
    name: 'tenants.api_versions',
    text: `SELECT tenant_id, resource::json ->> 'api_version' AS api_version FROM tenants WHERE tenant_id = ANY ($1::text[])`,
    values: [tenantIds],
  });
  return new Map(rows.map((row) => [row.tenant_id, row.api_version]));
};
