// Builds apps, libs and projections to dist with Nest's CLI. As a command it always builds; with --if-needed, only when
// dist is missing or older than the sources.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');
const stamp = path.join(dist, '.built-from');
const SOURCES = ['apps', 'libs', 'projections'];
const SETTINGS = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'];

/** Builds when dist does not match the sources. Where there are no sources (an image that holds only dist) it never does. */
export function buildIfNeeded() {
  if (!SOURCES.some((folder) => existsSync(path.join(root, folder)))) return;
  const digest = sourceDigest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  build(digest);
}

/** Builds beside dist and then swaps, so that a failed or concurrent build never leaves a process with half a dist. */
function build(digest) {
  const started = Date.now();
  const fresh = path.join(root, `dist-${process.pid}`);
  const settings = path.join(root, `.nest-cli-${process.pid}.json`);
  try {
    const config = JSON.parse(readFileSync(path.join(root, 'nest-cli.json'), 'utf8'));
    config.compilerOptions.builder.options.outDir = path.basename(fresh);
    config.compilerOptions.deleteOutDir = false;
    writeFileSync(settings, JSON.stringify(config));
    const args = [nestCli(), 'build', '--config', path.basename(settings)];
    const run = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    if (run.status !== 0) fail(`The build failed:\n${run.stdout ?? ''}${run.stderr ?? ''}`);
    writeFileSync(path.join(fresh, '.built-from'), digest);
    swap(fresh);
  } finally {
    rmSync(settings, { force: true });
    rmSync(fresh, { recursive: true, force: true });
  }
  console.error(`Built dist in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

function swap(fresh) {
  const old = `${fresh}-old`;
  try {
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(fresh, dist);
  } catch (error) {
    // Another build got in between; what stands there now is as new as ours.
    if (!existsSync(stamp)) throw error;
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}

/** One hash over name, size and time of every file that dist is made from. */
function sourceDigest() {
  const hash = createHash('sha256');
  const add = (file) => {
    const { size, mtimeMs } = statSync(path.join(root, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  };
  SETTINGS.forEach(add);
  for (const folder of SOURCES.filter((name) => existsSync(path.join(root, name)))) {
    const files = readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true });
    const names = files
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
    names
      .filter((name) => !name.endsWith('.spec.ts'))
      .sort()
      .forEach(add);
  }
  return hash.digest('hex');
}

function nestCli() {
  try {
    return createRequire(import.meta.url).resolve('@nestjs/cli/bin/nest.js');
  } catch {
    fail('Daybook is not built, and the build tools are not installed. Run: npm ci --include=dev');
  }
}

function fail(message) {
  console.error(message.trimEnd());
  process.exit(1);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.includes('--if-needed')) buildIfNeeded();
  else build(sourceDigest());
}
