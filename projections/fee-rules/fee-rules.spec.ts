import type { FeeTerms } from '#domain/fees/replace-fee-rules.js';
import { START } from '#domain/spec-support.js';
import { formatInstant } from '#domain/time.js';
import type { Command } from '#domain/commands.js';
import { withTenant } from '#projecting/tenant-session.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { getFeeRule, listFeeRules } from './fee-rules.queries.js';

let models: ReadModels;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
});
afterAll(() => models.close());

const rule = (flat_amount: number, channel: FeeTerms['channel'] = 'funds_transfer'): FeeTerms => ({
  channel,
  currency: 'NGN',
  flat_amount,
  percentage_rate: '0.015',
  who_pays: 'customer',
  who_gets_paid: 'platform',
  effective_from: formatInstant(START),
});
const replaced = (...rules: readonly FeeTerms[]): Command => ({ type: 'ReplaceFeeRules', data: { rules } });
const flats = async (book: StoredBook): Promise<number[]> => {
  const { data } = await withTenant(models.app, book.tenantId, listFeeRules);
  return data.map(({ flat_amount }) => flat_amount);
};

describe('fee rules', () => {
  it('are those of the last schedule, in its order; those of before are still explained', async () => {
    const book = await models.tenant(1, replaced(rule(5), rule(1, 'nin_lookup')));
    await models.projected(book);
    const first = await withTenant(models.app, book.tenantId, listFeeRules);
    expect(first.data).toHaveLength(2);
    expect(first.data[0]).toMatchObject({
      object: 'fee_rule',
      tenant_id: book.tenantId,
      percentage_rate: 0.015,
      flat_amount: 5,
    });
    await book.tell(replaced(rule(7)));
    await models.projected(book);
    expect(await flats(book)).toEqual([7]);
    const { data } = await withTenant(models.app, book.tenantId, (session) => getFeeRule(session, first.data[1]!.id));
    expect(data).toEqual(first.data[1]);
  });

  it('come to the same when several schedules are in one batch, and one is empty', async () => {
    const book = await models.tenant(
      2,
      replaced(rule(1)),
      replaced(rule(2)),
      replaced(),
      replaced(rule(4), rule(3, 'bvn_lookup')),
    );
    await models.projected(book);
    expect(await flats(book)).toEqual([4, 3]);
    await book.tell(replaced());
    await models.projected(book);
    expect(await flats(book)).toEqual([]);
    expect((await models.app.query('SELECT FROM fee_rules')).rowCount).toBe(0);
  });
});
