import path from 'node:path';
import pg from 'pg';
import { ACCESS_MIGRATIONS } from '#access/migrations.js';
import { EventStoreDbEventStore } from '#event-store/eventstoredb/eventstoredb-event-store.js';
import type { EventStore } from '#event-store/event-store.js';
import { MemoryEventStore } from '#event-store/memory.js';
import { migrateEventStore } from '#event-store/postgres/migrate.js';
import { PostgresEventStore } from '#event-store/postgres/postgres-event-store.js';
import type { Configuration } from '#platform/configuration.js';
import { poolSettings } from '#platform/database/pool-settings.js';
import { connectAsOwner, prepareDatabase } from '#platform/database/prepare-database.js';
import { DATABASE_ROLES, type DatabaseRole } from '#platform/database/roles.js';
import { loadMasterKey } from '#platform/master-key.js';
import { StartupError } from '#platform/startup-error.js';
import { PROJECTION_MIGRATIONS } from '#projections/registry.js';
import { MasterKeys } from '#vault/master-key.js';
import { VAULT_MIGRATIONS } from '#vault/migrations.js';
import { WEBHOOKS_MIGRATIONS } from '#webhooks/migrations.js';
import { PostgresSubjectVault } from '#vault/subject-vault.js';
import { BUSINESS_CLOCK_MIGRATIONS } from './business-clock.js';
import { KEY_ROTATION_MIGRATIONS, openCarriedKeys, type KeyFor } from './carried-keys.js';
import { EVENT_STORE_KIND_MIGRATIONS, keepEventStoreKind } from './event-store-kind.js';

/** What every process of an installation opens, whatever its role. */
export interface Installation {
  readonly configuration: Configuration;
  readonly masterKeys: MasterKeys;
  /** 32 bytes, for keys that other rooms derive. */
  readonly masterKey: Uint8Array;
  /** Keys that outlive a replaced master key. */
  readonly keyFor: KeyFor;
  readonly store: EventStore;
  /** One for each database role; none is an owner. */
  readonly pools: Readonly<Record<DatabaseRole, pg.Pool>>;
  /** Sealing and opening; with the engine's role, which may make keys. */
  readonly vault: PostgresSubjectVault;
  close(): Promise<void>;
}

/** Rows follow an event within about this time (ms) when nobody wakes the projector (DECISIONS 36). */
const POLL_MS = 10;

/** How long a start waits for a store that is starting too. */
const STORE_TIMEOUT_MS = 30_000;

/** Brings the schema of read models, credentials, keys and events to this version, and answers a URL for each role. */
export const migrateInstallation = async (
  configuration: Configuration,
  ownerUrl: string,
  masterKey: Uint8Array,
): Promise<Readonly<Record<DatabaseRole, string>>> => {
  const urls = await prepareDatabase(ownerUrl, masterKey, [
    ...VAULT_MIGRATIONS,
    ...ACCESS_MIGRATIONS,
    ...PROJECTION_MIGRATIONS,
    ...WEBHOOKS_MIGRATIONS,
    ...EVENT_STORE_KIND_MIGRATIONS,
    ...BUSINESS_CLOCK_MIGRATIONS,
    ...KEY_ROTATION_MIGRATIONS,
  ]);
  const owner = new pg.Pool({ connectionString: ownerUrl, max: 1 });
  try {
    await keepEventStoreKind(owner, configuration);
    await migrateEventStore(owner, {
      append: [DATABASE_ROLES.engine],
      read: [DATABASE_ROLES.projector, DATABASE_ROLES.engine],
    });
  } finally {
    await owner.end();
  }
  return urls;
};

/** Whether a replacement of the master key was begun and is not done. */
export const isRotating = async (ownerUrl: string): Promise<boolean> => {
  const owner = await connectAsOwner(ownerUrl);
  try {
    const table = await owner.query<{ found: boolean }>(
      `SELECT EXISTS (SELECT FROM information_schema.columns
         WHERE table_schema = 'daybook' AND table_name = 'installation' AND column_name = 'rotating_to') AS found`,
    );
    if (table.rows[0]?.found !== true) return false;
    const { rowCount } = await owner.query('SELECT FROM daybook.installation WHERE rotating_to IS NOT NULL');
    return (rowCount ?? 0) > 0;
  } finally {
    await owner.end();
  }
};

const openStore = (configuration: Configuration, engine: pg.Pool): EventStore => {
  switch (configuration.eventStore) {
    case 'postgres':
      return new PostgresEventStore(engine, { pollMs: POLL_MS });
    case 'memory':
      return new MemoryEventStore();
    case 'eventstoredb':
      return new EventStoreDbEventStore(configuration.eventStoreUrl as string);
  }
};

/**
 * Opens an installation over the database of `ownerUrl`, after bringing its schema to this version (several processes may
 * do so at once). Throws `StartupError`, in one line, for what an operator can mend.
 */
export const openInstallation = async (configuration: Configuration, ownerUrl: string): Promise<Installation> => {
  const masterKey = loadMasterKey(configuration);
  const urls = await migrateInstallation(configuration, ownerUrl, masterKey);
  if (await isRotating(ownerUrl)) {
    throw new StartupError('A new master key is being put in place: repeat daybook rotate-master-key.');
  }
  const pool = (role: DatabaseRole): pg.Pool => {
    const made = new pg.Pool({ connectionString: urls[role], ...poolSettings(role) });
    // Without a listener, an idle connection that breaks ends the process; whoever uses the pool sees the error itself.
    made.on('error', () => undefined);
    return made;
  };
  const pools = { app: pool('app'), projector: pool('projector'), auth: pool('auth'), engine: pool('engine') };
  const store = openStore(configuration, pools.engine);
  const close = async (): Promise<void> => {
    await store.close();
    await Promise.all(Object.values(pools).map((one) => one.end()));
  };
  try {
    await store.ready(STORE_TIMEOUT_MS);
  } catch (error) {
    await close();
    throw new StartupError(`The event store can't be reached: ${(error as Error).message}`, { cause: error });
  }
  const masterKeys = new MasterKeys(masterKey);
  const vault = new PostgresSubjectVault(pools.engine, masterKeys);
  const keyFor = await openCarriedKeys(pools.engine, masterKeys, masterKey);
  return { configuration, masterKeys, masterKey, keyFor, store, pools, vault, close };
};

/** The file of the key that signs operators' tokens where no issuer is configured. */
export const adminKeyFile = (dataDir: string): string => path.join(dataDir, 'keys', 'admin-token.pem');

/** The file of the key that signs checkpoints of tenants' streams. */
export const checkpointKeyFile = (dataDir: string): string => path.join(dataDir, 'keys', 'checkpoint.pem');

/** The owner's URL for a role that runs apart. Throws `StartupError` where none is configured. */
export const requiredDatabaseUrl = (configuration: Configuration): string => {
  if (configuration.databaseUrl === null) {
    throw new StartupError(
      'DATABASE_URL must be set for a role that runs apart: only `npm start` brings a PostgreSQL of its own.',
    );
  }
  if (configuration.eventStore === 'memory') {
    throw new StartupError(
      'DAYBOOK_EVENT_STORE=memory works with `npm start` only: roles that run apart share no memory.',
    );
  }
  return configuration.databaseUrl;
};
