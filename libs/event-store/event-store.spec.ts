import pg from 'pg';
import { describeEventStore } from './event-store.contract.js';
import type { EventStore } from './event-store.js';
import { MemoryEventStore } from './memory.js';
import { migrateEventStore } from './postgres/migrate.js';
import { PostgresEventStore } from './postgres/postgres-event-store.js';
import { startPostgres } from '../../test/support/postgres.js';
import type { TestPostgres } from '../../test/support/postgres.js';

const opened: EventStore[] = [];
let postgres: TestPostgres | undefined;

function open<T extends EventStore>(store: T): T {
  opened.push(store);
  return store;
}

afterAll(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await postgres?.stop();
});

describeEventStore('memory', async () => {
  const store = new MemoryEventStore();
  return { open: () => store, checksHash: true };
});

describeEventStore('postgres', async () => {
  postgres = await startPostgres();
  const pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
  await migrateEventStore(pool);
  await pool.end();
  const connectionString = postgres.url;
  return { open: () => open(new PostgresEventStore({ connectionString, max: 6 })), checksHash: true };
});
