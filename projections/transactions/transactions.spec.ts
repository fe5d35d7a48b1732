import { renderTransaction, type TransactionResource } from '#contract/resources/transaction.js';
import { account, card, DAY, deposit, elapse, named, type Step } from '#domain/spec-support.js';
import { withTenant } from '#projecting/tenant-session.js';
import { openPlain, ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { getTransaction, listTransactions, type TransactionsQuery } from './transactions.queries.js';

let models: ReadModels;
let book: StoredBook;

const post = (data: Record<string, unknown>): Step => ({ type: 'PostTransaction', data }) as unknown as Step;
const paid = (differing: Record<string, unknown>): Step =>
  post({ type: 'transfer', amount: 100, currency: 'NGN', source: '@ada', destination: '@bob', ...differing });

const HISTORY: readonly Step[] = [
  account('ada'),
  account('bob', 'merchant'),
  account('cyd'),
  account('gen', 'general', 'NGN', { allow_negative: true }),
  ...card('plastic', 'ada'),
  named('opening', deposit('ada', 50_000)),
  elapse(DAY),
  named('rent', {
    type: 'PostTransaction',
    data: {
      type: 'transfer',
      amount: 700,
      currency: 'NGN',
      source: '@ada',
      destination: '@bob',
      reference: 'r-1',
      narration: 'Rent',
      metadata: { order: '7', kind: 'rent' },
    },
  }),
  paid({ metadata: { order: '8', kind: 'rent' } }),
  paid({ channel: 'funds_transfer' }),
  named('broke', {
    type: 'PostTransaction',
    data: { type: 'transfer', amount: 999, currency: 'NGN', source: '@cyd', destination: '@bob' },
  }),
  post({
    type: 'journal',
    entries: [
      { account: '@gen', direction: 'debit', amount: 30, currency: 'NGN' },
      { account: '@ada', direction: 'credit', amount: 10, currency: 'NGN' },
      { account: '@ada', direction: 'credit', amount: 20, currency: 'NGN' },
    ],
  }),
  elapse(DAY),
  { type: 'ReverseTransaction', data: { transaction_id: '@rent', amount: 200, reason: 'too much' } },
  {
    type: 'PostCardTransaction',
    data: {
      card_id: '@plastic',
      direction: 'debit',
      amount: 60_000,
      currency: 'NGN',
      network_reference: 'n1',
      merchant: { name: 'Fuel', category_code: '5541' },
    },
  },
  // Of an account that has nothing left, so that all of it is owed: it names the account and posts nothing to it.
  named('owed', {
    type: 'PostCardTransaction',
    data: {
      card_id: '@plastic',
      direction: 'debit',
      amount: 80,
      currency: 'NGN',
      network_reference: 'n2',
      merchant: { name: 'Fuel', category_code: '5541' },
    },
  }),
];

beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(1, ...HISTORY);
  await models.projected(book);
});
afterAll(() => models.close());

/** Every transaction as a fresh fold of the events has it, newest first. */
const folded = (): TransactionResource[] => {
  const all = new Map<string, TransactionResource>();
  for (const event of book.events) {
    const { data, revision, at } = event;
    if (!('transaction' in data)) continue;
    const entries = 'entries' in data ? data.entries : [];
    const resource = renderTransaction(data.transaction, entries, { eventId: event.id, revision, at }, openPlain);
    all.set(resource.id, resource);
    if (!('original' in data)) continue;
    const recorded = { eventId: data.original_event_id, revision: data.original_revision, at };
    all.set(data.original.transaction_id, renderTransaction(data.original, data.original_entries, recorded, openPlain));
  }
  return [...all.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
};

const listed = async (query: Partial<TransactionsQuery> = {}): Promise<readonly TransactionResource[]> =>
  (await withTenant(models.app, book.tenantId, (session) => listTransactions(session, { limit: 100, ...query }))).data
    .data;

describe('transactions', () => {
  it('equal a fresh fold, when projected at once and one by one', async () => {
    expect(await listed()).toEqual(folded());
    const again = await models.tenant(2);
    for (const step of HISTORY) {
      await again.tell(step);
      await models.projected(again);
    }
    const rows = await withTenant(models.app, again.tenantId, (session) => listTransactions(session, { limit: 100 }));
    expect(rows.data.data.map(({ status, reversed_amount }) => [status, reversed_amount])).toEqual(
      folded().map(({ status, reversed_amount }) => [status, reversed_amount]),
    );
  });

  it('are read one by one', async () => {
    const read = await withTenant(models.app, book.tenantId, (session) => getTransaction(session, book.id('rent')));
    expect(read.revision).toBe(book.events.length - 1);
    expect(read.data).toMatchObject({
      object: 'transaction',
      status: 'partially_reversed',
      reversed_amount: 200,
      reference: 'r-1',
      narration: 'Rent',
    });
    const none = await withTenant(models.app, book.tenantId, (session) => getTransaction(session, 'ltx_0'));
    expect(none.data).toBeNull();
  });

  const day = (n: number): number => book.events[0]!.at + n * DAY;
  it.each<[string, () => Partial<TransactionsQuery>, (one: TransactionResource) => boolean]>([
    ['type', () => ({ type: 'transfer' }), ({ type }) => type === 'transfer'],
    ['status', () => ({ status: 'failed' }), ({ status }) => status === 'failed'],
    ['channel', () => ({ channel: 'funds_transfer' }), ({ channel }) => channel === 'funds_transfer'],
    ['reference', () => ({ reference: 'r-1' }), ({ reference }) => reference === 'r-1'],
    ['metadata', () => ({ metadata: { kind: 'rent' } }), ({ metadata }) => metadata['kind'] === 'rent'],
    [
      'two of metadata',
      () => ({ metadata: { kind: 'rent', order: '8' } }),
      ({ metadata }) => metadata['order'] === '8',
    ],
    ['a value of another key', () => ({ metadata: { order: 'rent' } }), () => false],
    ['least amount', () => ({ amountAtLeast: 700 }), ({ amount }) => amount >= 700],
    [
      'band of amounts',
      () => ({ amountAtLeast: 30, amountAtMost: 200 }),
      ({ amount }) => amount >= 30 && amount <= 200,
    ],
    [
      'time',
      () => ({ from: day(1), to: day(2) }),
      ({ created_at }) => Date.parse(created_at) >= day(1) && Date.parse(created_at) <= day(2),
    ],
    [
      'account',
      () => ({ account: book.id('ada') }),
      (one) => JSON.stringify([one.entries, one.source, one.destination]).includes(book.id('ada')),
    ],
    ['account of a failed one', () => ({ account: book.id('cyd') }), ({ status }) => status === 'failed'],
    [
      'account and time',
      () => ({ account: book.id('ada'), from: day(2), order: 'asc' }),
      (one) =>
        Date.parse(one.created_at) >= day(2) &&
        JSON.stringify([one.entries, one.source, one.destination]).includes(book.id('ada')),
    ],
    ['account and status', () => ({ account: book.id('bob'), status: 'failed' }), ({ status }) => status === 'failed'],
    ['account that nothing touches', () => ({ account: 'acc_0' }), () => false],
  ])('are found by %s', async (_, query, fits) => {
    const expected = folded()
      .filter(fits)
      .map(({ id }) => id);
    const { order } = query();
    expect((await listed(query())).map(({ id }) => id)).toEqual(order === 'asc' ? expected.reverse() : expected);
  });

  it('of an account are also those that post nothing to it', async () => {
    const [newest] = await listed({ account: book.id('ada') });
    expect(newest).toMatchObject({ type: 'card_capture', status: 'completed', amount: 80, source: book.id('ada') });
    expect(JSON.stringify(newest!.entries)).not.toContain(book.id('ada'));
  });

  it.each([undefined, 'ada'])('page both ways without loss (account: %s)', async (name) => {
    const filter = name === undefined ? {} : { account: book.id(name) };
    const all = (await listed(filter)).map(({ id }) => id);
    const page = async (query: Partial<TransactionsQuery>): ReturnType<typeof listTransactions> =>
      (
        await withTenant(models.app, book.tenantId, (session) =>
          listTransactions(session, { limit: 2, ...filter, ...query }),
        )
      ).data;
    const forwards: string[] = [];
    for (let after: string | null = null; ;) {
      const { data, hasMore, last } = await page({ startingAfter: after });
      forwards.push(...data.map(({ id }) => id));
      after = last;
      if (!hasMore) break;
    }
    expect(forwards).toEqual(all);
    expect((await page({ endingBefore: all[3]! })).data.map(({ id }) => id)).toEqual(all.slice(1, 3));
    expect((await page({ endingBefore: all[3]!, order: 'asc' })).data.map(({ id }) => id)).toEqual(
      all.slice(4, 6).reverse(),
    );
  });

  it("are nobody else's", async () => {
    const other = await models.tenant(3, account('eve'));
    await models.projected(other);
    const { data } = await withTenant(models.app, other.tenantId, async (session) => [
      await getTransaction(session, book.id('rent')),
      ...(await listTransactions(session, { limit: 9, account: book.id('ada') })).data,
      ...(await listTransactions(session, { limit: 9, metadata: { kind: 'rent' } })).data,
    ]);
    expect(data).toEqual([null]);
    for (const table of ['transactions', 'transaction_parties', 'transaction_metadata', 'entries', 'entry_shifts']) {
      expect((await models.app.query(`SELECT FROM ${table}`)).rowCount).toBe(0);
    }
  });
});
