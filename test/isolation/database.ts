/** What the product's own database holds of a tenant, seen as its owner and as the application sees it. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { embeddedPostgresUrl } from '#apps/standalone/embedded-postgres.js';
import { MARKER } from './world.js';

/** Append-only records of calls, those from outside among them, and of when a credential was last used. */
const OF_CALLS = /^(audit|api_key_credentials|version_|sessions)/;

export class Database {
  private constructor(private readonly client: pg.Client) {}

  static async open(dataDir: string): Promise<Database> {
    const client = new pg.Client({ connectionString: embeddedPostgresUrl(dataDir) as string });
    await client.connect();
    return new Database(client);
  }

  close(): Promise<void> {
    return this.client.end();
  }

  private async tables(): Promise<readonly string[]> {
    const { rows } = await this.client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.columns
       JOIN pg_tables ON tablename = table_name AND schemaname = table_schema
       WHERE table_schema = 'daybook' AND column_name = 'tenant_id' ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  }

  /** A digest of all that stands of the tenant: table by table, and its stream. */
  async standing(tenantId: string): Promise<Readonly<Record<string, string>>> {
    const digests: Record<string, string> = {};
    for (const table of await this.tables()) {
      if (OF_CALLS.test(table)) continue;
      const { rows } = await this.client.query<{ digest: string }>(
        `SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) AS digest
         FROM daybook.${pg.escapeIdentifier(table)} t WHERE tenant_id = $1`,
        [tenantId],
      );
      digests[table] = rows[0]?.digest ?? '';
    }
    const { rows } = await this.client.query<{ n: string }>(
      `SELECT count(*) AS n FROM event_store.events WHERE stream LIKE $1`,
      [`ledger-${tenantId}-%`],
    );
    digests['the stream'] = rows[0]?.n ?? '';
    return digests;
  }

  /** The same, once what goes on by itself has come to rest. */
  async atRest(tenantId: string): Promise<Readonly<Record<string, string>>> {
    let last = await this.standing(tenantId);
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      await sleep(500);
      const now = await this.standing(tenantId);
      if (JSON.stringify(now) === JSON.stringify(last)) break;
      last = now;
    }
    return last;
  }

  /** Tables of which the application, with one tenant set, sees rows of another. */
  async seenThrough(tenantA: string, tenantB: string): Promise<string[]> {
    const seen: string[] = [];
    for (const table of await this.tables()) {
      await this.client.query('BEGIN');
      await this.client.query('SET LOCAL ROLE daybook_app');
      await this.client.query(`SELECT set_config('daybook.tenant', $1, true)`, [tenantA]);
      const count = `SELECT count(*) AS n FROM daybook.${pg.escapeIdentifier(table)} WHERE tenant_id = $1`;
      const { rows } = await this.client.query<{ n: string }>(count, [tenantB]).catch(() => ({ rows: [{ n: '0' }] }));
      await this.client.query('ROLLBACK');
      if (rows[0]?.n !== '0') seen.push(table);
    }
    return seen;
  }

  /** Tables outside the tenants' own, such as a queue's, that hold a text of B's. */
  async elsewhere(): Promise<string[]> {
    const { rows } = await this.client.query<{ name: string }>(
      `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'daybook')`,
    );
    const found: string[] = [];
    for (const { name } of rows) {
      const { rows: hits } = await this.client.query(`SELECT 1 FROM ${name} t WHERE t::text LIKE $1 LIMIT 1`, [
        `%${MARKER}%`,
      ]);
      if (hits.length > 0) found.push(name);
    }
    return found;
  }

  /** Row-level security off, everywhere: what the suite must notice. */
  async dropRowSecurity(): Promise<void> {
    for (const table of await this.tables()) {
      const name = `daybook.${pg.escapeIdentifier(table)}`;
      await this.client.query(`ALTER TABLE ${name} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY`);
    }
  }
}
