import pg from 'pg';
import { checkEventStoreKind } from '#installation/event-store-kind.js';
import { EventStoreDbEventStore } from '#event-store/eventstoredb/eventstoredb-event-store.js';
import type { EventStore } from '#event-store/event-store.js';
import { PostgresEventStore } from '#event-store/postgres/postgres-event-store.js';
import type { Configuration } from '#platform/configuration.js';
import { roleUrls, type DatabaseUrls } from '#platform/database/roles.js';
import { loadMasterKey } from '#platform/master-key.js';
import { embeddedPostgresUrl } from '../standalone/embedded-postgres.js';
import { UsedWrongly } from './outcome.js';

/** The database and the event store of an installation, opened beside whatever serves it; nothing is migrated. */
export interface Opened {
  readonly urls: DatabaseUrls;
  readonly masterKey: Uint8Array;
  readonly store: EventStore;
  close(): Promise<void>;
}

const LONGEST_WAIT_MS = 10_000;

/** The owner's URL: the configured one, or that of the PostgreSQL that runs in the data folder. */
export const ownerUrlOf = (configuration: Configuration): string => {
  const url = configuration.databaseUrl ?? embeddedPostgresUrl(configuration.dataDir);
  if (url === null) {
    throw new UsedWrongly(
      `No database runs in ${configuration.dataDir}. Start it with npm start, or set DATABASE_URL.`,
    );
  }
  return url;
};

export const openBeside = async (configuration: Configuration): Promise<Opened> => {
  if (configuration.eventStore === 'memory') {
    throw new UsedWrongly('With DAYBOOK_EVENT_STORE=memory only the process that holds the events can read them.');
  }
  const masterKey = loadMasterKey(configuration);
  const urls = roleUrls(ownerUrlOf(configuration), masterKey);
  const pool = new pg.Pool({ connectionString: urls.engine, max: 2 });
  const store =
    configuration.eventStore === 'postgres'
      ? new PostgresEventStore(pool, { notify: false })
      : new EventStoreDbEventStore(configuration.eventStoreUrl as string);
  const close = async (): Promise<void> => {
    await store.close();
    await pool.end();
  };
  try {
    await checkEventStoreKind(pool, configuration);
    await store.ready(LONGEST_WAIT_MS);
  } catch (error) {
    await close();
    throw new UsedWrongly((error as Error).message);
  }
  return { urls, masterKey, store, close };
};
