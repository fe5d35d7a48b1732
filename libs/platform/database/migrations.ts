import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { StartupError } from '../startup-error.js';

/**
 * One step of the schema. Its SQL runs once in the life of a database, as the owner, in one transaction with the others,
 * with `daybook` as its search path: `CREATE TABLE accounts (…)` makes `daybook.accounts`. Once published, a migration is
 * never changed, renamed or taken away; a change is a further one. A table of tenants ends with
 * `SELECT daybook.tenant_table('accounts');` (see foundation.sql).
 */
export interface Migration {
  /** Unique, for good: `accounts`, `accounts-2-closure`. */
  readonly name: string;
  readonly sql: string;
}

const LOCK = '7305526483110226601';

const foundation: Migration = {
  name: 'foundation',
  sql: readFileSync(new URL('./foundation.sql', import.meta.url), 'utf8'),
};

/**
 * Brings the schema to what this version knows: all or nothing. Of several processes that start at once, one does it and
 * the others wait. Answers the names that were applied now. Throws `StartupError` for a database of a newer Daybook, or
 * for a migration that was changed after it was applied.
 */
export async function migrate(owner: pg.Client, migrations: readonly Migration[]): Promise<string[]> {
  const all = [foundation, ...migrations];
  refuseDuplicates(all);
  await owner.query('BEGIN');
  try {
    await owner.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    await owner.query('CREATE SCHEMA IF NOT EXISTS daybook');
    await owner.query('SET LOCAL search_path = daybook');
    const applied = await appliedMigrations(owner);
    refuseUnknown(applied, all);
    const due = all.filter((migration) => !applied.has(migration.name));
    for (const migration of due) await apply(owner, migration);
    await owner.query('COMMIT');
    return due.map((migration) => migration.name);
  } catch (error) {
    await owner.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function appliedMigrations(owner: pg.Client): Promise<Map<string, string>> {
  await owner.query(`CREATE TABLE IF NOT EXISTS daybook.schema_migrations (
    name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
  const { rows } = await owner.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM daybook.schema_migrations ORDER BY name',
  );
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

async function apply(owner: pg.Client, migration: Migration): Promise<void> {
  try {
    await owner.query(migration.sql);
  } catch (error) {
    throw new Error(`migration ${migration.name}: ${(error as Error).message}`, { cause: error });
  }
  await owner.query('INSERT INTO daybook.schema_migrations (name, checksum) VALUES ($1, $2)', [
    migration.name,
    checksum(migration),
  ]);
}

function refuseUnknown(applied: ReadonlyMap<string, string>, all: readonly Migration[]): void {
  const known = new Map(all.map((migration) => [migration.name, migration]));
  const newer = [...applied.keys()].filter((name) => !known.has(name));
  if (newer.length > 0) {
    throw new StartupError(
      `The database was made by a newer Daybook: it has ${newer.join(', ')}, which this version does not know. ` +
        'Start that version or a later one; nothing was changed.',
    );
  }
  const changed = all.filter(({ name }) => applied.has(name)).filter((one) => applied.get(one.name) !== checksum(one));
  if (changed.length > 0) {
    throw new StartupError(
      `The schema in the database is not the one of this version: ${changed.map(({ name }) => name).join(', ')} ` +
        'changed after it was applied. A published migration never changes; add a further one. Nothing was changed.',
    );
  }
}

function refuseDuplicates(all: readonly Migration[]): void {
  const names = all.map((migration) => migration.name);
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  if (twice.length > 0) throw new Error(`two migrations are called ${twice.join(', ')}: give each a name of its own`);
}

const checksum = (migration: Migration): string => createHash('sha256').update(migration.sql).digest('hex');
