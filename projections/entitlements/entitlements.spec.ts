import type { Command } from '#domain/commands.js';
import { withTenant } from '#projecting/tenant-session.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { getEntitlements } from './entitlements.queries.js';

let models: ReadModels;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
});
afterAll(() => models.close());

const change = (entitlements: object): Command =>
  ({ type: 'ChangeEntitlements', data: { entitlements } }) as unknown as Command;
const told = async (book: StoredBook): Promise<Record<string, unknown>> => {
  await models.projected(book);
  return (await withTenant(models.app, book.tenantId, getEntitlements)).data.entitlements;
};

describe('entitlements', () => {
  it('are the defaults until somebody says otherwise, then the whole map as the last change left it', async () => {
    const book = await models.tenant(1);
    expect(await told(book)).toMatchObject({
      'accounts.read': { enabled: true, config: {} },
      'payouts.write': { enabled: false, config: {} },
    });
    await book.tell(change({ 'payouts.write': { enabled: true, config: { allowed_destinations: ['058'] } } }));
    await book.tell(change({ 'accounts.read': { enabled: false } }));
    const after = await told(book);
    expect(after).toMatchObject({
      'accounts.read': { enabled: false },
      'payouts.write': { enabled: true, config: { allowed_destinations: ['058'] } },
      'liquidity.read': { enabled: true },
    });
    expect(after).toEqual(book.state.entitlements.value);
  });

  it('are those of the last change where several come in one batch', async () => {
    const book = await models.tenant(
      2,
      change({ 'accounts.read': { enabled: false } }),
      change({ 'accounts.read': { enabled: true } }),
    );
    expect(await told(book)).toMatchObject({ 'accounts.read': { enabled: true } });
  });
});
