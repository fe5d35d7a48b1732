import pg from 'pg';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import type { DatabaseUrls } from '#platform/database/roles.js';
import { startPostgres, type TestPostgres } from '../../test/support/postgres.js';
import { MasterKeys } from './master-key.js';
import { VAULT_MIGRATIONS } from './migrations.js';
import { OnceOnlySecrets, type SecretRequest } from './once-only.js';

const MASTER = Buffer.alloc(32, 7);
const REQUEST: SecretRequest = {
  tenantId: 'tnt_1',
  resourceId: 'key_1',
  caller: 'op_1',
  idempotencyKey: 'a key of the caller',
};

let server: TestPostgres;
let owner: pg.Client;
let urls: DatabaseUrls;
let pool: pg.Pool;
let secrets: OnceOnlySecrets;

beforeAll(async () => {
  server = await startPostgres();
  const url = await server.createDatabase('secrets');
  urls = await prepareDatabase(url, MASTER, VAULT_MIGRATIONS);
  pool = new pg.Pool({ connectionString: urls.auth });
  // The server may end connections that the pool is just closing.
  pool.on('error', () => undefined);
  owner = new pg.Client({ connectionString: url });
  await owner.connect();
  secrets = new OnceOnlySecrets(pool, new MasterKeys(MASTER));
});
beforeEach(() => owner.query('TRUNCATE daybook.once_only_secrets'));
afterAll(async () => {
  await owner.end();
  await pool.end();
  await server.stop();
});

const age = (days: number): Promise<unknown> =>
  owner.query(`UPDATE daybook.once_only_secrets SET expires_at = expires_at - interval '${days} days'`);

it('answers a secret to the request that made it', async () => {
  expect(await secrets.get(REQUEST)).toBeNull();
  expect(await secrets.put(REQUEST, 'whsec_ü')).toBe('whsec_ü');
  expect(await new OnceOnlySecrets(pool, new MasterKeys(MASTER)).get(REQUEST)).toBe('whsec_ü');
});

it.each<[string, Partial<SecretRequest>]>([
  ['another idempotency key', { idempotencyKey: 'a key of the calleR' }],
  ['another caller', { caller: 'op_2' }],
  ['another tenant', { tenantId: 'tnt_2' }],
  ['another resource', { resourceId: 'key_2' }],
])('answers nothing to %s', async (_, change) => {
  await secrets.put(REQUEST, 'whsec_1');
  expect(await secrets.get({ ...REQUEST, ...change })).toBeNull();
});

it('twins go on with one secret', async () => {
  const answers = await Promise.all([1, 2, 3, 4, 5].map((i) => secrets.put(REQUEST, `whsec_${i}`)));
  expect(new Set(answers).size).toBe(1);
  expect(await secrets.get(REQUEST)).toBe(answers[0]);
});

it('a stolen database opens nothing, and neither does the master key alone', async () => {
  await secrets.put(REQUEST, 'whsec_1');
  const { rows } = await owner.query<Record<string, unknown>>('SELECT * FROM daybook.once_only_secrets');
  const bytes = Object.values(rows[0]!).map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : value));
  expect(JSON.stringify(bytes)).not.toMatch(/whsec|a key of the caller/);
  expect(await new OnceOnlySecrets(pool, new MasterKeys(Buffer.alloc(32, 8))).get(REQUEST)).toBeNull();
});

it('still opens under a master key that was replaced', async () => {
  await secrets.put(REQUEST, 'whsec_1');
  expect(await new OnceOnlySecrets(pool, new MasterKeys(Buffer.alloc(32, 8), [MASTER])).get(REQUEST)).toBe('whsec_1');
});

it('is forgotten after 30 days, or when the resource gets another secret', async () => {
  await secrets.put(REQUEST, 'whsec_1');
  await age(29);
  expect(await secrets.sweep()).toBe(0);
  expect(await secrets.get(REQUEST)).toBe('whsec_1');
  await age(2);
  expect(await secrets.get(REQUEST)).toBeNull();
  expect(await secrets.put(REQUEST, 'whsec_2')).toBe('whsec_2');
  expect(await secrets.get(REQUEST)).toBe('whsec_2');
  await age(31);
  expect(await secrets.sweep()).toBe(1);
  await secrets.put(REQUEST, 'whsec_3');
  await secrets.drop('tnt_1', 'key_1');
  expect(await secrets.get(REQUEST)).toBeNull();
});

it.each(['app', 'projector', 'engine'] as const)('%s has no right to it', async (role) => {
  const client = new pg.Client({ connectionString: urls[role] });
  await client.connect();
  await expect(client.query('SELECT * FROM once_only_secrets')).rejects.toMatchObject({ code: '42501' });
  await client.end();
});
