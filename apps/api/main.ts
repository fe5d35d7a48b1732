import { pino } from 'pino';
import { openInstallation, requiredDatabaseUrl } from '#installation/installation.js';
import { readConfiguration } from '#platform/configuration.js';
import { runUntilSignal } from '#platform/run-until-signal.js';
import { openApi } from './wiring.js';

await runUntilSignal(async () => {
  const configuration = readConfiguration(process.env);
  const logger = pino({ level: configuration.logLevel, name: 'api' });
  const installation = await openInstallation(configuration, requiredDatabaseUrl(configuration));
  const api = await openApi(installation, { logger });
  const url = await api.listen(configuration.host, configuration.port);
  logger.info({ url }, 'the API serves');
  return async () => {
    await api.close();
    await installation.close();
  };
});
