import pg from 'pg';
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.js';
import { StartupError } from '../startup-error.js';
import { migrate, type Migration } from './migrations.js';
import { connectAsOwner, prepareDatabase } from './prepare-database.js';
import { createGroups, type DatabaseRole, type DatabaseUrls, roleUrls } from './roles.js';

const KEY = Buffer.alloc(32, 1);
const accounts: Migration = {
  name: 'accounts',
  sql: `CREATE TABLE accounts (tenant_id text NOT NULL, id text, balance bigint, PRIMARY KEY (tenant_id, id));
        SELECT daybook.tenant_table('accounts', '{daybook_engine}');
        CREATE TABLE secrets (id text PRIMARY KEY);
        REVOKE ALL ON secrets FROM daybook_projector;
        CREATE TABLE forgotten (tenant_id text PRIMARY KEY);`,
};

let server: TestPostgres;
let counter = 0;
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server.stop());

const database = (): Promise<string> => server.createDatabase(`d${++counter}`);

async function as<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return work(client).finally(() => client.end());
}

describe('prepareDatabase', () => {
  let owner: string;
  let urls: DatabaseUrls;
  const query = (role: DatabaseRole, sql: string): Promise<unknown[]> =>
    as(urls[role], async (client) => {
      const results = (await client.query(sql)) as unknown as pg.QueryResult | pg.QueryResult[];
      return [results].flat().at(-1)!.rows as unknown[];
    });

  beforeAll(async () => {
    owner = await database();
    urls = await prepareDatabase(owner, KEY, [accounts]);
    await query('projector', `INSERT INTO accounts VALUES ('tnt_a', '1', 10), ('tnt_b', '1', 20)`);
  });

  it('can be repeated, by several at once', async () => {
    const again = await Promise.all([1, 2, 3].map(() => prepareDatabase(owner, KEY, [accounts])));
    expect(again).toEqual([urls, urls, urls]);
    expect(roleUrls(owner, KEY)).toEqual(urls);
  });

  it('makes roles that are exempt from nothing', async () => {
    for (const url of Object.values(urls)) {
      const rows = await as(url, async (client) => {
        const sql = `SELECT r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb,
          (SELECT count(*)::int FROM pg_class c WHERE pg_has_role(current_user, c.relowner, 'MEMBER')) AS owned
          FROM pg_roles r WHERE pg_has_role(current_user, r.oid, 'MEMBER')`;
        return (await client.query<Record<string, unknown>>(sql)).rows;
      });
      expect(rows).toHaveLength(2);
      for (const row of rows) expect(Object.values(row)).toEqual([false, false, false, false, 0]);
    }
  });

  it.each([
    ['the tenant of the setting', `SET daybook.tenant = 'tnt_a'; SELECT balance FROM accounts`, [{ balance: '10' }]],
    ['nothing without the setting', 'SELECT balance FROM accounts', []],
    ['nothing with an empty one', `SET daybook.tenant = ''; SELECT balance FROM accounts`, []],
    [
      'nothing of another, even by name',
      `SET daybook.tenant = 'tnt_a'; SELECT * FROM accounts WHERE tenant_id = 'tnt_b'`,
      [],
    ],
  ])('app reads %s', async (_, sql, rows) => {
    expect(await query('app', sql)).toEqual(rows);
  });

  it.each<[DatabaseRole, string]>([
    ['app', `INSERT INTO accounts VALUES ('tnt_a', '2', 0)`],
    ['app', 'SELECT * FROM forgotten'],
    ['app', 'SELECT * FROM secrets'],
    ['app', 'SELECT * FROM daybook.installation'],
    ['app', 'CREATE TABLE mine (id int)'],
    ['app', 'ALTER TABLE accounts DISABLE ROW LEVEL SECURITY'],
    ['app', 'SET ROLE daybook_projector'],
    ['app', `SELECT daybook.tenant_table('accounts')`],
    ['auth', 'SELECT * FROM accounts'],
    ['engine', 'DELETE FROM accounts'],
    ['projector', 'SELECT * FROM secrets'],
    ['projector', 'CREATE TABLE mine (id int)'],
  ])('%s may not: %s', async (role, sql) => {
    await expect(query(role, sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('a granted write is held to the tenant too', async () => {
    await as(owner, (client) => client.query('GRANT INSERT ON daybook.accounts TO daybook_app'));
    await expect(
      query('app', `SET daybook.tenant = 'tnt_a'; INSERT INTO accounts VALUES ('tnt_b', '9', 0)`),
    ).rejects.toThrow(/row-level security/);
  });

  it('projector and named readers see all tenants', async () => {
    expect(await query('projector', 'SELECT * FROM accounts')).toHaveLength(2);
    expect(await query('engine', 'SELECT * FROM accounts')).toHaveLength(2);
  });

  it('a second installation on the server has logins of its own', async () => {
    const other = await prepareDatabase(await database(), Buffer.alloc(32, 2), []);
    expect(await query('app', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const trespass = new URL(other.app);
    trespass.pathname = new URL(owner).pathname;
    await expect(as(trespass.href, (client) => client.query('SELECT 1'))).rejects.toThrow(
      /permission denied for database/,
    );
  });

  it('refuses another master key and leaves the right one working', async () => {
    await expect(prepareDatabase(owner, Buffer.alloc(32, 9), [accounts])).rejects.toThrow(/another master key/);
    expect(await query('app', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('works for an owner that is no superuser, and says what another lacks', async () => {
    const url = await database();
    const name = new URL(url).pathname.slice(1);
    await as(url, (client) =>
      client.query(
        `CREATE ROLE landlord LOGIN PASSWORD 'x'; CREATE ROLE lodger LOGIN PASSWORD 'x'; ALTER DATABASE ${name} OWNER TO landlord`,
      ),
    );
    const by = (user: string): string => Object.assign(new URL(url), { username: user, password: 'x' }).href;
    await expect(prepareDatabase(by('lodger'), KEY, [])).rejects.toThrow(
      /The role lodger of DATABASE_URL lacks a right/,
    );
    // Groups that another installation made are given on by whoever may: a superuser, once.
    await as(url, (client) =>
      client.query(`ALTER ROLE landlord CREATEROLE;
        GRANT daybook_app, daybook_projector, daybook_auth, daybook_engine TO landlord WITH ADMIN OPTION`),
    );
    const mine = await prepareDatabase(by('landlord'), KEY, [accounts]);
    await as(mine.app, (client) => client.query('SELECT * FROM accounts'));
  });

  it('says in one line that there is no database', async () => {
    const attempt = connectAsOwner('postgres://me:hunter2@127.0.0.1:1/x');
    await expect(attempt).rejects.toBeInstanceOf(StartupError);
    await expect(attempt).rejects.toThrow(/^The database at 127.0.0.1:1 can't be reached: [^\n]*ECONNREFUSED[^\n]*\.$/);
    await expect(connectAsOwner('postgres://me:hunter2@127.0.0.1:1/x')).rejects.not.toThrow(/hunter2/);
  });
});

describe('migrate', () => {
  beforeAll(async () => as(server.url, createGroups));
  const run = async (url: string, migrations: readonly Migration[]): Promise<string[]> => {
    const client = await connectAsOwner(url);
    return migrate(client, migrations).finally(() => client.end());
  };
  const table = (name: string): Migration => ({ name, sql: `CREATE TABLE ${name} (id int)` });

  it('applies what is due, in order, and then nothing', async () => {
    const url = await database();
    expect(await run(url, [table('a'), table('b')])).toEqual(['foundation', 'a', 'b']);
    expect(await run(url, [table('a'), table('b'), table('c')])).toEqual(['c']);
    expect(await run(url, [table('a'), table('b'), table('c')])).toEqual([]);
  });

  it('is done once when several start at once', async () => {
    const url = await database();
    const done = await Promise.all([1, 2, 3, 4].map(() => run(url, [table('a')])));
    expect(done.flat()).toEqual(['foundation', 'a']);
  });

  it('leaves nothing behind when one fails, and names it', async () => {
    const url = await database();
    await expect(run(url, [table('a'), { name: 'broken', sql: 'CREATE TABLE' }])).rejects.toThrow(
      /^migration broken: /,
    );
    expect(await run(url, [table('a')])).toEqual(['foundation', 'a']);
  });

  it('refuses a changed migration, a newer database, and two of one name', async () => {
    const url = await database();
    await run(url, [table('a'), table('b')]);
    await expect(run(url, [{ ...table('a'), sql: 'SELECT 1' }, table('b')])).rejects.toThrow(
      /a changed after it was applied/,
    );
    await expect(run(url, [table('a'), table('c')])).rejects.toThrow(/newer Daybook: it has b/);
    await expect(run(url, [table('a'), table('a')])).rejects.toThrow(/two migrations are called a/);
    expect(await run(url, [table('a'), table('b')])).toEqual([]);
  });

  it('refuses a tenant table whose key does not begin with the tenant', async () => {
    const sql = `CREATE TABLE t (id text PRIMARY KEY, tenant_id text NOT NULL); SELECT daybook.tenant_table('t')`;
    await expect(run(await database(), [{ name: 't', sql }])).rejects.toThrow(
      /primary key of daybook.t must begin with tenant_id/,
    );
  });
});
