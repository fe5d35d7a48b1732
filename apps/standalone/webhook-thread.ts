import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { openInstallation } from '#installation/installation.js';
import { startWebhookWorker } from '../webhook-worker/webhook-worker.js';
import type { ProjectorThreadData } from './projector-thread.js';

const STATUS_EVERY_MS = 250;

const { configuration, ownerUrl } = workerData as ProjectorThreadData;
const port = parentPort;
if (port === null) throw new Error('this is the body of a thread');

const installation = await openInstallation(configuration, ownerUrl);
const worker = await startWebhookWorker(
  installation,
  ownerUrl,
  pino({ level: configuration.logLevel, name: 'webhooks' }),
);
const telling = setInterval(() => port.postMessage(worker.status()), STATUS_EVERY_MS);
port.postMessage(worker.status());
port.once('message', () => {
  clearInterval(telling);
  void worker
    .stop()
    .then(() => installation.close())
    // The thread ends with its port, also where something did not close.
    .finally(() => port.close());
});
