import type pg from 'pg';
import type { MasterKeys } from './master-key.js';
import { RecentlyUsed } from './recently-used.js';
import { newKey, unwrapKey, wrapKey } from './sealing.js';

export interface TenantKey {
  readonly generation: number;
  readonly key: Buffer;
}

interface Row {
  readonly tenant_id: string;
  readonly generation: number;
  readonly wrapped: Buffer;
  readonly master_key_id: string;
}

const FIND = `SELECT tenant_id, generation, wrapped, master_key_id FROM daybook.tenant_keys
  WHERE tenant_id = $1 ORDER BY generation`;

const KEEP = `INSERT INTO daybook.tenant_keys (tenant_id, generation, wrapped, master_key_id)
  VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`;

const FIND_TO_REWRAP = `SELECT tenant_id, generation, wrapped, master_key_id FROM daybook.tenant_keys
  WHERE master_key_id <> $1 ORDER BY tenant_id, generation LIMIT 1000`;

// Only where it is still as it was read: of two that do this at once, one is first.
const REWRAP = `UPDATE daybook.tenant_keys k SET wrapped = n.wrapped, master_key_id = $5
  FROM unnest($1::text[], $2::int[], $3::bytea[], $4::bytea[]) AS n (tenant_id, generation, before, wrapped)
  WHERE k.tenant_id = n.tenant_id AND k.generation = n.generation AND k.wrapped = n.before`;

const CACHED_TENANTS = 20_000;

/**
 * A random key for each tenant, wrapped by the master key. It stands between the two so that replacing the master key
 * rewrites one row a tenant and not one a customer.
 */
export class TenantKeys {
  /** All generations of a tenant, oldest first; never empty. They do not change, so they are never stale, only short. */
  readonly #opened = new RecentlyUsed<readonly TenantKey[]>(CACHED_TENANTS);

  constructor(
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly masterKeys: MasterKeys,
  ) {}

  /** The one that new subject keys are wrapped by; made where the tenant has none. */
  async current(tenantId: string): Promise<TenantKey> {
    let keys = this.#opened.get(tenantId) ?? (await this.#load(tenantId));
    if (keys.length === 0) {
      const { id } = this.masterKeys.current;
      const wrapped = wrapKey(this.#wrapping(id), [tenantId, '1'], newKey());
      await this.pool.query(KEEP, [tenantId, 1, wrapped, id]);
      // Another instance's may have been first: what stands in the table counts.
      keys = await this.#load(tenantId);
    }
    return keys.at(-1)!;
  }

  /** Throws for one that does not exist: rows that name it can't be opened. */
  async ofGeneration(tenantId: string, generation: number): Promise<Buffer> {
    const held = this.#opened.get(tenantId)?.find((key) => key.generation === generation);
    const found = held ?? (await this.#load(tenantId)).find((key) => key.generation === generation);
    if (found === undefined) throw new Error(`${tenantId} has no key of generation ${generation}`);
    return found.key;
  }

  /**
   * Wraps all tenants' keys by the current master key; answers how many were not yet. May run while others work, if they
   * too were given both master keys, and may be broken off and repeated.
   */
  async rewrapAll(): Promise<number> {
    const { id } = this.masterKeys.current;
    for (let done = 0; ;) {
      const { rows } = await this.pool.query<Row>(FIND_TO_REWRAP, [id]);
      if (rows.length === 0) return done;
      const wrapped = rows.map((row) => wrapKey(this.#wrapping(id), nameOf(row), this.#unwrap(row)));
      const { rowCount } = await this.pool.query(REWRAP, [
        rows.map((row) => row.tenant_id),
        rows.map((row) => row.generation),
        rows.map((row) => row.wrapped),
        wrapped,
        id,
      ]);
      done += rowCount ?? 0;
    }
  }

  async #load(tenantId: string): Promise<readonly TenantKey[]> {
    const { rows } = await this.pool.query<Row>({ name: 'vault.tenant_keys', text: FIND, values: [tenantId] });
    const keys = rows.map((row) => ({ generation: row.generation, key: this.#unwrap(row) }));
    if (keys.length > 0) this.#opened.set(tenantId, keys);
    return keys;
  }

  #unwrap(row: Row): Buffer {
    return unwrapKey(this.#wrapping(row.master_key_id), nameOf(row), row.wrapped);
  }

  #wrapping(masterKeyId: string): Buffer {
    return this.masterKeys.byId(masterKeyId).derive('vault: tenant keys');
  }
}

const nameOf = (row: Row): readonly string[] => [row.tenant_id, String(row.generation)];
