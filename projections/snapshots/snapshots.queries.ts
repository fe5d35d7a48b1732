import type pg from 'pg';
import { sqlBeside } from '#projecting/migrations.js';
import type { Step } from '#projecting/projection.js';
import { CORE_GROUP } from '#projecting/tenant-session.js';

export interface StoredSnapshot {
  readonly revision: number;
  /** Of the event at that revision. */
  readonly hash: Uint8Array;
  readonly parts: AsyncIterable<Uint8Array>;
}

export const SNAPSHOT_MIGRATIONS: readonly Step[] = [
  { name: 'snapshots', sql: sqlBeside(import.meta.url, './snapshots.sql') },
];

/** How many snapshots of one tenant and fold are kept: one may be read while the next is saved. */
const KEPT = 2;

const LATEST = `SELECT revision, hash, (SELECT count(*)::int FROM snapshots p
    WHERE p.tenant_id = s.tenant_id AND p.fold_version = s.fold_version AND p.revision = s.revision) AS parts
  FROM snapshots s WHERE tenant_id = $1 AND fold_version = $2 ORDER BY revision DESC, part LIMIT 1`;

const PART = `SELECT bytes FROM snapshots WHERE tenant_id = $1 AND fold_version = $2 AND revision = $3 AND part = $4`;

const SAVE = `INSERT INTO snapshots (tenant_id, fold_version, revision, part, hash, bytes) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT DO NOTHING`;

// Of a newer fold nothing is dropped: an older version may still run beside a newer one.
const DROP_OLD = `DELETE FROM snapshots WHERE tenant_id = $1 AND (fold_version < $2 OR fold_version = $2 AND revision NOT IN (
  SELECT DISTINCT revision FROM snapshots WHERE tenant_id = $1 AND fold_version = $2 ORDER BY revision DESC LIMIT ${KEPT}))`;

/** The engine's snapshots, in a table. The pool's role is the engine's. */
export class PostgresSnapshots {
  constructor(private readonly pool: pg.Pool) {}

  /** The newest of this fold, or null. Its parts are read one by one; reading fails where it was dropped meanwhile. */
  async latest(tenantId: string, foldVersion: number): Promise<StoredSnapshot | null> {
    const { rows } = await this.pool.query<{ revision: string; hash: Buffer; parts: number }>(LATEST, [
      tenantId,
      foldVersion,
    ]);
    const [found] = rows;
    if (found === undefined) return null;
    const revision = Number(found.revision);
    return { revision, hash: found.hash, parts: this.parts(tenantId, foldVersion, revision, found.parts) };
  }

  /** All parts or none. Saving the same again changes nothing. Those of older folds, which nobody reads any more, go. */
  async save(
    tenantId: string,
    foldVersion: number,
    revision: number,
    hash: Uint8Array,
    parts: Iterable<Uint8Array>,
  ): Promise<void> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      let part = 0;
      for (const bytes of parts) {
        const values = [tenantId, foldVersion, revision, part, Buffer.from(hash), Buffer.from(bytes)];
        await client.query({ name: 'snapshots.save', text: SAVE, values });
        part += 1;
      }
      await client.query(DROP_OLD, [tenantId, foldVersion]);
      await client.query('COMMIT');
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  private async *parts(
    tenantId: string,
    foldVersion: number,
    revision: number,
    count: number,
  ): AsyncIterable<Uint8Array> {
    for (let part = 0; part < count; part += 1) {
      const { rows } = await this.pool.query<{ bytes: Buffer }>(PART, [tenantId, foldVersion, revision, part]);
      const [found] = rows;
      if (found === undefined)
        throw new Error(`the snapshot of ${tenantId} at ${revision} was dropped while it was read`);
      yield found.bytes;
    }
  }
}

const AHEAD = `SELECT p.tenant_id FROM tenant_progress p
  LEFT JOIN (SELECT tenant_id, max(revision) AS revision FROM snapshots WHERE part = 0 AND fold_version = $2 GROUP BY tenant_id) s
  USING (tenant_id)
  WHERE p.projection_group = '${CORE_GROUP}' AND p.revision - COALESCE(s.revision, -1) >= $1 ORDER BY p.tenant_id`;

/** Tenants whose stream has grown by so many events since their newest snapshot of this fold, as far as is projected. */
export const tenantsAhead = async (pool: pg.Pool, foldVersion: number, minimumEvents: number): Promise<string[]> => {
  const { rows } = await pool.query<{ tenant_id: string }>(AHEAD, [minimumEvents, foldVersion]);
  return rows.map((row) => row.tenant_id);
};
