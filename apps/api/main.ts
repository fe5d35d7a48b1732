import { pino } from 'pino';
import { openInstallation, requiredDatabaseUrl } from '#installation/installation.js';
import { readConfiguration } from '#platform/configuration.js';
import { checkAddress } from '#platform/listening.js';
import { runUntilSignal } from '#platform/run-until-signal.js';
import { openApi } from './wiring.js';

await runUntilSignal(async () => {
  const configuration = readConfiguration(process.env);
  const { host, port, logLevel } = configuration;
  const databaseUrl = requiredDatabaseUrl(configuration);
  await checkAddress(host, port);
  const logger = pino({ level: logLevel, name: 'api' });
  const installation = await openInstallation(configuration, databaseUrl);
  const api = await openApi(installation, { logger });
  const url = await api.listen(host, port);
  logger.info({ url }, 'the API serves');
  return async () => {
    await api.close();
    await installation.close();
  };
});
