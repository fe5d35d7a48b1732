import { createServer, type Server } from 'node:http';
import { pino } from 'pino';
import { openInstallation, requiredDatabaseUrl } from '#installation/installation.js';
import { runUntilSignal } from '#platform/run-until-signal.js';
import { readConfiguration } from '#platform/configuration.js';
import { startProjector, type Projector } from './projector.js';

/** Says whether the projector leads, stands by or fails: for a container's health check. */
const serveHealth = async (projector: Projector, host: string, port: number): Promise<Server> => {
  const server = createServer((_request, response) => {
    const status = projector.status();
    response.writeHead(status.state === 'failing' ? 503 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return server;
};

await runUntilSignal(async () => {
  const configuration = readConfiguration(process.env);
  const logger = pino({ level: configuration.logLevel, name: 'projector' });
  const installation = await openInstallation(configuration, requiredDatabaseUrl(configuration));
  const projector = startProjector(installation, logger);
  const health = await serveHealth(projector, configuration.host, configuration.port);
  logger.info({ health: health.address() }, 'the projector runs');
  return async () => {
    health.close();
    await projector.stop();
    await installation.close();
  };
});
