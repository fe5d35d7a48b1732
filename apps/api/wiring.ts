/** Puts the API together over an opened installation: the only place that knows which room fills which port. */
import { once } from 'node:events';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { loadAdminKey } from '#access/admin-key.js';
import { IssuedAdminTokens, LocalAdminTokens, type AdminTokenVerifier } from '#access/admin-tokens.js';
import { KeyVerifiers } from '#access/api-keys.js';
import { AuditLog } from '#access/audit/audit-log.js';
import { Authenticator } from '#access/authenticator.js';
import { CredentialCache } from '#access/credential-cache.js';
import { ApiKeyCredentials } from '#access/credentials.js';
import { LastUses } from '#access/last-uses.js';
import type { UserAuthenticator } from '#access/users/user-authenticator.js';
import { missingRight } from '#access/rights.js';
import type { Principal, TenantPrincipal } from '#access/principal.js';
import { RecentReadLog } from '#access/version-uses/recent-reads.js';
import { ToldTenants } from '#access/version-uses/version-letters.js';
import { VersionUseCounts } from '#access/version-uses/version-uses.js';
import { DueHoldsWaker } from '#engine/due-holds-waker.js';
import { LedgerEngine } from '#engine/ledger-engine.js';
import { NotTaken, type Clock } from '#engine/ports.js';
import { TenantRegistry } from '#engine/tenant-registry.js';
import { BusinessClock } from '#installation/business-clock.js';
import { adminKeyFile, checkpointKeyFile, type Installation } from '#installation/installation.js';
import type { Access } from '#platform/http/principal.js';
import { installationWebhookKey } from '#installation/webhook-key.js';
import { deriveKey } from '#platform/master-key.js';
import { staleProjections } from '#projecting/built.js';
import { readParked } from '#projecting/parked.js';
import { countBreached } from '#projections/finance-settings/finance-settings.queries.js';
import { countUnpaid } from '#projections/settlements/settlements.queries.js';
import { PROJECTIONS } from '#projections/registry.js';
import { PostgresColdIndex } from '#projections/cold-index/cold-index.queries.js';
import { PostgresDueHolds } from '#projections/due-holds/due-holds.queries.js';
import { PostgresIdempotencyIndex } from '#projections/idempotency-index/idempotency-index.queries.js';
import { PostgresSnapshots } from '#projections/snapshots/snapshots.queries.js';
import type { KeySecrets } from './api-keys/api-keys.js';
import { alarmsTo, asError } from './alarms.js';
import { PostgresAuditChain } from './audit/audit-chain.js';
import { ClockGuard } from './clock-guard.js';
import type { ApiDependencies } from './dependencies.js';
import { Erasures } from './erasure/erasures.js';
import { HealthWatch } from './health/health-watch.js';
import { HalfMade } from './half-made.js';
import { createApi, type Api } from './create-api.js';
import type { Probe } from './installation/installation.controller.js';
import { keySecretsOver } from './key-secrets.js';
import { readModels } from './read-models.js';
import { rateLimiting } from './rate-limiting.js';
import { KnownTraits } from './tenant-traits.js';
import { openUserAccess } from './users/open-user-access.js';
import type { UserAccess } from './users/user-access.js';
import { registrationOver } from './tenants/registration.js';
import { workspacesOver } from './workspaces/workspaces-over.js';
import { DeadEndpoints } from './webhooks/dead-endpoints.js';
import { endpointSecretsOver } from './webhooks/endpoint-secrets.js';
import { webhookDeskOver } from './webhooks/webhook-desk.js';
import { ReleaseNotices, type ReleaseNoticePorts } from './versions/release-notices.js';

export interface RunningApi extends Api {
  readonly keySecrets: KeySecrets;
  readonly logger: Logger;
  /** Takes no more requests, finishes those under way, then the commands that are queued. */
  close(): Promise<void>;
}

export interface ApiOptions {
  readonly logger: Logger;
  /** Of what else runs for this process to serve. */
  readonly probes?: readonly Probe[];
  /** Adds what else is to be measured. */
  readonly observe?: (metrics: Registry) => void;
  /**
   * Until it is kept, no time that passes has an effect by itself: no day ends, nothing expires, no health is told of. For
   * whoever first writes what is said to have been long ago. It need not be kept where the API is closed.
   */
  readonly begun?: Promise<unknown>;
}

/** The engine over an installation's store, indexes, snapshots and vault. */
export const openEngine = (
  installation: Installation,
  logger: Logger,
  clock: Clock,
  clockAhead: () => boolean = () => false,
): LedgerEngine => {
  const { store, pools, vault } = installation;
  return new LedgerEngine({
    store,
    snapshots: new PostgresSnapshots(pools.engine),
    coldIndex: new PostgresColdIndex(pools.engine),
    idempotencyIndex: new PostgresIdempotencyIndex(pools.engine),
    vault,
    clock,
    clockAhead,
    onAlarm: alarmsTo(logger),
  });
};

const adminTokens = async ({ configuration }: Installation): Promise<AdminTokenVerifier> => {
  const { issuer, audience, jwksUrl } = configuration.admin;
  const terms = { issuer, audience };
  if (jwksUrl !== null) return new IssuedAdminTokens(jwksUrl, terms);
  return LocalAdminTokens.open(adminKeyFile(configuration.dataDir), terms);
};

const engineMetrics = (registry: Registry, engine: LedgerEngine): void => {
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name: `daybook_engine_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  };
  gauge('loaded_tenants', 'Tenants whose state is in memory', () => engine.gauges().loadedTenants);
  gauge('parked_tenants', 'Tenants whose stream could not be folded', () => engine.gauges().parkedTenants);
  gauge('queued_commands', 'Commands taken and not answered', () => engine.gauges().queued);
  for (const name of Object.keys(engine.counters) as (keyof typeof engine.counters)[]) {
    gauge(
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      'Since the start',
      () => engine.counters[name],
    );
  }
};

/** What the database says is wrong, whichever process projects; a database that is down leaves them out. */
const readModelMetrics = (registry: Registry, { pools }: Installation): void => {
  const gauge = (name: string, help: string, count: () => Promise<number>): void => {
    new Gauge({
      name: `daybook_read_models_${name}`,
      help,
      registers: [registry],
      async collect() {
        await count().then(
          (value) => this.set(value),
          () => this.remove(),
        );
      },
    });
  };
  gauge('parked_tenants', 'Tenants whose read models stand still', async () => (await readParked(pools.engine)).length);
  gauge(
    'stale',
    'Read models that must be rebuilt',
    async () => (await staleProjections(pools.projector, PROJECTIONS)).length,
  );
};

/** How finance stands over all tenants; a database that is down leaves it out. */
const financeMetrics = (registry: Registry, { pools }: Installation): void => {
  const gauge = (name: string, help: string, count: () => Promise<number>): void => {
    new Gauge({
      name: `daybook_finance_${name}`,
      help,
      registers: [registry],
      async collect() {
        await count().then(
          (value) => this.set(value),
          () => this.remove(),
        );
      },
    });
  };
  gauge('coverage_alerts', 'Currencies of tenants below their coverage', () => countBreached(pools.engine));
  gauge('settlements_netting', 'Settlements that wait for payment', () => countUnpaid(pools.engine, 'netting'));
  gauge('settlements_failed', 'Settlements whose payment failed', () => countUnpaid(pools.engine, 'failed'));
};

const storeProbe = ({ store }: Installation): Probe => ({
  name: 'event store',
  trouble: () =>
    store.ready(1_500).then(
      () => null,
      (error: Error) => error.message,
    ),
});

const databaseProbe = ({ pools }: Installation): Probe => ({
  name: 'database',
  trouble: () =>
    pools.app.query('SELECT 1').then(
      () => null,
      () => 'does not answer',
    ),
});

/** Warnings: while one tenant stands still, or one read model waits for its rebuild, all others are served. */
const readModelProbes = ({ pools }: Installation): readonly Probe[] => [
  {
    name: 'parked tenants',
    severity: 'warning',
    trouble: async () => {
      const { length } = await readParked(pools.engine);
      return length > 0 ? `the read models of ${length} tenants stand still` : null;
    },
  },
  {
    name: 'read models',
    severity: 'warning',
    trouble: async () => {
      const stale = await staleProjections(pools.projector, PROJECTIONS);
      return stale.length > 0 ? `to be rebuilt: ${stale.join(', ')} (daybook rebuild ${stale.join(' ')})` : null;
    },
  },
];

/** Who calls, whether they may call yet, and what they may. */
const accessOver = (
  authenticator: Authenticator,
  limits: ReturnType<typeof rateLimiting>,
  traits: KnownTraits,
): Access => ({
  authenticate: (headers, rawHeaders) => authenticator.authenticate(headers, rawHeaders),
  countStranger: (address) => limits.strangers.refuse(address),
  count: (principal) => limits.count(principal as TenantPrincipal),
  missingRight: (principal, operation) => missingRight(principal as Principal, operation),
  isEntitled: traits.isEntitled,
});

const finishHalfDone = async (registry: TenantRegistry, logger: Logger): Promise<void> => {
  const { failed } = await registry.finishHalfDone();
  for (const { tenantId, cause } of failed) {
    logger.error({ err: asError(cause), tenant_id: tenantId }, 'a tenant that was registered could not be created');
  }
};

const metricsOf = (installation: Installation, engine: LedgerEngine): Registry => {
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  engineMetrics(metrics, engine);
  readModelMetrics(metrics, installation);
  financeMetrics(metrics, installation);
  return metrics;
};

const probesOf = (installation: Installation): readonly Probe[] => [
  storeProbe(installation),
  databaseProbe(installation),
  ...readModelProbes(installation),
];

const auditLogOver = ({ pools, vault }: Installation, traits: KnownTraits, logger: Logger): AuditLog =>
  new AuditLog(pools.app, {
    seal: async (tenantId, texts) => {
      await vault.load(tenantId, [...new Set(texts.map(({ subject }) => subject))]);
      const { seal } = vault.session(tenantId, () => false);
      return texts.map(({ text, subject }) => seal(text, subject));
    },
    exists: async (tenantId) => (await traits.tenantOf(tenantId)) !== null,
    onTrouble: (error, lost) =>
      logger.error(
        { err: asError(error ?? 'the database was away for too long'), lost },
        lost > 0 ? 'entries of the audit log were lost' : 'the audit log can’t be written now; it is tried again',
      ),
  });

const dueHoldsWaker = ({ pools }: Installation, engine: LedgerEngine, clock: Clock, logger: Logger): DueHoldsWaker =>
  new DueHoldsWaker(engine, new PostgresDueHolds(pools.engine), clock, (error) =>
    logger.warn({ err: asError(error) }, 'what is due could not be ended; it is tried again'),
  );

const healthWatch = (
  { pools }: Installation,
  engine: LedgerEngine,
  reads: ApiDependencies['reads'],
  clock: Clock,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Registry },
): HealthWatch => {
  const watch = new HealthWatch(pools.engine, engine, reads, clock, (error) => {
    // Whoever takes no commands now is told of with the next look.
    if (!(error instanceof NotTaken)) logger.warn({ err: asError(error) }, 'tenants’ health could not be looked at');
  });
  watch.observe(metrics);
  return watch;
};

/** What happens because time passes, until the signal aborts. */
const whatTimeBrings = (
  installation: Installation,
  { engine, clock, reads, metrics }: Awaited<ReturnType<typeof openBeneath>>,
  logger: Logger,
): ((signal: AbortSignal) => Promise<unknown>) => {
  const dueHolds = dueHoldsWaker(installation, engine, clock, logger);
  const health = healthWatch(installation, engine, reads, clock, { logger, metrics });
  return (signal) => Promise.all([dueHolds.run(signal), health.run(signal)]);
};

const businessClock = async ({ pools, configuration }: Installation, logger: Logger): Promise<BusinessClock> => {
  const clock = new BusinessClock(pools.engine, configuration.clock === 'settable');
  await clock.look();
  const { offsetMs, isSettable } = clock;
  if (offsetMs > 0 && !isSettable) {
    logger.warn({ offset_ms: offsetMs }, 'business time runs ahead, because it was moved while the clock was settable');
  }
  return clock;
};

const halfMade = (
  { pools, store }: Installation,
  verifiers: KeyVerifiers,
  users: UserAccess,
  logger: Logger,
): HalfMade => {
  const credentials = new ApiKeyCredentials(pools.auth, verifiers);
  return new HalfMade(credentials, users.credentials, new PostgresColdIndex(pools.engine), store, logger);
};

/** Says who calls, by whatever they show. */
const openAuthenticator = async (
  installation: Installation,
  verifiers: KeyVerifiers,
  users: UserAuthenticator,
): Promise<{ readonly authenticator: Authenticator; readonly close: () => Promise<void> }> => {
  const cache = new CredentialCache(installation.pools.auth);
  cache.listen();
  const lastUses = new LastUses(installation.pools.auth);
  const operators = await adminTokens(installation);
  return {
    authenticator: new Authenticator(cache, verifiers, lastUses, operators, users),
    close: async () => {
      cache.close();
      await lastUses.flush().catch(() => undefined);
    },
  };
};

/** What the API takes from the installation as it is. */
const asInstalled = async (
  installation: Installation,
): Promise<
  Pick<
    ApiDependencies,
    | 'vault'
    | 'store'
    | 'endpointSecrets'
    | 'webhookAllow'
    | 'mostEndpoints'
    | 'webhookKeys'
    | 'checkpointKey'
    | 'keys'
    | 'trustedProxies'
    | 'versionHeader'
  >
> => {
  const { configuration, vault, store, masterKey, keyFor } = installation;
  return {
    vault,
    store,
    endpointSecrets: endpointSecretsOver(installation),
    webhookAllow: configuration.webhookAllow,
    mostEndpoints: configuration.webhookEndpoints,
    webhookKeys: [installationWebhookKey(installation)],
    checkpointKey: await loadAdminKey(checkpointKeyFile(configuration.dataDir)),
    keys: {
      requests: keyFor('api: request hashes'),
      cursors: deriveKey(masterKey, 'api: cursors'),
      console: deriveKey(masterKey, 'api: console'),
    },
    trustedProxies: configuration.trustedProxies,
    versionHeader: configuration.versionHeader,
  };
};

/** What stands in the platform's stream. */
const overRegistry = (registry: TenantRegistry): Pick<ApiDependencies, 'tenants' | 'workspaces'> => ({
  tenants: registrationOver(registry),
  workspaces: workspacesOver(registry),
});

const releaseNotices = (
  { pools }: Installation,
  registry: TenantRegistry,
  reads: ApiDependencies['reads'],
  rest: Pick<ReleaseNoticePorts, 'engine' | 'mail' | 'clock' | 'baseUrl'>,
  logger: Logger,
): ReleaseNotices =>
  new ReleaseNotices({
    ...rest,
    tenants: async () => (await registry.tenants()).map(({ tenantId }) => tenantId),
    tenant: async (tenantId) => (await reads.tenant(tenantId)).resource,
    told: new ToldTenants(pools.engine),
    onTrouble: (error, tenantId) =>
      logger.warn(
        { err: asError(error), tenant_id: tenantId },
        'an API version could not be told of; it is tried again',
      ),
  });

/** What the rest of the API stands on. */
const openBeneath = async (installation: Installation, logger: Logger, observe: ApiOptions['observe']) => {
  const { pools, keyFor, configuration } = installation;
  const clockGuard = new ClockGuard(pools.engine);
  await clockGuard.look();
  const clock = await businessClock(installation, logger);
  const engine = openEngine(installation, logger, clock, clockGuard.isAhead);
  const verifiers = new KeyVerifiers([keyFor('access: api key verifiers')]);
  const metrics = metricsOf(installation, engine);
  observe?.(metrics);
  const reads = readModels(installation);
  const traits = new KnownTraits(reads);
  const limits = rateLimiting(configuration.redisUrl, traits.tierOf, { logger, metrics });
  const users = openUserAccess(installation, limits.counters, traits.tenantOf, logger);
  return { clockGuard, clock, engine, verifiers, metrics, reads, traits, limits, users };
};

/** What is known of tenants' calls, for those who think of another version. */
const trafficOver = ({ pools }: Installation) => ({
  versionUses: new VersionUseCounts(pools.engine),
  recentReads: new RecentReadLog(pools.engine),
});

/** Everything of the API but its port. */
export const openApi = async (
  installation: Installation,
  { logger, probes = [], observe, begun = Promise.resolve() }: ApiOptions,
): Promise<RunningApi> => {
  const { pools, vault } = installation;
  const beneath = await openBeneath(installation, logger, observe);
  const { clockGuard, clock, engine, verifiers, metrics, reads, traits, limits, users } = beneath;
  const { authenticator, close } = await openAuthenticator(installation, verifiers, users.authenticator);
  const registry = new TenantRegistry(installation.store, engine, vault, clock);
  await finishHalfDone(registry, logger);
  const keySecrets = keySecretsOver(installation, verifiers);
  const traffic = trafficOver(installation);
  const auditLog = auditLogOver(installation, traits, logger);
  const webhookDesk = webhookDeskOver(installation, reads, clock);
  const ending = new AbortController();
  const byItself = whatTimeBrings(installation, beneath, logger);
  const erasures = new Erasures(installation, logger);
  let base = '';
  const beside = Promise.all([
    erasures.run(ending.signal),
    clockGuard.run(ending.signal),
    clock.run(ending.signal),
    Promise.race([begun, once(ending.signal, 'abort')]).then(() => byItself(ending.signal)),
    halfMade(installation, verifiers, users, logger).run(ending.signal),
    new DeadEndpoints(pools.engine, engine, reads, users.mail, logger).run(ending.signal),
    releaseNotices(installation, registry, reads, { engine, mail: users.mail, clock, baseUrl: () => base }, logger).run(
      ending.signal,
    ),
  ]);
  const api = await createApi({
    engine,
    reads,
    ...(await asInstalled(installation)),
    ...overRegistry(registry),
    access: accessOver(authenticator, limits, traits),
    versionOf: traits.versionOf,
    ...traffic,
    noteVersion: traits.noteVersion,
    noteEntitlements: traits.noteEntitlements,
    clock,
    settableClock: clock.isSettable ? clock : null,
    erasing: erasures,
    keySecrets,
    webhookDesk,
    following: null,
    users,
    audit: new PostgresAuditChain(auditLog, pools.app),
    probes: [...probesOf(installation), clockGuard.probe, ...limits.probes, ...probes],
    metrics,
    logger,
  });
  return {
    ...api,
    listen: async (host, port) => (base = await api.listen(host, port)),
    keySecrets,
    logger,
    close: async () => {
      ending.abort();
      await api.close();
      await beside;
      await engine.drain();
      await close();
      limits.close();
      await auditLog.close();
      await Promise.allSettled([traffic.versionUses.flush(), traffic.recentReads.flush()]);
      webhookDesk.close();
      await users.mail.close();
    },
  };
};
