import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import pg from 'pg';
import type { ApiKeyFacts } from '#domain/api-keys/api-keys.js';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import type { DatabaseUrls } from '#platform/database/roles.js';
import { startPostgres, type TestPostgres } from '../../test/support/postgres.js';
import type { AdminTokenVerifier } from './admin-tokens.js';
import { KeyVerifiers, mintApiKey } from './api-keys.js';
import { Authenticator, type Headers } from './authenticator.js';
import { CredentialCache, type CredentialCacheOptions } from './credential-cache.js';
import { ApiKeyCredentials } from './credentials.js';
import { LastUses } from './last-uses.js';
import { ACCESS_MIGRATIONS } from './migrations.js';
import { type AuthFailure, isAuthFailure, type Principal } from './principal.js';

const verifiers = new KeyVerifiers([Buffer.alloc(32, 3)]);
const adminTokens: AdminTokenVerifier = {
  verify: async (token) =>
    token === 'a.b.c' ? { plane: 'admin', operatorId: 'op', permissions: new Set() } : { code: 'expired_token' },
};

const users = { isNamed: () => false, authenticate: () => Promise.reject(new Error('nobody signs in here')) };

let server: TestPostgres;
let urls: DatabaseUrls;
let pool: pg.Pool;
let credentials: ApiKeyCredentials;
let asked = 0;
const closing: CredentialCache[] = [];

beforeAll(async () => {
  server = await startPostgres();
  urls = await prepareDatabase(await server.createDatabase('access'), Buffer.alloc(32, 7), ACCESS_MIGRATIONS);
  pool = new pg.Pool({ connectionString: urls.auth, max: 8 });
  // The server may end connections that the pool is just closing.
  pool.on('error', () => undefined);
  pool.on('acquire', () => void (asked += 1));
  credentials = new ApiKeyCredentials(pool, verifiers);
});
afterAll(async () => {
  for (const cache of closing) cache.close();
  await pool.end();
  await server.stop();
});

interface Instance {
  readonly cache: CredentialCache;
  readonly uses: LastUses;
  of(headers: Headers, rawHeaders?: readonly string[]): Promise<string>;
  ask(headers: Headers, rawHeaders?: readonly string[]): Promise<Principal | AuthFailure>;
  with(fullKey: string): Promise<string>;
  principal(fullKey: string): Promise<Principal | AuthFailure>;
}

const instance = (options: CredentialCacheOptions = {}, over: Pick<pg.Pool, 'query' | 'connect'> = pool): Instance => {
  const cache = new CredentialCache(over, options);
  closing.push(cache);
  const uses = new LastUses(over, 60_000);
  const authenticator = new Authenticator(cache, verifiers, uses, adminTokens, users);
  const of = async (headers: Headers, rawHeaders?: readonly string[]): Promise<string> => {
    const outcome = await authenticator.authenticate(headers, rawHeaders);
    if (isAuthFailure(outcome)) return outcome.code;
    return outcome.plane === 'tenant' ? outcome.tenantId : outcome.operatorId;
  };
  return {
    cache,
    uses,
    of,
    ask: (headers, rawHeaders) => authenticator.authenticate(headers, rawHeaders),
    with: (fullKey) => of({ authorization: `Bearer ${fullKey}` }),
    principal: (fullKey) => authenticator.authenticate({ 'x-api-key': fullKey }),
  };
};

let counter = 0;
const facts = (keyId: string, change: Partial<ApiKeyFacts> = {}): ApiKeyFacts => ({
  key_id: keyId,
  name: null,
  scopes: ['accounts:read'],
  rate_limit_per_min: 100,
  rate_limit_per_day: null,
  is_active: true,
  expires_at: null,
  ...change,
});
const reserved = async (environment: 'live' | 'sandbox' = 'live') => {
  const tenantId = `tnt_${++counter}`;
  const key = mintApiKey(environment, Date.now());
  await credentials.reserve(tenantId, key.fullKey);
  return { tenantId, ...key };
};
const issued = async (change: Partial<ApiKeyFacts> = {}, environment: 'live' | 'sandbox' = 'live') => {
  const key = await reserved(environment);
  await credentials.settle(key.tenantId, facts(key.keyId, change), 1);
  return key;
};

/** Asks again until it is so, for at most five seconds; what is asserted is that it comes about at all. */
const eventually = async <T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> => {
  for (const end = Date.now() + 5_000; ; await sleep(10)) {
    const answer = await ask();
    if (wanted(answer) || Date.now() > end) return answer;
  }
};
const becomes = (outcome: string, there: Instance, fullKey: string): Promise<void> =>
  eventually(
    () => there.with(fullKey),
    (answer) => answer === outcome,
  ).then((answer) => expect(answer).toBe(outcome));
const listeners = async (): Promise<number[]> => {
  const { rows } = await pool.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND usename = current_user`,
  );
  return rows.map((row) => row.pid);
};
const listening = async (there: Instance): Promise<void> => {
  const before = await listeners();
  there.cache.listen();
  const after = await eventually(listeners, (pids) => pids.length > before.length);
  expect(after.length).toBe(before.length + 1);
};
/** Asks nobody by itself within a test. */
const PATIENT: CredentialCacheOptions = { freshMs: 60_000, trustedMs: 60_000 };

describe('headers', () => {
  let good: string;
  let tenantId: string;
  let here: Instance;
  beforeAll(async () => {
    here = instance();
    ({ fullKey: good, tenantId } = await issued());
  });

  it.each<[string, (key: string) => Headers, string]>([
    ['none', () => ({}), 'missing_auth'],
    ['Bearer', (key) => ({ authorization: `Bearer ${key}` }), 'tnt'],
    ['bearer, in any case and with spaces', (key) => ({ authorization: `bEARER   ${key}` }), 'tnt'],
    ['X-API-Key', (key) => ({ 'x-api-key': key }), 'tnt'],
    ['both', (key) => ({ authorization: `Bearer ${key}`, 'x-api-key': key }), 'ambiguous_credentials'],
    ['both, one empty', (key) => ({ authorization: '', 'x-api-key': key }), 'ambiguous_credentials'],
    ['an empty one', () => ({ authorization: '' }), 'malformed_authorization'],
    ['an empty X-API-Key', () => ({ 'x-api-key': '' }), 'malformed_authorization'],
    ['Bearer and nothing', () => ({ authorization: 'Bearer ' }), 'malformed_authorization'],
    ['another scheme', (key) => ({ authorization: `Basic ${key}` }), 'malformed_authorization'],
    ['no scheme', (key) => ({ authorization: key }), 'malformed_authorization'],
    ['two keys', (key) => ({ authorization: `Bearer ${key} ${key}` }), 'malformed_authorization'],
    ['two keys with a comma', (key) => ({ 'x-api-key': `${key}, ${key}` }), 'invalid_key'],
    ['a list', (key) => ({ 'x-api-key': [key, key] }), 'malformed_authorization'],
    ['much too long', () => ({ authorization: `Bearer ${'a'.repeat(10_000)}` }), 'malformed_authorization'],
    ['what is neither key nor token', () => ({ authorization: 'Bearer abc' }), 'invalid_key'],
    ['a token', () => ({ authorization: 'Bearer a.b.c' }), 'op'],
    ['a token that has ended', () => ({ authorization: 'Bearer a.b.d' }), 'expired_token'],
    ['a token as a key', () => ({ 'x-api-key': 'a.b.c' }), 'invalid_key'],
    ['an encrypted token', () => ({ authorization: 'Bearer a.b.c.d.e' }), 'invalid_key'],
  ])('%s', async (_, headers, outcome) => {
    expect(await here.of(headers(good))).toBe(outcome === 'tnt' ? tenantId : outcome);
  });

  it('sent twice are refused', async () => {
    const authorization = `Bearer ${good}`;
    const once = ['Host', 'x', 'Authorization', authorization];
    expect(await here.of({ authorization }, once)).toBe(tenantId);
    expect(await here.of({ authorization }, [...once, 'AUTHORIZATION', 'Bearer other'])).toBe(
      'malformed_authorization',
    );
  });

  it('are named by what is said of them', async () => {
    const said = async (headers: Headers, raw?: readonly string[]): Promise<unknown> => {
      const outcome = await here.ask(headers, raw);
      return 'code' in outcome ? [outcome.code, outcome.message] : outcome;
    };
    const ofKey = ['malformed_authorization', expect.stringContaining('X-API-Key')];
    expect(await said({ 'x-api-key': good }, ['X-API-Key', good, 'x-api-key', good])).toEqual(ofKey);
    expect(await said({ 'x-api-key': '' })).toEqual(ofKey);
    expect(await said({ authorization: '' })).toEqual(['malformed_authorization', undefined]);
  });
});

describe('a key', () => {
  it('says who it is', async () => {
    const key = await issued({ scopes: ['cards:read', 'cards:write'], rate_limit_per_day: 5_000_000_000 }, 'sandbox');
    expect(await instance().principal(key.fullKey)).toEqual({
      plane: 'tenant',
      tenantId: key.tenantId,
      environment: 'sandbox',
      callerId: key.keyId,
      scopes: new Set(['cards:read', 'cards:write']),
      limits: { perMinute: 100, perDay: 5_000_000_000 },
    });
  });

  it('is looked up once, also by many at once', async () => {
    const { fullKey, tenantId } = await issued();
    const here = instance(PATIENT);
    await here.with(fullKey);
    const other = await issued();
    asked = 0;
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => here.with(other.fullKey)));
    expect(new Set(outcomes)).toEqual(new Set([other.tenantId]));
    expect(await here.with(fullKey)).toBe(tenantId);
    expect(asked).toBe(1);
  });

  it('that is garbage is refused without a query', async () => {
    const { fullKey } = await issued();
    const here = instance();
    const changed = fullKey.slice(0, -7) + (fullKey.at(-7) === 'a' ? 'b' : 'a') + fullKey.slice(-6);
    asked = 0;
    for (const text of [changed, fullKey.replace('live', 'sandbox'), 'qp_sk_live_', 'qp_sk_test_1', 'x'.repeat(76)]) {
      expect(await here.with(text)).toBe('invalid_key');
    }
    expect(asked).toBe(0);
  });

  it('that nobody has is asked for once', async () => {
    const here = instance(PATIENT);
    const { fullKey } = mintApiKey('live', Date.now());
    expect(await here.with(fullKey)).toBe('invalid_key');
    asked = 0;
    expect(await here.with(fullKey)).toBe('invalid_key');
    expect(asked).toBe(0);
  });

  it('with another secret is refused, before and after the right one was seen', async () => {
    const { keyId, fullKey, tenantId } = await issued();
    // A whole key, checksum and all, of the same id.
    const forged = withId(mintApiKey('live', 0).fullKey, keyId);
    const here = instance();
    expect(await here.with(forged)).toBe('invalid_key');
    expect(await here.with(fullKey)).toBe(tenantId);
    expect(await here.with(forged)).toBe('invalid_key');
    expect(await here.with(fullKey)).toBe(tenantId);
  });

  it('that says it is of the other environment is told so', async () => {
    const { fullKey, tenantId } = await issued();
    const here = instance();
    const renamed = withChecksum(fullKey.slice(0, -6).replace('_live_', '_sandbox_'));
    expect(await here.with(renamed)).toBe('scoped_to_other_env');
    expect(await here.with(fullKey)).toBe(tenantId);
    expect(await here.with(renamed)).toBe('scoped_to_other_env');
  });

  it('opens nothing before its event is known', async () => {
    const { tenantId, keyId, fullKey } = await reserved();
    const here = instance({ trustedMs: 0 });
    expect(await here.with(fullKey)).toBe('invalid_key');
    expect(await credentials.settle(tenantId, facts(keyId), 4)).toBe(true);
    expect(await here.with(fullKey)).toBe(tenantId);
  });

  it('ends when it says', async () => {
    const { fullKey, tenantId } = await issued({ expires_at: new Date(Date.now() + 1_500).toISOString() });
    const here = instance();
    expect(await here.with(fullKey)).toBe(tenantId);
    await becomes('expired_key', here, fullKey);
  });

  it('that was revoked is refused, the wrong secret of it as before', async () => {
    const { fullKey } = await issued({ is_active: false });
    expect(await instance().with(fullKey)).toBe('revoked_key');
  });
});

describe('a revocation', () => {
  it('reaches another instance by notification', async () => {
    const { tenantId, keyId, fullKey } = await issued();
    const there = instance(PATIENT);
    await listening(there);
    expect(await there.with(fullKey)).toBe(tenantId);
    await credentials.restrict(tenantId, keyId, { isActive: false });
    await becomes('revoked_key', there, fullKey);
  });

  it('reaches it without one too, when it no longer believes what it has', async () => {
    const { tenantId, keyId, fullKey } = await issued();
    const there = instance({ freshMs: 20, trustedMs: 60 });
    expect(await there.with(fullKey)).toBe(tenantId);
    await credentials.restrict(tenantId, keyId, { isActive: false });
    await sleep(70);
    expect(await there.with(fullKey)).toBe('revoked_key');
  });

  it('reaches one that is busy while it goes on serving', async () => {
    const { tenantId, keyId, fullKey } = await issued();
    const there = instance({ freshMs: 20, trustedMs: 60_000 });
    expect(await there.with(fullKey)).toBe(tenantId);
    await credentials.restrict(tenantId, keyId, { isActive: false });
    await becomes('revoked_key', there, fullKey);
  });

  it('can’t be missed while the database is away: nothing is believed then', async () => {
    const { fullKey, tenantId } = await issued();
    const broken = new pg.Pool({ connectionString: urls.auth, max: 1 });
    const there = instance({ freshMs: 1_000, trustedMs: 1_200 }, broken);
    expect(await there.with(fullKey)).toBe(tenantId);
    await broken.end();
    expect(await there.with(fullKey)).toBe(tenantId);
    await sleep(1_220);
    await expect(there.with(fullKey)).rejects.toMatchObject({ name: 'CredentialsUnavailable' });
  });

  it('is heard again after the listening connection was lost', async () => {
    const { tenantId, keyId, fullKey } = await issued();
    const there = instance(PATIENT);
    await listening(there);
    const before = await listeners();
    await pool.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [before]);
    await eventually(listeners, (pids) => pids.length === before.length && pids.every((pid) => !before.includes(pid)));
    expect(await there.with(fullKey)).toBe(tenantId);
    await credentials.restrict(tenantId, keyId, { isActive: false });
    await becomes('revoked_key', there, fullKey);
  });
});

describe('the row', () => {
  const fresh = (): Instance => instance({ trustedMs: 0 });

  it('follows the newest event, in whatever order they are settled', async () => {
    const { tenantId, keyId, fullKey } = await issued();
    expect(await credentials.settle(tenantId, facts(keyId, { is_active: false }), 9)).toBe(true);
    expect(await credentials.settle(tenantId, facts(keyId), 8)).toBe(false);
    expect(await fresh().with(fullKey)).toBe('revoked_key');
    expect(await credentials.settle(tenantId, facts(keyId), 9)).toBe(true);
    expect(await fresh().with(fullKey)).toBe(tenantId);
  });

  it('is only ever restricted by restrict', async () => {
    const end = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
    const { tenantId, keyId, fullKey } = await issued({ is_active: false, expires_at: end(-1) });
    await credentials.restrict(tenantId, keyId, { expiresAt: end(5) });
    expect(await fresh().with(fullKey)).toBe('revoked_key');
    await credentials.settle(tenantId, facts(keyId, { expires_at: end(5) }), 2);
    await credentials.restrict(tenantId, keyId, { expiresAt: end(-1) });
    expect(await fresh().with(fullKey)).toBe('expired_key');
  });

  it('that was reserved and left is found, and can be discarded; a settled one can’t', async () => {
    const [left, kept] = [await reserved(), await issued()];
    const all = await credentials.unsettled(-1_000);
    expect(all).toContainEqual({ tenantId: left.tenantId, keyId: left.keyId });
    expect(all).not.toContainEqual({ tenantId: kept.tenantId, keyId: kept.keyId });
    expect(await credentials.unsettled(60_000)).toEqual([]);
    for (const key of [left, kept]) await credentials.discard(key.tenantId, key.keyId);
    expect(await fresh().with(kept.fullKey)).toBe(kept.tenantId);
    expect(await credentials.settle(left.tenantId, facts(left.keyId), 1)).toBe(false);
  });

  it('is made of keys only, and holds none', async () => {
    await expect(credentials.reserve('tnt_1', 'garbage')).rejects.toThrow(RangeError);
    const { keyId, fullKey } = await issued();
    const { rows } = await pool.query('SELECT * FROM daybook.api_key_credentials WHERE key_id = $1', [keyId]);
    expect(JSON.stringify(rows)).not.toContain(fullKey.slice(37, 50));
  });

  it('tells when it was last used, and no use makes an instance forget it', async () => {
    const { tenantId, fullKey, keyId } = await issued();
    const here = instance(PATIENT);
    const before = Date.now();
    for (let i = 0; i < 10; i += 1) await here.with(fullKey);
    expect(await credentials.lastUsed(tenantId)).toEqual(new Map());
    asked = 0;
    await here.uses.flush();
    await here.uses.flush();
    expect(asked).toBe(1);
    const used = (await credentials.lastUsed(tenantId)).get(keyId)!.getTime();
    expect(used).toBeGreaterThanOrEqual(before);
    expect(used).toBeLessThanOrEqual(Date.now());
  });

  it('uses that could not be written are written later', async () => {
    const { tenantId, keyId } = await issued();
    let broken = true;
    const query = ((...args: Parameters<pg.Pool['query']>) =>
      broken ? Promise.reject(new Error('away')) : pool.query(...args)) as pg.Pool['query'];
    const uses = new LastUses({ query }, 60_000);
    const note = (at: number): void =>
      uses.note(
        {
          plane: 'tenant',
          tenantId,
          callerId: keyId,
          environment: 'live',
          scopes: new Set(),
          limits: { perMinute: null, perDay: null },
        },
        at,
      );
    note(1_000);
    await expect(uses.flush()).rejects.toThrow('away');
    broken = false;
    note(2_000);
    await uses.flush();
    expect((await credentials.lastUsed(tenantId)).get(keyId)).toEqual(new Date(2_000));
  });

  it('is not seen by the other roles, but when it was last used by its tenant', async () => {
    const { tenantId } = await issued();
    await issued();
    const as = async (role: keyof DatabaseUrls, sql: string): Promise<unknown[]> => {
      const client = new pg.Client({ connectionString: urls[role] });
      await client.connect();
      await client.query(`SET daybook.tenant = '${tenantId}'`);
      return client
        .query(sql)
        .then((result) => result.rows)
        .finally(() => client.end());
    };
    expect(await as('app', 'SELECT tenant_id, last_used_at FROM api_key_credentials')).toEqual([
      { tenant_id: tenantId, last_used_at: null },
    ]);
    for (const role of ['app', 'projector', 'engine'] as const) {
      for (const sql of ['SELECT verifier FROM api_key_credentials', 'DELETE FROM api_key_credentials']) {
        await expect(as(role, sql)).rejects.toMatchObject({ code: '42501' });
      }
    }
  });
});

/** A key's text with another id or prefix and the checksum that then belongs to it. */
function withChecksum(body: string): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let rest = crc32(body);
  let checksum = '';
  for (let i = 0; i < 6; i += 1) {
    checksum = digits[rest % 62]! + checksum;
    rest = Math.floor(rest / 62);
  }
  return body + checksum;
}

function withId(fullKey: string, keyId: string): string {
  return withChecksum(`qp_sk_live_${keyId.slice(4)}${fullKey.slice(37, 70)}`);
}
