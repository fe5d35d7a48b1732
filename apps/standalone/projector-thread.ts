import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { openInstallation } from '#installation/installation.js';
import type { Configuration } from '#platform/configuration.js';
import { startProjector } from '../projector/projector.js';

/** What the thread is told when it starts. */
export interface ProjectorThreadData {
  readonly configuration: Configuration;
  readonly ownerUrl: string;
}

const STATUS_EVERY_MS = 250;
/** Of Linux's scale: where all cores are busy, a quarter of what a thread at the usual priority gets. */
const NICE = 5;

const { configuration, ownerUrl } = workerData as ProjectorThreadData;
const port = parentPort;
if (port === null) throw new Error('this is the body of a thread');

// Whoever posts waits for the API's thread, and nobody at once for this one. Only Linux gives a thread a priority of its own.
if (process.platform === 'linux') setPriority(NICE);

const installation = await openInstallation(configuration, ownerUrl);
const projector = startProjector(installation, pino({ level: configuration.logLevel, name: 'projector' }));
const telling = setInterval(() => port.postMessage(projector.status()), STATUS_EVERY_MS);
port.postMessage(projector.status());
port.once('message', () => {
  clearInterval(telling);
  void projector
    .stop()
    .then(() => installation.close())
    // The thread ends with its port, also where something did not close.
    .finally(() => port.close());
});
