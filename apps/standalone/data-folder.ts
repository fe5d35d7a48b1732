import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartupError } from '#platform/startup-error.js';

/**
 * Makes the data folder if there is none, checks that it can be written, and takes it for this process: one installation
 * runs in a folder at a time. Throws `StartupError` in words. Answers what gives it back. A lock of a process that was
 * killed is recognised and replaced.
 */
export function takeDataFolder(dataDir: string): () => void {
  try {
    // As root, the database runs as another user, who must be able to pass through. The files in it have modes of their own.
    makeFolder(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
    return lock(path.join(dataDir, 'daybook.pid'), dataDir);
  } catch (error) {
    throw inWords(error, dataDir);
  }
}

/** What a file system said, as a sentence about the data folder; anything else as it came. */
export function inWords(error: unknown, dataDir: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof StartupError || code === undefined) return error;
  const problems: Readonly<Record<string, string>> = {
    ENOSPC: "can't be used: no space is left on its disk",
    EDQUOT: "can't be used: the quota of its disk is used up",
    EACCES: `can't be written by this user (${message})`,
    EPERM: `can't be written by this user (${message})`,
    EROFS: "can't be written: its file system is read-only",
    ENOTDIR: "can't be made: something on its path is not a folder",
    EEXIST: "can't be made: there is a file of that name",
  };
  return new StartupError(`The data folder ${dataDir} ${problems[code] ?? `can't be used (${message})`}.`, {
    cause: error,
  });
}

/** Not `recursive: true`, which never returns where nothing can be made, such as in /proc. */
function makeFolder(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(folder).isDirectory()) return;
    if (code !== 'ENOENT' || path.dirname(folder) === folder) throw error;
    if (existsSync(path.dirname(folder))) throw error;
    makeFolder(path.dirname(folder), 0o755);
    mkdirSync(folder, { mode });
  }
}

function lock(file: string, dataDir: string): () => void {
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, mine, { mode: 0o644 });
  try {
    for (let attempt = 1; !linked(draft, file); attempt++) {
      const holder = holderOf(file);
      if (attempt > 5 || (holder !== null && isAlive(holder))) {
        throw new StartupError(
          `Daybook is already running in ${dataDir} (process ${holder?.pid ?? 'unknown'}). ` +
            'Stop it first, or give this one a folder of its own with DAYBOOK_DATA_DIR.',
        );
      }
      // Moved aside, not deleted: of two that find the same dead lock, only one moves it.
      if (moved(file, `${draft}.stale`)) rmSync(`${draft}.stale`);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  const release = (): void => {
    process.off('exit', release);
    if (read(file) === mine) rmSync(file, { force: true });
  };
  process.on('exit', release);
  return release;
}

interface Holder {
  readonly pid: number;
  readonly started: string;
}

function holderOf(file: string): Holder | null {
  try {
    return JSON.parse(read(file) ?? '') as Holder;
  } catch {
    return null;
  }
}

/** Process ids are used again, after a reboot or in a container even at once: the time of start tells them apart. */
const isAlive = (holder: Holder): boolean => holder.started !== '' && startOf(holder.pid) === holder.started;

/** When a process started, in the system's own words; empty if there is no such process. */
function startOf(pid: number): string {
  if (process.platform === 'linux') {
    // The command's name, in parentheses, may hold anything; the 20th field after it is the start in ticks since boot.
    const stat = read(`/proc/${pid}/stat`);
    const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return ticks === undefined ? '' : `${read('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}:${ticks}`;
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
