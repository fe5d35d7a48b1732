import { pino } from 'pino';
import { openInstallation, requiredDatabaseUrl } from '#installation/installation.js';
import { readConfiguration } from '#platform/configuration.js';
import { checkAddress, listen } from '#platform/listening.js';
import { runUntilSignal } from '#platform/run-until-signal.js';
import { healthServer } from './health-server.js';
import { startProjector } from './projector.js';

await runUntilSignal(async () => {
  const configuration = readConfiguration(process.env);
  const { host, port, logLevel } = configuration;
  const databaseUrl = requiredDatabaseUrl(configuration);
  await checkAddress(host, port);
  const logger = pino({ level: logLevel, name: 'projector' });
  const installation = await openInstallation(configuration, databaseUrl);
  const projector = startProjector(installation, logger);
  const health = healthServer(projector);
  await listen(health, host, port);
  logger.info({ health: health.address() }, 'the projector runs');
  return async () => {
    health.close();
    await projector.stop();
    await installation.close();
  };
});
