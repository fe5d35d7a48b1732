import { DEFAULT_FINANCE_SETTINGS } from '#domain/finance-settings/finance-settings.js';
import { liquidityCrossings } from '#domain/liquidity/liquidity-crossings.js';
import { account, deposit } from '#domain/spec-support.js';
import { withTenant } from '#projecting/tenant-session.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { breachedCurrencies, getFinanceSettings } from './finance-settings.queries.js';

let models: ReadModels;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
});
afterAll(() => models.close());

const standing = async (book: StoredBook) => {
  await models.projected(book);
  const { data } = await withTenant(models.app, book.tenantId, async (session) => ({
    settings: await getFinanceSettings(session),
    breached: [...(await breachedCurrencies(session))],
  }));
  return data;
};

describe('finance settings', () => {
  it('are the document’s until they are changed, then those of the state', async () => {
    const book = await models.tenant(1, account('ada'));
    expect(await standing(book)).toEqual({ settings: DEFAULT_FINANCE_SETTINGS, breached: [] });
    await book.tell({ type: 'ChangeFinanceSettings', data: { cut_off_hour: 17, blocked_accounts_per_day: 3 } });
    const { settings } = await standing(book);
    expect(settings).toEqual(book.state.financeSettings.value);
    expect(settings).toMatchObject({ cut_off_hour: 17, blocked_accounts_per_day: 3 });
  });

  it('say which currencies are below their mark, as long as they are', async () => {
    const book = await models.tenant(2, account('ada'), deposit('ada', 100));
    const watch = async (): Promise<readonly string[]> => {
      book.write(liquidityCrossings(book.state, book.moment()));
      await book.flush();
      return (await standing(book)).breached;
    };
    expect(await watch()).toEqual(['NGN']);
    await book.tell({
      type: 'PostTransaction',
      data: { type: 'withdrawal', amount: 100, currency: 'NGN', source: '@ada' },
    });
    expect(await watch()).toEqual([]);
  });
});
