import type pg from 'pg';

export interface VersionUse {
  readonly change: string;
  readonly operation: string;
  /** Calls in which the change had anything to do. */
  readonly uses: number;
  /** Milliseconds since 1970. */
  readonly lastAt: number;
}

const WRITE = `INSERT INTO daybook.version_uses AS v (tenant_id, change_id, operation, uses, last_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
  ON CONFLICT (tenant_id, change_id, operation)
  DO UPDATE SET uses = v.uses + EXCLUDED.uses, last_at = greatest(v.last_at, EXCLUDED.last_at)`;

interface Gathered {
  readonly tenantId: string;
  readonly change: string;
  readonly operation: string;
  uses: number;
  lastAt: number;
}

/**
 * Counts, per tenant and operation, the calls in which a change between API versions had anything to do. Gathered in memory
 * and written in one statement every few seconds; a crash loses the last of them.
 */
export class VersionUseCounts {
  #gathered = new Map<string, Gathered>();
  #timer: NodeJS.Timeout | undefined;

  /** `everyMs`: 5000 unless given. The pool's role is `daybook_engine`. */
  constructor(
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly everyMs = 5_000,
  ) {}

  note(tenantId: string, operation: string, changes: Iterable<string>): void {
    const lastAt = Date.now();
    for (const change of changes) {
      const key = `${tenantId} ${change} ${operation}`;
      const known = this.#gathered.get(key);
      if (known === undefined) this.#gathered.set(key, { tenantId, change, operation, uses: 1, lastAt });
      else {
        known.uses++;
        known.lastAt = lastAt;
      }
    }
    if (this.#timer !== undefined || this.#gathered.size === 0) return;
    this.#timer = setTimeout(() => void this.#flushLater(), this.everyMs);
    this.#timer.unref();
  }

  /** Of one tenant, by any instance; what others have not written yet is missing. */
  async of(tenantId: string): Promise<VersionUse[]> {
    await this.flush();
    const { rows } = await this.pool.query<{ change_id: string; operation: string; uses: string; last_at: Date }>({
      name: 'version-uses.of',
      text: `SELECT change_id, operation, uses, last_at FROM daybook.version_uses WHERE tenant_id = $1
        ORDER BY change_id, operation`,
      values: [tenantId],
    });
    return rows.map(({ change_id, operation, uses, last_at }) => ({
      change: change_id,
      operation,
      uses: Number(uses),
      lastAt: last_at.getTime(),
    }));
  }

  /** Writes what is gathered; to be called before the process ends. Throws where that fails, and keeps it. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const gathered = this.#gathered;
    if (gathered.size === 0) return;
    this.#gathered = new Map();
    // In one order everywhere, or two instances that count the same would wait for each other.
    const rows = [...gathered].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    try {
      await this.pool.query(WRITE, [
        rows.map(({ tenantId }) => tenantId),
        rows.map(({ change }) => change),
        rows.map(({ operation }) => operation),
        rows.map(({ uses }) => uses),
        rows.map(({ lastAt }) => new Date(lastAt)),
      ]);
    } catch (error) {
      for (const [key, row] of gathered) {
        const since = this.#gathered.get(key);
        this.#gathered.set(key, since === undefined ? row : { ...since, uses: since.uses + row.uses });
      }
      throw error;
    }
  }

  async #flushLater(): Promise<void> {
    try {
      await this.flush();
    } catch {
      // Kept, and written with the next.
    }
  }
}
