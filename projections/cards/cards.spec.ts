import { renderCard } from '#contract/resources/card.js';
import { account, card, type Step } from '#domain/spec-support.js';
import { withTenant } from '#projecting/tenant-session.js';
import { openPlain, ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { getCard, listCards, type CardsQuery } from './cards.queries.js';

let models: ReadModels;
let book: StoredBook;
const HISTORY: readonly Step[] = [
  account('ada'),
  account('bob'),
  ...card('one', 'ada', { holder_name: 'Ada' }),
  ...card('two', 'ada', { type: 'physical' }),
  ...card('three', 'bob'),
  { type: 'UpdateCard', data: { card_id: '@one', metadata: { seat: '7' } } },
  { type: 'ChangeCardStatus', data: { card_id: '@two', action: 'suspend' } },
];
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(1, ...HISTORY);
  await models.projected(book);
});
afterAll(() => models.close());

const names = async (query: Partial<CardsQuery>): Promise<string[]> => {
  const { data } = await withTenant(models.app, book.tenantId, (session) =>
    listCards(session, { limit: 10, ...query }),
  );
  return data.data.map(({ id }) => [...book.ids].find(([, known]) => known === id)![0]);
};

describe('cards', () => {
  it('equal a fresh fold', async () => {
    for (const name of ['one', 'two', 'three']) {
      const told = book.events.findLast(({ data }) => 'card' in data && data.card.card_id === book.id(name))!;
      const facts = 'card' in told.data ? told.data.card : null;
      const { data } = await withTenant(models.app, book.tenantId, (session) => getCard(session, book.id(name)));
      expect(data).toEqual(renderCard(facts!, { updatedAt: told.at }, openPlain));
    }
  });

  it('are found by account, status and type, newest first', async () => {
    expect(await names({})).toEqual(['three', 'two', 'one']);
    expect(await names({ accountId: book.id('ada') })).toEqual(['two', 'one']);
    expect(await names({ status: 'suspended' })).toEqual(['two']);
    expect(await names({ type: 'virtual', order: 'asc' })).toEqual(['one', 'three']);
    expect(await names({ startingAfter: book.id('two') })).toEqual(['one']);
  });

  it("are nobody else's", async () => {
    const other = await models.tenant(2);
    await models.projected(other);
    const { data } = await withTenant(models.app, other.tenantId, (session) => getCard(session, book.id('one')));
    expect(data).toBeNull();
    expect((await models.app.query('SELECT FROM cards')).rowCount).toBe(0);
  });
});
