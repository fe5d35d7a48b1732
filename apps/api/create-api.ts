import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { createHttpApplication } from '#platform/http/http-application.js';
import { secretsFrom } from '#platform/http/idempotency.js';
import { listenProblem } from '#platform/listening.js';
import { HttpMetrics } from '#platform/observability/http-metrics.js';
import { compileSchemas } from '#platform/validation/body-schemas.js';
import { ApiModule } from './api.module.js';
import { Console, isOfConsole } from './console/console.js';
import { bodySchemas, versionedContract } from './contract.js';
import type { ApiDependencies } from './dependencies.js';
import { publish } from './installation/publish.js';
import { Reading } from './reading.js';
import { currentOf } from './versions/current.js';
import { RecentReads } from './versions/recent-reads.js';
import { REHEARSAL_HEADER } from './versions/versions.controller.js';

export interface Api {
  readonly app: NestFastifyApplication;
  /** The finance console, below `/console`. */
  readonly console: Console;
  /** Begins to listen; answers the base URL. Port 0 takes any free one. */
  listen(host: string, port: number): Promise<string>;
  /** Takes no new connections, answers what is under way, and ends. What it was given stays open. */
  close(): Promise<void>;
}

const SWEEP_MS = 50;
/** Whoever is not answered by then is cut off: longer than the engine lets anybody wait. */
const CUT_OFF_MS = 15_000;

/** A connection that was busy when the end began is kept open by its client, unless somebody closes it once it is idle. */
const closeGently = async (app: NestFastifyApplication): Promise<void> => {
  const server = app.getHttpServer();
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cutOff = setTimeout(() => server.closeAllConnections(), CUT_OFF_MS);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(cutOff);
  }
};

/** The HTTP interface over what it is given. Not yet listening: `app.inject` works at once. */
export const createApi = async (given: ApiDependencies): Promise<Api> => {
  let base = '';
  const baseUrl = (): string => base;
  const bodies = bodySchemas();
  const contract = versionedContract(bodies);
  const published = publish(contract, baseUrl, given.versionHeader);
  const recentReads = new RecentReads(given.recentReads);
  const console = new Console({
    inject: () => {
      const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
      return fastify.inject.bind(fastify) as FastifyInstance['inject'];
    },
    key: given.keys.console,
    versionHeader: given.versionHeader,
    trustedProxies: given.trustedProxies,
    now: () => given.clock.now(),
    logger: given.logger,
  });
  await console.app.ready();
  const app: NestFastifyApplication = await createHttpApplication(
    ApiModule.with(given, published, recentReads, baseUrl),
    {
      access: given.access,
      versionOf: given.versionOf,
      secretOf: secretsFrom(given.keys.requests),
      contract,
      bodyChecks: compileSchemas(bodies),
      currentOf: (call) => currentOf(app.get(Reading), call),
      noteChanges: (tenantId, operation, changes) => given.versionUses.note(tenantId, operation, changes),
      noteRead: (tenantId, read) => recentReads.note(tenantId, read),
      isRehearsal: (headers) => headers[REHEARSAL_HEADER] === recentReads.token,
      now: () => given.clock.now(),
      trustedProxies: given.trustedProxies,
      beside: { owns: isOfConsole, serve: (request, response) => console.app.routing(request, response) },
      versionHeader: given.versionHeader,
      baseUrl,
      audit: (call) => given.audit.note(call),
      logger: given.logger,
      metrics: new HttpMetrics(given.metrics, given.logger),
    },
  );
  return {
    app,
    console,
    listen: async (host, port) => {
      await app.listen(port, host).catch((error: unknown) => {
        throw listenProblem(error, host, port);
      });
      const address = app.getHttpServer().address() as AddressInfo;
      base = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
      return base;
    },
    close: async () => {
      await closeGently(app);
      await console.app.close();
    },
  };
};
