import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { StartupError } from '#platform/startup-error.js';
import { type Cluster, openCluster, problemInLog } from './postgres-cluster.js';
import { forgetDeadServer, namedServer, releaseOrphan, runningServer } from './orphan.js';
import { launchAs } from './server-user.js';

export interface EmbeddedPostgres {
  /** Of the superuser, for `prepareDatabase`; everything else connects as one of the roles. */
  readonly url: string;
  readonly port: number;
  /** The server's process; a new one after it died and was started again. */
  readonly pid: () => number;
  /**
   * Resolves, with a sentence, when the server died and could not be started again. After other deaths it is started again
   * by itself, on the same port: pools find it there.
   */
  readonly lost: Promise<string>;
  /** Ends sessions, writes everything to disk and waits for the server to be gone. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Told what happens, a sentence at a time. */
  readonly say?: (line: string) => void;
  /** Settings over the usual ones, e.g. `{ fsync: 'off' }` for a test. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A server that dies more often than this within a minute is given up; 5 unless given. */
  readonly deathsPerMinute?: number;
}

const DATABASE = 'daybook';
const LONGEST_STOP_MS = 60_000;

/** For a small machine that does nothing else but this. Durable: what is committed survives a crash of the machine. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  synchronous_commit: 'on',
  fsync: 'on',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
  // Two cores: a parallel scan would take them from those who write.
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/**
 * Starts the PostgreSQL server in `<data dir>/postgres`, made on first use. Take the folder first (`takeDataFolder`): who
 * holds it may end a server that a killed run left behind, and that is done here. The server's log is
 * `<data dir>/postgres.log`. Throws `StartupError` in words; then nothing is left running.
 *
 *   const release = takeDataFolder(configuration.dataDir);
 *   const postgres = await startEmbeddedPostgres(configuration.dataDir, { say: console.log });
 *   … await postgres.stop(); release();
 */
export async function startEmbeddedPostgres(
  dataDir: string,
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const say = options.say ?? (() => undefined);
  const cluster = await openCluster(path.resolve(dataDir), say);
  await releaseOrphan(cluster.dir, say);
  const server = new Server(cluster, { ...SETTINGS, ...options.settings }, say, options.deathsPerMinute ?? 5);
  await server.start();
  const url = urlOf(cluster.password, server.port);
  try {
    await createDatabase(url);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url, port: server.port, pid: () => server.pid, lost: server.lost, stop: () => server.stop() };
}

/** The superuser's URL of the server that runs in a data folder now, for a command beside it; null: none runs. */
export function embeddedPostgresUrl(dataDir: string): string | null {
  const running = runningServer(path.join(path.resolve(dataDir), 'postgres'));
  if (running === null) return null;
  return urlOf(readFileSync(path.join(dataDir, 'keys', 'postgres.password'), 'utf8').trim(), running.port);
}

const urlOf = (password: string, port: number): string =>
  `postgres://postgres:${password}@127.0.0.1:${port}/${DATABASE}`;

class Server {
  port = 0;
  readonly lost: Promise<string>;
  private child: ChildProcess | null = null;
  private stopping = false;
  private giveUp: (reason: string) => void = () => undefined;
  private starts: number[] = [];

  constructor(
    private readonly cluster: Cluster,
    private readonly settings: Readonly<Record<string, string>>,
    private readonly say: (line: string) => void,
    private readonly deathsPerMinute: number,
  ) {
    this.lost = new Promise((resolve) => (this.giveUp = resolve));
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.port = await freePort();
      try {
        await this.launch();
        process.on('exit', this.endWithProcess);
        return;
      } catch (error) {
        // Between finding the port and using it, somebody else may have taken it.
        if (attempt === 3 || !/could not (bind|create any TCP)/.test(String(error))) throw error;
      }
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    process.off('exit', this.endWithProcess);
    const child = this.child;
    if (child === null || hasEnded(child)) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGINT');
    const slow = setTimeout(() => child.kill('SIGQUIT'), LONGEST_STOP_MS);
    await ended;
    clearTimeout(slow);
  }

  /** A process that ends without having stopped its server asks it to stop; a signal is all there is time for. */
  private readonly endWithProcess = (): void => void this.child?.kill('SIGINT');

  /** Runs the server until it accepts connections. A server whose sessions were orphaned by a crash must wait for them. */
  private async launch(): Promise<void> {
    const deadline = Date.now() + 15_000;
    for (;;) {
      forgetDeadServer(this.cluster.dir);
      const from = sizeOf(this.cluster.log);
      const child = this.spawn();
      if (await isReady(child, this.cluster.dir, this.say)) {
        this.child = child;
        child.once('exit', (code, signal) => void this.restart(signal ?? `exit code ${code}`));
        // It may have ended while nobody listened.
        if (hasEnded(child)) child.emit('exit', child.exitCode, child.signalCode);
        return;
      }
      const log = readFileSync(this.cluster.log, 'utf8').slice(from);
      if (!/pre-existing shared memory block/.test(log) || Date.now() > deadline) throw problemInLog(log, this.cluster);
      await sleep(200);
    }
  }

  /** In a session of its own, so that a Ctrl-C in the terminal reaches only us and the database outlives those who use it. */
  private spawn(): ChildProcess {
    const { binaries, user, dir, log } = this.cluster;
    const launch = launchAs(user, binaries.postgres, path.dirname(dir));
    const settings = Object.entries({ ...this.settings, port: String(this.port) });
    const args = ['-D', dir, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const output = openSync(log, 'a', 0o600);
    try {
      return spawn(launch.command, [...launch.args, ...args], {
        ...launch.options,
        cwd: '/',
        detached: true,
        stdio: ['ignore', output, output],
        env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      });
    } finally {
      closeSync(output);
    }
  }

  private async restart(how: string): Promise<void> {
    if (this.stopping) return;
    this.starts = [...this.starts.filter((at) => at > Date.now() - 60_000), Date.now()];
    const reason = `The database ended unexpectedly (${how}; see ${this.cluster.log})`;
    if (this.starts.length > this.deathsPerMinute) return this.giveUp(`${reason}, again and again.`);
    this.say(`${reason}. Starting it again.`);
    try {
      await this.launch();
      if (this.stopping) await this.stop();
    } catch (error) {
      this.giveUp(`${reason} and does not start again: ${(error as Error).message}`);
    }
  }
}

/** Waits until the server says in its lock file that it is ready. False: it ended instead. Recovery may take its time. */
async function isReady(child: ChildProcess, dir: string, say: (line: string) => void): Promise<boolean> {
  let failure: Error | null = null;
  child.on('error', (error) => (failure = error));
  const slow = setTimeout(() => say('The database is recovering from a crash; this can take a minute.'), 5000);
  try {
    while (!hasEnded(child)) {
      if (failure !== null) throw new StartupError(`The database can't start: ${(failure as Error).message}.`);
      const named = namedServer(dir);
      if (named?.pid === child.pid && named?.ready) return true;
      await sleep(10);
    }
    return false;
  } finally {
    clearTimeout(slow);
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function createDatabase(url: string): Promise<void> {
  const target = new pg.Client({ connectionString: url });
  try {
    await target.connect();
    return;
  } catch (error) {
    if ((error as { code?: string }).code !== '3D000')
      throw new StartupError(`The database refused us: ${(error as Error).message}.`, { cause: error });
  } finally {
    await target.end();
  }
  const client = new pg.Client({ connectionString: url.replace(/\/[^/]*$/, '/postgres') });
  await client.connect();
  await client.query(`CREATE DATABASE ${DATABASE}`).finally(() => client.end());
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);
