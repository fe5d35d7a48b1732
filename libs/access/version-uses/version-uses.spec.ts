import pg from 'pg';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.js';
import { ACCESS_MIGRATIONS } from '../migrations.js';
import { RecentReadLog } from './recent-reads.js';
import { ToldTenants } from './version-letters.js';
import { VersionUseCounts } from './version-uses.js';

let server: TestPostgres;
let pool: pg.Pool;
beforeAll(async () => {
  server = await startPostgres();
  const url = await server.createDatabase('uses');
  const urls = await prepareDatabase(url, Buffer.alloc(32, 7), ACCESS_MIGRATIONS);
  pool = new pg.Pool({ connectionString: urls.engine, max: 2 });
  pool.on('error', () => undefined);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

const NEVER = 1_000_000;

it('a letter about a version is claimed once for each tenant', async () => {
  const [here, there] = [new ToldTenants(pool), new ToldTenants(pool)];
  expect(await here.untold('v1', ['tnt_a', 'tnt_b'])).toEqual(['tnt_a', 'tnt_b']);
  const claims = await Promise.all([here, there, here, there].map((one) => one.claim('v1', 'tnt_a')));
  expect(claims.filter(Boolean)).toHaveLength(1);
  expect(await there.untold('v1', ['tnt_a', 'tnt_b'])).toEqual(['tnt_b']);
  expect(await here.claim('v2', 'tnt_a')).toBe(true);
});

it('the reads that a tenant made last are known on every instance, 50 at most', async () => {
  const [here, there] = [new RecentReadLog(pool, NEVER), new RecentReadLog(pool, NEVER)];
  const note = (log: RecentReadLog, i: number) => log.note('tnt_a', { operation: 'getCard', path: `/v1/cards/${i}` });
  for (let i = 0; i < 40; i++) note(here, i);
  await here.flush();
  const before = Date.now();
  while (Date.now() === before) await new Promise((next) => setImmediate(next));
  for (let i = 40; i < 60; i++) note(there, i);
  note(there, 0);
  here.note('tnt_b', { operation: 'listCards', path: `/v1/cards?${'x'.repeat(1_000)}` });
  const read = await there.of('tnt_a');
  expect([read.length, new Set(read.map(({ path }) => path)).size]).toEqual([50, 50]);
  const last = [0, ...Array.from({ length: 20 }, (_, i) => 40 + i)].map((i) => `/v1/cards/${i}`);
  expect(
    read
      .map(({ path }) => path)
      .slice(0, 21)
      .sort(),
  ).toEqual(last.sort());
  expect(await here.of('tnt_a')).toEqual(read);
  expect(await here.of('tnt_b')).toEqual([]);
});

describe('how often changes between versions had anything to do', () => {
  it('is counted per tenant, change and operation, over all instances', async () => {
    const [here, there] = [new VersionUseCounts(pool, NEVER), new VersionUseCounts(pool, NEVER)];
    for (let i = 0; i < 3; i++) here.note('tnt_a', 'getCard', ['categories', 'labels']);
    here.note('tnt_b', 'getCard', ['categories']);
    there.note('tnt_a', 'getCard', ['categories']);
    there.note('tnt_a', 'issueCard', ['categories']);
    await there.flush();
    const told = (await here.of('tnt_a')).map(({ change, operation, uses }) => [change, operation, uses]);
    expect(told).toEqual([
      ['categories', 'getCard', 4],
      ['categories', 'issueCard', 1],
      ['labels', 'getCard', 3],
    ]);
    expect(await here.of('tnt_b')).toMatchObject([{ change: 'categories', uses: 1 }]);
    expect(await here.of('tnt_c')).toEqual([]);
  });

  it('is kept while the database is away', async () => {
    let isAway = true;
    const query = (...asked: unknown[]) =>
      isAway
        ? Promise.reject(new Error('away'))
        : (pool.query.bind(pool) as (...all: unknown[]) => Promise<unknown>)(...asked);
    const counts = new VersionUseCounts({ query } as unknown as pg.Pool, NEVER);
    counts.note('tnt_d', 'getCard', ['categories']);
    await expect(counts.flush()).rejects.toThrow('away');
    counts.note('tnt_d', 'getCard', ['categories']);
    isAway = false;
    expect(await counts.of('tnt_d')).toMatchObject([{ uses: 2 }]);
  });
});
