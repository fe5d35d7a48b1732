import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventStoreDbEventStore } from '#event-store/eventstoredb/eventstoredb-event-store.js';
import { freePort } from './postgres.js';

export interface TestEventStoreDb {
  readonly url: string;
  /** What can be done to a server that was started here; undefined for one that was found by EVENTSTORE_URL. */
  readonly server: StartedServer | undefined;
  stop(): Promise<void>;
}

export interface StartedServer {
  /** SIGKILL, and resolves when the process is gone. The data stays, unless it was in memory. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data; resolves when it answers. */
  restart(): Promise<void>;
  /** Stops its execution where it stands (SIGSTOP): connections stay, nothing answers. */
  freeze(): void;
  thaw(): void;
}

/** The server program, or undefined: EVENTSTORE_BIN, else `eventstored` on the PATH. */
export function eventStoreDbProgram(): string | undefined {
  if (process.env.EVENTSTORE_BIN) return process.env.EVENTSTORE_BIN;
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'eventstored'))
    .find((program) => existsSync(program) && spawnSync(program, ['--version']).status === 0);
}

/** Whether `startEventStoreDb` can give one. */
export function hasEventStoreDb(): boolean {
  return Boolean(process.env.EVENTSTORE_URL) || eventStoreDbProgram() !== undefined;
}

/**
 * The server that EVENTSTORE_URL names, or a new one on a free port with its data in a temporary folder. An insecure
 * single node, made to take little memory.
 */
export async function startEventStoreDb(): Promise<TestEventStoreDb> {
  if (process.env.EVENTSTORE_URL)
    return { url: process.env.EVENTSTORE_URL, server: undefined, stop: async () => undefined };
  const program = eventStoreDbProgram();
  if (program === undefined) throw new Error('no EventStoreDB: set EVENTSTORE_URL or EVENTSTORE_BIN');
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const folder = mkdtempSync(path.join(parent, 'daybook-esdb-'));
  const [httpPort, internalPort] = [await freePort(), await freePort()];
  const url = `esdb://127.0.0.1:${httpPort}?tls=false`;
  let running: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    running = spawnServer(program, folder, httpPort, internalPort);
    await untilReady(url, running);
  };
  const kill = async (): Promise<void> => {
    const process = running;
    running = undefined;
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => process.once('exit', () => resolve()));
    process.kill('SIGKILL');
    await gone;
  };
  const stop = async (): Promise<void> => {
    process.off('exit', killNow);
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };
  // A test run that is broken off must not leave a server behind.
  const killNow = (): void => void running?.kill('SIGKILL');
  process.once('exit', killNow);
  await start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const freeze = (): void => void running?.kill('SIGSTOP');
  const thaw = (): void => void running?.kill('SIGCONT');
  return { url, server: { kill, restart: start, freeze, thaw }, stop };
}

function spawnServer(program: string, folder: string, httpPort: number, internalPort: number): ChildProcess {
  const settings = {
    'node-ip': '127.0.0.1',
    'node-port': httpPort,
    'replication-port': internalPort,
    db: path.join(folder, 'data'),
    log: path.join(folder, 'log'),
    'log-level': 'Warning',
    'stats-storage': 'None',
    'chunk-size': 16 * 1024 * 1024,
    'cached-chunks': 1,
    'chunks-cache-size': 33_554_432,
    'stream-existence-filter-size': 1_000_000,
    'unsafe-disable-flush-to-disk': true,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return spawn(program, ['--insecure', ...flags], { stdio: 'ignore', cwd: folder });
}

async function untilReady(url: string, process: ChildProcess): Promise<void> {
  const store = new EventStoreDbEventStore(url, { readTimeoutMs: 2_000 });
  const failed = new Promise<never>((_, reject) => {
    process.once('exit', (code, signal) => reject(new Error(`EventStoreDB ended at its start: ${code ?? signal}`)));
    process.once('error', reject);
  });
  try {
    await Promise.race([store.ready(45_000), failed]);
  } finally {
    failed.catch(() => undefined);
    await store.close();
  }
}
