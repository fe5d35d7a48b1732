/** Each wall that keeps tenants apart is taken away once: the suite must notice. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Matrix } from './matrix.js';
import { openSuite, type Suite } from './suite.js';

const ROOT = resolve(import.meta.dirname, '../..');

interface Mutant {
  readonly name: string;
  /** Of the built product: file, what stands there, what stands there instead. */
  readonly change: readonly [file: string, from: string, to: string] | null;
  readonly withoutRowSecurity: boolean;
  /** The part of the suite that must find it. */
  readonly found: (matrix: Matrix, suite: Suite) => Promise<readonly string[]>;
}

const leaksOf = async (matrix: Matrix, part: Promise<void>): Promise<readonly string[]> => {
  await part;
  return matrix.findings.leaks;
};

const MUTANTS: readonly Mutant[] = [
  {
    name: 'row-level security off',
    change: null,
    withoutRowSecurity: true,
    found: (_, { database, world }) => database.seenThrough(world.tenantA, world.tenantB),
  },
  {
    name: 'guard off',
    change: ['libs/access/rights.js', 'mayManage(principal.permissions, requirement.permission)', 'true'],
    withoutRowSecurity: false,
    found: (matrix) => leaksOf(matrix, matrix.adminPlane()),
  },
  {
    name: 'tenant filter off',
    change: [
      'projections/transactions/transactions.queries.js',
      'WHERE tenant_id = $1 AND transaction_id = $2',
      'WHERE $1::text IS NOT NULL AND transaction_id = $2',
    ],
    // With it the filter is the second wall of two, and nothing leaks.
    withoutRowSecurity: true,
    found: (matrix, { world }) => leaksOf(matrix, matrix.tenantPlane(world.attackers.slice(0, 1))),
  },
  {
    name: 'cursor check off',
    change: [
      'libs/platform/http/cursors.js',
      'timingSafeEqual(this.mac(list, text), bytes.subarray(0, MAC_BYTES))',
      'true',
    ],
    withoutRowSecurity: false,
    found: (matrix) => leaksOf(matrix, matrix.borrowed()),
  },
  {
    name: 'revocation off',
    change: ['libs/access/authenticator.js', '!credential.active', 'false'],
    withoutRowSecurity: false,
    found: (matrix, { world }) =>
      leaksOf(matrix, matrix.tenantPlane(world.attackers.filter(({ refusedAs }) => refusedAs !== null))),
  },
];

const build = ({ change }: Mutant): string => {
  const root = mkdtempSync(join(tmpdir(), 'daybook-mutant-'));
  for (const name of ['dist', 'bin', 'package.json']) cpSync(join(ROOT, name), join(root, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  if (change === null) return root;
  const [file, from, to] = change;
  const text = readFileSync(join(root, 'dist', file), 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${file} does not hold once: ${from}`);
  writeFileSync(join(root, 'dist', file), text.replace(from, to));
  return root;
};

it.each(MUTANTS)(
  '$name is noticed',
  async (mutant) => {
    const root = build(mutant);
    const suite = await openSuite(root);
    try {
      if (mutant.withoutRowSecurity) await suite.database.dropRowSecurity();
      const found = await mutant.found(new Matrix(suite.world), suite);
      expect(found.length).toBeGreaterThan(0);
      process.stdout.write(`isolation: ${mutant.name}: noticed ${found.length} times\n`);
    } finally {
      await suite.close();
      rmSync(root, { recursive: true, force: true });
    }
  },
  120_000,
);
