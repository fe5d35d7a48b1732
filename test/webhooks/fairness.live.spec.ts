/** One dead and one slow consumer with thousands of deliveries each, ahead of twenty that are well: who waits for whom. */
import { pino } from 'pino';
import { InstallationUnderTest } from '#apps/api/spec-installation.js';
import { startWebhookWorker, type WebhookWorker } from '#apps/webhook-worker/webhook-worker.js';
import { Consumer, eventually } from '../support/consumer.js';

const BACKLOG = 5_000;
const HEALTHY = 20;
const EVENTS_EACH = 5;
const SLOW_MS = 2_000;

let consumer: Consumer;
let at: InstallationUnderTest;
let worker: WebhookWorker;
beforeAll(async () => {
  consumer = await Consumer.start();
  at = await InstallationUnderTest.start({ DAYBOOK_WEBHOOK_ALLOW: consumer.hostAndPort });
  worker = await startWebhookWorker(at.installation, at.ownerUrl, pino({ level: 'silent' }));
}, 60_000);
afterAll(async () => {
  await worker?.stop();
  await at?.close();
  consumer?.close();
});

interface Subscribed {
  readonly id: string;
  readonly as: string;
  readonly path: string;
}

const subscribed = async (path: string): Promise<Subscribed> => {
  const { id } = await at.tenant();
  const as = (await at.admin('POST', `/${id}/api-keys`, { scopes: ['accounts:write'] })).body.full_key as string;
  await at.admin('POST', `/${id}/webhooks/endpoints`, { url: consumer.url(path), events: ['account.created'] });
  return { id, as, path };
};

let made = 0;
const open = async ({ as }: Subscribed): Promise<void> => {
  const body = { account_name: 'Ada', wallet_type: 'general', currency: 'NGN' };
  const reply = await at.send('POST', '/v1/accounts', body, { as, headers: { 'idempotency-key': `f${++made}` } });
  expect(reply.status).toBe(201);
};

/** Of one delivery that is there, thousands more. */
const pileUp = async ({ id }: Subscribed): Promise<void> => {
  await at.installation.pools.projector.query(
    `INSERT INTO deliveries (tenant_id, delivery_id, endpoint_id, cause, event_id, event_type, sequence, revision,
       ordering_key, next_attempt_at)
     SELECT d.tenant_id, left(d.delivery_id, -6) || lpad(n::text, 6, '0'), d.endpoint_id, 'spec-' || n, d.event_id,
       d.event_type, d.sequence, d.revision, d.ordering_key, d.next_attempt_at
     FROM (SELECT * FROM deliveries WHERE tenant_id = $1 LIMIT 1) d, generate_series(1, $2) n`,
    [id, BACKLOG],
  );
};

const pending = async ({ id }: Subscribed): Promise<number> => {
  const text = `SELECT count(*)::int AS count FROM deliveries WHERE tenant_id = $1 AND status = 'pending'`;
  return (await at.installation.pools.projector.query<{ count: number }>(text, [id])).rows[0]!.count;
};

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;

/** From an event to its delivery (ms), of all the healthy ones. */
const measured = async (healthy: readonly Subscribed[]): Promise<{ readonly p50: number; readonly p99: number }> => {
  const waits: number[] = [];
  for (let n = 0; n < EVENTS_EACH; n += 1) {
    await Promise.all(
      healthy.map(async (one) => {
        const before = consumer.at(one.path).length;
        const began = performance.now();
        await open(one);
        await eventually(() => consumer.at(one.path).length > before, one.path);
        waits.push(consumer.at(one.path)[before]!.at - began);
      }),
    );
  }
  waits.sort((a, b) => a - b);
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
};

it('the others are sent theirs long before the slow one has got through its own', async () => {
  consumer.behaviour = (response, { path }) => {
    if (path === '/dead') return;
    if (path === '/slow') setTimeout(() => response.writeHead(200).end(), SLOW_MS);
    else response.writeHead(200).end();
  };
  const healthy = await Promise.all(Array.from({ length: HEALTHY }, (_, n) => subscribed(`/healthy-${n}`)));
  await measured(healthy);
  const alone = await measured(healthy);
  const [dead, slow] = [await subscribed('/dead'), await subscribed('/slow')];
  for (const one of [dead, slow]) {
    await open(one);
    await eventually(() => consumer.at(one.path).length > 0);
    await pileUp(one);
  }
  await eventually(() => consumer.at('/slow').length > 5 && consumer.at('/dead').length > 5);
  const beside = await measured(healthy);
  const waiting = { dead: await pending(dead), slow: await pending(slow) };
  process.stdout.write(
    `webhooks: 20 healthy endpoints p50 ${alone.p50.toFixed(0)} ms, p99 ${alone.p99.toFixed(0)} ms; beside one dead and one slow ` +
      `of ${BACKLOG} deliveries each p50 ${beside.p50.toFixed(0)} ms, p99 ${beside.p99.toFixed(0)} ms ` +
      `(${(beside.p99 / alone.p99).toFixed(2)} times)\n`,
  );
  expect(Math.min(waiting.dead, waiting.slow)).toBeGreaterThan(BACKLOG * 0.8);
  expect(consumer.received.filter(({ path }) => path.startsWith('/healthy'))).toHaveLength(HEALTHY * EVENTS_EACH * 3);
}, 120_000);
