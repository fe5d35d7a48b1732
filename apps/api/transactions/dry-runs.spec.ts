/** What would happen, asked for with `dry_run: true`: told as it would be told, with the rule in the way, and never done. */
import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();
const GHOST = 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V';

let api: ApiUnderTest;
let tenant: string;
let ada: string;
let bob: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
  ada = await api.funded(tenant, 1_000);
  bob = await api.account(tenant);
});
afterAll(() => api.close());

const transfer = (more: object = {}): object => ({
  type: 'transfer',
  amount: 10,
  currency: 'NGN',
  source: ada,
  destination: bob,
  ...more,
});
const send = (path: string, body: object, options = {}): Promise<Reply> =>
  api.send(tenant, 'POST', `/v1/transactions${path}`, body, options);

/** Asks something that must append nothing, and answers what was said. */
const tried = async (path: string, body: object, options = {}): Promise<Reply> => {
  const before = await api.head(tenant);
  const reply = await send(path, { ...body, dry_run: true }, options);
  expect(await api.head(tenant)).toBe(before);
  if (reply.status === 200) expect(reply.headers['ledger-revision']).toBe(String(before));
  return reply;
};

describe('a dry run of one transaction', () => {
  it.each<[string, () => object, object]>([
    ['a transfer', () => transfer(), { status: 'completed', type: 'transfer', entries: [{}, {}] }],
    [
      'a journal',
      () => ({
        type: 'journal',
        entries: [
          { account: ada, direction: 'debit', amount: 5, currency: 'NGN' },
          { account: bob, direction: 'credit', amount: 5, currency: 'NGN' },
        ],
      }),
      { status: 'completed', type: 'journal', amount: 5 },
    ],
    [
      'a journal that is not balanced',
      () => ({
        type: 'journal',
        entries: [
          { account: ada, direction: 'debit', amount: 5, currency: 'NGN' },
          { account: bob, direction: 'credit', amount: 6, currency: 'NGN' },
        ],
      }),
      { status: 'failed', failure_code: 'unbalanced_entries', entries: [] },
    ],
    ['too much', () => transfer({ amount: 9_999 }), { status: 'failed', failure_code: 'insufficient_funds' }],
  ])('200: %s', async (_what, body, expected) => {
    expect(await tried('', body())).toMatchObject({ status: 200, body: expected });
  });

  it('200: an exchange, whose accounts of the ledger stay unopened', async () => {
    const eve = await api.account(tenant, { currency: 'USD' });
    const body = { type: 'exchange', destination: eve, rate: '2', destination_amount: 20 };
    expect(await tried('', transfer(body))).toMatchObject({
      status: 200,
      body: { status: 'completed', destination_amount: 20, entries: [{}, {}, {}, {}] },
    });
    const { data } = (await api.send(tenant, 'GET', '/v1/accounts?wallet_type=system')).body;
    expect(data).toEqual([]);
    expect(told(await tried('', transfer({ ...body, destination_amount: 21 })))).toBe(
      '400 invalid_parameter destination_amount',
    );
    expect(await tried('', transfer({ ...body, destination: bob }))).toMatchObject({
      body: { status: 'failed', failure_code: 'currency_mismatch' },
    });
  });
});

describe('a dry run of a reversal', () => {
  it('200: the mirror as it would be, and its key is free afterwards', async () => {
    const { id } = (await send('', transfer())).body as { id: string };
    const path = `/${id}/reverse`;
    const dry = await tried(path, { amount: 4 }, { key: 'dry' });
    expect(dry).toMatchObject({
      status: 200,
      body: { type: 'reversal', amount: 4, reversal_of: id, status: 'completed' },
    });
    expect((await api.send(tenant, 'GET', `/v1/transactions/${id}`)).body).toMatchObject({ reversed_amount: 0 });
    expect((await send(path, { amount: 6 }, { key: 'dry' })).status).toBe(201);
    expect(told(await tried(path, { amount: 5 }))).toBe('409 already_reversed amount');
    expect((await tried(path, {})).body).toMatchObject({ amount: 4 });
  });

  it('200: what would fail, with its reason', async () => {
    const { id } = (await send('', transfer())).body as { id: string };
    const back = transfer({ source: bob, destination: ada, amount: 0 });
    const { balance } = (await api.send(tenant, 'GET', `/v1/accounts/${bob}/balance`)).body as { balance: number };
    await send('', { ...back, amount: balance });
    expect(await tried(`/${id}/reverse`, {})).toMatchObject({
      status: 200,
      body: { type: 'reversal', status: 'failed', failure_code: 'insufficient_funds', reversal_of: id },
    });
    expect(told(await tried('/ltx_01HZXK5Y8Q2J3M4N5P6R7S8T9V/reverse', {}))).toBe('404 transaction_not_found');
  });
});

describe('a dry run of a batch', () => {
  type Line = { index: number; status: number; transaction?: Record<string, unknown>; error?: Record<string, unknown> };
  const lines = ({ body }: Reply): Line[] => body.data as Line[];

  it('200: each on what the ones before it would leave, with the code that would stop it', async () => {
    const fresh = await api.funded(tenant, 100);
    const from = { source: fresh };
    const reply = await tried('/batch', {
      transactions: [
        transfer({ ...from, amount: 60, narration: 'first' }),
        transfer({ ...from, amount: 60 }),
        transfer({ ...from, source: GHOST }),
        transfer({ ...from, amount: 40, reference: 'dry-1' }),
        transfer({ ...from, amount: 1, reference: 'dry-1' }),
      ],
    });
    expect([reply.status, lines(reply).map(({ status }) => status)]).toEqual([200, [200, 200, 400, 200, 409]]);
    expect(lines(reply)).toMatchObject([
      { index: 0, transaction: { status: 'completed', narration: 'first' } },
      { index: 1, transaction: { status: 'failed', failure_code: 'insufficient_funds' } },
      { index: 2, error: { code: 'account_not_found', param: 'source' } },
      { index: 3, transaction: { status: 'completed', reference: 'dry-1' } },
      { index: 4, error: { code: 'duplicate_reference', param: 'reference' } },
    ]);
    // Nothing of it was done: neither its money nor its reference is gone.
    expect((await send('', transfer({ ...from, amount: 100, reference: 'dry-1' }))).status).toBe(201);
  });

  it('says the same as the batch itself', async () => {
    const source = await api.funded(tenant, 100);
    const transactions = [30, 80, 70, 1].map((amount) => transfer({ source, amount }));
    const dry = await tried('/batch', { transactions }, { key: 'batch' });
    const real = await send('/batch', { transactions }, { key: 'batch' });
    const codes = (reply: Reply): unknown[] =>
      lines(reply).map(({ transaction, error }) => error?.code ?? transaction?.failure_code);
    expect(codes(dry)).toEqual([null, 'insufficient_funds', null, 'insufficient_funds']);
    expect(codes(real)).toEqual(codes(dry));
  });

  it('200: 100 lines, all or none and each on its own', async () => {
    const source = await api.funded(tenant, 99);
    const transactions = Array.from({ length: 100 }, () => transfer({ source, amount: 1 }));
    const each = lines(await tried('/batch', { transactions }));
    expect(each.filter(({ transaction }) => transaction?.status === 'completed')).toHaveLength(99);
    expect(each[99]).toMatchObject({ index: 99, transaction: { failure_code: 'insufficient_funds' } });
    expect(told(await tried('/batch', { transactions, atomic: true }))).toBe('422 insufficient_funds transactions[99]');
    const all = await tried('/batch', { transactions: transactions.slice(1), atomic: true });
    expect([all.status, lines(all).length]).toEqual([200, 99]);
    expect(lines(all)[98]).toMatchObject({ index: 98, status: 200, transaction: { status: 'completed' } });
  });

  it('is refused as the batch itself would be', async () => {
    expect(told(await tried('/batch', { transactions: [] }))).toBe('400 too_short transactions');
    expect(told(await tried('/batch', { transactions: [transfer({ amount: 0 })], atomic: true }))).toBe(
      '400 amount_not_positive transactions[0].amount',
    );
    const other = await api.tenant();
    await api.admin('PATCH', `/${other}/status`, { status: 'suspended' });
    const body = { transactions: [transfer()], dry_run: true };
    expect(told(await api.send(other, 'POST', '/v1/transactions/batch', body))).toBe('403 tenant_suspended');
  });
});
