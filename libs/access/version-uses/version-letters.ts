import type pg from 'pg';

/** Which tenants were told of an API version that shipped, over all instances. The pool's role is `daybook_engine`. */
export class ToldTenants {
  constructor(private readonly pool: Pick<pg.Pool, 'query'>) {}

  /** Of these tenants those that were not told of it. */
  async untold(version: string, tenantIds: readonly string[]): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ tenant_id: string }>({
      name: 'version-letters.untold',
      text: `SELECT t AS tenant_id FROM unnest($2::text[]) AS t
        WHERE NOT EXISTS (SELECT FROM daybook.version_letters l WHERE l.tenant_id = t AND l.api_version = $1)`,
      values: [version, tenantIds],
    });
    return rows.map(({ tenant_id }) => tenant_id);
  }

  /** Whether the tenant's contact is to be written to by whoever asked: nobody else is told so again, also where the letter is then lost. */
  async claim(version: string, tenantId: string): Promise<boolean> {
    const { rowCount } = await this.pool.query({
      name: 'version-letters.claim',
      text: 'INSERT INTO daybook.version_letters (tenant_id, api_version) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      values: [tenantId, version],
    });
    return rowCount === 1;
  }
}
