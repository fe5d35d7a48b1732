import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigurationError, readConfiguration, unknownSettings } from './configuration.js';
import { deriveKey, loadMasterKey } from './master-key.js';

const KEY = Buffer.alloc(32, 7).toString('base64');

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfiguration(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
};

describe('readConfiguration', () => {
  it('has a default for everything', () => {
    expect(readConfiguration({})).toEqual({
      host: '127.0.0.1',
      port: 3000,
      dataDir: path.resolve('.daybook'),
      seed: 'demo',
      eventStore: 'postgres',
      eventStoreUrl: null,
      databaseUrl: null,
      redisUrl: null,
      logLevel: 'info',
      versionHeader: 'QairoPay-Version',
      admin: { issuer: 'daybook', audience: 'daybook-admin', jwksUrl: null },
      mail: { smtpUrl: null, from: 'daybook@localhost', dashboardUrl: null },
      webhookAllow: [],
      webhookEndpoints: 100,
      trustedProxies: [],
      clock: 'system',
      masterKey: null,
    });
  });

  it('takes an empty variable for an unset one', () => {
    expect(readConfiguration({ DAYBOOK_PORT: '', DATABASE_URL: ' ' })).toEqual(readConfiguration({}));
  });

  it('is frozen, through and through', () => {
    const configuration = readConfiguration({ DAYBOOK_WEBHOOK_ALLOW: 'localhost:9000' });
    for (const part of [
      configuration,
      configuration.admin,
      configuration.mail,
      configuration.webhookAllow,
      configuration.webhookAllow[0],
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it.each<[string, string, Partial<ReturnType<typeof readConfiguration>>]>([
    ['DAYBOOK_PORT', '0', { port: 0 }],
    ['DAYBOOK_HOST', '::', { host: '::' }],
    ['DAYBOOK_TRUSTED_PROXIES', '10.0.0.1, fd00::/8', { trustedProxies: ['10.0.0.1', 'fd00::/8'] }],
    ['DAYBOOK_DATA_DIR', '/var/lib/daybook', { dataDir: '/var/lib/daybook' }],
    [
      'DATABASE_URL',
      'postgresql://u:p@db:5432/daybook?sslmode=require',
      { databaseUrl: 'postgresql://u:p@db:5432/daybook?sslmode=require' },
    ],
    [
      'EVENTSTORE_URL',
      'esdb+discover://a:2113,b:2113?tls=true',
      { eventStoreUrl: 'esdb+discover://a:2113,b:2113?tls=true' },
    ],
    [
      'DAYBOOK_WEBHOOK_ALLOW',
      'Localhost:9000, [::1]:80,',
      {
        webhookAllow: [
          { host: 'localhost', port: 9000 },
          { host: '::1', port: 80 },
        ],
      },
    ],
    ['DAYBOOK_MASTER_KEY', KEY, { masterKey: Buffer.alloc(32, 7) }],
  ])('reads %s=%s', (name, value, expected) => {
    expect(readConfiguration({ [name]: value })).toMatchObject(expected);
  });

  it.each([
    ['DAYBOOK_HOST', 'http://localhost'],
    ['DAYBOOK_PORT', '65536'],
    ['DAYBOOK_PORT', '-1'],
    ['DAYBOOK_PORT', '3e3'],
    ['DAYBOOK_SEED', 'Demo'],
    ['DAYBOOK_EVENT_STORE', 'kafka'],
    ['EVENTSTORE_URL', 'http://localhost:2113'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['DATABASE_URL', 'localhost:5432'],
    ['DATABASE_URL', 'postgres://u:p@ss:word@h:x/db'],
    ['REDIS_URL', 'localhost:6379'],
    ['DAYBOOK_LOG_LEVEL', 'loud'],
    ['DAYBOOK_VERSION_HEADER', 'Bad Header'],
    ['DAYBOOK_WEBHOOK_ALLOW', 'localhost'],
    ['DAYBOOK_WEBHOOK_ENDPOINTS', '0'],
    ['DAYBOOK_WEBHOOK_ENDPOINTS', '1001'],
    ['DAYBOOK_TRUSTED_PROXIES', 'nginx'],
    ['DAYBOOK_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['DAYBOOK_TRUSTED_PROXIES', '0.0.0.0/0'],
    ['DAYBOOK_TRUSTED_PROXIES', '10.0.0.1,*'],
    ['DAYBOOK_WEBHOOK_ALLOW', 'a:1,b:70000'],
    ['DAYBOOK_CLOCK', 'sundial'],
    ['DAYBOOK_MASTER_KEY', 'c2hvcnQ='],
    ['DAYBOOK_MASTER_KEY', '!'.repeat(44)],
  ])('refuses %s=%s', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} `));
  });

  it('names every wrong setting at once and shows no secret', () => {
    const env = {
      DAYBOOK_PORT: 'x',
      DATABASE_URL: 'psql://me:hunter2@h/db',
      DAYBOOK_MASTER_KEY: 'hunter2',
      DAYBOOK_CLOCK: 'y',
    };
    const problems = problemsOf(env);
    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual(Object.keys(env).sort());
    expect(problems.join()).not.toContain('hunter2');
  });

  it('asks for the URL of an EventStoreDB that is to be used', () => {
    expect(problemsOf({ DAYBOOK_EVENT_STORE: 'eventstoredb' })[0]).toMatch(/^EVENTSTORE_URL must be set/);
  });

  it('asks for issuer and audience where others sign the admin tokens', () => {
    const problems = problemsOf({ DAYBOOK_ADMIN_JWKS_URL: 'https://id.example.com/jwks' });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'DAYBOOK_ADMIN_ISSUER',
      'DAYBOOK_ADMIN_AUDIENCE',
    ]);
  });
});

test('unknownSettings finds misspelt ones', () => {
  expect(unknownSettings({ DAYBOOK_PROT: '1', DAYBOOK_PORT: '1', DAYBOOK_TEST_LIVE: '1', PATH: '/' })).toEqual([
    'DAYBOOK_PROT',
  ]);
});

describe('loadMasterKey', () => {
  let dataDir: string;
  beforeEach(() => void (dataDir = mkdtempSync(path.join(tmpdir(), 'daybook-key-'))));
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('makes a key once, for its owner only, and finds it again', () => {
    const key = loadMasterKey({ dataDir, masterKey: null });
    const file = path.join(dataDir, 'keys', 'master.key');
    expect(key).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).toEqual(key);
    expect(loadMasterKey({ dataDir, masterKey: null })).toEqual(key);
  });

  it('prefers the one that is given', () => {
    expect(loadMasterKey({ dataDir, masterKey: Buffer.alloc(32, 1) })).toEqual(Buffer.alloc(32, 1));
  });

  it('refuses a damaged file rather than make another key', () => {
    loadMasterKey({ dataDir, masterKey: null });
    writeFileSync(path.join(dataDir, 'keys', 'master.key'), 'x');
    expect(() => loadMasterKey({ dataDir, masterKey: null })).toThrow(/put the right one back/);
  });

  it('gives each purpose a key of its own', () => {
    const key = Buffer.alloc(32, 1);
    expect(deriveKey(key, 'a')).toEqual(deriveKey(key, 'a'));
    expect(deriveKey(key, 'a')).not.toEqual(deriveKey(key, 'b'));
  });
});
