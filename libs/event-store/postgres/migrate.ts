import pg from 'pg';
import { MIGRATION_LOCK, SCHEMA_VERSION, STEPS } from './schema.js';

export interface EventStoreRoles {
  /** Roles that may append and read. They get EXECUTE on one function: none of them can change or delete an event. */
  readonly append?: readonly string[];
  /** Roles that may only read. Reading means every tenant's events: give it to no role that serves one tenant's query. */
  readonly read?: readonly string[];
}

/**
 * Brings the schema `event_store` to `SCHEMA_VERSION` and grants what the roles need. Idempotent; several processes may
 * call it at once. The pool's role must be allowed to create a schema, and it owns what is made. Throws for a database
 * whose schema is newer than this program.
 */
export async function migrateEventStore(pool: pg.Pool, roles: EventStoreRoles = {}): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await migrate(client);
    for (const role of roles.read ?? []) await grantRead(client, role);
    for (const role of roles.append ?? []) {
      await grantRead(client, role);
      await client.query(`GRANT EXECUTE ON FUNCTION event_store.append TO ${client.escapeIdentifier(role)}`);
    }
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    // Its transaction is open still: closing the connection ends it.
    client.release(true);
    throw error;
  }
}

async function migrate(client: pg.PoolClient): Promise<void> {
  await client.query('CREATE SCHEMA IF NOT EXISTS event_store');
  await client.query(`CREATE TABLE IF NOT EXISTS event_store.schema_version (
    version int PRIMARY KEY, migrated_at timestamptz NOT NULL DEFAULT now())`);
  const found = await client.query<{ version: number }>(
    'SELECT coalesce(max(version), 0)::int AS version FROM event_store.schema_version',
  );
  const version = found.rows[0]!.version;
  if (version > SCHEMA_VERSION)
    throw new Error(`the schema event_store has version ${version}; this program knows it up to ${SCHEMA_VERSION}`);
  for (let next = version + 1; next <= SCHEMA_VERSION; next += 1) {
    await client.query(STEPS[next - 1]!);
    await client.query('INSERT INTO event_store.schema_version (version) VALUES ($1)', [next]);
  }
}

async function grantRead(client: pg.PoolClient, role: string): Promise<void> {
  const name = client.escapeIdentifier(role);
  await client.query(`GRANT USAGE ON SCHEMA event_store TO ${name}`);
  await client.query(`GRANT SELECT ON event_store.events, event_store.schema_version TO ${name}`);
}
