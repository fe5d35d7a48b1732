/** Nobody sees or touches what is another tenant's, by whatever operation and whatever credential. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Matrix } from './matrix.js';
import { openSuite, type Suite } from './suite.js';
import { MARKER, type World } from './world.js';

const ROOT = resolve(import.meta.dirname, '../..');

let suite: Suite;
let world: World;
let matrix: Matrix;
beforeAll(async () => {
  suite = await openSuite();
  ({ world } = suite);
  matrix = new Matrix(world);
}, 90_000);
afterAll(() => suite.close());

it('what is another tenant’s is answered as what nobody has, and stays as it was', async () => {
  const before = await suite.database.atRest(world.tenantB);
  await matrix.tenantPlane();
  await matrix.adminPlane();
  await matrix.borrowed();
  expect(matrix.findings.leaks).toEqual([]);
  expect(await suite.database.standing(world.tenantB)).toEqual(before);
  const { theirs, nobodys } = await matrix.timing(40);
  const { cells, requests } = matrix.findings;
  process.stdout.write(
    `isolation: ${cells} operations × credentials, ${requests} requests, 0 leaks; ` +
      `another’s account in ${theirs.toFixed(2)} ms, nobody’s in ${nobodys.toFixed(2)} ms (medians)\n`,
  );
}, 120_000);

it('the application sees no row of another tenant’s, whatever it asks PostgreSQL', async () => {
  expect(await suite.database.seenThrough(world.tenantA, world.tenantB)).toEqual([]);
});

it('no text of a tenant’s is in logs, metrics, queues or another’s export', async () => {
  expect(world.product.output()).not.toContain(MARKER);
  expect(await (await fetch(`${world.product.credentials.base_url}/metrics`)).text()).not.toMatch(
    new RegExp(`${MARKER}|tnt_`),
  );
  expect(await suite.database.elsewhere()).toEqual([]);
  const out = join(world.product.dataDir, 'book-of-a.ndjson');
  const verb = ['export', '--tenant', world.tenantA, '--out', out];
  spawnSync(process.execPath, [join(ROOT, 'bin/daybook.mjs'), ...verb], {
    env: { ...process.env, NODE_OPTIONS: '', DAYBOOK_DATA_DIR: world.product.dataDir },
  });
  const exported = readFileSync(out, 'utf8');
  expect(exported).toContain(world.tenantA);
  expect(exported).not.toContain(MARKER);
  for (const id of world.known.get('acc') ?? []) expect(exported).not.toContain(id);
});

// Last: with the right key they do what they say.
it('the same requests reach what they name with the tenant’s own key', async () => {
  expect(await matrix.control()).toEqual([]);
});
