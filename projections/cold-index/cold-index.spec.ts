import { coldKeys } from '#domain/cold-keys.js';
import { account, card, deposit, named } from '#domain/spec-support.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { PostgresColdIndex } from './cold-index.queries.js';

let models: ReadModels;
let book: StoredBook;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(
    1,
    account('ada'),
    account('bob'),
    ...card('plastic', 'ada'),
    deposit('ada', 10_000),
    named('lunch', {
      type: 'PostTransaction',
      data: { type: 'transfer', amount: 9, currency: 'NGN', source: '@ada', destination: '@bob', reference: 'r-1' },
    }),
    { type: 'ReverseTransaction', data: { transaction_id: '@lunch', amount: 4 } },
    { type: 'UpdateAccount', data: { account_id: '@ada', account_name: 'Ada L.' } },
  );
  await models.projected(book);
  await models.until(async () => (await models.revision(book.tenantId, 'cold')) === book.events.length - 1);
});
afterAll(() => models.close());

describe('the cold index', () => {
  it('knows the latest event under every key', async () => {
    const expected = new Map<string, number>();
    for (const event of book.events) for (const key of coldKeys(event)) expected.set(key, event.revision);
    const index = new PostgresColdIndex(models.engine);
    const { revision, found } = await index.lookUp(book.tenantId, [...expected.keys(), 'ref:never', 'tenant']);
    expect(revision).toBe(book.events.length - 1);
    expect(found).toEqual(expected);
    expect(await index.lookUp('tnt_0', ['tenant'])).toEqual({ revision: -1, found: new Map() });
  });
});
