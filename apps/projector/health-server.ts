import { createServer, type Server } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Projector } from './projector.js';
import { projectorMetrics, projectorTrouble } from './projector-health.js';

/**
 * `/healthz`: 503 while it fails and a container should be started anew; `/readyz`: also while its rows are out of bounds;
 * `/metrics`: its gauges. Any other path answers as `/healthz`.
 */
export const healthServer = (projector: Pick<Projector, 'status'>): Server => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  projectorMetrics(registry, () => projector.status());
  return createServer((request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path === '/metrics') {
      void registry.metrics().then((text) => {
        response.writeHead(200, { 'content-type': registry.contentType }).end(text);
      });
      return;
    }
    const status = projector.status();
    const trouble = projectorTrouble(status);
    const isWell = path === '/readyz' ? trouble === null : status.state !== 'failing';
    response.writeHead(isWell ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: isWell ? 'ok' : 'failing', trouble, projector: status }));
  });
};
