import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SETTINGS } from '#platform/configuration.js';
import { deadReferences, FILE_CHECKS, packageProblems, sourceFiles } from './files.mjs';

const root = process.cwd();
// These hold, as examples, what they look for.
const files = sourceFiles(root).filter(({ file }) => !file.startsWith('test/tidy/'));

it('finds the files', () => {
  expect(files.length).toBeGreaterThan(20);
});

describe.each(Object.entries(FILE_CHECKS))('%s', (name, check) => {
  it('holds for every file', () => {
    expect(files.flatMap((file) => check(file).map((problem) => `${file.file}: ${problem}`))).toEqual([]);
  });

  it('finds a break', () => {
    const broken: Readonly<Record<string, [file: string, text: string]>> = {
      'no barrel files': ['libs/engine/index.ts', ''],
      'no file over 500 lines': ['libs/engine/long.ts', '\n'.repeat(501)],
      'names that say something': ['libs/engine/a.ts', 'export class StreamManager {}'],
      'nothing left to do': ['libs/engine/a.sql', '-- TODO: index'],
      'no hole in the types': ['libs/engine/a.ts', 'x as any'],
      'an oracle that stands alone': ['test/simulation/oracle/a.ts', "import { add } from '#domain/money.js';"],
      'no focused or skipped tests': ['libs/engine/a.spec.ts', "it.only('x', () => undefined)"],
    };
    const [file, text] = broken[name]!;
    expect(check({ file, text })).toHaveLength(1);
  });
});

it.each(['ARCHITECTURE.md', 'README.md', 'CONTRIBUTING.md'])('%s names only files that exist', (page) => {
  expect(deadReferences(root, page)).toEqual([]);
});

it('a name of a file that is gone is found', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'daybook-tidy-'));
  writeFileSync(path.join(folder, 'PAGE.md'), 'Kept by `test/gone.spec.ts`.');
  expect(deadReferences(folder, 'PAGE.md')).toHaveLength(1);
  rmSync(folder, { recursive: true });
});

it.each(['README.md', '.env.example'])('%s explains every setting', (page) => {
  // Settings of one kind are written as a list: `DAYBOOK_ADMIN_ISSUER`, `_AUDIENCE`.
  const text = readFileSync(path.join(root, page), 'utf8').replace(
    /`(DAYBOOK_ADMIN)_ISSUER`, `(_\w+)`, `(_\w+)`/g,
    '$1_ISSUER $1$2 $1$3',
  );
  expect(
    SETTINGS.filter((name) => !new RegExp(`\\b${name}\\b`).test(text)).map((name) => `${page} says nothing of ${name}`),
  ).toEqual([]);
});

it('package.json and its lockfile install anywhere', () => {
  expect(packageProblems(root)).toEqual([]);
});
