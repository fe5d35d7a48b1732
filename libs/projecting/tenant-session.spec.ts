import { account } from '#domain/spec-support.js';
import { PROJECTIONS } from '#projections/registry.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { resetReadModels } from './reset.js';
import { withTenant } from './tenant-session.js';

let models: ReadModels;
let book: StoredBook;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(1, account('ada'));
  await models.projected(book);
});
afterAll(() => models.close());

const COUNT = 'SELECT count(*)::int AS count FROM accounts';
const setting = async (): Promise<string | null> => {
  const { rows } = await models.app.query<{ value: string | null }>(
    `SELECT current_setting('daybook.tenant', true) AS value`,
  );
  return rows[0]!.value;
};

describe('withTenant', () => {
  it('answers rows with the revision of the same snapshot, however the projector goes on', async () => {
    let telling = true;
    const traffic = (async () => {
      for (let i = 0; telling && i < 200; i += 1) await book.tell(account(`a${i}`));
    })();
    for (let i = 0; i < 50; i += 1) {
      const { revision, data } = await withTenant(models.app, book.tenantId, (session) =>
        session.rows<{ count: number }>(COUNT),
      );
      // The tenant itself is revision 0, and each account one more.
      expect(data[0]!.count).toBe(revision);
    }
    telling = false;
    await traffic;
  });

  it('leaves no tenant behind in a connection, whatever became of the read', async () => {
    await withTenant(models.app, book.tenantId, () => Promise.resolve(null));
    await expect(withTenant(models.app, book.tenantId, (session) => session.rows('SELECT 1 / 0'))).rejects.toThrow(
      'division by zero',
    );
    await expect(withTenant(models.app, book.tenantId, () => Promise.reject(new RangeError('mine')))).rejects.toThrow(
      'mine',
    );
    for (let i = 0; i < 8; i += 1) {
      expect((await setting()) ?? '').toBe('');
      expect((await models.app.query(COUNT)).rows).toEqual([{ count: 0 }]);
    }
  });

  it('takes any text for a tenant, and finds nothing of one that is not there', async () => {
    for (const tenantId of [`tnt_'; SET ROLE postgres; --`, 'tnt_\\', '', `${book.tenantId} `]) {
      const read = await withTenant(models.app, tenantId, (session) => session.rows(COUNT));
      expect(read).toEqual({ revision: -1, data: [{ count: 0 }] });
    }
  });

  it("can't write, not even what the role may", async () => {
    await expect(
      withTenant(models.projector, book.tenantId, (session) => session.rows('DELETE FROM accounts')),
    ).rejects.toThrow('read-only transaction');
  });
});

it('a reset empties all read models, and a runner fills them again', async () => {
  await models.projected(book);
  await models.stop();
  const before = await models.rows();
  await resetReadModels(models.projector, PROJECTIONS);
  for (const rows of Object.values(await models.rows())) expect(rows).toEqual([]);
  models.run();
  await models.projected(book);
  await models.until(async () => (await models.revision(book.tenantId, 'idempotency')) === book.events.length - 1);
  expect(await models.rows()).toEqual(before);
});
