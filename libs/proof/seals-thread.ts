/** `readSeals` in a thread of its own: half of what verifying a book takes. */
import { parentPort, workerData } from 'node:worker_threads';
import { readSeals, type PublishedTree } from './seals.js';

const { descriptor, published } = workerData as {
  readonly descriptor: number;
  readonly published: PublishedTree | null;
};
parentPort?.postMessage(readSeals(descriptor, published));
