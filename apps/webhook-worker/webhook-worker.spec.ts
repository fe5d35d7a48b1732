/** From an event to what a consumer gets of it: database, queue and all, over plain HTTP to this machine. */
import { spawnSync } from 'node:child_process';
import pg from 'pg';
import { pino } from 'pino';
import { openInstallation } from '#installation/installation.js';
import { rebuild } from '#projecting/rebuild.js';
import { GROUPS, ledgerReading } from '#projections/registry.js';
import { GAPS_MS } from '#webhooks/schedule.js';
import type { PublishedKey } from '#webhooks/signing.js';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Webhook as Svix } from 'svix';
import { verifyByPublicKey } from '../../docs/examples/verify-webhook.mjs';
import { Consumer, eventually, type Received } from '../../test/support/consumer.js';
import { InstallationUnderTest } from '../api/spec-installation.js';
import type { Reply } from '../api/spec-support.js';
import { prepareJobs, startWebhookWorker, type WebhookWorker } from './webhook-worker.js';

const HOUR = 3_600_000;

let consumer: Consumer;
let at: InstallationUnderTest;
let worker: WebhookWorker;
let made = 0;
beforeAll(async () => {
  consumer = await Consumer.start();
  at = await InstallationUnderTest.start({ DAYBOOK_WEBHOOK_ALLOW: consumer.hostAndPort, DAYBOOK_CLOCK: 'settable' });
  worker = await startWebhookWorker(at.installation, at.ownerUrl, pino({ level: 'silent' }), {
    sweepMs: 100,
    pruneMs: 100,
    random: () => 0,
  });
}, 60_000);
afterAll(async () => {
  await worker.stop();
  await at.close();
  consumer.close();
});

it('starts beside other processes that start at the same moment', async () => {
  const start = async (): Promise<void> => {
    const installation = await openInstallation(at.installation.configuration, at.ownerUrl);
    for (let time = 0; time < 5; time += 1) await prepareJobs(at.ownerUrl);
    await installation.close();
  };
  await expect(Promise.all(Array.from({ length: 6 }, start))).resolves.toHaveLength(6);
});

/** By the standard library alone; it prints nothing for a signature that is wrong. */
const PYTHON = `
import json, sys
sys.path.insert(0, "docs/examples")
from verify_webhook import verify, verify_short
ask = json.load(sys.stdin)
body = ask["body"].encode()
verify_short(ask["headers"]["qairopay-signature"], body, ask["secret"])
print(json.dumps(verify(ask["headers"], body, ask["secret"])))`;

interface Book {
  readonly id: string;
  send(method: string, url: string, body?: unknown): Promise<Reply>;
  endpoint(path: string, more?: object): Promise<Reply['body']>;
  account(): Promise<string>;
}

const book = async (terms: object = {}): Promise<Book> => {
  const { id } = await at.tenant({ environment: 'sandbox', ...terms });
  const scopes = [
    'webhooks:manage',
    'accounts:write',
    'accounts:read',
    'transactions:write',
    'events:read',
    'settings:manage',
  ];
  const as = (await at.admin('POST', `/${id}/api-keys`, { scopes })).body.full_key as string;
  const send: Book['send'] = (method, url, body) =>
    at.send(method, url, body, { as, headers: { 'idempotency-key': `hook-${++made}` } });
  return {
    id,
    send,
    endpoint: async (path, more = {}) => {
      const reply = await send('POST', '/v1/webhooks/endpoints', { url: consumer.url(path), events: ['*'], ...more });
      if (reply.status !== 201) throw new Error(reply.text);
      return reply.body;
    },
    account: async () => {
      const body = { account_name: 'Ada', wallet_type: 'general', currency: 'NGN', allow_negative: true };
      return (await send('POST', '/v1/accounts', body)).body.id as string;
    },
  };
};

const types = (received: readonly Received[]): string[] => received.map(({ event }) => event.type);
const accounts = (received: readonly Received[]): unknown[] => received.map(({ event }) => event.data?.account?.id);

describe('deliveries', () => {
  it('are counted where a change between versions had something to do with them', async () => {
    const own = await book();
    await own.send('PUT', '/v1/tenant/api_version', { version: '2025-11-01' });
    await own.endpoint('/counted', { events: ['account.created'], api_version: '2025-11-01' });
    await own.endpoint('/newest', { events: ['account.created'], api_version: '2026-05-19' });
    await own.account();
    await eventually(() => consumer.at('/counted').length > 0 && consumer.at('/newest').length > 0);
    const touched = async () => {
      const { body } = await own.send('GET', '/v1/tenant/version_report');
      const data = body.data as { change: { id: string }; operations: { operation: string; calls: number }[] }[];
      return data.flatMap(({ change, operations }) =>
        operations.filter(({ operation }) => operation.startsWith('webhook')).map((one) => ({ ...one, id: change.id })),
      );
    };
    await eventually(async () => {
      await new Promise((next) => setTimeout(next, 200));
      return (await touched()).length > 0;
    });
    expect(await touched()).toMatchObject([
      { id: 'webhook-signature-header', operation: 'webhook account.created', calls: 1 },
    ]);
  });

  it('are what endpoints ask for, signed, in the endpoint’s version and form', async () => {
    const own = await book();
    await own.account();
    const all = await own.endpoint('/all', { headers: { 'X-Team': 'ops' } });
    await own.endpoint('/transactions', { events: ['transaction.*'] });
    await own.endpoint('/thin', { events: ['account.created'], payload: 'thin', api_version: '2025-11-01' });
    const account = await own.account();
    await eventually(() => consumer.at('/all').length > 0 && consumer.at('/thin').length > 0);
    const [got] = consumer.at('/all');
    expect([consumer.at('/all').length, consumer.at('/transactions').length]).toEqual([1, 0]);
    const listed = (await own.send('GET', `/v1/events?resource_id=${account}`)).body.data as object[];
    expect(got?.event).toEqual(listed[0]);
    expect(got?.headers).toMatchObject({ 'x-team': 'ops', 'webhook-id': got?.event.id });
    expect(got?.headers['qairopay-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
    const verified = new Webhook(all.signing_secret as string).verify(got!.body.toString(), got!.headers as never);
    expect(verified).toEqual(got?.event);
    const [thin] = consumer.at('/thin');
    expect(thin?.headers['x-qairopay-signature']).toMatch(/^t=/);
    expect(Object.keys(thin!.event).sort()).toEqual(
      ['api_version', 'created', 'id', 'live_mode', 'object', 'sequence', 'tenant_id', 'type'].sort(),
    );
    expect(thin?.event.api_version).toBe('2025-11-01');
  });

  it('are accepted by verifiers that are not ours, with the secret before and after a rotation', async () => {
    const own = await book();
    const { id, signing_secret: before } = await own.endpoint('/verified', { events: ['account.created'] });
    const rotated = await own.send('POST', `/v1/webhooks/endpoints/${id as string}/rotate_secret`);
    await own.account();
    await eventually(() => consumer.at('/verified').length === 1);
    const [{ headers, body, event }] = consumer.at('/verified') as [Received];
    const short = headers['qairopay-signature'] as string;
    const stripe = new Stripe('sk_test_none');
    const python = (secret: string, text: string): unknown => {
      const input = JSON.stringify({ headers, body: text, secret });
      const { stdout } = spawnSync('python3', ['-c', PYTHON], { input, encoding: 'utf8' });
      return JSON.parse(stdout);
    };
    const checks: Record<string, (secret: string, text: string) => unknown> = {
      standardwebhooks: (secret, text) => new Webhook(secret).verify(text, headers as never),
      svix: (secret, text) => new Svix(secret).verify(text, headers as never),
      stripe: (secret, text) => stripe.webhooks.constructEvent(text, short, secret),
      ...(spawnSync('python3', ['--version']).status === 0 ? { python } : {}),
    };
    const { keys } = (await at.send('GET', '/.well-known/webhook-keys')).body as { keys: PublishedKey[] };
    expect(verifyByPublicKey(headers, body, keys, own.id)).toEqual(event);
    for (const check of Object.values(checks)) {
      for (const secret of [before, rotated.body.signing_secret] as string[]) {
        expect(check(secret, body.toString())).toEqual(event);
        expect(() => check(secret, `${body.toString()} `)).toThrow();
      }
    }
  });

  it('gather while an endpoint is disabled, and are sent once it is enabled', async () => {
    const own = await book();
    const { id } = await own.endpoint('/gathering', { events: ['account.created'] });
    await own.send('POST', `/v1/webhooks/endpoints/${id as string}/disable`);
    const opened = [await own.account(), await own.account(), await own.account()];
    await own.endpoint('/beside', { events: ['account.created'] });
    opened.push(await own.account());
    await eventually(() => consumer.at('/beside').length === 1);
    expect(consumer.at('/gathering')).toEqual([]);
    await own.send('POST', `/v1/webhooks/endpoints/${id as string}/enable`);
    await eventually(() => consumer.at('/gathering').length === 4);
    expect(accounts(consumer.at('/gathering')).sort()).toEqual(opened.sort());
  });

  it('are tried again on their schedule, not before, and not after they were refused', async () => {
    const own = await book();
    await own.endpoint('/failing', { events: ['account.created'] });
    await own.endpoint('/refusing', { events: ['account.created'] });
    consumer.behaviour = (response, { path }, nth) => {
      const status = path === '/failing' && nth === 1 ? 500 : path === '/refusing' ? 400 : 200;
      response.writeHead(status).end();
    };
    await own.account();
    await eventually(() => consumer.at('/failing').length === 1 && consumer.at('/refusing').length === 1);
    const marker = await book();
    await marker.endpoint('/marker');
    await marker.account();
    await eventually(() => consumer.at('/marker').length === 1);
    expect(consumer.at('/failing')).toHaveLength(1);
    await advance(31_000);
    await eventually(() => consumer.at('/failing').length === 2);
    await advance(2 * HOUR);
    await marker.account();
    await eventually(() => consumer.at('/marker').length === 2);
    expect([consumer.at('/failing').length, consumer.at('/refusing').length]).toEqual([2, 1]);
    const [first, second] = consumer.at('/failing');
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toEqual(first?.body);
  });

  it('of one account come one after the other where the endpoint wants order, and other accounts do not wait', async () => {
    const own = await book();
    await own.endpoint('/ordered', { events: ['transaction.completed'], ordering: 'account' });
    const [ada, bob, eve] = [await own.account(), await own.account(), await own.account()];
    const pay = (source: string, amount: number): Promise<Reply> =>
      own.send('POST', '/v1/transactions', { type: 'transfer', amount, currency: 'NGN', source, destination: eve });
    let failures = 1;
    consumer.behaviour = (response, { event }) => {
      const isFirst = event.data?.transaction?.source === ada && event.data.transaction.amount === 1;
      response.writeHead(isFirst && failures-- > 0 ? 503 : 200).end();
    };
    for (const amount of [1, 2, 3]) await pay(ada, amount);
    for (const amount of [1, 2]) await pay(bob, amount);
    const amountsOf = (source: string): unknown[] =>
      consumer
        .at('/ordered')
        .filter(({ event }) => event.data?.transaction?.source === source)
        .map(({ event }) => event.data?.transaction?.amount);
    await eventually(() => amountsOf(bob).length === 2);
    expect([amountsOf(ada), amountsOf(bob)]).toEqual([[1], [1, 2]]);
    await advance(31_000);
    await eventually(() => amountsOf(ada).length === 4);
    expect(amountsOf(ada)).toEqual([1, 1, 2, 3]);
    consumer.behaviour = (response) => void response.writeHead(200).end();
  });

  it('are not made again where read models are', async () => {
    const own = await book();
    await own.endpoint('/rebuilt');
    await own.account();
    await eventually(() => consumer.at('/rebuilt').length === 1);
    const { store, pools, vault } = at.installation;
    for (const name of ['events', 'webhook-endpoints', 'accounts', 'tenants']) {
      const { events, switched } = await rebuild(name, {
        store,
        owner: { connectionString: at.ownerUrl },
        projector: { connectionString: pools.projector.options.connectionString as string },
        reading: ledgerReading((tenantId, sealed) => vault.opener(tenantId, sealed)),
        groups: GROUPS,
      });
      expect([events > 0, switched]).toEqual([true, true]);
    }
    const last = await own.account();
    await eventually(() => accounts(consumer.at('/rebuilt')).includes(last));
    const rows = await pools.projector.query('SELECT FROM daybook.deliveries WHERE tenant_id = $1', [own.id]);
    expect([consumer.at('/rebuilt').length, rows.rowCount]).toEqual([2, 2]);
  });

  it('go on while a tenant is suspended; once it is inactive the last is that it is', async () => {
    const own = await book();
    await own.endpoint('/stopped', { events: ['tenant.*'] });
    for (const status of ['suspended', 'active', 'inactive', 'active', 'suspended']) {
      await at.admin('PATCH', `/${own.id}/status`, { status });
    }
    await eventually(() => consumer.at('/stopped').length === 5);
    expect(types(consumer.at('/stopped')).sort()).toEqual(
      ['tenant.suspended', 'tenant.reactivated', 'tenant.deactivated', 'tenant.reactivated', 'tenant.suspended'].sort(),
    );
  });
});

describe('what is told of deliveries', () => {
  const deliveriesOf = async (own: Book, endpointId: unknown, query = ''): Promise<Reply['body'][]> =>
    (await own.send('GET', `/v1/webhooks/endpoints/${endpointId as string}/deliveries${query}`)).body.data as [];

  it('is each attempt, byte for byte; one that failed is tried again when somebody asks', async () => {
    const own = await book();
    const { id } = await own.endpoint('/log', { events: ['account.created'] });
    consumer.behaviour = (response, { path }, nth) => {
      if (path === '/log' && nth === 1) response.writeHead(410, { 'x-why': 'gone' }).end('no longer here');
      else response.writeHead(200).end(path === '/log' ? '€'.repeat(50_000) : 'thanks');
    };
    const account = await own.account();
    await eventually(async () => (await deliveriesOf(own, id, '?status=failed')).length === 1);
    const [failed] = await deliveriesOf(own, id);
    expect(failed).toMatchObject({ event_type: 'account.created', attempt_count: 1, waiting_because: null });
    const path = `/v1/webhooks/deliveries/${failed!.id as string}`;
    const [got] = consumer.at('/log');
    const first = (await own.send('GET', path)).body;
    expect(first.attempts).toMatchObject([
      {
        attempt: 1,
        outcome: 'refused',
        http_status: 410,
        request: { url: consumer.url('/log'), body: got?.body.toString() },
        response: { excerpt: 'no longer here', bytes: 14, headers: { 'x-why': 'gone' } },
        // A number that was given in the URL, without TLS.
        timings: { dns_ms: null, tls_ms: null, first_byte_ms: milliseconds, total_ms: milliseconds },
      },
    ]);
    const [attempt] = first.attempts as { request: { headers: object } }[];
    expect(got?.headers).toMatchObject(
      Object.fromEntries(Object.entries(attempt!.request.headers).map(([name, value]) => [name.toLowerCase(), value])),
    );
    expect((await own.send('POST', `${path}/retry`)).status).toBe(200);
    await eventually(async () => (await own.send('GET', path)).body.status === 'succeeded');
    const second = (await own.send('GET', path)).body.attempts as { response: { excerpt: string } }[];
    expect(second[1]).toMatchObject({ attempt: 2, outcome: 'delivered', response: { is_cut: true } });
    expect(Buffer.byteLength(second[1]!.response.excerpt)).toBe(16_383);
    expect(consumer.at('/log').map(({ event }) => event.data?.account?.id)).toEqual([account, account]);
    const stats = (await own.send('GET', `/v1/webhooks/endpoints/${id as string}/stats?window=1h`)).body;
    expect(stats).toMatchObject({ total_deliveries: 1, success_count: 1, failure_count: 0, success_rate: 100 });
    const admin = await at.admin('GET', `/${own.id}/webhooks/endpoints/${id as string}/stats`);
    expect(admin.body).toMatchObject({ window: '30d', success_count: 1 });
    const stranger = await book();
    for (const [method, below] of [
      ['GET', ''],
      ['POST', '/retry'],
    ] as const) {
      expect((await stranger.send(method, `${path}${below}`)).body.error?.code).toBe('delivery_not_found');
    }
    expect(await deliveriesOf(stranger, (await stranger.endpoint('/none')).id)).toEqual([]);
  });

  it('holds no value of an endpoint’s own headers, nor does any table; its URL stands where it is read, and nowhere else', async () => {
    const own = await book();
    const headers = { Authorization: 'Bearer planted-value' };
    const path = '/planted?token=planted-token';
    const { id } = await own.endpoint(path, { events: ['account.created'], headers });
    await own.account();
    await eventually(async () => (await deliveriesOf(own, id, '?status=succeeded')).length === 1);
    expect((await own.send('POST', `/v1/webhooks/endpoints/${id as string}/test`)).body.delivered).toBe(true);
    expect(consumer.at(path).map((one) => one.headers.authorization)).toEqual(Array(2).fill(headers.Authorization));
    const [delivery] = await deliveriesOf(own, id);
    const { attempts } = (await own.send('GET', `/v1/webhooks/deliveries/${delivery!.id as string}`)).body;
    expect(attempts).toMatchObject([{ request: { url: consumer.url(path), headers: { Authorization: '****' } } }]);
    await own.send('POST', `/v1/webhooks/endpoints/${id as string}/disable`);
    const told = await own.send('GET', `/v1/events?type=webhook_endpoint.disabled`);
    expect(told.text).toContain('"Authorization":"****"');
    expect(await tablesWith('planted-value')).toEqual([]);
    expect(await tablesWith('planted-token')).toEqual(['daybook.webhook_endpoints']);
    expect(await tablesWith(delivery!.id as string)).toContain('daybook.delivery_attempts');
  });

  it('is the death of an endpoint after the tenth attempt, and its backlog once it is enabled', async () => {
    const own = await book();
    const { id } = await own.endpoint('/dying', { events: ['account.created'] });
    await own.endpoint('/witness', { events: ['webhook_endpoint.*'] });
    consumer.behaviour = (response, { path }) => void response.writeHead(path === '/dying' ? 503 : 200).end();
    await own.account();
    for (const [i, gap] of GAPS_MS.entries()) {
      await eventually(() => consumer.at('/dying').length === i + 1, `attempt ${i + 1}`);
      const last = async (): Promise<unknown> => (await deliveriesOf(own, id))[0]?.attempt_count;
      await eventually(async () => (await last()) === i + 1);
      await advance(gap + 1_000);
    }
    await eventually(() => consumer.at('/witness').length === 1);
    expect(consumer.at('/witness')[0]?.event).toMatchObject({
      type: 'webhook_endpoint.disabled',
      data: { webhook_endpoint: { id, status: 'dead' } },
      previous_attributes: { status: 'enabled' },
    });
    expect(consumer.at('/dying')).toHaveLength(10);
    expect(at.log.join()).toContain('A webhook endpoint was disabled');
    await own.account();
    consumer.behaviour = (response) => void response.writeHead(200).end();
    await eventually(async () => (await deliveriesOf(own, id, '?status=pending')).length === 1);
    expect(await deliveriesOf(own, id, '?status=pending')).toMatchObject([{ waiting_because: 'endpoint_dead' }]);
    await own.send('POST', `/v1/webhooks/endpoints/${id as string}/enable`);
    await eventually(() => consumer.at('/dying').length === 11);
  });

  it('is a replay: each event once, counted before it is sent, and stopped when it is canceled', async () => {
    const own = await book();
    for (let n = 0; n < 3; n += 1) await own.account();
    const terms = { events: ['tenant.updated'], api_version: '2025-11-01' };
    const { id } = await own.endpoint('/replayed', terms);
    const path = `/v1/webhooks/endpoints/${id as string}/replays`;
    const since = '2026-01-01T00:00:00Z';
    const dry = await own.send('POST', path, { since: recently(), types: ['account.created'], dry_run: true });
    expect([dry.status, dry.body.total, dry.body.status]).toEqual([200, 3, 'dry_run']);
    expect((await own.send('POST', path, { since })).body.error?.param).toBe('since');
    const replay = await own.send('POST', path, { since: recently(), types: ['account.created'] });
    expect(replay.status).toBe(201);
    const read = (): Promise<Reply> => own.send('GET', `/v1/webhooks/replays/${replay.body.id as string}`);
    await advance(1_000);
    await eventually(async () => ((await read()).body.progress as { succeeded: number }).succeeded === 3);
    expect((await read()).body).toMatchObject({ status: 'completed', total: 3, progress: { queued: 3, pending: 0 } });
    expect(new Set(consumer.at('/replayed').map(({ event }) => event.id)).size).toBe(3);
    expect(consumer.at('/replayed').every(({ event }) => event.api_version === '2025-11-01')).toBe(true);
    expect(await deliveriesOf(own, id, `?replay_id=${replay.body.id as string}`)).toHaveLength(3);
    const body = { since: recently(), types: ['account.created'], rate_per_second: 1 };
    const slow = await own.send('POST', path, body);
    const canceled = await own.send('POST', `/v1/webhooks/replays/${slow.body.id as string}/cancel`);
    expect(canceled.body).toMatchObject({ status: 'canceled' });
    const none = await own.send('POST', path, { since: recently(), delivery_statuses: ['failed'], dry_run: true });
    expect(none.body.total).toBe(0);
  });

  it('is the end of a replay whose endpoint goes: nothing of it waits for ever', async () => {
    const own = await book();
    await own.account();
    const { id } = await own.endpoint('/gone', { events: ['tenant.updated'] });
    const holder = await at.installation.pools.projector.connect();
    const said = async (text: string, values: unknown[]): Promise<number> =>
      (await holder.query(text, values)).rowCount ?? 0;
    // One that nobody has taken up yet, and nobody can until the endpoint is about to be gone.
    let [replay, isHeld] = ['', false];
    for (let n = 0; !isHeld && n < 100; n += 1) {
      replay = `rpl_${n}_${own.id}`;
      await said(
        `INSERT INTO daybook.webhook_replays (tenant_id, replay_id, endpoint_id, since, until, rate, total, begins_at)
         VALUES ($1, $2, $3, now() - interval '1 year', now() + interval '1 year', 1, 1, now() + interval '1 year')`,
        [own.id, replay, id],
      );
      await said('BEGIN', []);
      const find = `SELECT FROM daybook.webhook_replays WHERE replay_id = $1 AND status = 'running' FOR UPDATE`;
      isHeld = (await said(find, [replay])) === 1;
      if (!isHeld) await said('ROLLBACK', []);
    }
    await own.send('DELETE', `/v1/webhooks/endpoints/${id as string}`);
    const goneOrWaiting = `SELECT WHERE NOT EXISTS (SELECT FROM daybook.webhook_lanes WHERE endpoint_id = $1)
      OR EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))`;
    await eventually(async () => (await said(goneOrWaiting, [id])) === 1);
    await said('COMMIT', []);
    const running = `SELECT FROM daybook.webhook_replays WHERE replay_id = $1 AND status = 'running'`;
    await eventually(async () => (await said(running, [replay])) === 0);
    const waiting = await said(`SELECT FROM daybook.deliveries WHERE cause = $1 AND status = 'pending'`, [replay]);
    holder.release();
    expect(waiting).toBe(0);
  });

  it('is forgotten after thirty days, with what was sent, and not before', async () => {
    const own = await book();
    const { id } = await own.endpoint('/forgotten', { events: ['account.created'] });
    for (let n = 0; n < 2; n += 1) await own.account();
    await eventually(async () => (await deliveriesOf(own, id, '?status=succeeded')).length === 2);
    const [young, old] = (await deliveriesOf(own, id)).map((one) => one.id as string) as [string, string];
    const { projector } = at.installation.pools;
    const age = `UPDATE daybook.deliveries SET created_at = now() - $2 * interval '1 day' WHERE delivery_id = $1`;
    await projector.query(age, [young, 29.9]);
    await projector.query(age, [old, 30.1]);
    const read = (which: string): Promise<Reply> => own.send('GET', `/v1/webhooks/deliveries/${which}`);
    await eventually(async () => (await read(old)).body.error?.code === 'delivery_not_found');
    expect((await read(young)).body.attempts).toMatchObject([{ outcome: 'delivered' }]);
    const kept = 'SELECT delivery_id FROM daybook.delivery_attempts WHERE endpoint_id = $1';
    expect((await projector.query(kept, [id])).rows).toEqual([{ delivery_id: young }]);
  });

  it('is how a test went, at once', async () => {
    const own = await book();
    const { id } = await own.endpoint('/tested', { events: ['tenant.updated'] });
    await own.account();
    const path = `/v1/webhooks/endpoints/${id as string}/test`;
    const told = (await own.send('POST', path, { event_type: 'account.created' })).body;
    expect(told).toMatchObject({ delivered: true, http_status: 200 });
    const [got] = consumer.at('/tested');
    expect(got?.event).toMatchObject({ id: told.test_event_id, sequence: null, type: 'account.created' });
    consumer.behaviour = (response) => void response.writeHead(500).end();
    expect((await own.send('POST', path)).body).toMatchObject({ delivered: false, http_status: 500 });
    consumer.behaviour = (response) => void response.writeHead(200).end();
    expect((await own.send('POST', path, { event_type: 'NOT A TYPE' })).body.error?.code).toBe('pattern_mismatch');
  });
});

const milliseconds = expect.any(Number) as number;

/** Of what the installation's moved clock says. */
const recently = (): string => new Date(Date.now() - HOUR).toISOString();

/** Of all tables there are, those with a row that holds a text, be it in bytes. */
const tablesWith = async (text: string): Promise<string[]> => {
  const client = new pg.Client({ connectionString: at.ownerUrl });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT LIKE 'pg\\_%' ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const like = [text, Buffer.from(text).toString('hex')].map((part) => `%${part}%`);
    const { rowCount } = await client.query(`SELECT FROM ${name} t WHERE t::text LIKE ANY ($1) LIMIT 1`, [like]);
    if (rowCount !== 0) found.push(name);
  }
  await client.end();
  return found;
};

/** Moves business time, as the route for it does. */
const advance = async (ms: number): Promise<void> => {
  await at.installation.pools.engine.query('UPDATE daybook.business_clock SET offset_ms = offset_ms + $1', [ms]);
};
