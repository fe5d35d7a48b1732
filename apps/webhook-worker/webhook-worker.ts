import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import pg from 'pg';
import { VersionUseCounts } from '#access/version-uses/version-uses.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { BusinessClock } from '#installation/business-clock.js';
import type { Installation } from '#installation/installation.js';
import { installationWebhookKey } from '#installation/webhook-key.js';
import { webhookSecretBox } from '#installation/webhook-secrets.js';
import { connectAsOwner, lockRights } from '#platform/database/prepare-database.js';
import { isUnavailable } from '#platform/database/unavailable.js';
import { DATABASE_ROLES } from '#platform/database/roles.js';
import { StartupError } from '#platform/startup-error.js';
import { Runner } from '#projecting/runner.js';
import type { Reading } from '#projecting/feed.js';
import type { RunnerStatus } from '#projecting/runner-gauge.js';
import { BY_KEY_SETTINGS } from '#projecting/writer-settings.js';
import { ledgerReading } from '#projections/registry.js';
import { Egress } from '#webhooks/connections.js';
import { Deliverer, type Step } from '#webhooks/deliverer.js';
import { DeliveryStore, type BreakerTerms, type Claimed, type ClaimLimits } from '#webhooks/delivery-store.js';
import { fanOutGroup, WEBHOOK_GROUP } from '#webhooks/fan-out.js';
import { KnownSecrets } from '#webhooks/known-secrets.js';
import { advanceReplays } from '#webhooks/replays.js';
import { Waker } from '#webhooks/waker.js';
import { BullWakeQueue, migrateJobs, type WakeQueue } from '#webhooks/wake-queue.js';
import { WebhookSecrets } from '#webhooks/webhook-secrets.js';
import { Subscribers } from './subscribers.js';
import { ToldEvents } from './told-events.js';

export interface WebhookWorker {
  /** Of what writes deliveries: how far it is behind the stream. */
  status(): RunnerStatus;
  /** Finishes the attempts under way, or gives them back, and ends. */
  stop(): Promise<void>;
}

/** All that a test or a measurement may want otherwise. */
export interface WebhookWorkerOptions {
  readonly limits?: Partial<ClaimLimits>;
  readonly breaker?: Partial<BreakerTerms>;
  /** Attempts under way in this process at once. */
  readonly most?: number;
  /** How often (ms) whoever has something due is woken, whatever the queue says. */
  readonly sweepMs?: number;
  /** How often (ms) what was kept long enough is deleted. */
  readonly pruneMs?: number;
  /** False: what is due is always queued, also where it would have its turn here. */
  readonly takesUp?: boolean;
  readonly deadlineMs?: number;
  readonly stalledAfterMs?: number;
  /** Certificates in PEM that are trusted instead of Node's own. */
  readonly ca?: string;
  readonly onStep?: (step: Step, claimed: Claimed) => void;
  /** How long its statements may take, and an ending at most (ms). */
  readonly database?: pg.PoolConfig;
  readonly stopMs?: number;
  /** Of the jitter. */
  readonly random?: () => number;
}

/** A minute of attempts' deadlines would be lost with each worker that is killed, so a little more than one of them. */
const LEASE_MS = 25_000;
const LIMITS: ClaimLimits = { perEndpoint: 10, leaseMs: LEASE_MS, perTenant: { rate: 100, burst: 100 } };
const BREAKER: BreakerTerms = { opensAfter: 5, opensForMs: 5_000, opensForMostMs: 300_000 };
const MOST_AT_ONCE = 256;
const WAKE_UPS_AT_ONCE = 64;
const SWEEP_MS = 1_000;
const MOST_PER_SWEEP = 5_000;
/**
 * For claims, outcomes and what is due. A database that has gone without a word must keep none of them for ever, and none as
 * long as a lease; the client's own limit is for where not even the server's comes back.
 */
const DATABASE: pg.PoolConfig = {
  max: 5,
  connectionTimeoutMillis: 5_000,
  statement_timeout: 10_000,
  query_timeout: 12_000,
};
/** For pages of replays and what is deleted: nobody waits for these. */
const LONG_WORK: pg.PoolConfig = { ...DATABASE, max: 2, statement_timeout: 60_000, query_timeout: 65_000 };
/** What has not ended by then (ms) is left to the process's own end: leases bring back what was under way. */
const LONGEST_STOP_MS = 15_000;
/** So long payloads and what became of them are kept (ms): thirty days. */
export const KEPT_MS = 30 * 86_400_000;
const PRUNE_EVERY_MS = 600_000;

const until = async (signal: AbortSignal, everyMs: number, work: () => Promise<unknown>): Promise<void> => {
  for (;;) {
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await work();
  }
};

const NOTHING_IS_OPENED: Reading<LedgerEvent>['opener'] = () => Promise.resolve(() => null);

/** Writes each event's deliveries, once: of several workers one leads, the others stand by. */
const fanOutRunner = (
  { store, pools }: Installation,
  told: ToldEvents,
  logger: Logger,
  onCommit: (revisions: ReadonlyMap<string, number>) => void,
): Runner<LedgerEvent> => {
  const heard = told.hear.bind(told);
  const subscribers = new Subscribers(pools.projector, ledgerReading(NOTHING_IS_OPENED), heard);
  return new Runner<LedgerEvent>({
    name: WEBHOOK_GROUP,
    store,
    connection: { connectionString: pools.projector.options.connectionString as string },
    reading: subscribers.reading(),
    restMs: subscribers.restMs,
    groups: [fanOutGroup],
    onCommit,
    onParked: (parked) => logger.error({ parked }, 'a tenant was parked: its webhooks stand still until it is mended'),
    onFailure: (error) => logger.warn({ err: error }, 'events could not be handed to webhooks; it is tried again'),
  });
};

const openPool = ({ pools }: Installation, limits: pg.PoolConfig): pg.Pool => {
  const connectionString = pools.projector.options.connectionString as string;
  const pool = new pg.Pool({
    connectionString,
    options: BY_KEY_SETTINGS.map((setting) => `-c ${setting.replaceAll(' ', '')}`).join(' '),
    application_name: 'daybook webhooks',
    keepAlive: true,
    ...limits,
  });
  pool.on('error', () => undefined);
  // Whoever holds one sees it by its query; without a listener one that breaks would end the process.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
};

/** Only who uses jobs makes their schema: several at once wait for one another. */
export const prepareJobs = async (ownerUrl: string): Promise<void> => {
  const owner = await connectAsOwner(ownerUrl);
  try {
    await lockRights(owner);
    await migrateJobs(owner, DATABASE_ROLES.projector);
  } catch (error) {
    const reason = (error as Error).message;
    throw new StartupError(`The jobs that wake webhook workers could not be made ready in the database: ${reason}`, {
      cause: error,
    });
  } finally {
    await owner.end();
  }
};

interface Parts {
  readonly store: DeliveryStore;
  readonly egress: Egress;
  readonly told: ToldEvents;
  readonly clock: BusinessClock;
}

const delivererOver = (
  installation: Installation,
  { store, egress, told, clock }: Parts,
  logger: Logger,
  { limits = {}, most = MOST_AT_ONCE, deadlineMs, onStep, random }: WebhookWorkerOptions,
): Deliverer => {
  const secrets = new KnownSecrets(new WebhookSecrets(installation.pools.auth, webhookSecretBox(installation)));
  return new Deliverer({
    store,
    egress,
    render: told.render,
    destinationOf: told.destination,
    secretsOf: secrets.of,
    key: installationWebhookKey(installation),
    now: clock.now,
    isPassing: isUnavailable,
    most,
    perTurn: limits.perEndpoint ?? LIMITS.perEndpoint,
    onFailure: (error, { tenantId, endpointId }) =>
      logger.warn({ err: error, tenant_id: tenantId, endpoint_id: endpointId }, 'a delivery could not be attempted'),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(onStep === undefined ? {} : { onStep }),
    ...(random === undefined ? {} : { random }),
  });
};

/** Fans events out to webhook endpoints and delivers them. Any number may run. `ownerUrl`: of the database's owner. */
export const startWebhookWorker = async (
  installation: Installation,
  ownerUrl: string,
  logger: Logger,
  options: WebhookWorkerOptions = {},
): Promise<WebhookWorker> => {
  const { configuration, pools } = installation;
  const clock = new BusinessClock(pools.engine, configuration.clock === 'settable');
  await clock.look();
  if (configuration.redisUrl === null) await prepareJobs(ownerUrl);
  const pool = openPool(installation, { ...DATABASE, ...options.database });
  const longPool = openPool(installation, { ...LONG_WORK, ...options.database });
  const storeOver = (over: pg.Pool): DeliveryStore =>
    new DeliveryStore(over, { ...LIMITS, ...options.limits }, { ...BREAKER, ...options.breaker });
  const store = storeOver(pool);
  const egress = new Egress({
    allow: configuration.webhookAllow,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  const { sweepMs = SWEEP_MS } = options;
  const versionUses = new VersionUseCounts(pools.engine);
  const told = new ToldEvents(installation, (...noted) => versionUses.note(...noted));
  const deliverer = delivererOver(installation, { store, egress, told, clock }, logger, options);
  const queue = openQueue(installation, logger, options.stalledAfterMs);
  const ending = new AbortController();
  const { signal } = ending;
  const failed = (what: string) => (error: unknown) => void (signal.aborted || logger.warn({ err: error }, what));
  const waker: Waker = new Waker({
    store,
    queue,
    now: clock.now,
    takeUp: (lane) => options.takesUp !== false && deliverer.takeUp(lane),
    onFailure: failed('workers could not be woken; the sweep does so'),
  });
  const runner = fanOutRunner(installation, told, logger, (revisions) => waker.committed(revisions.keys()));
  queue.work((lane) => {
    waker.taken(lane);
    return deliverer.wake(lane);
  }, WAKE_UPS_AT_ONCE);
  const running = Promise.all([
    runner.run(signal),
    clock.run(signal),
    until(signal, sweepMs, () => sweep(store, waker, clock).catch(failed('what is due could not be swept'))),
    until(signal, sweepMs, () => replay(longPool, told, clock, logger).catch(failed('replays could not go on'))),
    until(signal, options.pruneMs ?? PRUNE_EVERY_MS, () =>
      storeOver(longPool).prune(KEPT_MS, signal).catch(failed('old deliveries could not be deleted')),
    ),
  ]);
  return {
    status: () => runner.status(),
    stop: () =>
      within(options.stopMs ?? LONGEST_STOP_MS, logger, async () => {
        ending.abort();
        waker.stop();
        await running;
        await deliverer.stop();
        await queue.close();
        egress.close();
        await versionUses.flush().catch(() => undefined);
        await Promise.all([pool.end(), longPool.end()]);
      }),
  };
};

const within = async (mostMs: number, logger: Logger, end: () => Promise<void>): Promise<void> => {
  const ended = new AbortController();
  const late = sleep(mostMs, undefined, { signal: ended.signal }).then(
    () => logger.warn('the webhook worker did not end in time; what was under way comes back with its lease'),
    () => undefined,
  );
  try {
    await Promise.race([end(), late]);
  } finally {
    ended.abort();
  }
};

/** Whoever has something due gets a turn, also where the queue has lost its job; what has no room here is for others. */
const sweep = async (store: DeliveryStore, waker: Waker, clock: BusinessClock): Promise<void> =>
  void waker.tell(await store.due(clock.now(), MOST_PER_SWEEP));

/** Where something of ours is away the round ends: it would be for all of them. */
const replay = async (pool: pg.Pool, told: ToldEvents, clock: BusinessClock, logger: Logger): Promise<void> => {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await advanceReplays(client, told.orderingKeys, clock.now, (error, { tenantId, replayId }) => {
      if (isUnavailable(error)) throw error;
      logger.error({ err: error, tenant_id: tenantId, replay_id: replayId }, 'a replay could not go on');
    });
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
};

const openQueue = (
  { configuration, pools, masterKeys }: Installation,
  logger: Logger,
  stalledAfterMs?: number,
): WakeQueue =>
  new BullWakeQueue({
    redisUrl: configuration.redisUrl,
    installation: masterKeys.current.id,
    databaseUrl: pools.projector.options.connectionString as string,
    onFailure: (error) => logger.warn({ err: error }, 'the queue that wakes workers failed; the sweep goes on'),
    ...(stalledAfterMs === undefined ? {} : { stalledAfterMs }),
  });
