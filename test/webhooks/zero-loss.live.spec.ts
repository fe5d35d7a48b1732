/**
 * Every event reaches every endpoint, whatever happens: two workers that are killed at each step of a delivery, consumers that
 * do their worst, a queue that is emptied under way. `DAYBOOK_TEST_KILLS=50` is the long run.
 */
import { Redis } from 'ioredis';
import pg from 'pg';
import { InstallationUnderTest } from '#apps/api/spec-installation.js';
import { JOBS_SCHEMA } from '#webhooks/wake-queue.js';
import { Consumer, eventually } from '../support/consumer.js';
import { hostile } from './hostile-consumer.js';
import { KilledWorkers, WorkerProcess } from './workers.js';

const KILLS = Number(process.env.DAYBOOK_TEST_KILLS ?? 6);
const EVENTS = 20 * KILLS;
const PATHS = ['/well', '/hostile-1', '/hostile-2'];
const TIMEOUT_MS = 30_000 + KILLS * 4_000;
const OPTIONS = { limits: { leaseMs: 1_500 }, deadlineMs: 700, sweepMs: 300, breaker: { opensForMs: 200 } };

/** Where there is no Redis, jobs in PostgreSQL are all that is tried. */
const REDIS_URL = process.env.DAYBOOK_TEST_REDIS_URL;
const BACKENDS = REDIS_URL === undefined ? (['postgres'] as const) : (['postgres', 'redis'] as const);

/** As an operator does it who does not care what is in it. */
const emptyQueue = async (ownerUrl: string, redisUrl: string | null): Promise<void> => {
  if (redisUrl !== null) {
    const client = new Redis(redisUrl);
    const keys = await client.keys('daybook-*:webhook-deliveries:*');
    if (keys.length > 0) await client.del(...keys);
    client.disconnect();
    return;
  }
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = $1 AND tablename LIKE '%job%'`,
    [JOBS_SCHEMA],
  );
  await client.query(`TRUNCATE ${rows.map(({ name }) => `${JOBS_SCHEMA}.${name}`).join(', ')} CASCADE`);
  await client.end();
};

describe.each(BACKENDS)('webhooks whose queue is in %s', (backend) => {
  let consumer: Consumer;
  let at: InstallationUnderTest;
  let env: Record<string, string>;
  let redisUrl: string | null;
  beforeAll(async () => {
    redisUrl = backend === 'redis' ? (REDIS_URL as string) : null;
    consumer = await Consumer.start();
    env = {
      DAYBOOK_WEBHOOK_ALLOW: consumer.hostAndPort,
      DAYBOOK_CLOCK: 'settable',
      ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
    };
    at = await InstallationUnderTest.start(env);
    env.DATABASE_URL = at.ownerUrl;
    env.DAYBOOK_DATA_DIR = at.installation.configuration.dataDir;
  }, 60_000);
  afterAll(async () => {
    await at?.close();
    consumer?.close();
  });

  const tenant = async (paths: readonly string[]): Promise<(n: number) => Promise<string>> => {
    const { id } = await at.tenant();
    const as = (await at.admin('POST', `/${id}/api-keys`, { scopes: ['accounts:write'] })).body.full_key as string;
    for (const path of paths) {
      const body = { url: consumer.url(path), events: ['account.created'] };
      await at.admin('POST', `/${id}/webhooks/endpoints`, body);
    }
    return async (n) => {
      const body = { account_name: `n${n}`, wallet_type: 'general', currency: 'NGN' };
      const headers = { 'idempotency-key': `n${n}-${id}` };
      return (await at.send('POST', '/v1/accounts', body, { as, headers })).body.id as string;
    };
  };

  it(
    `lose nothing, though workers are killed ${KILLS} times and the queue is emptied three times`,
    async () => {
      const acknowledged = new Map<string, number>();
      consumer.behaviour = hostile((path, eventId) => {
        const key = `${path} ${eventId}`;
        acknowledged.set(key, (acknowledged.get(key) ?? 0) + 1);
      });
      const open = await tenant(PATHS);
      const workers = new KilledWorkers(env, OPTIONS, KILLS);
      const deadline = Date.now() + TIMEOUT_MS - 5_000;
      let tickMs = 45_000;
      const clock = setInterval(() => {
        const text = 'UPDATE daybook.business_clock SET offset_ms = offset_ms + $1';
        void at.installation.pools.engine.query(text, [tickMs]).catch(() => undefined);
      }, 400);
      const wanted = new Set<string>();
      const lost = (): string[] => [...wanted].filter((key) => !acknowledged.has(key));
      let made = 0;
      let emptied = 0;
      try {
        workers.start(2);
        await workers.run();
        while (made < EVENTS || (workers.total < KILLS && Date.now() < deadline)) {
          for (let n = 0; n < 5; n += 1) {
            const id = await open((made += 1));
            for (const path of PATHS) wanted.add(`${path} ${id.replace('acc_', 'evt_')}`);
          }
          if (emptied < 3 && made > ((emptied + 1) * EVENTS) / 4) {
            await emptyQueue(at.ownerUrl, redisUrl);
            emptied += 1;
          }
          await new Promise((next) => setTimeout(next, 120));
        }
        // Whatever has failed again and again waits for hours.
        tickMs = 7_200_000;
        while (lost().length > 0 && Date.now() < deadline) await new Promise((next) => setTimeout(next, 50));
      } finally {
        clearInterval(clock);
        await workers.stop();
      }
      const doubled = [...acknowledged.values()].filter((count) => count > 1).length;
      const killed = [...workers.kills].map(([step, count]) => `${step} ${count}`).join(', ');
      process.stdout.write(
        `webhooks (${backend}): ${wanted.size} deliveries of ${made} events, ${workers.total} kills (${killed}), queue emptied ` +
          `${emptied} times: lost ${lost().length}, doubled ${doubled}\n`,
      );
      expect([lost(), emptied]).toEqual([[], 3]);
      expect(workers.total).toBeGreaterThanOrEqual(KILLS);
    },
    TIMEOUT_MS,
  );

  it('send what a job wakes whose worker was killed twice (the stalled-job trap), without a sweep', async () => {
    consumer.behaviour = (response) => void response.writeHead(200).end();
    const open = await tenant(['/trap']);
    const options = { limits: { leaseMs: 300 }, sweepMs: 3_600_000, stalledAfterMs: 1_000 };
    for (let kill = 0; kill < 2; kill += 1) {
      const worker = new WorkerProcess(env, options, { step: 'claimed', nth: 1 });
      await worker.runs;
      if (kill === 0) await open(1_000_000);
      expect(await worker.exited).toBe('SIGKILL');
    }
    expect(consumer.at('/trap')).toEqual([]);
    const last = new WorkerProcess(env, options);
    await eventually(() => consumer.at('/trap').length === 1, 'the delivery');
    await last.stop();
  }, 60_000);
});
