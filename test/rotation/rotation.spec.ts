/** Another master key takes the present one's place: everything that is kept opens with it, and nothing with the old one. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { LocalAdminTokens } from '#access/admin-tokens.js';
import { PERMISSION_NAMES } from '#contract/scopes.js';
import { adminKeyFile, migrateInstallation, openInstallation } from '#installation/installation.js';
import { rotateMasterKey } from '#installation/rotate-master-key.js';
import { webhookSecretBox } from '#installation/webhook-secrets.js';
import { installationWebhookKey } from '#installation/webhook-key.js';
import { readConfiguration, type Configuration } from '#platform/configuration.js';
import { StartupError } from '#platform/startup-error.js';
import { WebhookSecrets } from '#webhooks/webhook-secrets.js';
import { openApi } from '../../apps/api/wiring.js';
import { rotateMasterKey as rotateByHand } from '../../apps/cli/rotate-master-key.js';
import { startProjector } from '../../apps/projector/projector.js';
import { startPostgres, type TestPostgres } from '../support/postgres.js';

const [OLD, NEW, OTHER] = [1, 2, 3].map((fill) => Buffer.alloc(32, fill)) as [Buffer, Buffer, Buffer];
const ENDPOINT = 'whk_01HZXK5Y8Q2J3M4N5P6R7S8T9V';
const SECRET = 'whsec_c2VjcmV0IG9mIHNlY3JldHM=' as const;
const logger = pino({ level: 'silent' });

interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Record<string, unknown>;
}

let server: TestPostgres;
let dataDir: string;
let url: string;
let operator: string;
beforeAll(async () => {
  server = await startPostgres();
  dataDir = mkdtempSync(path.join(tmpdir(), 'daybook-rotation-'));
  url = await server.createDatabase('daybook');
  const { admin } = configured(OLD);
  const tokens = await LocalAdminTokens.open(adminKeyFile(dataDir), admin);
  operator = await tokens.signAdminToken({ permissions: PERMISSION_NAMES, ttlSeconds: 3_600 });
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true });
});

const configured = (key: Buffer): Configuration =>
  readConfiguration({ DATABASE_URL: url, DAYBOOK_DATA_DIR: dataDir, DAYBOOK_MASTER_KEY: key.toString('base64') });

type Send = (method: string, path: string, as: string, body?: object, key?: string) => Promise<Reply>;

/** The installation under a master key, from its start to its end. */
const running = async <T>(
  key: Buffer,
  work: (send: Send, installation: Awaited<ReturnType<typeof openInstallation>>) => Promise<T>,
): Promise<T> => {
  const installation = await openInstallation(configured(key), url);
  const api = await openApi(installation, { logger });
  const projector = startProjector(installation, logger);
  const send: Send = async (method, to, as, body, idempotencyKey) => {
    const response = await api.app.inject({
      method: method as 'GET',
      url: to,
      headers: {
        authorization: `Bearer ${as}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status: response.statusCode, body: response.json(), headers: response.headers };
  };
  try {
    return await work(send, installation);
  } finally {
    await api.close();
    await projector.stop();
    await installation.close();
  }
};

const TENANT = {
  name: 'Acme',
  default_currency: 'NGN',
  partner: { name: 'Jo', email: 'jo@acme.example', tier: 'paid' },
};
const ADA = { kind: 'person', name: 'Ada Obi' };
const KEY = { scopes: ['accounts:read', 'accounts:write', 'events:read'] };
const TENANTS = '/api/v1/admin/tenants';

const rotate = (after = NEW, say?: (line: string) => void) =>
  rotateMasterKey(url, {
    before: OLD,
    after,
    prepare: () => migrateInstallation(configured(OLD), url, OLD),
    ...(say === undefined ? {} : { say }),
  });

it('is put in place while nothing runs, also after it broke off, and the old one is refused from then on', async () => {
  const before = await running(OLD, async (send, installation) => {
    const tenant = (await send('POST', TENANTS, operator, TENANT, 'tenant')).body.id as string;
    const key = await send('POST', `${TENANTS}/${tenant}/api-keys`, operator, KEY, 'key');
    const as = key.body.full_key as string;
    const ada = (await send('POST', '/v1/customers', as, ADA, 'ada')).body;
    await new WebhookSecrets(installation.pools.auth, webhookSecretBox(installation)).put(
      tenant,
      ENDPOINT,
      'one',
      SECRET,
    );
    await expect(rotate()).rejects.toThrow(/stop all its processes/);
    const next = path.join(dataDir, 'keys', 'master.key.next');
    await expect(rotateByHand(configured(OLD), { json: true })).rejects.toThrow(/stop all its processes/);
    // A key that opens nothing would look like one that must be kept.
    expect(existsSync(next)).toBe(false);
    writeFileSync(next, `${NEW.toString('base64')}\n`);
    await expect(rotateByHand(configured(OLD), { json: true })).rejects.toThrow(/stop all its processes/);
    expect(existsSync(next)).toBe(true);
    return { tenant, as, ada, webhookKey: installationWebhookKey(installation).publicBytes };
  });

  await expect(
    rotate(NEW, (line) => {
      if (line.includes('tenants')) throw new Error('the machine went down');
    }),
  ).rejects.toThrow('went down');
  // Some of it opens with the one key and some with the other: nothing may run on that.
  await expect(openInstallation(configured(OLD), url)).rejects.toThrow(/repeat daybook rotate-master-key/);
  await expect(openInstallation(configured(NEW), url)).rejects.toThrow(StartupError);
  await expect(rotate(OTHER)).rejects.toThrow(/broken off: repeat it with that key/);

  expect(await rotate()).toMatchObject({ webhookSecrets: 1, dropped: 1 });
  expect(await rotate()).toBeNull();
  await expect(openInstallation(configured(OLD), url)).rejects.toThrow(/another master key/);

  await running(NEW, async (send, installation) => {
    const { tenant, as, ada } = before;
    // The API key, sealed names, the request's hash, and whatever is sealed from now on.
    const again = await send('POST', '/v1/customers', as, ADA, 'ada');
    expect([again.status, again.body, again.headers['idempotent-replayed']]).toEqual([201, ada, 'true']);
    expect((await send('POST', '/v1/customers', as, { ...ADA, name: 'Eve' }, 'ada')).status).toBe(409);
    const bob = await send('POST', '/v1/customers', as, { ...ADA, name: 'Bob' }, 'bob');
    expect((await send('GET', `/v1/customers/${bob.body.id as string}`, as)).body.name).toBe('Bob');
    // What was kept to be shown once more opened with the old key alone.
    const key = await send('POST', `${TENANTS}/${tenant}/api-keys`, operator, KEY, 'key');
    expect([key.status, key.body.full_key]).toEqual([201, null]);
    const secrets = new WebhookSecrets(installation.pools.auth, webhookSecretBox(installation));
    expect((await secrets.of(tenant, ENDPOINT)).get('one')).toBe(SECRET);
    expect(installationWebhookKey(installation).publicBytes).toEqual(before.webhookKey);
  });
  await leftByOld();
}, 60_000);

/** No row names the old key any more, and none of the tables that name one is forgotten. */
const leftByOld = async (): Promise<void> => {
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  const { rows } = await owner.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns
     WHERE table_schema = 'daybook' AND column_name = 'master_key_id' ORDER BY 1`,
  );
  const ids = new Set<string>();
  for (const { name } of rows) {
    const found = await owner.query<{ id: string }>(`SELECT DISTINCT master_key_id AS id FROM daybook.${name}`);
    for (const { id } of found.rows) ids.add(id);
  }
  await owner.end();
  expect(rows.map(({ name }) => name)).toEqual(['carried_keys', 'once_only_secrets', 'tenant_keys', 'webhook_secrets']);
  expect(ids.size).toBe(1);
};
