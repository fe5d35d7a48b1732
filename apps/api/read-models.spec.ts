import { account, DAY, deposit, elapse, START, type Step } from '#domain/spec-support.js';
import { formatInstant } from '#domain/time.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { readModels } from './read-models.js';
import type { AsOf, Reads } from './reads.js';

const MAX = Number.MAX_SAFE_INTEGER;
let models: ReadModels;
let reads: Reads;
let book: StoredBook;

const dated = (day: number, terms: object): Step => ({
  type: 'PostTransaction',
  data: { type: 'deposit', amount: MAX, currency: 'NGN', effective_at: formatInstant(START + day * DAY), ...terms },
});

beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  const { app, engine, store } = models;
  reads = readModels({ pools: { app, engine }, store, vault: { opener: () => Promise.resolve(String) } });
  const round = [dated(3, { destination: '@ada' }), dated(5, { type: 'withdrawal', source: '@ada' })];
  const books = account('books', 'general', 'NGN', { allow_negative: true });
  const beyond: Step = {
    type: 'PostTransaction',
    data: { type: 'transfer', amount: 2, currency: 'NGN', source: '@books', destination: '@bob' },
  };
  const history = [
    account('ada'),
    account('bob'),
    books,
    elapse(9 * DAY),
    ...round,
    ...round,
    deposit('ada', MAX),
    beyond,
  ];
  book = await models.tenant(1, ...history);
  await models.projected(book);
});
afterAll(() => models.close());

describe('what no number of an answer holds exactly', () => {
  const at = (day: number): AsOf => ({ at: START + day * DAY });

  it('is out of range, where an account had it at the time asked for', async () => {
    const id = book.id('ada');
    await expect(reads.balance(book.tenantId, id, at(4))).rejects.toMatchObject({
      code: 'out_of_range',
      details: { param: 'as_of' },
    });
    expect((await reads.balance(book.tenantId, id, at(6))).resource).toMatchObject({ balance: 0 });
    expect((await reads.balance(book.tenantId, id, null)).resource).toMatchObject({ balance: MAX });
  });

  it('is out of range, where a whole currency comes to it', async () => {
    const head = book.events.length - 1;
    for (const asOf of [null, at(4), { revision: head }]) {
      await expect(reads.trialBalance(book.tenantId, asOf)).rejects.toMatchObject({ code: 'amount_out_of_range' });
    }
    expect((await reads.trialBalance(book.tenantId, { revision: head - 1 })).resource).toMatchObject({
      data: [{ currency: 'NGN', debits: MAX, credits: MAX }],
    });
  });
});
