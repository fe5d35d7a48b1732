import { limit, replaceLimits } from '#domain/spec-support.js';
import { withTenant } from '#projecting/tenant-session.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { getLimit, listLimits } from './limits.queries.js';

let models: ReadModels;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
});
afterAll(() => models.close());

const amounts = async (book: StoredBook): Promise<number[]> => {
  const { data } = await withTenant(models.app, book.tenantId, listLimits);
  return data.map(({ amount }) => amount);
};

describe('limits', () => {
  it('are those of the last list, in its order; those of before are still explained', async () => {
    const book = await models.tenant(
      1,
      replaceLimits(limit(5, { max_balance: 9 }), limit(1, { window: 'monthly', currency: 'EUR' })),
    );
    await models.projected(book);
    const first = await withTenant(models.app, book.tenantId, listLimits);
    expect(first.data).toHaveLength(2);
    expect(first.data[0]).toMatchObject({
      object: 'limit',
      tenant_id: book.tenantId,
      kyc_level: 'tier1',
      direction: 'outbound',
      window: 'daily',
      amount: 5,
      max_balance: 9,
      currency: 'NGN',
    });
    expect(first.data[0]?.updated_at).toBe(first.data[0]?.created_at);
    expect(first.data[1]).toMatchObject({ max_balance: null, currency: 'EUR' });
    await book.tell(replaceLimits(limit(7)));
    await models.projected(book);
    expect(await amounts(book)).toEqual([7]);
    const { data } = await withTenant(models.app, book.tenantId, (session) => getLimit(session, first.data[1]!.id));
    expect(data).toEqual(first.data[1]);
  });

  it('come to the same when several lists are in one batch, and one is empty', async () => {
    const monthly = limit(3, { window: 'monthly' });
    const book = await models.tenant(
      2,
      replaceLimits(limit(1)),
      replaceLimits(limit(2), monthly),
      replaceLimits(),
      replaceLimits(limit(4), monthly),
    );
    await models.projected(book);
    expect(await amounts(book)).toEqual([4, 3]);
    await book.tell(replaceLimits());
    await models.projected(book);
    expect(await amounts(book)).toEqual([]);
    expect((await models.app.query('SELECT FROM limits')).rowCount).toBe(0);
  });
});
