import type pg from 'pg';
import type { Tier } from '#domain/tenants/tenants.js';

interface Row {
  readonly tenant_id: string;
  readonly api_version: string;
  readonly tier: Tier;
}

/**
 * The version that each of these tenants is answered in without asking for one, and its tier; over a pool of the role
 * `engine`.
 */
export const traitsOf = async (
  pool: Pick<pg.Pool, 'query'>,
  tenantIds: readonly string[],
): Promise<Map<string, { readonly apiVersion: string; readonly tier: Tier }>> => {
  const { rows } = await pool.query<Row>({
    name: 'tenants.traits',
    text: `SELECT tenant_id, tier, resource::json ->> 'api_version' AS api_version FROM tenants
      WHERE tenant_id = ANY ($1::text[])`,
    values: [tenantIds],
  });
  return new Map(rows.map(({ tenant_id, api_version, tier }) => [tenant_id, { apiVersion: api_version, tier }]));
};
