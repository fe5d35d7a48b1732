import { pino } from 'pino';
import { LocalAdminTokens } from '#access/admin-tokens.js';
import { PERMISSION_NAMES } from '#contract/scopes.js';
import { adminKeyFile, openInstallation, type Installation } from '#installation/installation.js';
import { readConfiguration, unknownSettings, type Configuration } from '#platform/configuration.js';
import { resetReadModels } from '#projecting/reset.js';
import { PROJECTIONS } from '#projections/registry.js';
import { runUntilSignal } from '#platform/run-until-signal.js';
import { openApi, type RunningApi } from '../api/wiring.js';
import type { Projector } from '../projector/projector.js';
import { credentialsFile, readCredentials, writeCredentials, type CredentialsTenant } from './credentials.js';
import { takeDataFolder } from './data-folder.js';
import { seedDemo } from './demo-seed.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { startProjectorBeside } from './projector-worker.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

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

/** What has been started, to be stopped in the opposite order. */
class Started {
  private readonly steps: { readonly what: string; readonly stop: () => Promise<void> | void }[] = [];

  add(what: string, stop: () => Promise<void> | void): void {
    this.steps.push({ what, stop });
  }

  async stop(): Promise<void> {
    for (const { what, stop } of this.steps.reverse()) {
      say(`Stopping ${what} …`);
      await stop();
    }
  }
}

const openDatabase = async (configuration: Configuration, started: Started): Promise<string> => {
  const release = takeDataFolder(configuration.dataDir);
  started.add('the data folder', release);
  if (configuration.databaseUrl !== null) return configuration.databaseUrl;
  say(`Starting PostgreSQL in ${configuration.dataDir} …`);
  const postgres = await startEmbeddedPostgres(configuration.dataDir, { say });
  started.add('PostgreSQL', () => postgres.stop());
  void postgres.lost.then((reason) => {
    process.stderr.write(`${reason}\n`);
    process.kill(process.pid, 'SIGTERM');
  });
  return postgres.url;
};

/** A store in memory begins anew with each start, and with it all that is derived from it. */
const forgetEvents = async ({ pools }: Installation): Promise<void> => {
  say('Events are kept in memory: everything is lost when this ends.');
  await resetReadModels(pools.projector, PROJECTIONS);
};

/** Makes the first tenants, unless a start before this one did. */
const firstTenants = async (installation: Installation, api: RunningApi): Promise<readonly CredentialsTenant[]> => {
  const { configuration } = installation;
  const known = readCredentials(configuration.dataDir);
  if (known !== null && configuration.eventStore !== 'memory') return known.tenants;
  if (configuration.seed === 'none') return [];
  say('Seeding the demo: a workspace with a live and a sandbox tenant, and a month of activity …');
  return seedDemo(installation, api);
};

const announce = (url: string, dataDir: string, tenants: readonly CredentialsTenant[]): void => {
  const file = credentialsFile(dataDir);
  say(`\nDaybook is ready at ${url}`);
  say(`Credentials: ${file} (admin token${tenants.length > 0 ? ' and API keys' : ''})`);
  say(`API reference: ${url}/docs\n`);
  if (tenants.length === 0) return;
  const key = `$(node -p 'JSON.parse(require("fs").readFileSync("${file}")).tenants[0].api_key')`;
  say('Three commands to paste in another terminal:\n');
  say(`  export KEY=${key}`);
  say(`  curl -s ${url}/v1/accounts?limit=3 -H "Authorization: Bearer $KEY"`);
  say(`  curl -s ${url}/v1/events?limit=3 -H "Authorization: Bearer $KEY"\n`);
};

const projectionProbe = (projector: Projector): { name: string; trouble: () => Promise<string | null> } => ({
  name: 'projections',
  trouble: () => {
    const { state, parked } = projector.status();
    if (state === 'failing' || state === 'stopped' || state === 'starting') return Promise.resolve(`is ${state}`);
    return Promise.resolve(parked > 0 ? `${parked} tenants are parked` : null);
  },
});

const startAll = async (started: Started): Promise<void> => {
  const configuration = readConfiguration(process.env);
  for (const name of unknownSettings(process.env)) say(`${name} is no setting of Daybook; is it misspelt?`);
  const ownerUrl = await openDatabase(configuration, started);
  const installation = await openInstallation(configuration, ownerUrl);
  started.add('the connections', () => installation.close());
  const logger = pino({ level: configuration.logLevel, name: 'daybook' });
  if (configuration.eventStore === 'memory') await forgetEvents(installation);
  const projector = startProjectorBeside(installation, ownerUrl, logger);
  started.add('the projector', () => projector.stop());
  const api = await openApi(installation, { logger, probes: [projectionProbe(projector)] });
  started.add('the API', () => api.close());
  const tenants = await firstTenants(installation, api);
  const url = await api.listen(configuration.host, configuration.port);
  const admin_token = readCredentials(configuration.dataDir)?.admin_token ?? (await signAdminToken(configuration));
  writeCredentials(configuration.dataDir, { base_url: url, admin_token, tenants });
  announce(url, configuration.dataDir, tenants);
};

/** `npm start`: API, projector and their database in one process, until a signal. */
export const start = (): Promise<void> =>
  runUntilSignal(async () => {
    const started = new Started();
    try {
      await startAll(started);
    } catch (error) {
      await started.stop();
      throw error;
    }
    return () => started.stop();
  });
