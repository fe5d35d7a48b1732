import type pg from 'pg';
import type { Instant } from '#domain/time.js';

const TENANTS_DUE =
  'SELECT tenant_id FROM due_holds WHERE due_at <= $1 GROUP BY tenant_id ORDER BY min(due_at) LIMIT $2';

/** Whom the engine is to wake, over the table that the projection keeps. The pool's role reads all tenants' rows. */
export class PostgresDueHolds {
  constructor(private readonly pool: Pick<pg.Pool, 'query'>) {}

  /** Tenants that hold something which is due at `at` (ms since 1970), the longest due first. */
  async tenantsDue(at: Instant, limit: number): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ tenant_id: string }>({
      name: 'due_holds.tenants_due',
      text: TENANTS_DUE,
      values: [at, limit],
    });
    return rows.map(({ tenant_id }) => tenant_id);
  }
}
