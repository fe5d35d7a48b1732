import { NestFactory } from '@nestjs/core';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { DynamicModule } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { refuseConnection } from './broken-requests.js';
import { Door, type DoorOptions } from './door.js';
import { ProblemFilter } from './problem.filter.js';
import type { HttpMetrics } from '../observability/http-metrics.js';
import { NestLog } from '../observability/nest-log.js';

/** Another application on the same port, which passes the door like every client where it wants something of this one. */
export interface Beside {
  owns(url: string | undefined): boolean;
  serve(request: IncomingMessage, response: ServerResponse): void;
}

export interface HttpOptions extends DoorOptions {
  readonly logger: Logger;
  readonly metrics: HttpMetrics;
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly beside: Beside;
}

const KEEP_ALIVE_MS = 72_000;
/** For a whole request to arrive in: who drips bytes is not waited for. */
const REQUEST_MS = 30_000;
const MAX_ID = 200;

/** A server whose requests go to either application. What Fastify sets on a server of its own is set here. */
const serverFor =
  ({ owns, serve }: Beside) =>
  (own: RequestListener): Server => {
    // The door refuses a request without a host, in the envelope.
    const server = createServer({ requireHostHeader: false }, (request, response) =>
      owns(request.url) ? serve(request, response) : own(request, response),
    );
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.requestTimeout = REQUEST_MS;
    return server;
  };

/** A Nest application on Fastify with the door, the envelope and the metrics in place; not yet listening. */
export const createHttpApplication = async (
  module: DynamicModule,
  options: HttpOptions,
): Promise<NestFastifyApplication> => {
  const door = new Door(options);
  const filter = new ProblemFilter(options.logger, options.baseUrl, (reply, call) => door.introduce(reply, call));
  const adapter = new FastifyAdapter({
    logger: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS,
    serverFactory: serverFor(options.beside),
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) =>
      refuseConnection(error, socket, options.baseUrl(), options.versionHeader),
    // Whoever is served while the process ends is served to the end; new connections are not taken.
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_ID, ignoreTrailingSlash: false, caseSensitive: true },
    exposeHeadRoutes: false,
    skipMiddie: true,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      filter.answer(error, request, reply),
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  // As above: without a listener Node answers by itself.
  fastify.server.on('checkExpectation', (request, response) => fastify.server.emit('request', request, response));
  door.install(fastify);
  options.metrics.install(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLog(options.logger),
  });
  app.useGlobalFilters(filter);
  await app.init();
  await fastify.ready();
  return app;
};
