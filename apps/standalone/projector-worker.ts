import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Installation } from '#installation/installation.js';
import type { RunnerStatus } from '#projecting/runner-gauge.js';
import { startProjector, type Projector } from '../projector/projector.js';
import type { ProjectorThreadData } from './projector-thread.js';

/** A thread that ended by itself is started again after this many milliseconds. */
const RESTART_AFTER_MS = 1_000;
/** It tells its status several times a second; after so many milliseconds of silence nobody knows how it is. */
const SILENT_MS = 2_000;
/** How long it may take to finish its transaction and close its connections when it is told to end. */
const LONGEST_STOP_MS = 15_000;

/** The projector, or what delivers webhooks, in a thread of its own: its work is done beside the API's event loop, not on it. */
export class ProjectorWorker implements Projector {
  private last: { readonly status: RunnerStatus; readonly at: number } | null = null;
  private worker: Worker;
  private stopping = false;
  private ended: Promise<void> = Promise.resolve();

  constructor(
    private readonly data: ProjectorThreadData,
    private readonly logger: Logger,
    private readonly body: URL = new URL('./projector-thread.js', import.meta.url),
  ) {
    this.worker = this.start();
  }

  status(): RunnerStatus {
    if (this.last === null) return STARTING;
    const { status, at } = this.last;
    const silentMs = performance.now() - at;
    return silentMs > SILENT_MS ? { ...status, state: 'failing', lagMs: status.lagMs + silentMs } : status;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.worker.postMessage('stop');
    // Whatever it hangs on: it holds nothing that the next start would not find again.
    const late = setTimeout(() => void this.worker.terminate(), LONGEST_STOP_MS);
    await this.ended;
    clearTimeout(late);
  }

  private start(): Worker {
    const worker = new Worker(this.body, { workerData: this.data });
    worker.on('message', (status: RunnerStatus) => (this.last = { status, at: performance.now() }));
    worker.on('error', (error) => this.logger.error({ err: error }, 'a thread failed'));
    this.ended = new Promise((done) => {
      worker.once('exit', () => {
        done();
        this.last = null;
        // Rows are behind meanwhile and nothing is lost: the next one goes on from the checkpoint.
        if (!this.stopping) setTimeout(() => this.stopping || (this.worker = this.start()), RESTART_AFTER_MS);
      });
    });
    return worker;
  }
}

const STARTING: RunnerStatus = {
  state: 'starting',
  lagMs: 0,
  caughtUp: false,
  parked: 0,
  events: 0,
  batches: 0,
  gapsHealed: 0,
  lastBatchEvents: 0,
  lastBatchMs: 0,
  eventsPerSecond: 0,
};

/** With the memory store the events are in this thread only, and so is the projector. */
export const startProjectorBeside = (installation: Installation, ownerUrl: string, logger: Logger): Projector =>
  installation.configuration.eventStore === 'memory'
    ? startProjector(installation, logger)
    : new ProjectorWorker({ configuration: installation.configuration, ownerUrl }, logger);

/** What delivers webhooks, in a thread of its own for the same reason: slow consumers keep nobody who posts. */
export const startWebhooksBeside = async (
  installation: Installation,
  ownerUrl: string,
  logger: Logger,
): Promise<Projector> => {
  const { configuration } = installation;
  if (configuration.eventStore !== 'memory') {
    return new ProjectorWorker({ configuration, ownerUrl }, logger, new URL('./webhook-thread.js', import.meta.url));
  }
  const { startWebhookWorker } = await import('../webhook-worker/webhook-worker.js');
  return startWebhookWorker(installation, ownerUrl, logger);
};
