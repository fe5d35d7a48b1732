import type pg from 'pg';
import type { TenantPrincipal } from './principal.js';

const WRITE = `UPDATE daybook.api_key_credentials c SET last_used_at = greatest(c.last_used_at, u.at)
  FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS u (tenant_id, key_id, at)
  WHERE c.tenant_id = u.tenant_id AND c.key_id = u.key_id`;

/** When keys were used, gathered and written in one statement every few seconds. A crash loses the last of them. */
export class LastUses {
  #uses = new Map<string, { readonly tenantId: string; at: number }>();
  #timer: NodeJS.Timeout | undefined;

  /** `everyMs`: 5000 unless given. The pool's role is `daybook_auth`. */
  constructor(
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly everyMs = 5_000,
  ) {}

  /** `at`: milliseconds since 1970. */
  note({ tenantId, callerId: keyId }: TenantPrincipal, at: number): void {
    const use = this.#uses.get(keyId);
    if (use === undefined) this.#uses.set(keyId, { tenantId, at });
    else use.at = at;
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#flushLater(), this.everyMs);
    this.#timer.unref();
  }

  /** Writes what is gathered; to be called before the process ends. Throws where that fails, and keeps it. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const uses = this.#uses;
    if (uses.size === 0) return;
    this.#uses = new Map();
    // In one order everywhere, or two instances with the same keys would wait for each other.
    const sorted = [...uses].sort(([a], [b]) => (a < b ? -1 : 1));
    try {
      await this.pool.query(WRITE, [
        sorted.map(([, use]) => use.tenantId),
        sorted.map(([keyId]) => keyId),
        sorted.map(([, use]) => new Date(use.at)),
      ]);
    } catch (error) {
      // The database will be back, and these are then a little older.
      this.#uses = new Map([...uses, ...this.#uses]);
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
