import type pg from 'pg';
import type { EntitlementMap } from '#domain/entitlements/entitlements.js';
import type { Environment, Tier } from '#domain/tenants/tenants.js';

interface Row {
  readonly tenant_id: string;
  readonly api_version: string;
  readonly tier: Tier;
  readonly environment: Environment;
  readonly entitlements: EntitlementMap | null;
  readonly entitled_at: string | null;
}

interface Traits {
  readonly apiVersion: string;
  readonly tier: Tier;
  readonly environment: Environment;
  readonly entitlements: EntitlementMap;
  /** Of the change that the entitlements are by; −1: of none. */
  readonly entitledAt: number;
}

/**
 * The version that each of these tenants is answered in without asking for one, its tier and what it is entitled to; over
 * a pool of the role `engine`.
 */
export const traitsOf = async (
  pool: Pick<pg.Pool, 'query'>,
  tenantIds: readonly string[],
): Promise<Map<string, Traits>> => {
  const { rows } = await pool.query<Row>({
    name: 'tenants.traits',
    text: `SELECT t.tenant_id, t.tier, t.environment, t.resource::json ->> 'api_version' AS api_version,
        e.resource::json -> 'entitlements' AS entitlements, e.revision AS entitled_at
      FROM tenants t LEFT JOIN tenant_entitlements e ON e.tenant_id = t.tenant_id
      WHERE t.tenant_id = ANY ($1::text[])`,
    values: [tenantIds],
  });
  return new Map(
    rows.map(({ tenant_id, api_version, tier, environment, entitlements, entitled_at }) => [
      tenant_id,
      {
        apiVersion: api_version,
        tier,
        environment,
        entitlements: entitlements ?? {},
        entitledAt: Number(entitled_at ?? -1),
      },
    ]),
  );
};
