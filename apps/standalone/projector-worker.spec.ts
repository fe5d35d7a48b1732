import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { projectorTrouble } from '../projector/projector-health.js';
import { ProjectorWorker } from './projector-worker.js';
import type { ProjectorThreadData } from './projector-thread.js';

/** A thread that tells its status once, and then hangs until it is told to end. */
const SILENT = `import { parentPort } from 'node:worker_threads';
  parentPort.postMessage({ state: 'leading', lagMs: 10, parked: 0 });
  parentPort.once('message', () => parentPort.close());`;

const threadOf = (body: string): ProjectorWorker =>
  new ProjectorWorker(
    {} as ProjectorThreadData,
    pino({ level: 'silent' }),
    new URL(`data:text/javascript,${encodeURIComponent(body)}`),
  );

const troubled = async (worker: ProjectorWorker, until: (trouble: string | null) => boolean): Promise<void> => {
  while (!until(projectorTrouble(worker.status()))) await sleep(20);
};

describe('the projector’s thread', () => {
  it('that says nothing any more is not well, whatever it said last', async () => {
    const worker = threadOf(SILENT);
    expect(projectorTrouble(worker.status())).toBe('is starting');
    await troubled(worker, (trouble) => trouble === null);
    const said = performance.now();
    await troubled(worker, (trouble) => trouble === 'is failing');
    expect(performance.now() - said).toBeGreaterThan(1_500);
    expect(worker.status().lagMs).toBeGreaterThan(2_000);
    await worker.stop();
  });

  it('that ends by itself is started again, and not once it was told to end', async () => {
    const worker = threadOf(`${SILENT} setTimeout(() => process.exit(1), 100);`);
    await troubled(worker, (trouble) => trouble === null);
    await troubled(worker, (trouble) => trouble === 'is starting');
    await worker.stop();
    await sleep(1_200);
    expect(projectorTrouble(worker.status())).toBe('is starting');
  });
});
