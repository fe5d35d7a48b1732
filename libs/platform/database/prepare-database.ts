import pg from 'pg';
import { deriveKey } from '../master-key.js';
import { StartupError } from '../startup-error.js';
import { migrate, type Migration } from './migrations.js';
import { createGroups, createLogins, type DatabaseUrls, roleUrls } from './roles.js';

const OLDEST_SERVER = 15;
const LOCK = '7305526483110226602';

/**
 * Until this session ends, no other one that asks here changes roles or rights: PostgreSQL fails two sessions that change the
 * same role, or the rights to the same thing, at the same moment ("tuple concurrently updated").
 */
export const lockRights = async (owner: Pick<pg.Client, 'query'>): Promise<void> => {
  await owner.query(`SELECT pg_advisory_lock(${LOCK})`);
};

/**
 * Makes a database ready for this version: roles, schema, and the check that the master key is its own. Every process of
 * an installation may call it at start. Answers a connection string for each role; the owner's is not needed after that.
 *
 *   const masterKey = loadMasterKey(configuration);
 *   const urls = await prepareDatabase(ownerUrl, masterKey, [{ name: 'accounts', sql: … }, …]);
 *   new pg.Pool({ connectionString: urls.app });
 *
 * Throws `StartupError` when the database can't be reached, is too old or of a newer Daybook, or has another master key.
 */
export async function prepareDatabase(
  ownerUrl: string,
  masterKey: Uint8Array,
  migrations: readonly Migration[],
): Promise<DatabaseUrls> {
  const owner = await connectAsOwner(ownerUrl);
  try {
    await refuseOldServer(owner);
    await lockRights(owner);
    // Before anything is changed: an installation that got the wrong DATABASE_URL must not lock the right one out.
    await refuseOtherMasterKey(owner, masterKey);
    await createGroups(owner);
    await migrate(owner, migrations);
    await owner.query('INSERT INTO daybook.installation (key_check) VALUES ($1) ON CONFLICT DO NOTHING', [
      keyCheck(masterKey),
    ]);
    await createLogins(owner, masterKey);
    return roleUrls(ownerUrl, masterKey);
  } catch (error) {
    throw lackingRight(error, owner) ?? error;
  } finally {
    await owner.end();
  }
}

/** A session of the owner, for what a rebuild or a maintenance command does beside the application. End it when done. */
export async function connectAsOwner(ownerUrl: string): Promise<pg.Client> {
  const owner = new pg.Client({
    connectionString: ownerUrl,
    connectionTimeoutMillis: 10_000,
    application_name: 'daybook',
  });
  // Without a listener, a connection that is lost while idle would end the process.
  owner.on('error', () => undefined);
  try {
    await owner.connect();
  } catch (error) {
    throw new StartupError(`The database at ${owner.host}:${owner.port} can't be reached: ${reason(error)}.`, {
      cause: error,
    });
  }
  return owner;
}

/** Several addresses of one name fail as an AggregateError, whose own message is empty. */
function reason(error: unknown): string {
  const causes = error instanceof AggregateError ? (error.errors as Error[]) : [error as Error];
  return [...new Set(causes.map((cause) => cause.message))].join('; ');
}

async function refuseOldServer(owner: pg.Client): Promise<void> {
  const { rows } = await owner.query<{ major: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS major`,
  );
  if (rows[0]!.major < OLDEST_SERVER) {
    throw new StartupError(`The database is PostgreSQL ${rows[0]!.major}; Daybook needs ${OLDEST_SERVER} or later.`);
  }
}

/** With another key nothing sealed could be opened, and what is sealed from now on would be lost to the right one. */
async function refuseOtherMasterKey(owner: pg.Client, masterKey: Uint8Array): Promise<void> {
  const table = await owner.query<{ found: boolean }>(
    `SELECT to_regclass('daybook.installation') IS NOT NULL AS found`,
  );
  if (!table.rows[0]!.found) return;
  const { rows } = await owner.query<{ key_check: string }>('SELECT key_check FROM daybook.installation');
  if (rows[0] !== undefined && rows[0].key_check !== keyCheck(masterKey)) {
    throw new StartupError(
      `The database ${owner.database} belongs to an installation with another master key. ` +
        'Give DAYBOOK_MASTER_KEY, or the data folder in DAYBOOK_DATA_DIR, of that installation.',
    );
  }
}

/** What the database knows its master key by; it tells nothing about it. */
export const keyCheck = (masterKey: Uint8Array): string => deriveKey(masterKey, 'key check').toString('hex');

function lackingRight(error: unknown, owner: pg.Client): StartupError | null {
  if ((error as { code?: string }).code !== '42501') return null;
  return new StartupError(
    `The role ${owner.user} of DATABASE_URL lacks a right: ${(error as Error).message}. It must own the database ` +
      `${owner.database} and be allowed to make roles (ALTER ROLE … CREATEROLE).`,
    { cause: error },
  );
}
