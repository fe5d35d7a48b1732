import pg from 'pg';

/** The queries of one tenant, all on one snapshot. */
export interface TenantSession {
  readonly tenantId: string;
  /** Rows of a parameterised query; row-level security leaves only the tenant's. Its name, where given, has one text for good. */
  rows<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[], name?: string): Promise<R[]>;
}

/** What was read, and the revision of the tenant's stream at which it was true; −1 before anything was projected. */
export interface Read<T> {
  readonly revision: number;
  readonly data: T;
}

/** The group whose progress a read names. */
export const CORE_GROUP = 'core';

/**
 * Reads rows of one tenant: in a transaction that sees only that tenant's, with the revision they stand at from the same
 * snapshot. BEGIN, the setting and the revision travel in one message.
 */
export const withTenant = async <T>(
  pool: pg.Pool,
  tenantId: string,
  read: (session: TenantSession) => Promise<T>,
): Promise<Read<T>> => {
  const client = await pool.connect();
  try {
    const tenant = pg.escapeLiteral(tenantId);
    const opening = (await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL daybook.tenant = ${tenant}; ` +
        // Pages are read in the order of an index. A planner without statistics would gather and sort all rows instead.
        'SET LOCAL enable_bitmapscan = off; ' +
        `SELECT revision FROM tenant_progress WHERE tenant_id = ${tenant} AND projection_group = '${CORE_GROUP}'`,
    )) as unknown as readonly pg.QueryResult<{ revision: string }>[];
    const data = await read({
      tenantId,
      rows: async <R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = [], name?: string) =>
        (await client.query<R>({ text, values: [...values], ...(name === undefined ? {} : { name }) })).rows,
    });
    // Nothing was written, so nobody needs to wait for the end.
    client.query('COMMIT').then(
      () => client.release(),
      (error: Error) => client.release(error),
    );
    return { revision: Number(opening.at(-1)?.rows[0]?.revision ?? -1), data };
  } catch (error) {
    // In a transaction whose state nobody knows, with a tenant set: not for the next one.
    client.release(true);
    throw error;
  }
};
