import { pino } from 'pino';
import type { Registry } from 'prom-client';
import { LocalAdminTokens } from '#access/admin-tokens.js';
import { PERMISSION_NAMES } from '#contract/scopes.js';
import { adminKeyFile, openInstallation, type Installation } from '#installation/installation.js';
import { readConfiguration, unknownSettings, type Configuration } from '#platform/configuration.js';
import { checkAddress } from '#platform/listening.js';
import { resetReadModels } from '#projecting/reset.js';
import { PROJECTIONS } from '#projections/registry.js';
import { fanOutGroup } from '#webhooks/fan-out.js';
import { runUntilSignal } from '#platform/run-until-signal.js';
import { openApi, type RunningApi } from '../api/wiring.js';
import type { Probe } from '../api/installation/installation.controller.js';
import { webhooksTrouble } from '../webhook-worker/health-server.js';
import { projectorMetrics, projectorTrouble } from '../projector/projector-health.js';
import {
  credentialsFile,
  readCredentials,
  readSeeding,
  writeCredentials,
  writeSeeding,
  type CredentialsTenant,
} from './credentials.js';
import { takeDataFolder } from './data-folder.js';
import { seedDemo } from './demo-seed.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { startProjectorBeside, startWebhooksBeside } from './projector-worker.js';
import { complain, say, Started } from './started.js';

/** The first operator's token outlives restarts; it is renewed with the data folder. */
const ADMIN_TOKEN_SECONDS = 10 * 365 * 86_400;

const signAdminToken = async ({ admin, dataDir }: Configuration): Promise<string> => {
  if (admin.jwksUrl !== null) return '';
  const tokens = await LocalAdminTokens.open(adminKeyFile(dataDir), admin);
  return tokens.signAdminToken({
    operatorId: 'standalone',
    permissions: PERMISSION_NAMES,
    ttlSeconds: ADMIN_TOKEN_SECONDS,
  });
};

const openDatabase = async (configuration: Configuration, started: Started): Promise<string> => {
  if (configuration.databaseUrl !== null) return configuration.databaseUrl;
  say(`Starting PostgreSQL in ${configuration.dataDir} …`);
  const postgres = await startEmbeddedPostgres(configuration.dataDir, { say });
  started.add('PostgreSQL', () => postgres.stop());
  void postgres.lost.then((reason) => {
    complain(reason);
    process.kill(process.pid, 'SIGTERM');
  });
  return postgres.url;
};

/** A store in memory begins anew with each start, and with it all that is derived from it. */
const forgetEvents = async ({ pools }: Installation): Promise<void> => {
  say('Events are kept in memory: everything is lost when this ends.');
  await resetReadModels(pools.projector, [...PROJECTIONS, ...fanOutGroup.projections]);
};

/** Makes the first tenants, unless a start before this one did; goes on where one was killed. */
const firstTenants = (
  installation: Installation,
  api: RunningApi,
  signal: AbortSignal,
): Promise<readonly CredentialsTenant[]> | readonly CredentialsTenant[] => {
  const { dataDir, eventStore, seed } = installation.configuration;
  const known = readCredentials(dataDir);
  if (known !== null && eventStore !== 'memory') return known.tenants;
  if (seed === 'none') return [];
  say('Seeding the demo: a workspace with a live and a sandbox tenant, and a month of activity …');
  const keep = (tenants: readonly CredentialsTenant[]): void => writeSeeding(dataDir, tenants);
  return seedDemo(installation, api, { known: readSeeding(dataDir), keep, signal });
};

const announce = (url: string, dataDir: string, tenants: readonly CredentialsTenant[]): void => {
  const file = credentialsFile(dataDir);
  say(`\nDaybook is ready at ${url}`);
  say(`Credentials: ${file} (admin token${tenants.length > 0 ? ' and API keys' : ''})`);
  say(`API reference: ${url}/docs`);
  say(`Finance console: ${url}/console (sign in with an API key)\n`);
  if (tenants.length === 0) return;
  const key = `$(node -p 'JSON.parse(require("fs").readFileSync("${file}")).tenants[0].api_key')`;
  // Quoted, because zsh takes a question mark for a pattern of file names.
  say('Three commands to paste in another terminal:\n');
  say(`  export KEY=${key}`);
  say(`  curl -s "${url}/v1/accounts?limit=3" -H "Authorization: Bearer $KEY"`);
  say(`  curl -s "${url}/v1/events?limit=3" -H "Authorization: Bearer $KEY"\n`);
};

const startAll = async (started: Started, signal: AbortSignal): Promise<void> => {
  const configuration = readConfiguration(process.env);
  const { host, port, dataDir } = configuration;
  for (const name of unknownSettings(process.env)) say(`${name} is no setting of Daybook; is it misspelt?`);
  started.add('the data folder', takeDataFolder(dataDir));
  await checkAddress(host, port);
  const ownerUrl = await openDatabase(configuration, started);
  signal.throwIfAborted();
  const installation = await openInstallation(configuration, ownerUrl);
  started.add('the connections', () => installation.close());
  signal.throwIfAborted();
  const logger = pino({ level: configuration.logLevel, name: 'daybook' });
  if (configuration.eventStore === 'memory') await forgetEvents(installation);
  const projector = startProjectorBeside(installation, ownerUrl, logger);
  started.add('the projector', () => projector.stop());
  const webhooks = await startWebhooksBeside(installation, ownerUrl, logger);
  started.add('the webhooks', () => webhooks.stop());
  let isComplete = false;
  const probes: Probe[] = [
    { name: 'start', trouble: () => Promise.resolve(isComplete ? null : 'is under way') },
    { name: 'projections', trouble: () => Promise.resolve(projectorTrouble(projector.status())) },
    { name: 'webhooks', severity: 'warning', trouble: () => Promise.resolve(webhooksTrouble(webhooks.status())) },
  ];
  const observe = (metrics: Registry): void => projectorMetrics(metrics, () => projector.status());
  let begin = (): void => undefined;
  const begun = new Promise<void>((done) => (begin = done));
  const api = await openApi(installation, { logger, probes, observe, begun });
  started.add('the API', () => api.close());
  // Before anything is made that would be made in vain: whoever can't have the port ends here. Not ready until the end.
  const url = await api.listen(host, port);
  const tenants = await firstTenants(installation, api, signal);
  begin();
  const admin_token = readCredentials(dataDir)?.admin_token ?? (await signAdminToken(configuration));
  writeCredentials(dataDir, { base_url: url, admin_token, tenants });
  isComplete = true;
  announce(url, dataDir, tenants);
};

/** `npm start`: API, projector and their database in one process, until a signal. */
export const start = (): Promise<void> =>
  runUntilSignal(async (signal) => {
    const started = new Started();
    try {
      await startAll(started, signal);
    } catch (error) {
      await started.stop();
      throw error;
    }
    return () => started.stop();
  });
