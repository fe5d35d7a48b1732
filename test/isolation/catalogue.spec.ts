/** No tenant's rows without row-level security: asked of PostgreSQL's own catalogue, for every table that there is. */
import pg from 'pg';
import { ACCESS_MIGRATIONS } from '#access/migrations.js';
import { migrateEventStore } from '#event-store/postgres/migrate.js';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import { DATABASE_ROLES, type DatabaseRole, type DatabaseUrls } from '#platform/database/roles.js';
import { PROJECTION_MIGRATIONS } from '#projections/registry.js';
import { VAULT_MIGRATIONS } from '#vault/migrations.js';
import { WEBHOOKS_MIGRATIONS } from '#webhooks/migrations.js';
import { startPostgres, type TestPostgres } from '../support/postgres.js';

let server: TestPostgres;
let owner: pg.Client;
let urls: DatabaseUrls;
beforeAll(async () => {
  server = await startPostgres();
  const url = await server.createDatabase('daybook');
  // The schema of an installation, as libs/installation makes it.
  const migrations = [...VAULT_MIGRATIONS, ...ACCESS_MIGRATIONS, ...PROJECTION_MIGRATIONS, ...WEBHOOKS_MIGRATIONS];
  urls = await prepareDatabase(url, Buffer.alloc(32, 7), migrations);
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  await migrateEventStore(pool, {
    append: [DATABASE_ROLES.engine],
    read: [DATABASE_ROLES.projector, DATABASE_ROLES.engine],
  });
  await pool.end();
  owner = new pg.Client({ connectionString: url });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await server.stop();
});

interface TenantTable {
  readonly name: string;
  readonly enabled: boolean;
  readonly forced: boolean;
  /** Whether the application may read or write any column of it. */
  readonly granted: boolean;
  /** What holds for the application: policies for it or for everybody. */
  readonly policies: readonly { readonly using: string | null; readonly check: string | null }[];
}

// Views, materialized views and foreign tables know no row-level security of their own: found here, they fail below.
const TENANT_TABLES = `
  SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
    has_any_column_privilege('daybook_app', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
      OR has_table_privilege('daybook_app', c.oid, 'DELETE, TRUNCATE, TRIGGER') AS granted,
    COALESCE((
      SELECT json_agg(json_build_object('using', pg_get_expr(p.polqual, p.polrelid),
                                        'check', pg_get_expr(p.polwithcheck, p.polrelid)))
      FROM pg_policy p
      WHERE p.polrelid = c.oid AND p.polpermissive AND ('daybook_app'::regrole = ANY (p.polroles) OR 0 = ANY (p.polroles))
    ), '[]') AS policies
  FROM pg_class c
  WHERE c.relnamespace = 'daybook'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
  ORDER BY c.relname`;

const BOUND = `(tenant_id = current_setting('daybook.tenant'::text, true))`;

/** What is wrong with a table, in a sentence for whoever made it. */
const faultsOf = ({ name, enabled, forced, granted, policies }: TenantTable): string[] => {
  const faults: string[] = [];
  if (!enabled) faults.push(`${name}: row-level security is off; end its migration with daybook.tenant_table`);
  if (!forced) faults.push(`${name}: row-level security does not hold its owner (FORCE)`);
  if (!granted) return faults;
  if (policies.length === 0) faults.push(`${name}: the application has a right to it and no policy`);
  for (const { using, check } of policies) {
    // Policies add up: one that is bound to nothing opens the table whatever the others say.
    if ((using ?? BOUND) !== BOUND || (check ?? BOUND) !== BOUND)
      faults.push(`${name}: a policy for the application is not bound to the tenant of the setting`);
  }
  return faults;
};

const tenantTables = async (): Promise<TenantTable[]> => (await owner.query<TenantTable>(TENANT_TABLES)).rows;
const faults = async (): Promise<string[]> => (await tenantTables()).flatMap(faultsOf);

it('every table of tenants is held to the tenant of the setting', async () => {
  const names = (await tenantTables()).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['accounts', 'api_key_credentials', 'snapshots', 'subject_keys']));
  expect(await faults()).toEqual([]);
});

it.each([
  ['row-level security', `CREATE TABLE bad (tenant_id text); GRANT SELECT ON bad TO daybook_app`, 3],
  [
    'FORCE',
    `CREATE TABLE bad (tenant_id text PRIMARY KEY); SELECT daybook.tenant_table('daybook.bad');
     ALTER TABLE bad NO FORCE ROW LEVEL SECURITY`,
    1,
  ],
  [
    'the setting in a second policy',
    `CREATE TABLE bad (tenant_id text PRIMARY KEY); SELECT daybook.tenant_table('daybook.bad');
     CREATE POLICY generous ON bad FOR SELECT USING (true)`,
    1,
  ],
  [
    'a policy, where one column is granted',
    `CREATE TABLE bad (tenant_id text); ALTER TABLE bad ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
     GRANT SELECT (tenant_id) ON bad TO daybook_app`,
    1,
  ],
  ['row-level security, as a view has none', `CREATE VIEW bad AS SELECT tenant_id FROM accounts`, 2],
])('a table without %s is found', async (_lack, sql, count) => {
  await owner.query('BEGIN; SET LOCAL search_path = daybook');
  try {
    await owner.query(sql);
    const found = await faults();
    expect(found).toHaveLength(count);
    for (const fault of found) expect(fault).toMatch(/^bad: /);
  } finally {
    await owner.query('ROLLBACK');
  }
});

it.each(Object.keys(DATABASE_ROLES) as DatabaseRole[])('%s logs in as nobody who is exempt', async (role) => {
  const login = new pg.Client({ connectionString: urls[role] });
  await login.connect();
  const { rows } = await login.query<{ exempt: string }>(`
    SELECT r.rolname || ' is exempt' AS exempt FROM pg_roles r
      WHERE pg_has_role(current_user, r.oid, 'MEMBER') AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole)
    UNION ALL
    SELECT 'owner of ' || c.oid::regclass FROM pg_class c WHERE pg_has_role(current_user, c.relowner, 'MEMBER')
    UNION ALL
    SELECT 'owner of schema ' || n.nspname FROM pg_namespace n WHERE pg_has_role(current_user, n.nspowner, 'MEMBER')
    UNION ALL
    SELECT 'owner of database ' || d.datname FROM pg_database d WHERE pg_has_role(current_user, d.datdba, 'MEMBER')`);
  await login.end();
  expect(rows).toEqual([]);
});

describe('the application without a tenant', () => {
  let app: pg.Client;
  beforeAll(async () => {
    app = new pg.Client({ connectionString: urls.app });
    await app.connect();
  });
  afterAll(() => app.end());

  // A row in each table, of whatever kind its columns take: an empty table would show nothing in any case.
  const fill = async (table: string): Promise<void> => {
    const { rows } = await owner.query<{ name: string; value: string }>(
      `SELECT attname AS name, CASE format_type(atttypid, NULL)
         WHEN 'text' THEN CASE attname WHEN 'environment' THEN '''live''' ELSE '''a''' END
         WHEN 'boolean' THEN 'true' WHEN 'bytea' THEN 'decode(repeat(''00'', 32), ''hex'')'
         WHEN 'text[]' THEN '''{}''' WHEN 'date' THEN 'now()' WHEN 'timestamp with time zone' THEN 'now()' ELSE '1' END AS value
       FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
         AND attnotnull`,
      [table],
    );
    const of = (key: 'name' | 'value'): string => rows.map((row) => row[key]).join(', ');
    await owner.query(`INSERT INTO ${table} (${of('name')}) VALUES (${of('value')})`);
  };
  const seen = async (table: string): Promise<number> => {
    const { rows } = await app.query<{ count: number }>(`SELECT count(tenant_id)::int AS count FROM ${table}`);
    return rows[0]!.count;
  };

  it('sees no row of any table, and with one the rows of that tenant only', async () => {
    const tables = (await tenantTables()).filter(({ granted }) => granted).map(({ name }) => `daybook.${name}`);
    expect(tables.length).toBeGreaterThan(10);
    for (const table of tables) await fill(table);
    for (const [setting, count] of [
      [null, 0],
      ['', 0],
      ['b', 0],
      ['a', 1],
    ] as const) {
      if (setting !== null) await app.query(`SELECT set_config('daybook.tenant', $1, false)`, [setting]);
      for (const table of tables) expect([table, setting, await seen(table)]).toEqual([table, setting, count]);
    }
  });

  it('reads nothing at all of the events and of the keys', async () => {
    const barred = (await tenantTables()).filter(({ granted }) => !granted).map(({ name }) => `daybook.${name}`);
    expect(barred).toContain('daybook.subject_keys');
    for (const table of [...barred, 'event_store.events', 'daybook.installation'])
      await expect(app.query(`SELECT count(*) FROM ${table}`)).rejects.toMatchObject({ code: '42501' });
  });
});
