import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Credentials {
  readonly base_url: string;
  readonly admin_token: string;
  readonly tenants: readonly { id: string; name: string; environment: string; api_key: string }[];
}

export interface Product {
  readonly process: ChildProcess;
  readonly dataDir: string;
  readonly credentials: Credentials;
  /** What it printed so far. */
  readonly output: () => string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const ROOT = resolve(import.meta.dirname, '..', '..');

/** A data folder in shared memory where there is some: a test's database needs no disk. */
export const newDataDir = (): string =>
  mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'daybook-test-'));

const isReady = async (baseUrl: string): Promise<boolean> => {
  try {
    return (await fetch(`${baseUrl}/readyz`)).status === 200;
  } catch {
    return false;
  }
};

export interface Spawned {
  readonly process: ChildProcess;
  /** What it printed so far. */
  readonly output: () => string;
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals | null>;
}

/** Starts the product as `npm start` does, on any free port, and waits for nothing. */
export const spawnProduct = (dataDir: string, env: Record<string, string> = {}, root = ROOT): Spawned => {
  const child = spawn(process.execPath, [join(root, 'bin', 'daybook.mjs'), 'start'], {
    cwd: root,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      DAYBOOK_PORT: '0',
      DAYBOOK_SEED: 'none',
      DAYBOOK_DATA_DIR: dataDir,
      DAYBOOK_LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | NodeJS.Signals | null>((done) =>
    child.once('close', (code, signal) => done(code ?? signal)),
  );
  return { process: child, output: () => output, exited };
};

/**
 * Starts the product as `npm start` does, on any free port and a data folder of its own, and waits until it is ready.
 * `stop` ends it and, unless the folder was handed in, removes the folder.
 */
export const startProduct = async (
  env: Record<string, string> = {},
  options: { dataDir?: string; timeoutMs?: number; root?: string } = {},
): Promise<Product> => {
  const dataDir = options.dataDir ?? newDataDir();
  const { process: child, output, exited } = spawnProduct(dataDir, env, options.root);
  let ended = false;
  void exited.then(() => (ended = true));

  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (!ended) child.kill(signal);
    await exited;
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  };

  const file = join(dataDir, 'credentials.json');
  const deadline = Date.now() + (options.timeoutMs ?? 60_000);
  for (;;) {
    if (ended || Date.now() > deadline) {
      await stop('SIGKILL');
      throw new Error(`the product did not get ready${ended ? ' and ended' : ' in time'}:\n${output()}`);
    }
    // The base URL is printed once the server listens: an older credentials file may still name an older port.
    if (existsSync(file) && output().includes('http://')) {
      const credentials = JSON.parse(readFileSync(file, 'utf8')) as Credentials;
      if (await isReady(credentials.base_url)) return { process: child, dataDir, credentials, output, stop };
    }
    await new Promise((next) => setTimeout(next, 50));
  }
};
