import { createServer, type Server } from 'node:http';
import type { WebhookWorker } from './webhook-worker.js';

/** Deliveries that are written later are out of bounds (ms): somebody waits for them. */
const MOST_BEHIND_MS = 5_000;

/** Null: well, or ready to take over. Else a sentence for an operator. */
export const webhooksTrouble = ({ state, lagMs }: ReturnType<WebhookWorker['status']>): string | null => {
  if (state !== 'leading' && state !== 'standby') return `is ${state}`;
  return lagMs > MOST_BEHIND_MS ? `is ${Math.round(lagMs / 1_000)} s behind` : null;
};

/** `/healthz`: 503 while it fails and a container should be started anew; `/readyz`: also while it is behind. */
export const healthServer = (worker: Pick<WebhookWorker, 'status'>): Server =>
  createServer((request, response) => {
    const status = worker.status();
    const trouble = webhooksTrouble(status);
    const isWell = request.url?.startsWith('/readyz') === true ? trouble === null : status.state !== 'failing';
    response.writeHead(isWell ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: isWell ? 'ok' : 'failing', trouble, webhooks: status }));
  });
