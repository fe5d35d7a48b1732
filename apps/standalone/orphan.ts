import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '#platform/startup-error.js';

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** It accepts connections. */
  readonly ready: boolean;
}

const LONGEST_STOP_MS = 60_000;

/** The server that has a cluster's folder open now. */
export function runningServer(clusterDir: string): RunningServer | null {
  const named = namedServer(clusterDir);
  return named !== null && servesFolder(named.pid, clusterDir) ? named : null;
}

/** The server that the lock file in a cluster's folder names; it may have been killed since. */
export function namedServer(clusterDir: string): RunningServer | null {
  const lines = lockFile(clusterDir)
    ?.split('\n')
    .map((line) => line.trim());
  if (lines === undefined) return null;
  const pid = Math.abs(Number(lines[0]));
  if (!Number.isSafeInteger(pid) || pid < 1) return null;
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7] === 'ready' };
}

/**
 * Ends a server that a killed run left behind: its sessions belong to nobody, and a fresh one is ours to watch. Only for
 * the holder of the data folder.
 */
export async function releaseOrphan(clusterDir: string, say: (line: string) => void): Promise<void> {
  const orphan = runningServer(clusterDir);
  if (orphan === null) return;
  say(`A database of an earlier run is still up (process ${orphan.pid}); stopping it.`);
  const deadline = Date.now() + LONGEST_STOP_MS;
  signal(orphan.pid, 'SIGINT');
  while (servesFolder(orphan.pid, clusterDir)) {
    if (Date.now() > deadline) {
      throw new StartupError(
        `The database of an earlier run (process ${orphan.pid}) does not stop. End it and start again.`,
      );
    }
    await sleep(20);
  }
}

/**
 * The lock file of a server that was killed names a process id. Should that belong to some other program by now, or to
 * a process that ended and nobody waited for, PostgreSQL would not start; a number that no process has makes it go on to
 * its other check, for sessions left behind. Call it before each start.
 */
export function forgetDeadServer(clusterDir: string): void {
  const named = namedServer(clusterDir);
  if (named === null || !isAlive(named.pid) || servesFolder(named.pid, clusterDir)) return;
  let free = 4_000_000;
  while (isAlive(free)) free--;
  const content = lockFile(clusterDir) ?? '';
  writeFileSync(path.join(clusterDir, 'postmaster.pid'), content.replace(/^-?\d+/, String(free)));
}

/** A server works in its folder and was started with its name: that tells it from a program that got its number. */
function servesFolder(pid: number, clusterDir: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(clusterDir);
    }
    return workingFolder(pid) === realpathSync(clusterDir);
  } catch {
    return false;
  }
}

/** In a container, root may not look into processes of other users; their command line is open to everybody. */
function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return realpathSync(words[words.indexOf('-D') + 1] ?? '');
  }
}

/** Also true of a process of another user, and of one that has ended but not been waited for. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function lockFile(clusterDir: string): string | null {
  try {
    return readFileSync(path.join(clusterDir, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
