import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { takeDataFolder } from './data-folder.js';
import { type EmbeddedPostgres, embeddedPostgresUrl, startEmbeddedPostgres } from './embedded-postgres.js';
import { problemInLog } from './postgres-cluster.js';

let dataDir: string;
let said: string[];
let running: EmbeddedPostgres | null = null;

const say = (line: string): void => void said.push(line);
const start = async (): Promise<EmbeddedPostgres> =>
  (running = await startEmbeddedPostgres(dataDir, { say, settings: { fsync: 'off' } }));
const pidFile = (): string => path.join(dataDir, 'postgres', 'postmaster.pid');

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' }).finally(() => client.end());
  return rows[0]?.[0];
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; !(await condition()); await sleep(20)) {
    if (Date.now() > end) throw new Error('waited for 15 s in vain');
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

beforeAll(() => {
  // Mode 0700, as mkdtemp makes it: as root, the server's user can't pass through without help.
  dataDir = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'daybook-embedded-'));
});
beforeEach(() => void (said = []));
afterEach(async () => {
  await running?.stop();
  running = null;
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

it('makes a database, serves it, stops without a trace, and finds it again', async () => {
  const first = await start();
  expect(said).toEqual([`Making a database in ${path.join(dataDir, 'postgres')}.`]);
  await ask(first.url, 'CREATE TABLE kept (n int)');
  expect(embeddedPostgresUrl(dataDir)).toBe(first.url);
  await first.stop();
  expect(isAlive(first.pid())).toBe(false);
  expect(existsSync(pidFile())).toBe(false);
  expect(embeddedPostgresUrl(dataDir)).toBeNull();

  const second = await start();
  expect(await ask(second.url, 'SELECT count(*)::int FROM kept')).toBe(0);
  expect(said).toHaveLength(1);
});

it('asks for a password, keeps it for its owner alone, and listens on the loopback address only', async () => {
  const { url, port } = await start();
  await expect(ask(url.replace(/:[^:@/]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  expect(statSync(path.join(dataDir, 'keys', 'postgres.password')).mode & 0o777).toBe(0o600);
  expect(statSync(path.join(dataDir, 'keys')).mode & 0o777).toBe(0o700);
  const outside = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  for (const { address } of outside.filter((one) => !one.internal && one.family === 'IPv4')) {
    const reached = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ host: address, port }, () => resolve(true)).on('error', () => resolve(false));
      socket.unref();
    });
    expect({ address, reached }).toEqual({ address, reached: false });
  }
});

it('sorts text by code point', async () => {
  const { url } = await start();
  expect(await ask(url, `SELECT string_agg(t, '' ORDER BY t) FROM unnest('{b,B,é,a,z}'::text[]) t`)).toBe('Babzé');
});

it('is started again, on the same port, when it is killed', async () => {
  const { url, pid } = await start();
  const before = pid();
  process.kill(before, 'SIGKILL');
  await until(() => pid() !== before && ask(url, 'SELECT true').then(Boolean, () => false));
  expect(said[0]).toMatch(/^The database ended unexpectedly \(SIGKILL; .*Starting it again\.$/);
});

it('starts although the process id of a killed server belongs to another program by now', async () => {
  const { stop } = await start();
  const pid = readFileSync(pidFile(), 'utf8');
  await stop();
  const other: ChildProcess = spawn('sleep', ['60']);
  writeFileSync(pidFile(), pid.replace(/^\d+/, String(other.pid)));
  const { url } = await start();
  expect(await ask(url, 'SELECT 1')).toBe(1);
  other.kill();
});

it.each([
  ['a newer', '19'],
  ['an older', '16'],
])('refuses data of %s PostgreSQL', async (_, version) => {
  const file = path.join(dataDir, 'postgres', 'PG_VERSION');
  const mine = readFileSync(file, 'utf8');
  writeFileSync(file, `${version}\n`);
  await expect(start()).rejects.toThrow(new RegExp(`with PostgreSQL ${version}; this one brings PostgreSQL 18`));
  writeFileSync(file, mine);
});

it('says which setting of the server is wrong', async () => {
  const attempt = startEmbeddedPostgres(dataDir, { settings: { shared_buffers: 'much' } });
  await expect(attempt).rejects.toThrow(/^The database can't start: .*shared_buffers.*$/);
});

it.each([
  ['FATAL:  could not write lock file "postmaster.pid": No space left on device', /no space is left on the disk/],
  [
    'postgres: error while loading shared libraries: libicui18n.so.60: cannot open',
    /the library libicui18n.so.60 is missing/,
  ],
  ['', /it gave no reason/],
])('puts a failure into words: %s', (log, words) => {
  expect(problemInLog(log, { dir: '/d', log: '/l' }).message).toMatch(words);
});

/** A process with the product's own build, as the orphans of a killed run are made. */
async function runElsewhere(): Promise<ChildProcess> {
  const built = (file: string): string => JSON.stringify(path.resolve('dist/apps/standalone', file));
  const program = `
    import { takeDataFolder } from ${built('data-folder.js')};
    import { startEmbeddedPostgres } from ${built('embedded-postgres.js')};
    takeDataFolder(process.argv[1]);
    await startEmbeddedPostgres(process.argv[1]);
    console.log('up');
    setInterval(() => {}, 1e6);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) =>
    child.stdout.once('data', resolve).once('close', () => reject(new Error('ended'))),
  );
  return child;
}

const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve));

it('refuses a folder that is in use, and takes over what a killed run left', async () => {
  const other = await runElsewhere();
  const orphan = Number.parseInt(readFileSync(pidFile(), 'utf8'), 10);
  expect(() => takeDataFolder(dataDir)).toThrow(`Daybook is already running in ${dataDir} (process ${other.pid})`);
  other.kill('SIGKILL');
  await ended(other);
  expect(isAlive(orphan)).toBe(true);

  const release = takeDataFolder(dataDir);
  await start();
  expect(said).toEqual([`A database of an earlier run is still up (process ${orphan}); stopping it.`]);
  release();
});

it('starts after a killed run whose server was killed too', async () => {
  const other = await runElsewhere();
  process.kill(Number.parseInt(readFileSync(pidFile(), 'utf8'), 10), 'SIGKILL');
  other.kill('SIGKILL');
  await ended(other);
  const { url } = await start();
  expect(await ask(url, 'SELECT 1')).toBe(1);
});

describe('takeDataFolder', () => {
  it('is given back', () => {
    takeDataFolder(dataDir)();
    takeDataFolder(dataDir)();
    expect(existsSync(path.join(dataDir, 'daybook.pid'))).toBe(false);
  });

  it('says in one line why a folder can not be used', () => {
    const file = path.join(dataDir, 'file');
    writeFileSync(file, '');
    expect(() => takeDataFolder(file)).toThrow(/there is a file of that name/);
    expect(() => takeDataFolder(path.join(file, 'x'))).toThrow(/something on its path is not a folder/);
    if (process.platform === 'linux')
      expect(() => takeDataFolder('/proc/x/y')).toThrow(/^The data folder \/proc\/x\/y can't be used/);
  });
});
