import { account, card, deposit, named, transfer, type Step } from '#domain/spec-support.js';
import { staleProjections } from './built.js';
import { rebuild, type RebuildOptions, type RebuildProgress } from './rebuild.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { GROUPS, PROJECTIONS } from '#projections/registry.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';

let models: ReadModels;
let books: StoredBook[];
const HISTORY: readonly Step[] = [
  account('ada'),
  account('bob', 'customer', 'NGN', { metadata: { a: '1' } }),
  ...card('plastic', 'ada'),
  deposit('ada', 100_000),
  named('lunch', transfer('ada', 'bob', 900)),
  { type: 'ReverseTransaction', data: { transaction_id: '@lunch', amount: 100 } },
];
beforeAll(async () => {
  models = await ReadModels.start();
  books = await Promise.all([1, 2, 3].map((number) => models.tenant(number, ...HISTORY)));
  models.run();
  await models.projected(...books);
});
afterAll(() => models.close());

const options = (differing: Partial<RebuildOptions<LedgerEvent>> = {}): RebuildOptions<LedgerEvent> => {
  const { store, reading, connection } = models.options();
  return {
    store,
    reading,
    groups: GROUPS,
    owner: { connectionString: models.ownerUrl },
    projector: connection,
    ...differing,
  };
};

describe('rebuild', () => {
  it.each(PROJECTIONS.map(({ name }) => name))('makes the same rows of %s', async (name) => {
    const before = await models.rows();
    const told: RebuildProgress[] = [];
    const rebuilt = await rebuild(name, options({ onProgress: (one) => told.push(one), onCompared: () => true }));
    expect(rebuilt.switched).toBe(true);
    for (const table of rebuilt.tables) expect(table).toMatchObject({ same: true, rowsAfter: table.rowsBefore });
    expect(await models.rows()).toEqual(before);
    expect(told.at(-1)).toMatchObject({ phase: 'switching', events: rebuilt.events });
    expect(rebuilt.events).toBe(books.reduce((sum, { events }) => sum + events.length, 0));
  });

  it('switches under a running projector, readers and writers', async () => {
    let writing = true;
    const traffic = (async () => {
      while (writing) {
        await Promise.all(books.map((book) => book.tell(transfer('ada', 'bob', 3), transfer('bob', 'ada', 2))));
        await models.app.query('SELECT count(*) FROM transactions');
      }
    })();
    for (const name of ['transactions', 'accounts', 'entries', 'events', 'cold-index']) {
      expect(
        await rebuild(name, options({ batchSize: 50, onCompared: (tables) => tables.every(({ same }) => same) })),
      ).toMatchObject({ switched: true });
    }
    writing = false;
    await traffic;
    await models.projected(...books);
    const rows = await models.rows();
    for (const { name } of PROJECTIONS) await rebuild(name, options());
    expect(await models.rows()).toEqual(rows);
    expect(models.failures).toEqual([]);
  });

  it('brings back rows that were lost, and says so', async () => {
    const before = await models.rows();
    await models.projector.query('DELETE FROM transactions WHERE amount = 900');
    const { tables } = await rebuild('transactions', options({ onCompared: () => true }));
    expect(tables.find(({ table }) => table === 'transactions')).toMatchObject({ same: false });
    expect(await models.rows()).toEqual(before);
  });

  it('leaves everything as it was where it fails, is stopped, or is told no', async () => {
    const before = await models.rows();
    expect(await rebuild('accounts', options({ onCompared: () => false }))).toMatchObject({ switched: false });
    expect(await rebuild('accounts', options({ signal: AbortSignal.abort(), batchSize: 2 }))).toMatchObject({
      switched: false,
    });
    const failing = GROUPS.map((group) => ({
      ...group,
      projections: group.projections.map((one) => ({
        ...one,
        statements: () => {
          throw new TypeError('broken');
        },
      })),
    }));
    await expect(rebuild('accounts', options({ groups: failing }))).rejects.toThrow(
      /can't be projected at revision 0: TypeError: broken/,
    );
    await expect(rebuild('nothing', options())).rejects.toThrow('there is no projection nothing');
    const schemas = await models.projector.query(`SELECT FROM pg_namespace WHERE nspname LIKE 'daybook_rebuild%'`);
    expect(schemas.rowCount).toBe(0);
    expect(await models.rows()).toEqual(before);
  });

  it('is asked for after a projection has changed', async () => {
    expect(await staleProjections(models.projector, PROJECTIONS)).toEqual([]);
    const changed = PROJECTIONS.map((one) => (one.name === 'cards' ? { ...one, version: 2 } : one));
    expect(await staleProjections(models.projector, changed)).toEqual(['cards']);
    const groups = GROUPS.map((group) => ({
      ...group,
      projections: group.projections.map((one) => changed.find(({ name }) => name === one.name)!),
    }));
    await rebuild('cards', options({ groups }));
    expect(await staleProjections(models.projector, changed)).toEqual([]);
  });

  it('keeps tenants apart in what it made', async () => {
    expect((await models.app.query('SELECT FROM transactions')).rowCount).toBe(0);
    const { rows } = await models.engine.query('SELECT DISTINCT tenant_id FROM cold_index');
    expect(rows).toHaveLength(books.length);
  });
});
