import type pg from 'pg';

/** The pool's role reads all tenants' rows. */
type Pool = Pick<pg.Pool, 'query'>;

/** The thresholds that tenants are beyond, as `<tenant> <indicator>`. */
export const allBeyond = async (pool: Pool): Promise<readonly { tenantId: string; indicator: string }[]> => {
  const { rows } = await pool.query<{ tenant_id: string; indicator: string }>(
    'SELECT tenant_id, indicator FROM health_alerts WHERE beyond ORDER BY tenant_id, indicator',
  );
  return rows.map(({ tenant_id, indicator }) => ({ tenantId: tenant_id, indicator }));
};

/** Tenants in the order of their ids, after one. */
export const tenantsAfter = async (pool: Pool, after: string, limit: number): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ tenant_id: string }>(
    'SELECT tenant_id FROM tenants WHERE tenant_id > $1 ORDER BY tenant_id LIMIT $2',
    [after, limit],
  );
  return rows.map(({ tenant_id }) => tenant_id);
};
