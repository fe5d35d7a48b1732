import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkAnswer } from '../../apps/api/spec-answers.js';
import { newDataDir, spawnProduct, startProduct, type Credentials, type Spawned } from '../support/product.js';

const LONG = 180_000;

const folders: string[] = [];
const spawned: Spawned[] = [];
const dataFolder = (): string => {
  const folder = newDataDir();
  folders.push(folder);
  return folder;
};
const spawnIn = (dataDir: string, env: Record<string, string> = {}): Spawned => {
  const one = spawnProduct(dataDir, env);
  spawned.push(one);
  return one;
};
afterAll(async () => {
  for (const one of spawned) one.process.kill('SIGKILL');
  await Promise.all(spawned.map((one) => one.exited));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const said = async ({ output, process: child }: Spawned, text: string): Promise<void> => {
  while (!output().includes(text)) {
    if (child.exitCode !== null) throw new Error(`it ended before it said "${text}":\n${output()}`);
    await sleep(10);
  }
};

type Page = { readonly data: readonly { readonly id: string; readonly line_count?: number }[] };

const page = async (base: string, credential: string, path: string): Promise<Page['data']> => {
  const answer = await fetch(`${base}${path}`, { headers: { authorization: `Bearer ${credential}` } });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  const body = (await answer.json()) as Page & { tenants?: Page['data'] };
  checkAnswer('GET', path, answer.status, body, answer.headers.get('qairopay-version'));
  return body.tenants ?? body.data;
};

/** Everything of the demo that a start may have done twice. */
const demo = async ({ base_url: base, admin_token, tenants }: Credentials) => ({
  environments: tenants.map(({ environment }) => environment),
  registered: (await page(base, admin_token, '/api/v1/admin/tenants')).map(({ id }) => id).sort(),
  activity: await Promise.all(
    tenants.map(async ({ api_key }) => ({
      customers: (await page(base, api_key, '/v1/accounts?wallet_type=customer&limit=100')).length,
      deposits: (await page(base, api_key, '/v1/transactions?type=deposit&limit=100')).length,
      cards: (await page(base, api_key, '/v1/cards?limit=100')).length,
    })),
  ),
});

describe('a start', () => {
  it(
    'that can’t have its port says so in one line, and makes nothing',
    async () => {
      const holder = createServer();
      await new Promise<void>((done) => holder.listen(0, '127.0.0.1', done));
      const { port } = holder.address() as AddressInfo;
      const dataDir = dataFolder();
      const { exited, output } = spawnIn(dataDir, { DAYBOOK_PORT: String(port), DAYBOOK_SEED: 'demo' });
      expect(await exited).toBe(1);
      expect(output()).toContain(`Port ${port} of 127.0.0.1 is in use by another process.`);
      expect(output()).not.toMatch(/^\s+at /m);
      expect(readdirSync(dataDir)).toEqual([]);
      await new Promise((closed) => holder.close(closed));
    },
    LONG,
  );

  it(
    'after others that were killed while they seeded comes up with one demo',
    async () => {
      const dataDir = dataFolder();
      for (const moment of ['before a key is made', 'after']) {
        const killed = spawnIn(dataDir, { DAYBOOK_SEED: 'demo' });
        await said(killed, 'Seeding the demo');
        while (moment === 'after' && !existsSync(join(dataDir, 'credentials.seeding.json'))) await sleep(5);
        await sleep(30);
        killed.process.kill('SIGKILL');
        await killed.exited;
        expect(existsSync(join(dataDir, 'credentials.json'))).toBe(false);
      }
      const product = await startProduct({ DAYBOOK_SEED: 'demo' }, { dataDir, timeoutMs: 120_000 });
      const { tenants } = product.credentials;
      const found = await demo(product.credentials);
      const whole = { customers: 5, deposits: 10, cards: 5 };
      expect(found).toEqual({
        environments: ['live', 'sandbox'],
        registered: tenants.map(({ id }) => id).sort(),
        activity: [whole, whole],
      });
      // What is written of last month is not told of today: nobody ends its days meanwhile.
      for (const { api_key } of tenants) {
        const days = () => page(product.credentials.base_url, api_key, '/v1/settlements?limit=100');
        // Each asks for it by its key, of which so many calls a minute are taken.
        for (let tries = 0; tries < 80 && (await days()).length < 29; tries += 1) await sleep(250);
        expect((await days()).length).toBeGreaterThanOrEqual(29);
        expect(Math.max(...(await days()).map(({ line_count }) => line_count ?? 0))).toBe(4);
      }
      await product.stop();
      expect(readdirSync(dataDir)).not.toContain('credentials.seeding.json');

      // Credentials that somebody deleted: the same tenants with other keys.
      rmSync(join(dataDir, 'credentials.json'));
      const again = await startProduct({ DAYBOOK_SEED: 'demo' }, { dataDir, timeoutMs: 120_000 });
      expect(await demo(again.credentials)).toEqual(found);
      expect(again.credentials.tenants.map(({ id }) => id)).toEqual(tenants.map(({ id }) => id));
      expect(again.credentials.tenants[0]!.api_key).not.toBe(tenants[0]!.api_key);
      const metrics = await (await fetch(`${again.credentials.base_url}/metrics`)).text();
      expect(metrics).toMatch(/^daybook_projector_state\{state="leading"\} 1$/m);
      expect(metrics).toMatch(/^daybook_projector_lag_seconds [\d.]+$/m);
      expect(metrics).toMatch(/^daybook_read_models_parked_tenants 0$/m);
      await again.stop();
    },
    LONG,
  );

  it(
    'that is interrupted, by a Ctrl-C that comes twice, stops what it started and ends with 0',
    async () => {
      const dataDir = dataFolder();
      for (const [env, text] of [
        [{ DAYBOOK_SEED: 'none' }, 'Starting PostgreSQL'],
        [{ DAYBOOK_SEED: 'demo' }, 'Seeding the demo'],
      ] as const) {
        const interrupted = spawnIn(dataDir, env);
        await said(interrupted, text);
        interrupted.process.kill('SIGINT');
        interrupted.process.kill('SIGINT');
        expect([await interrupted.exited, interrupted.output()]).toEqual([0, expect.stringContaining('Stopping')]);
        expect(interrupted.output()).not.toMatch(/^\s+at |did not stop cleanly/m);
        expect(existsSync(join(dataDir, 'credentials.json'))).toBe(false);
        expect(existsSync(join(dataDir, 'daybook.pid'))).toBe(false);
      }
    },
    LONG,
  );
});
