/**
 * Every event reaches every endpoint, whatever happens: workers, projector and API are killed at each step of a delivery,
 * consumers do their worst, the queue is emptied under way. `DAYBOOK_TEST_KILLS=50` is the long run.
 */
import { Redis } from 'ioredis';
import pg from 'pg';
import { JOBS_SCHEMA } from '#webhooks/wake-queue.js';
import { Consumer, eventually } from '../support/consumer.js';
import { hostile } from './hostile-consumer.js';
import { KilledRoles, RoleProcess, ROLES, STEPS, type Killing } from './killed-roles.js';
import { SplitInstallation } from './split-installation.js';

const KILLS = Number(process.env.DAYBOOK_TEST_KILLS ?? 6);
const EVENTS = 20 * KILLS;
const PATHS = ['/well', '/hostile-1', '/hostile-2'];
const TIMEOUT_MS = 60_000 + KILLS * 6_000;
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

/** Every role at every step in turn; each backend begins elsewhere, so that few kills of both are all of them. */
const planned = (from: number): Killing[] =>
  Array.from({ length: KILLS }, (_, i) => {
    const n = from + i;
    const turn = Math.floor(n / ROLES.length);
    return { role: ROLES[n % ROLES.length]!, step: STEPS[turn % STEPS.length]!, nth: 1 + (i % 7) };
  });

const told = (kills: KilledRoles['kills']): string =>
  [...ROLES, ...STEPS]
    .map((name) => `${name} ${kills.filter(({ role, step }) => name === role || name === step).length}`)
    .join(', ');

describe.each(BACKENDS)('webhooks whose queue is in %s', (backend) => {
  let consumer: Consumer;
  let at: SplitInstallation;
  let redisUrl: string | null;
  let roles: KilledRoles;
  beforeAll(async () => {
    redisUrl = backend === 'redis' ? (REDIS_URL as string) : null;
    consumer = await Consumer.start();
    at = await SplitInstallation.start({
      DAYBOOK_WEBHOOK_ALLOW: consumer.hostAndPort,
      DAYBOOK_CLOCK: 'settable',
      DAYBOOK_LOG_LEVEL: 'info',
      ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
    });
    roles = new KilledRoles((role) => new RoleProcess(role, at.envOf(role), OPTIONS));
    await roles.start('api', 'projector');
  }, 90_000);
  afterAll(async () => {
    await roles?.stop('api', 'projector');
    await at?.close();
    consumer?.close();
  });

  /** Opens an account of a new tenant whose endpoints are at these paths; answers the id of the event. */
  const tenant = async (paths: readonly string[]): Promise<(n: number) => Promise<string>> => {
    const name = paths.join().replaceAll(/[^a-z0-9-]/g, '_');
    const terms = {
      name: 'Acme Payments Ltd',
      default_currency: 'NGN',
      partner: { name: 'J', email: 'j@acme.example', tier: 'enterprise' },
    };
    const { id } = await at.admin('', terms, name);
    const as = (await at.admin(`/${id as string}/api-keys`, { scopes: ['accounts:write'] }, `key-${name}`))
      .full_key as string;
    for (const path of paths) {
      const body = { url: consumer.url(path), events: ['account.created'] };
      await at.admin(`/${id as string}/webhooks/endpoints`, body, `at-${path.slice(1)}`);
    }
    return async (n) => {
      const body = { account_name: `n${n}`, wallet_type: 'general', currency: 'NGN' };
      const made = await at.make('/v1/accounts', body, { as, key: `n${n}` });
      return (made.id as string).replace('acc_', 'evt_');
    };
  };

  it(
    `lose nothing, though workers, API and projector are killed ${KILLS} times and the queue is emptied three times`,
    async () => {
      const acknowledged = new Map<string, number>();
      consumer.behaviour = hostile((path, eventId) => {
        const key = `${path} ${eventId}`;
        acknowledged.set(key, (acknowledged.get(key) ?? 0) + 1);
      });
      const deadline = Date.now() + TIMEOUT_MS - 10_000;
      let tickMs = 45_000;
      const clock = setInterval(() => void at.advance(tickMs), 400);
      const wanted = new Set<string>();
      const lost = (): string[] => [...wanted].filter((key) => !acknowledged.has(key));
      let [made, emptied] = [0, 0];
      try {
        const open = await tenant(PATHS);
        await roles.start('worker', 'worker');
        let isKilling = true;
        const killing = roles.kill(planned(BACKENDS.indexOf(backend as never) * KILLS), deadline);
        void killing.catch(() => undefined).finally(() => (isKilling = false));
        while ((made < EVENTS || isKilling) && Date.now() < deadline) {
          const opened = await Promise.all(Array.from({ length: 5 }, () => open((made += 1))));
          for (const event of opened) for (const path of PATHS) wanted.add(`${path} ${event}`);
          if (emptied < 3 && made > ((emptied + 1) * EVENTS) / 4) {
            await emptyQueue(at.ownerUrl, redisUrl);
            emptied += 1;
          }
          await new Promise((next) => setTimeout(next, 100));
        }
        await killing;
        // Whatever has failed again and again waits for hours.
        tickMs = 7_200_000;
        while (lost().length > 0 && Date.now() < deadline) await new Promise((next) => setTimeout(next, 50));
      } finally {
        clearInterval(clock);
        await roles.stop('worker');
      }
      const doubled = [...acknowledged.values()].filter((count) => count > 1).length;
      process.stdout.write(
        `webhooks (${backend}): ${wanted.size} deliveries of ${made} events, ${roles.kills.length} kills ` +
          `(${told(roles.kills)}), queue emptied ${emptied} times: ` +
          `lost ${lost().length}, doubled ${doubled}\n`,
      );
      expect([lost(), emptied]).toEqual([[], 3]);
      expect(roles.kills).toHaveLength(KILLS);
    },
    TIMEOUT_MS,
  );

  it('send what a job wakes whose worker was killed twice (the stalled-job trap), without a sweep', async () => {
    consumer.behaviour = (response) => void response.writeHead(200).end();
    const options = { limits: { leaseMs: 300 }, sweepMs: 3_600_000, stalledAfterMs: 1_000, takesUp: false };
    const workers: RoleProcess[] = [];
    const worker = async (armed: ConstructorParameters<typeof RoleProcess>[3] = []): Promise<RoleProcess> => {
      const one = new RoleProcess('worker', at.envOf('worker'), options, armed);
      workers.push(one);
      await one.runs;
      return one;
    };
    try {
      const open = await tenant(['/trap']);
      for (let kill = 0; kill < 2; kill += 1) {
        const killed = await worker([{ step: 'claimed', nth: 1 }]);
        if (kill === 0) await open(1_000_000);
        expect(await killed.exited).toBe('SIGKILL');
      }
      expect(consumer.at('/trap')).toEqual([]);
      await worker();
      await eventually(() => consumer.at('/trap').length === 1, 'the delivery');
    } finally {
      await Promise.all(workers.map((one) => one.stop()));
    }
  }, 60_000);
});
