import { readFileSync } from 'node:fs';
import type { Step } from './projection.js';

/** SQL that stands in a file beside the code: `sqlBeside(import.meta.url, 'accounts.sql')`. */
export const sqlBeside = (moduleUrl: string, file: string): string => readFileSync(new URL(file, moduleUrl), 'utf8');

/** The tables of the runtime: checkpoints, progress, parked tenants. They come before those of any projection. */
export const PROJECTING_MIGRATIONS: readonly Step[] = [
  { name: 'projecting', sql: sqlBeside(import.meta.url, './projecting.sql') },
];
