import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import pg from 'pg';
import { deriveKey } from '../master-key.js';
import { StartupError } from '../startup-error.js';

/**
 * Who talks to the database. Rights and policies are given to groups of these names (`GRANT … TO daybook_app`), which are
 * the same on every server; each database has logins of its own in them, so that two installations on one server can't
 * open each other's. None is an owner, a superuser, or exempt from row-level security.
 */
export const DATABASE_ROLES = {
  /** Serves queries: the rows of one tenant at a time, the one in the setting `daybook.tenant`. */
  app: 'daybook_app',
  /** Writes read models of all tenants. */
  projector: 'daybook_projector',
  /** Looks up credentials before the tenant is known. */
  auth: 'daybook_auth',
  /** Appends to and reads the event store; reads cold state and idempotency outcomes of all tenants. */
  engine: 'daybook_engine',
} as const;
export type DatabaseRole = keyof typeof DATABASE_ROLES;
const ROLES = Object.keys(DATABASE_ROLES) as DatabaseRole[];

/** A connection string for each role. */
export type DatabaseUrls = Readonly<Record<DatabaseRole, string>>;

/**
 * The roles' connection strings. Their passwords are made from the master key, so they are stored nowhere: a process that
 * runs apart needs only DATABASE_URL and the same master key. `prepareDatabase` must have run once.
 */
export function roleUrls(ownerUrl: string, masterKey: Uint8Array): DatabaseUrls {
  const url = (role: DatabaseRole): string => {
    const login = loginOf(role, databaseOf(ownerUrl));
    const target = new URL(ownerUrl);
    target.username = encodeURIComponent(login);
    target.password = passwordOf(login, masterKey);
    return target.href;
  };
  return { app: url('app'), projector: url('projector'), auth: url('auth'), engine: url('engine') };
}

/** Groups belong to the server, and another installation may be making them at the same moment. */
export async function createGroups(owner: pg.Client): Promise<void> {
  for (const group of Object.values(DATABASE_ROLES)) {
    await owner.query(`DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${group}') THEN CREATE ROLE ${group}; END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$`);
  }
  const { rows } = await owner.query<{ rolname: string }>(
    'SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND (rolsuper OR rolbypassrls)',
    [Object.values(DATABASE_ROLES)],
  );
  if (rows.length > 0) {
    const names = rows.map((row) => row.rolname).join(', ');
    throw new StartupError(
      `Of the database, ${names} must be neither superuser nor BYPASSRLS: tenants would not be kept apart.`,
    );
  }
}

/** Makes this database's logins, or brings them up to date. Two sessions must not do so at the same moment. */
export async function createLogins(owner: pg.Client, masterKey: Uint8Array): Promise<void> {
  for (const role of ROLES) await createLogin(owner, role, masterKey);
}

async function createLogin(owner: pg.Client, role: DatabaseRole, masterKey: Uint8Array): Promise<void> {
  const database = owner.database ?? '';
  const login = loginOf(role, database);
  const name = owner.escapeIdentifier(login);
  const { rowCount } = await owner.query('SELECT FROM pg_roles WHERE rolname = $1', [login]);
  if (rowCount === 0) await owner.query(`CREATE ROLE ${name} LOGIN`);
  const verifier = owner.escapeLiteral(scramVerifier(passwordOf(login, masterKey), login));
  await owner.query(`ALTER ROLE ${name} PASSWORD ${verifier}`);
  await owner.query(`GRANT ${DATABASE_ROLES[role]} TO ${name}`);
  await owner.query(`GRANT CONNECT ON DATABASE ${owner.escapeIdentifier(database)} TO ${name}`);
  // Short queries only: compiling one takes longer than running it.
  for (const setting of ['search_path = daybook', "timezone = 'UTC'", 'jit = off']) {
    await owner.query(`ALTER ROLE ${name} IN DATABASE ${owner.escapeIdentifier(database)} SET ${setting}`);
  }
}

function databaseOf(url: string): string {
  return new pg.Client({ connectionString: url }).database ?? '';
}

/** PostgreSQL cuts names at 63 bytes; a digest keeps two long database names apart. */
function loginOf(role: DatabaseRole, database: string): string {
  const name = `${DATABASE_ROLES[role]}_${database}`;
  if (Buffer.byteLength(name) <= 63) return name;
  return `${DATABASE_ROLES[role]}_${createHash('sha256').update(database).digest('hex').slice(0, 32)}`;
}

const passwordOf = (login: string, masterKey: Uint8Array): string =>
  deriveKey(masterKey, `database login ${login}`).toString('base64url');

/** What the server stores of a password (RFC 5803), made here so that the password itself is in no statement and no log. */
function scramVerifier(password: string, login: string): string {
  const iterations = 4096;
  const salt = createHash('sha256').update(`${login}\0${password}`).digest().subarray(0, 16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
