import type pg from 'pg';

export interface RecentRead {
  readonly operation: string;
  /** With its query; at most 1,000 characters. */
  readonly path: string;
}

const PER_TENANT = 50;
const TENANTS = 1_000;
const MAX_PATH = 1_000;

const WRITE = `INSERT INTO daybook.recent_reads AS r (tenant_id, path, operation, read_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
  ON CONFLICT (tenant_id, path)
  DO UPDATE SET operation = EXCLUDED.operation, read_at = greatest(r.read_at, EXCLUDED.read_at)`;

const TRIM = `DELETE FROM daybook.recent_reads r USING (
    SELECT tenant_id, path, row_number() OVER (PARTITION BY tenant_id ORDER BY read_at DESC, path) AS place
    FROM daybook.recent_reads WHERE tenant_id = ANY($1::text[])
  ) p WHERE p.place > ${PER_TENANT} AND r.tenant_id = p.tenant_id AND r.path = p.path`;

interface Gathered extends RecentRead {
  readonly at: number;
}

/**
 * The reads that tenants made last, 50 of each, over all instances. Gathered in memory and written in one statement every few
 * seconds; a crash loses the last of them.
 */
export class RecentReadLog {
  #gathered = new Map<string, Map<string, Gathered>>();
  #timer: NodeJS.Timeout | undefined;

  /** `everyMs`: 5000 unless given. The pool's role is `daybook_engine`. */
  constructor(
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly everyMs = 5_000,
  ) {}

  note(tenantId: string, { operation, path }: RecentRead): void {
    if (path.length > MAX_PATH) return;
    const known = this.#gathered.get(tenantId) ?? new Map<string, Gathered>();
    if (!this.#gathered.has(tenantId)) {
      if (this.#gathered.size >= TENANTS) return;
      this.#gathered.set(tenantId, known);
    }
    known.delete(path);
    known.set(path, { operation, path, at: Date.now() });
    if (known.size > PER_TENANT) known.delete(known.keys().next().value as string);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.flush().catch(() => undefined), this.everyMs);
    this.#timer.unref();
  }

  /** Newest first; what other instances have not written yet is missing. */
  async of(tenantId: string): Promise<readonly RecentRead[]> {
    await this.flush();
    const { rows } = await this.pool.query<RecentRead>({
      name: 'recent-reads.of',
      text: `SELECT operation, path FROM daybook.recent_reads WHERE tenant_id = $1
        ORDER BY read_at DESC, path LIMIT ${PER_TENANT}`,
      values: [tenantId],
    });
    return rows;
  }

  /** Writes what is gathered; to be called before the process ends. What can't be written is forgotten: it is a sample. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#gathered.size === 0) return;
    const gathered = this.#gathered;
    this.#gathered = new Map();
    // In one order everywhere, or two instances that note the same would wait for each other.
    const tenants = [...gathered.keys()].sort();
    const rows = tenants.flatMap((tenantId) =>
      [...(gathered.get(tenantId)?.values() ?? [])]
        .sort((a, b) => (a.path < b.path ? -1 : 1))
        .map((read) => ({ tenantId, ...read })),
    );
    await this.pool.query(WRITE, [
      rows.map(({ tenantId }) => tenantId),
      rows.map(({ path }) => path),
      rows.map(({ operation }) => operation),
      rows.map(({ at }) => new Date(at)),
    ]);
    await this.pool.query(TRIM, [tenants]);
  }
}
