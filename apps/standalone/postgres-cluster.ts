import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartupError } from '#platform/startup-error.js';
import { inWords } from './data-folder.js';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { launchAs, type ServerUser, serverUser } from './server-user.js';

/** PostgreSQL's own folder in the data folder, and what is needed to run a server on it. */
export interface Cluster {
  readonly dir: string;
  readonly log: string;
  /** Of the superuser `postgres`. */
  readonly password: string;
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser | null;
}

const LARGEST_LOG = 10_000_000;

/** Finds the cluster of a data folder, or makes one: under another name first, so that one that is there is whole. */
export async function openCluster(dataDir: string, say: (line: string) => void): Promise<Cluster> {
  try {
    const binaries = findPostgresBinaries();
    const dir = path.join(dataDir, 'postgres');
    const log = path.join(dataDir, 'postgres.log');
    mkdirSync(path.join(dataDir, 'keys'), { recursive: true, mode: 0o700 });
    if (existsSync(log) && statSync(log).size > LARGEST_LOG) renameSync(log, `${log}.1`);
    const cluster = { dir, log, password: passwordIn(dataDir, existsSync(dir)), binaries, user: serverUser(dir) };
    if (existsSync(dir)) refuseOtherVersion(cluster);
    else {
      say(`Making a database in ${dir}.`);
      await initialise(cluster);
    }
    return cluster;
  } catch (error) {
    throw inWords(error, dataDir);
  }
}

function passwordIn(dataDir: string, mustBeThere: boolean): string {
  const file = path.join(dataDir, 'keys', 'postgres.password');
  if (!existsSync(file)) {
    if (mustBeThere)
      throw new StartupError(`${file} is missing: the database can't be opened. Put it back from a backup.`);
    writeFileSync(file, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flush: true });
  }
  return readFileSync(file, 'utf8').trim();
}

function refuseOtherVersion({ dir, binaries, user }: Cluster): void {
  const { uid } = statSync(dir);
  if (user === null && uid !== process.getuid?.()) {
    throw new StartupError(
      `The database in ${dir} belongs to another user (uid ${uid}). Start Daybook as that user, or as root.`,
    );
  }
  const made = Number.parseInt(readFileSync(path.join(dir, 'PG_VERSION'), 'utf8'), 10);
  if (made === binaries.major) return;
  const whose = made > binaries.major ? 'a newer Daybook' : 'an older Daybook';
  throw new StartupError(
    `The database in ${dir} was made by ${whose}, with PostgreSQL ${made}; this one brings PostgreSQL ${binaries.major}. ` +
      `Start that version${made > binaries.major ? '' : ', export the books and import them here'}. Nothing was changed.`,
  );
}

async function initialise(cluster: Cluster): Promise<void> {
  const draft = `${cluster.dir}.new`;
  const passwordFile = `${cluster.dir}.password`;
  rmSync(draft, { recursive: true, force: true });
  try {
    mkdirSync(draft, { mode: 0o700 });
    writeFileSync(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
    if (cluster.user !== null) {
      for (const file of [draft, passwordFile]) chownSync(file, cluster.user.uid, cluster.user.gid);
    }
    await initdb(cluster, draft, passwordFile);
    renameSync(draft, cluster.dir);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Text sorts by code point, the same on every machine and in every later version of any library. */
function initdb(cluster: Cluster, dir: string, passwordFile: string): Promise<void> {
  const launch = launchAs(cluster.user, cluster.binaries.initdb, path.dirname(dir));
  const args = [
    '-D',
    dir,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--no-instructions',
  ];
  const text = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  return new Promise((resolve, reject) => {
    const child = spawn(launch.command, [...launch.args, ...args, ...text], {
      ...launch.options,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    child.once('error', (error) => reject(problemInLog(error.message, cluster)));
    child.once('close', (code) => (code === 0 ? resolve() : reject(problemInLog(output, cluster))));
  });
}

/** What PostgreSQL wrote before it gave up, as one sentence. */
export function problemInLog(log: string, cluster: Pick<Cluster, 'dir' | 'log'>): StartupError {
  const words = (sentence: string): StartupError => new StartupError(sentence);
  if (/No space left on device|Disk quota exceeded|Check free disk space/.test(log)) {
    return words(`The database can't start: no space is left on the disk of ${cluster.dir}.`);
  }
  const missing = /error while loading shared libraries: ([^\s:]+)/.exec(log)?.[1];
  if (missing !== undefined) {
    return words(
      `The embedded PostgreSQL can't run on this machine: the library ${missing} is missing. Give another in DATABASE_URL.`,
    );
  }
  const lines = log.split('\n').filter((line) => /\b(FATAL|PANIC|ERROR|error|could not)\b/.test(line));
  const last = (lines.at(-1) ?? log.trim().split('\n').at(-1) ?? '').replace(
    /^.*?(FATAL|PANIC|ERROR|initdb: error):\s*/,
    '',
  );
  return words(`The database can't start: ${last === '' ? 'it gave no reason' : last} (its log: ${cluster.log}).`);
}
