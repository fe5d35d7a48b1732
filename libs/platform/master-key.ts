import { hkdfSync, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigurationError } from './configuration.js';

/**
 * The installation's master key: DAYBOOK_MASTER_KEY, or `<data dir>/keys/master.key`, made on first use with mode 0600.
 * It wraps all other keys and stands in no database: who loses it loses every sealed text, and the database roles.
 * Processes that run apart from each other must be given the same one.
 */
export function loadMasterKey(configuration: {
  readonly dataDir: string;
  readonly masterKey: Uint8Array | null;
}): Uint8Array {
  if (configuration.masterKey !== null) return configuration.masterKey;
  return keyIn(fileOf(configuration));
}

/** The key that is to take the master key's place: `<data dir>/keys/master.key.next`, made where there is none. */
export function loadNextMasterKey(configuration: { readonly dataDir: string }): {
  readonly file: string;
  readonly key: Uint8Array;
  /** Whether it was made just now, and so is nobody's yet. */
  readonly isNew: boolean;
} {
  const file = `${fileOf(configuration)}.next`;
  const isNew = readIfThere(file) === null;
  return { file, key: keyIn(file), isNew };
}

/** Takes away a key that nothing was wrapped by. */
export function forgetNextMasterKey(configuration: { readonly dataDir: string }): void {
  rmSync(`${fileOf(configuration)}.next`, { force: true });
}

/** It has taken its place: answers the file that it is in. */
export function useNextMasterKey(configuration: { readonly dataDir: string }): string {
  const file = fileOf(configuration);
  renameSync(`${file}.next`, file);
  return file;
}

const fileOf = ({ dataDir }: { readonly dataDir: string }): string => path.join(dataDir, 'keys', 'master.key');

function keyIn(file: string): Uint8Array {
  const key = Buffer.from((readIfThere(file) ?? create(file)).trim(), 'base64');
  if (key.length !== 32) {
    throw new ConfigurationError([
      `${file} does not hold a key of 32 bytes in base64; put the right one back from a backup`,
    ]);
  }
  return key;
}

/** A key for one purpose, made from the master key (HKDF-SHA-256). Another purpose gives an unrelated key. */
export function deriveKey(masterKey: Uint8Array, purpose: string, length = 32): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, 'daybook', purpose, length));
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Of two processes that start at once, one makes the key and both use it: a link never replaces a file. */
function create(file: string): string {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const mine = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(mine, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(mine, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  return readFileSync(file, 'utf8');
}
