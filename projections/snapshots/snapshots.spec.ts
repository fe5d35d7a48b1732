import { randomBytes } from 'node:crypto';
import { account } from '#domain/spec-support.js';
import { ReadModels } from '../../test/support/read-models.js';
import { PostgresSnapshots, tenantsAhead } from './snapshots.queries.js';

let models: ReadModels;
beforeAll(async () => void (models = await ReadModels.start()));
afterAll(() => models.close());

const hash = randomBytes(32);
const parts = [randomBytes(700_000), randomBytes(10), Buffer.alloc(0)];
const read = async (from: AsyncIterable<Uint8Array>): Promise<Buffer[]> => {
  const found: Buffer[] = [];
  for await (const part of from) found.push(Buffer.from(part));
  return found;
};

describe('snapshots', () => {
  it('come back as they were saved, the newest of their fold', async () => {
    const snapshots = new PostgresSnapshots(models.engine);
    expect(await snapshots.latest('tnt_a', 1)).toBeNull();
    for (const revision of [10, 30, 20]) await snapshots.save('tnt_a', 1, revision, hash, parts);
    await snapshots.save('tnt_a', 1, 30, hash, parts);
    await snapshots.save('tnt_a', 0, 99, hash, [parts[1]!]);
    await snapshots.save('tnt_b', 1, 5, hash, [parts[1]!]);
    const latest = await snapshots.latest('tnt_a', 1);
    expect(latest).toMatchObject({ revision: 30, hash });
    expect(await read(latest!.parts)).toEqual(parts);
    expect(await snapshots.latest('tnt_a', 3)).toBeNull();
  });

  it('are kept two of a kind, saved whole or not at all, and hidden from the application', async () => {
    const snapshots = new PostgresSnapshots(models.engine);
    const { rows } = await models.engine.query<{ revision: string }>(
      `SELECT DISTINCT revision FROM snapshots WHERE tenant_id = 'tnt_a' AND fold_version = 1 ORDER BY 1`,
    );
    expect(rows.map(({ revision }) => revision)).toEqual(['20', '30']);
    const failing = function* (): Iterable<Uint8Array> {
      yield parts[1]!;
      throw new Error('out of memory');
    };
    await expect(snapshots.save('tnt_a', 1, 40, hash, failing())).rejects.toThrow('out of memory');
    expect((await snapshots.latest('tnt_a', 1))?.revision).toBe(30);
    await expect(models.app.query('SELECT FROM snapshots')).rejects.toThrow('permission denied');
  });

  it('are due for tenants whose stream has grown', async () => {
    const book = await models.tenant(1, account('ada'), account('bob'));
    models.run();
    await models.projected(book);
    expect(await tenantsAhead(models.projector, 7, 3)).toEqual([book.tenantId]);
    expect(await tenantsAhead(models.projector, 7, 4)).toEqual([]);
    await new PostgresSnapshots(models.projector).save(book.tenantId, 7, 1, hash, parts);
    expect(await tenantsAhead(models.projector, 7, 2)).toEqual([]);
  });

  it('of older folds count for nothing, and go with the next one of a newer fold', async () => {
    const book = await models.tenant(2, account('ada'), account('bob'));
    await models.projected(book);
    const snapshots = new PostgresSnapshots(models.projector);
    await snapshots.save(book.tenantId, 7, 2, hash, parts);
    expect(await tenantsAhead(models.projector, 8, 3)).toContain(book.tenantId);
    await snapshots.save(book.tenantId, 8, 1, hash, parts);
    expect(await snapshots.latest(book.tenantId, 7)).toBeNull();
    // A process of the version before it, still running, takes nothing from those after it.
    await snapshots.save(book.tenantId, 7, 2, hash, parts);
    expect(await snapshots.latest(book.tenantId, 8)).toMatchObject({ revision: 1 });
  });
});
