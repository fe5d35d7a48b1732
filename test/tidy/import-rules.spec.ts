import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { APPS_OF_APPS, brokenImports, LIBRARIES, PROJECTIONS } from './import-rules.mjs';

it('the product keeps to the import table', async () => {
  expect(await brokenImports(process.cwd())).toEqual([]);
});

it('every library has its row in the table', () => {
  const rows = Object.keys(LIBRARIES);
  const missing = readdirSync('libs').filter((name) => !rows.includes(name));
  expect(missing.map((name) => `libs/${name}: add a row to LIBRARIES in test/tidy/import-rules.mjs`)).toEqual([]);
});

/** Rooms of the table in ARCHITECTURE.md, each with what its last column says that it may import. */
const documentedRooms = (page: string): Map<string, string> => {
  const [, table = ''] = page.split(/^\| room \|.*\n\|[ -|]+\n/m);
  const rows = table.slice(0, table.indexOf('\n\n')).split('\n');
  return new Map(
    rows.flatMap((row) => {
      const [rooms = '', , imports = ''] = row.split('|').slice(1, -1);
      return [...rooms.matchAll(/`([^`]+)`/g)].map(([, room]) => [room!, imports.trim()] as const);
    }),
  );
};

/** What the rules say, in the table's words. */
const ruledRooms = (): Map<string, string> => {
  const words = (names: readonly string[]): string => names.join(', ');
  const others = Object.keys(LIBRARIES).filter((name) => name !== 'installation');
  const libraries = readdirSync('libs').map((name) => {
    const allowed = LIBRARIES[name] ?? [];
    const isAny = others.every((other) => allowed.includes(other));
    return [`libs/${name}`, isAny ? 'any library' : words(allowed)] as const;
  });
  return new Map([
    ...libraries,
    ['projections/x', `${words(PROJECTIONS)}; never \`projections/y\``],
    ['apps/x', `any library; never \`apps/y\` (${APPS_OF_APPS.join(' and ')} excepted)`],
  ]);
};

it('ARCHITECTURE.md says what the rules say', () => {
  const documented = documentedRooms(readFileSync('ARCHITECTURE.md', 'utf8'));
  for (const [room, imports] of documented) if (/^(nothing|no room of ours)$/.test(imports)) documented.set(room, '');
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(ruledRooms()));
});

it('every projection is in the registry', () => {
  const registry = readFileSync('projections/registry.ts', 'utf8');
  const folders = readdirSync('projections', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const missing = folders.filter(({ name }) => !registry.includes(`./${name}/`));
  expect(missing.map(({ name }) => `projections/${name}: add it to projections/registry.ts`)).toEqual([]);
});

/** A repository with one break of each rule; what is caught below is shown to be catchable. */
const BREAKS: readonly (readonly [file: string, source: string, rule: string | null])[] = [
  ['libs/domain/money.ts', 'export const one = 1;', null],
  ['libs/domain/imports-contract.ts', `import '#contract/problems.js';`, 'libs/domain'],
  [
    'libs/domain/imports-type.ts',
    `import type { Injectable } from '@nestjs/common'; export type I = typeof Injectable;`,
    'pure',
  ],
  ['libs/domain/imports-node.ts', `import { hash } from 'node:crypto'; export const h = hash;`, 'pure'],
  ['libs/domain/imports.spec.ts', `import '#engine/fine.js'; import 'node:fs';`, null],
  ['libs/contract/problems.ts', `import '#domain/money.js';`, null],
  ['libs/contract/a.ts', `import { b } from './b.js'; export const a = b;`, 'no-cycles'],
  ['libs/contract/b.ts', `import { a } from './a.js'; export const b = a;`, null],
  ['libs/contract/type-a.ts', `import type { B } from './type-b.js'; export interface A { b: B }`, null],
  ['libs/contract/type-b.ts', `import type { A } from './type-a.js'; export interface B { a: A }`, null],
  ['libs/engine/fine.ts', `import '#domain/money.js'; import '../domain/money.js';`, null],
  ['libs/engine/imports-platform.ts', `import '#platform/nest.js';`, 'libs/engine'],
  ['libs/engine/imports-test.ts', `import '../../test/support/postgres.js';`, 'libs/engine'],
  ['libs/engine/imports-dev.ts', `import fc from 'fast-check'; export const f = fc;`, 'declared'],
  ['libs/engine/imports-nothing.ts', `import './gone.js';`, 'resolvable'],
  ['libs/platform/nest.ts', `import { Injectable } from '@nestjs/common'; export const I = Injectable;`, null],
  ['libs/projecting/reaches-nest.ts', `import './via.js';`, 'nest'],
  ['libs/projecting/via.ts', `import { Injectable } from '@nestjs/common'; export const I = Injectable;`, 'nest'],
  ['libs/unknown/imports-domain.ts', `import '#domain/money.js';`, 'libs/unknown'],
  [
    'projections/accounts/accounts.ts',
    `import '#domain/money.js'; import '#projecting/plain.js'; import './rows.js';`,
    null,
  ],
  ['projections/accounts/rows.ts', 'export {};', null],
  ['projections/cards/imports-accounts.ts', `import '#projections/accounts/accounts.js';`, 'projections'],
  ['projections/cards/imports-engine.ts', `import '#engine/fine.js';`, 'projections'],
  ['libs/projecting/plain.ts', 'export {};', null],
  ['apps/api/console/imports-reads.ts', `import '../../api/reads.js';`, 'console'],
  ['apps/api/console/imports-domain.ts', `import '#domain/money.js'; import './imports-reads.js';`, null],
  ['apps/api/reads.ts', 'export {};', null],
  ['apps/api/main.ts', `import '#platform/nest.js'; import '#engine/fine.js';`, null],
  ['apps/api/imports-projector.ts', `import '../projector/main.js';`, 'apps'],
  ['apps/projector/main.ts', `import '#projections/accounts/accounts.js';`, null],
  ['apps/cli/main.ts', `import '../api/main.js';`, null],
  ['apps/cli/imports-spec.ts', `import '../api/main.spec.js';`, 'no-tests-in-the-product'],
  ['apps/api/main.spec.ts', 'export {};', null],
  ['test/support/postgres.ts', 'export {};', null],
];

it('a break of each rule is found', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'daybook-imports-'));
  const write = (file: string, text: string): void => {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  write(
    'package.json',
    JSON.stringify({ type: 'module', dependencies: { '@nestjs/common': '1' }, devDependencies: { 'fast-check': '1' } }),
  );
  for (const name of ['@nestjs/common', 'fast-check']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  for (const [file, text] of BREAKS) write(file, text);
  const found = (await brokenImports(root)).map((line) => /^(\S+) → .*?\[([^\]]+)\]/.exec(line)!.slice(1, 3).join(' '));
  rmSync(root, { recursive: true });
  const expected = BREAKS.filter(([, , rule]) => rule !== null).map(([file, , rule]) => `${file} ${rule}`);
  for (const one of expected) expect(found).toContain(one);
  const innocent = BREAKS.filter(([, , rule]) => rule === null).map(([file]) => file);
  expect(found.filter((line) => innocent.includes(line.split(' ')[0]!))).toEqual([]);
});
