/** `readSeals` in a thread of its own: half of what verifying a book takes. */
import { parentPort, workerData } from 'node:worker_threads';
import { readSeals, type PublishedTree } from './seals.js';

const { path, published } = workerData as { readonly path: string; readonly published: PublishedTree | null };
parentPort?.postMessage(readSeals(path, published));
