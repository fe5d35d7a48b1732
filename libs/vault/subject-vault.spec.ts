import pg from 'pg';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import type { DatabaseUrls } from '#platform/database/roles.js';
import { startPostgres, type TestPostgres } from '../../test/support/postgres.js';
import { MasterKeys, MasterKeyUnknown } from './master-key.js';
import { MemorySubjectVault } from './memory-subject-vault.js';
import { VAULT_MIGRATIONS } from './migrations.js';
import { PostgresSubjectVault, type SubjectVaultOptions } from './subject-vault.js';
import { subjectVaultContract } from './subject-vault.contract.js';

const MASTER = Buffer.alloc(32, 7);

describe('in memory', () => subjectVaultContract(async () => new MemorySubjectVault()));

describe('in PostgreSQL', () => {
  let server: TestPostgres;
  let owner: string;
  let urls: DatabaseUrls;
  let pool: pg.Pool;
  let counter = 0;

  beforeAll(async () => {
    server = await startPostgres();
    owner = await server.createDatabase('vault');
    urls = await prepareDatabase(owner, MASTER, VAULT_MIGRATIONS);
    pool = new pg.Pool({ connectionString: urls.engine, max: 4 });
    // The server may end connections that the pool is just closing.
    pool.on('error', () => undefined);
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  const vaultWith = (options: SubjectVaultOptions = {}, keys = new MasterKeys(MASTER)): PostgresSubjectVault =>
    new PostgresSubjectVault(pool, keys, options);
  /** Each test has tenants of its own. */
  const tenant = (): string => `tnt_${++counter}`;
  const none = (): boolean => false;
  const as = async (url: string, sql: string): Promise<pg.QueryResult> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client.query(sql).finally(() => client.end());
  };
  const queries = async (work: () => Promise<unknown>): Promise<number> => {
    let count = 0;
    const counted = (): void => void (count += 1);
    pool.on('acquire', counted);
    await work();
    pool.off('acquire', counted);
    return count;
  };

  describe('the contract', () =>
    subjectVaultContract(async () => {
      await as(server.url.replace(/postgres$/, 'vault'), 'TRUNCATE daybook.subject_keys, daybook.tenant_keys');
      return vaultWith();
    }));

  describe('the contract, with hardly any memory', () =>
    subjectVaultContract(async () => {
      await as(server.url.replace(/postgres$/, 'vault'), 'TRUNCATE daybook.subject_keys, daybook.tenant_keys');
      return vaultWith({ cachedKeys: 4, noticeErasuresMs: 0 });
    }));

  it('opens after a restart', async () => {
    const id = tenant();
    const session = vaultWith().session(id, () => true);
    const sealed = ['a', 'b', 'c'].map((subject) => session.seal(`of ${subject}`, subject));
    await session.persist();
    expect(sealed.map(await vaultWith().opener(id, sealed))).toEqual(['of a', 'of b', 'of c']);
  });

  it('instances that race on the same new subjects end with one key for each', async () => {
    const id = tenant();
    const subjects = Array.from({ length: 200 }, (_, i) => `cust_${i}`);
    const instances = [1, 2, 3, 4].map(() => vaultWith());
    await Promise.all(instances.map((vault, i) => vault.load(id, i % 2 === 0 ? subjects : subjects.toReversed())));
    const sealed = instances.flatMap((vault) => subjects.map((subject) => vault.session(id, none).seal('x', subject)));
    for (const vault of instances) expect(new Set(sealed.map(await vault.opener(id, sealed)))).toEqual(new Set(['x']));
    const { rows } = await pool.query('SELECT count(*)::int AS n FROM daybook.tenant_keys WHERE tenant_id = $1', [id]);
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('a session that loses to another instance seals again under the key that stands', async () => {
    const id = tenant();
    const [one, other] = [vaultWith(), vaultWith()];
    const [first, second] = [one.session(id, () => true), other.session(id, () => true)];
    [first, second].forEach((session) => session.seal('x', 'cust_1'));
    const results = await Promise.allSettled([first.persist(), second.persist()]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    const again = [one, other].map((vault) => vault.session(id, none).seal('again', 'cust_1'));
    expect(again.map(await vaultWith().opener(id, again))).toEqual(['again', 'again']);
  });

  it('asks once for many subjects, twice where they are new, and then no more', async () => {
    const id = tenant();
    const subjects = Array.from({ length: 500 }, (_, i) => `acc_${i}`);
    const vault = vaultWith({ noticeErasuresMs: 60_000 });
    await vault.load(id, ['acc_0']);
    expect(await queries(() => vault.load(id, subjects))).toBe(2);
    expect(await queries(() => vault.load(id, subjects))).toBe(0);
    const sealed = subjects.map((subject) => vault.session(id, none).seal('x', subject));
    expect(await queries(() => vault.opener(id, sealed))).toBe(0);
    const session = vault.session(id, () => true);
    subjects.forEach((subject) => session.seal('x', `new_${subject}`));
    expect(await queries(() => session.persist())).toBe(1);
  });

  it('notices within its time what another instance has erased', async () => {
    const id = tenant();
    const [here, there] = [vaultWith(), vaultWith({ noticeErasuresMs: 50 })];
    await here.load(id, ['cust_1', 'cust_2']);
    const sealed = ['cust_1', 'cust_2'].map((subject) => here.session(id, none).seal('x', subject));
    expect(sealed.map(await there.opener(id, sealed))).toEqual(['x', 'x']);
    await here.erase(id, 'cust_1');
    expect(sealed.map(await here.opener(id, sealed))).toEqual([null, 'x']);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(sealed.map(await there.opener(id, sealed))).toEqual([null, 'x']);
    const late = there.session(id, none).seal('late', 'cust_1');
    expect((await vaultWith().opener(id, [late]))(late)).toBeNull();
  });

  it('opens nothing once it can no longer ask what was erased', async () => {
    const id = tenant();
    const broken = new pg.Pool({ connectionString: urls.engine, max: 1 });
    const vault = new PostgresSubjectVault(broken, new MasterKeys(MASTER), { noticeErasuresMs: 0 });
    await vault.load(id, ['cust_1']);
    const sealed = vault.session(id, none).seal('x', 'cust_1');
    await broken.end();
    await expect(vault.opener(id, [sealed])).rejects.toThrow();
    // Sealing needs no database, and the writer goes on.
    expect(vault.session(id, none).seal('x', 'cust_1')).toMatch(/^s1\./);
  });

  it('what is in the tables opens nothing without the master key', async () => {
    const id = tenant();
    const vault = vaultWith();
    await vault.load(id, ['cust_1']);
    const sealed = vault.session(id, none).seal('x', 'cust_1');
    const thief = vaultWith({}, new MasterKeys(Buffer.alloc(32, 8)));
    await expect(thief.opener(id, [sealed])).rejects.toThrow(MasterKeyUnknown);
  });

  it('the master key can be replaced, without touching subjects', async () => {
    const id = tenant();
    const vault = vaultWith();
    await vault.load(id, ['cust_1']);
    const sealed = vault.session(id, none).seal('x', 'cust_1');
    const next = Buffer.alloc(32, 9);
    const both = vaultWith({}, new MasterKeys(next, [MASTER]));
    expect(await both.tenantKeys.rewrapAll()).toBeGreaterThan(0);
    expect(await both.tenantKeys.rewrapAll()).toBe(0);
    expect((await vaultWith({}, new MasterKeys(next)).opener(id, [sealed]))(sealed)).toBe('x');
    await vaultWith({}, new MasterKeys(MASTER, [next])).tenantKeys.rewrapAll();
  });

  it('a row moved to another subject is refused', async () => {
    const id = tenant();
    const vault = vaultWith();
    await vault.load(id, ['cust_1', 'cust_2']);
    await pool.query(
      `UPDATE daybook.subject_keys SET wrapped = (SELECT wrapped FROM daybook.subject_keys WHERE tenant_id = $1 AND subject = 'cust_1')
       WHERE tenant_id = $1 AND subject = 'cust_2'`,
      [id],
    );
    await expect(vaultWith().load(id, ['cust_2'])).rejects.toThrow(/damaged/);
  });

  it('the projector opens and can do nothing else; the application and the guard see nothing', async () => {
    const id = tenant();
    const vault = vaultWith();
    await vault.load(id, ['cust_1']);
    const sealed = vault.session(id, none).seal('x', 'cust_1');
    const reader = new pg.Pool({ connectionString: urls.projector, max: 1 });
    const projector = new PostgresSubjectVault(reader, new MasterKeys(MASTER));
    expect((await projector.opener(id, [sealed]))(sealed)).toBe('x');
    await expect(projector.load(id, ['cust_2'])).rejects.toMatchObject({ code: '42501' });
    await expect(projector.erase(id, 'cust_1')).rejects.toMatchObject({ code: '42501' });
    await reader.end();
    for (const role of ['app', 'auth'] as const) {
      for (const table of ['subject_keys', 'tenant_keys']) {
        await expect(as(urls[role], `SET daybook.tenant = '${id}'; SELECT * FROM ${table}`)).rejects.toMatchObject({
          code: '42501',
        });
      }
    }
    await expect(as(urls.engine, 'DELETE FROM subject_keys')).rejects.toMatchObject({ code: '42501' });
  });
});
