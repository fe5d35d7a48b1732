/** A database that does not answer any more and does not say so, as one whose address has gone: over a relay that falls silent. */
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import { listen } from '#platform/listening.js';
import { Consumer, eventually } from '../../test/support/consumer.js';
import { freePort } from '../../test/support/postgres.js';
import { InstallationUnderTest } from '../api/spec-installation.js';
import { startWebhookWorker, type WebhookWorker } from './webhook-worker.js';

/** Hands on what clients and the database say to each other, until it is told to keep it to itself. */
class Relay {
  private readonly pairs = new Map<net.Socket, { readonly database: net.Socket; isWorkers: boolean }>();
  private silent: 'none' | 'workers' | 'all' = 'none';
  private readonly server = net.createServer((client) => this.join(client));
  readonly url: string;

  private constructor(
    private readonly behind: URL,
    private readonly port: number,
  ) {
    const url = new URL(behind);
    url.port = String(port);
    this.url = url.href;
  }

  static async start(url: string): Promise<Relay> {
    const self = new Relay(new URL(url), await freePort());
    await listen(self.server, '127.0.0.1', self.port);
    return self;
  }

  private join(client: net.Socket): void {
    const database = net.connect(Number(this.behind.port), this.behind.hostname);
    const pair = { database, isWorkers: false };
    this.pairs.set(client, pair);
    client.once('data', (first: Buffer) => {
      pair.isWorkers = first.includes('daybook webhooks');
      this.keepSilent();
    });
    client.on('error', () => undefined).on('close', () => database.destroy());
    database.on('error', () => undefined).on('close', () => client.destroy());
    client.pipe(database).pipe(client);
  }

  /** Of whom nothing is handed on any more; `workers`: of the connections over which deliveries are claimed and settled. */
  keepFrom(whom: 'workers' | 'all'): void {
    this.silent = whom;
    this.keepSilent();
  }

  /** New connections are as they should be; those that fell silent stay so. */
  heal(): void {
    this.silent = 'none';
  }

  private keepSilent(): void {
    for (const [client, { database, isWorkers }] of this.pairs) {
      if (this.silent === 'none' || (this.silent === 'workers' && !isWorkers)) continue;
      client.unpipe(database).pause();
      database.unpipe(client).pause();
    }
  }

  close(): void {
    for (const [client, { database }] of this.pairs) for (const one of [client, database]) one.destroy();
    this.server.close();
  }
}

let consumer: Consumer;
let at: InstallationUnderTest;
let relay: Relay;
let relayed: pg.Pool;
let worker: WebhookWorker;
beforeAll(async () => {
  consumer = await Consumer.start();
  at = await InstallationUnderTest.start({ DAYBOOK_WEBHOOK_ALLOW: consumer.hostAndPort });
  const { pools } = at.installation;
  relay = await Relay.start(pools.projector.options.connectionString as string);
  relayed = new pg.Pool({ connectionString: relay.url, max: 2 });
  relayed.on('error', () => undefined);
  const installation = { ...at.installation, pools: { ...pools, projector: relayed } };
  worker = await startWebhookWorker(installation, at.ownerUrl, pino({ level: 'silent' }), {
    sweepMs: 100,
    database: { connectionTimeoutMillis: 1_000, statement_timeout: 500, query_timeout: 750 },
    stopMs: 1_000,
  });
}, 60_000);
afterAll(async () => {
  relay?.close();
  await worker?.stop().catch(() => undefined);
  await relayed?.end();
  await at?.close();
  consumer?.close();
});

it('holds up no delivery for long, and no ending', async () => {
  const { id } = await at.tenant({ environment: 'sandbox' });
  const scopes = ['webhooks:manage', 'accounts:write'];
  const as = (await at.admin('POST', `/${id}/api-keys`, { scopes })).body.full_key as string;
  const post = async (path: string, body: object): Promise<void> => {
    const headers = { 'idempotency-key': randomUUID() };
    expect((await at.send('POST', path, body, { as, headers })).status).toBe(201);
  };
  const account = { account_name: 'Ada', wallet_type: 'general', currency: 'NGN', allow_negative: true };
  await post('/v1/webhooks/endpoints', { url: consumer.url('/told'), events: ['account.created'] });
  await post('/v1/accounts', account);
  await eventually(() => consumer.at('/told').length === 1, 'a delivery');
  relay.keepFrom('workers');
  await post('/v1/accounts', account);
  await sleep(1_000);
  relay.heal();
  await eventually(() => consumer.at('/told').length >= 2, 'a delivery after its connections fell silent');
  relay.keepFrom('all');
  const ended = worker.stop().then(() => 'ended');
  expect(await Promise.race([ended, sleep(15_000, 'hangs', { ref: false })])).toBe('ended');
}, 60_000);
