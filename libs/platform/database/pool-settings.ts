import type pg from 'pg';
import type { DatabaseRole } from './roles.js';

/** Connections at most; a role opens only what it uses. */
const POOL_SIZES: Readonly<Record<DatabaseRole, number>> = { app: 12, projector: 4, auth: 4, engine: 8 };

/** For a connection: a new one, or one of the pool that another request gives back. */
const CONNECTION_MS = 5_000;
const STATEMENT_MS = 10_000;
/** Where not even the server's own time-out comes back: later than that, because it leaves the connection unusable. */
const QUERY_MS = 12_000;
const LOCK_MS = 5_000;
const IDLE_IN_TRANSACTION_MS = 60_000;

/**
 * What a role's pool waits for, and how long. A request must come to an end whatever the database does: without limits a
 * database that hangs would hold every connection and every request for ever. The projector's statements alone may take
 * their time: a rebuild's count in minutes, and nobody waits for them.
 */
export const poolSettings = (role: DatabaseRole): pg.PoolConfig => ({
  max: POOL_SIZES[role],
  application_name: `daybook ${role}`,
  keepAlive: true,
  connectionTimeoutMillis: CONNECTION_MS,
  ...(role === 'projector'
    ? {}
    : {
        statement_timeout: STATEMENT_MS,
        query_timeout: QUERY_MS,
        lock_timeout: LOCK_MS,
        idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      }),
});
