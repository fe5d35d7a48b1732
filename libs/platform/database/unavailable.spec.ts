import pg from 'pg';
import { freePort, startPostgres, type TestPostgres } from '../../../test/support/postgres.js';
import { poolSettings } from './pool-settings.js';
import { isUnavailable } from './unavailable.js';

const pools: pg.Pool[] = [];
const pool = (connectionString: string, more: pg.PoolConfig = {}): pg.Pool => {
  const made = new pg.Pool({ connectionString, ...poolSettings('app'), ...more });
  made.on('error', () => undefined);
  pools.push(made);
  return made;
};
afterAll(() => Promise.all(pools.map((one) => one.end())));

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe('an unavailable database', () => {
  let server: TestPostgres;
  beforeAll(async () => void (server = await startPostgres()));
  afterAll(() => server.stop());

  it.each(['app', 'auth', 'engine'] as const)('no statement of %s takes for ever', async (role) => {
    const { rows } = await pool(server.url, poolSettings(role)).query(
      `SELECT name, setting FROM pg_settings
       WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout') ORDER BY name`,
    );
    expect(rows.map(({ name, setting }) => `${name} ${setting}`)).toEqual([
      'idle_in_transaction_session_timeout 60000',
      'lock_timeout 5000',
      'statement_timeout 10000',
    ]);
    expect(poolSettings(role)).toMatchObject({ connectionTimeoutMillis: 5_000, query_timeout: 12_000 });
  });

  it('leaves the projector its long statements', () => {
    expect(Object.keys(poolSettings('projector'))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/statement|query|lock/)]),
    );
  });

  it('is not a query that is wrong', async () => {
    const wrong = await failure(pool(server.url).query('SELEKT 1'));
    expect([wrong instanceof Error, isUnavailable(wrong)]).toEqual([true, false]);
    expect([new TypeError('x'), null, 'ECONNREFUSED'].map(isUnavailable)).toEqual([false, false, false]);
  });

  it('is one whose statement took too long', async () => {
    const slow = pool(server.url, { statement_timeout: 30 }).query('SELECT pg_sleep(5)');
    expect(isUnavailable(await failure(slow))).toBe(true);
  });

  it('is one that does not answer', async () => {
    const slow = pool(server.url, { query_timeout: 30 }).query('SELECT pg_sleep(1)');
    expect(isUnavailable(await failure(slow))).toBe(true);
  });

  it('is one without a free connection', async () => {
    const small = pool(server.url, { max: 1, connectionTimeoutMillis: 2_000 });
    const taken = await small.connect();
    expect(isUnavailable(await failure(small.query('SELECT 1')))).toBe(true);
    taken.release();
  });

  it('is one that nobody listens for', async () => {
    const closed = pool(`postgres://a:b@127.0.0.1:${await freePort()}/x`);
    expect(isUnavailable(await failure(closed.query('SELECT 1')))).toBe(true);
  });

  it('is one that stops in the middle, and after it', async () => {
    const other = await startPostgres();
    const there = pool(other.url);
    await there.query('SELECT 1');
    const [broken] = await Promise.all([failure(there.query('SELECT pg_sleep(30)')), other.stop()]);
    expect(isUnavailable(broken)).toBe(true);
    const wrapped = new Error('reading failed', { cause: await failure(there.query('SELECT 1')) });
    expect(isUnavailable(wrapped)).toBe(true);
  });
});
