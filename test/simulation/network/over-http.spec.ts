/** The same traffic over HTTP, by the command that anybody may run against an installation. */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { startProduct, type Product } from '../../support/product.js';

const ROOT = resolve(import.meta.dirname, '..', '..', '..');

const simulate = (product: Product, ...options: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'bin', 'daybook.mjs'), 'simulate', ...options], {
    env: { ...process.env, NODE_OPTIONS: '', DAYBOOK_DATA_DIR: product.dataDir },
    encoding: 'utf8',
    timeout: 110_000,
  });

describe('daybook simulate', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ DAYBOOK_CLOCK: 'settable' });
  }, 90_000);
  afterAll(() => product.stop());

  it('finds every sum right after every message, months of them', () => {
    const { status, stdout, stderr } = simulate(product, '--seed', '7', '--purchases', '50', '--cards', '3', '--json');
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.trim().split('\n');
    const { faults, messages, repeated } = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
    expect(faults).toEqual([]);
    expect(messages).toBeGreaterThan(200);
    expect(repeated).toBeGreaterThan(100);
    process.stdout.write(`network over HTTP, seed 7: ${String(messages)} messages, ${String(repeated)} came again\n`);
  }, 120_000);

  it('exits 2 where it is used wrongly', () => {
    expect(simulate(product, '--stories', 'bank-robbery')).toMatchObject({ status: 2 });
    expect(simulate(product, '--late', '2')).toMatchObject({ status: 2 });
  }, 60_000);
});
