/** The product as an auditor and an operator use it: export, verify without a server, import into an empty installation. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { embeddedPostgresUrl } from '../../apps/standalone/embedded-postgres.js';
import { Consumer, eventually } from '../support/consumer.js';
import { account, Book, deposit, tenant as newTenant, transfer, type Step } from '#domain/spec-support.js';
import { exportedBook } from '../support/books.js';
import { daybook } from '../support/exported.js';
import { startProduct, type Product } from '../support/product.js';

const LONG = 120_000;
const ROOT = resolve(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'daybook-restore-'));
let first: Product;
let second: Product;
let tenant: Product['credentials']['tenants'][number];
let consumer: Consumer;
let endpoint: string;
beforeAll(async () => {
  consumer = await Consumer.start();
  first = await startProduct({ DAYBOOK_SEED: 'demo', DAYBOOK_WEBHOOK_ALLOW: consumer.hostAndPort });
  tenant = first.credentials.tenants[0]!;
  const asked = {
    url: consumer.url('/first'),
    events: ['account.*', 'card.*', 'customer.*', 'tenant.*', 'transaction.*'],
  };
  endpoint = (await send(first, 'POST', '/v1/webhooks/endpoints', tenant.api_key, asked)).id as string;
  await send(first, 'POST', '/v1/customers', tenant.api_key, { kind: 'person', name: 'Ada' });
  const isTold = (): boolean => consumer.at('/first').some(({ event }) => event.type === 'customer.created');
  await eventually(isTold, 'what is told before the book is exported');
}, LONG);
afterAll(async () => {
  await Promise.all([first?.stop(), second?.stop()]);
  rmSync(folder, { recursive: true });
  consumer?.close();
}, LONG);

const send = async (product: Product, method: string, path: string, credential: string, body: object) => {
  const answer = await fetch(`${product.credentials.base_url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${credential}`,
      'content-type': 'application/json',
      'idempotency-key': `${method} ${path}`.replaceAll(/[^A-Za-z0-9]/g, '-'),
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
};

const get = async (product: Product, path: string, credential: string) => {
  const answer = await fetch(`${product.credentials.base_url}${path}`, {
    headers: { authorization: `Bearer ${credential}` },
  });
  return { status: answer.status, text: await answer.text() };
};

const file = (name: string): string => join(folder, name);
const events = (name: string): string[] => readFileSync(file(name), 'utf8').trim().split('\n').slice(1, -1);

/** What nothing keeps from doing whoever owns the database. */
const asOwner = async (product: Product, sql: string): Promise<unknown[]> => {
  const owner = new pg.Client({ connectionString: embeddedPostgresUrl(product.dataDir) as string });
  await owner.connect();
  try {
    return (await owner.query<Record<string, unknown>>(sql)).rows ?? [];
  } finally {
    await owner.end();
  }
};

/** Exit code of a command that is expected to fail, with what it printed. */
const failing = (product: Product, ...args: string[]): { readonly code: number | null; readonly said: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin', 'daybook.mjs'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', DAYBOOK_DATA_DIR: product.dataDir },
  });
  return { code: status, said: stdout + stderr };
};

describe('a book', () => {
  it(
    'is exported, gone on with, and verified without a server by two verifiers',
    async () => {
      daybook(first.dataDir, ['export', '--tenant', tenant.id, '--out', file('a.ndjson')]);
      const whole = readFileSync(file('a.ndjson'), 'utf8').split('\n');
      writeFileSync(file('b.ndjson.part'), `${whole.slice(0, 20).join('\n')}\n${whole[20]!.slice(0, 50)}`);
      const resumed = ['export', '--tenant', tenant.id, '--out', file('b.ndjson'), '--resume', '--json'];
      const summary = daybook(first.dataDir, resumed).trim().split('\n').at(-1)!;
      const { count, head_hash } = JSON.parse(whole.at(-2)!) as { count: number; head_hash: string };
      expect(JSON.parse(summary)).toMatchObject({
        tenant_id: tenant.id,
        events: count,
        revision: count - 1,
        head_hash,
      });
      expect(events('b.ndjson')).toEqual(events('a.ndjson'));

      const nowhere = mkdtempSync(join(folder, 'nowhere-'));
      const told = daybook(nowhere, ['verify', file('b.ndjson'), '--json'])
        .trim()
        .split('\n')
        .at(-1)!;
      expect(JSON.parse(told)).toMatchObject({ verified: true, events: events('a.ndjson').length });
      if (spawnSync('python3', ['--version']).status === 0)
        expect(
          execFileSync('python3', [join(ROOT, 'docs', 'verify.py'), file('b.ndjson')], { encoding: 'utf8' }),
        ).toContain('is true');

      const { text } = await get(first, '/v1/ledger/receipt?revision=3', tenant.api_key);
      writeFileSync(file('receipt.json'), text);
      expect(daybook(nowhere, ['verify', '--receipt', file('receipt.json')])).toContain('revision 3 (');
    },
    LONG,
  );

  it(
    'that was changed is told with its revision, and what is no book with another exit code',
    () => {
      const text = readFileSync(file('a.ndjson'), 'utf8');
      const lines = text.split('\n');
      lines[9] = lines[9]!.replace('"revision":8', '"revision":80');
      writeFileSync(file('changed.ndjson'), lines.join('\n'));
      expect(failing(first, 'verify', file('changed.ndjson'))).toMatchObject({
        code: 1,
        said: expect.stringContaining('revision 8'),
      });
      expect(failing(first, 'verify', file('none.ndjson')).code).toBe(2);
      expect(failing(first, 'verify').code).toBe(2);
      expect(failing(first, 'import', file('a.ndjson'))).toMatchObject({
        code: 2,
        said: expect.stringContaining('already'),
      });
    },
    LONG,
  );

  it(
    'that is large is read by two threads, and comes to the same',
    () => {
      const large = new Book();
      for (const step of [newTenant(), account('ada'), account('bob'), deposit('ada', 90_000)]) large.step(step);
      const sent = { type: 'PostTransaction', data: { ...transfer('ada', 'bob', 1).data, narration: 'x'.repeat(450) } };
      for (let i = 0; i < 5_600; i++) large.step(sent as Step);
      const lines = exportedBook(large.stored);
      writeFileSync(file('large.ndjson'), `${lines.join('\n')}\n`);
      expect(statSync(file('large.ndjson')).size).toBeGreaterThan(8 * 2 ** 20);
      expect(daybook(folder, ['verify', file('large.ndjson')])).toContain(`${lines.length - 2} events`);
      const changed = (find: string, by: string) =>
        lines.map((line, i) => (i === 5_001 ? line.replace(find, by) : line));
      for (const [find, by, says] of [
        ['"amount":1,', '"amount":2,', 'revision 5000: its hash'],
        ['"revision":5000', '"revision": 5000', 'revision 5000: it is not written canonically'],
      ] as const) {
        writeFileSync(file('large-changed.ndjson'), `${changed(find, by).join('\n')}\n`);
        const { code, said } = failing(first, 'verify', file('large-changed.ndjson'));
        expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining(says) });
      }
    },
    LONG,
  );

  it(
    'is the same in an installation that imported it, whose read models are what it says',
    async () => {
      second = await startProduct({ DAYBOOK_SEED: 'none', DAYBOOK_WEBHOOK_ALLOW: consumer.hostAndPort });
      expect(failing(second, 'import', file('changed.ndjson')).code).toBe(1);
      daybook(second.dataDir, ['import', file('a.ndjson')]);
      daybook(second.dataDir, ['export', '--tenant', tenant.id, '--out', file('again.ndjson')]);
      expect(events('again.ndjson')).toEqual(events('a.ndjson'));

      const admin = `/api/v1/admin/tenants/${tenant.id}`;
      const deadline = Date.now() + 20_000;
      let there = await get(second, `${admin}/accounts?limit=100`, second.credentials.admin_token);
      const before = await get(first, `${admin}/accounts?limit=100`, first.credentials.admin_token);
      const sums = (text: string): unknown =>
        (JSON.parse(text) as { accounts: Record<string, unknown>[] }).accounts.map(({ id, balance, held, status }) => [
          id,
          balance,
          held,
          status,
        ]);
      while (
        (there.status !== 200 || JSON.stringify(sums(there.text)) !== JSON.stringify(sums(before.text))) &&
        Date.now() < deadline
      ) {
        await new Promise((next) => setTimeout(next, 100));
        there = await get(second, `${admin}/accounts?limit=100`, second.credentials.admin_token);
      }
      expect(sums(there.text)).toEqual(sums(before.text));
      expect((await get(second, '/v1/accounts', tenant.api_key)).status).toBe(401);

      const url = embeddedPostgresUrl(second.dataDir) as string;
      const compared = daybook(second.dataDir, ['verify', file('a.ndjson'), '--against', url]);
      expect(compared).toContain(`${tenant.id}: the database has the same events up to revision`);
      expect(compared).toContain('Every stream is true');
    },
    LONG,
  );

  it(
    'of a sandbox is its live tenant’s again, where who imports it says so',
    async () => {
      const sandbox = first.credentials.tenants[1]!;
      daybook(first.dataDir, ['export', '--tenant', sandbox.id, '--out', file('sandbox.ndjson')]);
      const wrongly = failing(second, 'import', file('sandbox.ndjson'), '--twin-of', sandbox.id);
      expect(wrongly).toMatchObject({ code: 2, said: expect.stringContaining('no such live tenant') });
      daybook(second.dataDir, ['import', file('sandbox.ndjson'), '--twin-of', tenant.id]);
      const path = `/api/v1/admin/tenants/${tenant.id}/api-keys`;
      const asked = { name: 'desk', scopes: ['accounts:read'], prefix: 'test' };
      const made = await send(second, 'POST', path, second.credentials.admin_token, asked);
      expect(made).toMatchObject({ key: { tenant_id: sandbox.id } });
    },
    LONG,
  );

  it(
    'that was imported is told to no webhook: they begin behind it, once they have a secret again',
    async () => {
      const admin = `/api/v1/admin/tenants/${tenant.id}`;
      const change = { url: consumer.url('/second'), rotate_secret: true };
      const { admin_token: operator } = second.credentials;
      await send(second, 'PATCH', `${admin}/webhooks/endpoints/${endpoint}`, operator, change);
      await send(second, 'PATCH', `${admin}/status`, operator, { status: 'suspended', reason: 'moved' });
      await eventually(() => consumer.at('/second').length > 0, 'what happens after the import');
      expect(consumer.at('/second').map(({ event }) => event.type)).toEqual(['tenant.suspended']);
      const client = new pg.Client({ connectionString: embeddedPostgresUrl(second.dataDir) as string });
      await client.connect();
      const rows = await client.query('SELECT event_type FROM daybook.deliveries WHERE tenant_id = $1', [tenant.id]);
      await client.end();
      expect(rows.rows).toEqual([{ event_type: 'tenant.suspended' }]);
    },
    LONG,
  );

  it(
    'whose read model somebody changed is not switched by a rebuild that finds it, but where that is wanted',
    async () => {
      const changed = `UPDATE daybook.account_balances SET balance = balance + 1 WHERE balance > 0 AND NOT debit_normal`;
      expect(daybook(first.dataDir, ['rebuild', 'accounts', 'entries'])).toContain('accounts: ');
      await asOwner(first, changed);
      const before = await asOwner(first, 'SELECT sum(balance) AS sum FROM daybook.account_balances');
      const { code, said } = failing(first, 'rebuild', 'entries', 'accounts');
      expect({ code, said }).toEqual({
        code: 1,
        said: expect.stringMatching(/account_id acc_\w+: balance is \d+, by/),
      });
      expect(said).toMatch(/accounts: \d+ events; not switched[^]*account_balances: .* other than before/);
      expect(await asOwner(first, 'SELECT sum(balance) AS sum FROM daybook.account_balances')).toEqual(before);
      expect(daybook(first.dataDir, ['rebuild', 'accounts', '--force'])).toContain('other than before');
      expect(daybook(first.dataDir, ['rebuild', 'accounts'])).toContain('the same as before');
    },
    LONG,
  );
});

describe('the audit log', () => {
  it(
    'is found whole from the command line, and where it was changed',
    async () => {
      await get(first, `/api/v1/admin/tenants/${tenant.id}/accounts`, first.credentials.admin_token);
      const noted = () => asOwner(first, `SELECT FROM daybook.audit_log WHERE tenant_id = '${tenant.id}'`);
      const deadline = Date.now() + 20_000;
      while ((await noted()).length === 0 && Date.now() < deadline) await new Promise((next) => setTimeout(next, 50));
      expect(daybook(first.dataDir, ['verify', '--audit'])).toMatch(
        new RegExp(`${tenant.id}: [1-9]\\d* entries, head`),
      );
      await asOwner(
        first,
        `ALTER TABLE daybook.audit_log DISABLE TRIGGER append_only;
         UPDATE daybook.audit_log SET actor = 'nobody' WHERE tenant_id = '${tenant.id}' AND sequence = 1`,
      );
      expect(failing(first, 'verify', '--audit')).toEqual({
        code: 1,
        said: expect.stringContaining(`${tenant.id}: entry 1: its column actor`),
      });
    },
    LONG,
  );
});
