import type pg from 'pg';

// One statement, so one snapshot: the keys and how far they are complete. Always a row, for the revision.
const LOOK_UP = `
  SELECT COALESCE(p.revision, -1) AS stands_at, c.key, c.revision
  FROM (VALUES (1)) AS always
  LEFT JOIN tenant_progress p ON p.tenant_id = $1 AND p.projection_group = 'cold'
  LEFT JOIN (SELECT DISTINCT unnest($2::text[]) AS key) wanted ON true
  LEFT JOIN cold_index c ON c.tenant_id = $1 AND c.key = wanted.key`;

/** The engine's index of what is not in memory, over the table that the projection keeps. The pool's role reads all tenants' rows. */
export class PostgresColdIndex {
  constructor(private readonly pool: pg.Pool) {}

  /** What it finds is complete up to `revision`, −1 where nothing was projected. */
  async lookUp(
    tenantId: string,
    keys: readonly string[],
  ): Promise<{ readonly revision: number; readonly found: ReadonlyMap<string, number> }> {
    const { rows } = await this.pool.query<{ stands_at: string; key: string | null; revision: string }>({
      name: 'cold_index.look_up',
      text: LOOK_UP,
      values: [tenantId, keys],
    });
    const found = new Map<string, number>();
    for (const { key, revision } of rows) if (key !== null) found.set(key, Number(revision));
    return { revision: Number(rows[0]?.stands_at ?? -1), found };
  }
}
