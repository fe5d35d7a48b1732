import { setTimeout as sleep } from 'node:timers/promises';
import { pino, type Logger } from 'pino';
import { openInstallation, requiredDatabaseUrl, type Installation } from '#installation/installation.js';
import { readConfiguration } from '#platform/configuration.js';
import { checkAddress, listen } from '#platform/listening.js';
import { runUntilSignal } from '#platform/run-until-signal.js';
import { OnceOnlySecrets } from '#vault/once-only.js';
import { healthServer } from './health-server.js';
import { startWebhookWorker } from './webhook-worker.js';

const SWEEP_EVERY_MS = 3_600_000;

/** Secrets that were kept for a replay are forgotten after 30 days (DECISIONS 15). */
const sweepSecrets = async (installation: Installation, logger: Logger, signal: AbortSignal): Promise<void> => {
  const secrets = new OnceOnlySecrets(installation.pools.auth, installation.masterKeys);
  while (!signal.aborted) {
    await secrets.sweep().catch((error: unknown) => logger.warn({ err: error }, 'old secrets could not be deleted'));
    await sleep(SWEEP_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
};

await runUntilSignal(async () => {
  const configuration = readConfiguration(process.env);
  const { host, port, logLevel } = configuration;
  const databaseUrl = requiredDatabaseUrl(configuration);
  await checkAddress(host, port);
  const logger = pino({ level: logLevel, name: 'webhook-worker' });
  const installation = await openInstallation(configuration, databaseUrl);
  const ending = new AbortController();
  const sweeping = sweepSecrets(installation, logger, ending.signal);
  const worker = await startWebhookWorker(installation, databaseUrl, logger);
  const health = healthServer(worker);
  await listen(health, host, port);
  logger.info({ health: health.address() }, 'the webhook worker runs');
  return async () => {
    ending.abort();
    health.close();
    await worker.stop();
    await sweeping;
    await installation.close();
  };
});
