import type pg from 'pg';
import type { Instant } from '#domain/time.js';

const TENANTS_DUE = `SELECT tenant_id, min(due_at) AS due_since FROM due_holds WHERE due_at <= $1 GROUP BY tenant_id
  HAVING (min(due_at), tenant_id) > ($3, $4) ORDER BY due_since, tenant_id LIMIT $2`;

/** Whom the engine is to wake, over the table that the projection keeps. The pool's role reads all tenants' rows. */
export class PostgresDueHolds {
  constructor(private readonly pool: Pick<pg.Pool, 'query'>) {}

  /** Tenants that hold something which is due at `at` (ms since 1970), the longest due first; those behind `after`. */
  async tenantsDue(
    at: Instant,
    limit: number,
    after: { readonly tenantId: string; readonly dueSince: Instant } | null = null,
  ): Promise<readonly { readonly tenantId: string; readonly dueSince: Instant }[]> {
    const { rows } = await this.pool.query<{ tenant_id: string; due_since: string }>({
      name: 'due_holds.tenants_due',
      text: TENANTS_DUE,
      values: [at, limit, after?.dueSince ?? -1, after?.tenantId ?? ''],
    });
    return rows.map(({ tenant_id, due_since }) => ({ tenantId: tenant_id, dueSince: Number(due_since) }));
  }
}
