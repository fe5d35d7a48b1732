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
  ada = await api.funded(tenant, 1_000_000);
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
const post = (body: object, options = {}): Promise<Reply> =>
  api.send(tenant, 'POST', '/v1/transactions', body, options);

describe('POST /v1/transactions', () => {
  it('201: the whole transaction, as it is then read', async () => {
    const posted = await post(transfer({ narration: 'lunch', reference: 'r-1', metadata: { table: '7' } }));
    expect(posted).toMatchObject({
      status: 201,
      body: {
        object: 'transaction',
        status: 'completed',
        narration: 'lunch',
        reference: 'r-1',
        entries: [{ direction: 'debit' }, { direction: 'credit' }],
      },
    });
    expect(posted.headers['ledger-revision']).toBe(String(posted.body.revision));
    expect((await api.send(tenant, 'GET', `/v1/transactions/${posted.body.id}`)).body).toEqual(posted.body);
  });

  it.each([
    [{ amount: undefined }, '400 missing_field amount'],
    [{ source: undefined }, '400 missing_field source'],
    [{ amount: 0 }, '400 amount_not_positive amount'],
    [{ amount: 2 ** 53 }, '400 amount_out_of_range amount'],
    [{ source: GHOST }, '400 account_not_found source'],
    [{ reference: 'r-1' }, '409 duplicate_reference reference'],
    [
      {
        entries: [
          { account: GHOST, direction: 'debit', amount: 1, currency: 'NGN' },
          { account: GHOST, direction: 'credit', amount: 1, currency: 'NGN' },
        ],
      },
      '400 invalid_parameter entries',
    ],
    [{ channel: 'pigeon' }, '400 invalid_enum channel'],
  ])('%j: %s, and nothing is appended', async (more, expected) => {
    const before = await api.head(tenant);
    expect(told(await post(transfer(more)))).toBe(expected);
    expect(await api.head(tenant)).toBe(before);
  });

  it.each([
    [{ amount: 99_999_999 }, 'insufficient_funds'],
    [{ currency: 'USD' }, 'currency_mismatch'],
    [{ effective_at: '2999-01-01T00:00:00Z' }, 'effective_at_out_of_range'],
  ])('%j: 422 %s, which is kept', async (more, code) => {
    const before = await api.head(tenant);
    const refused = await post(transfer(more), { key: `refused-${code}` });
    expect(told(refused)).toBe(`422 ${code}`);
    expect(await api.head(tenant)).toBe(before + 1);
    const id = refused.body.error?.transaction_id as string;
    expect((await api.send(tenant, 'GET', `/v1/transactions/${id}`)).body).toMatchObject({
      id,
      status: 'failed',
      failure_code: code,
      entries: [],
    });
    const again = await post(transfer(more), { key: `refused-${code}` });
    expect([again.status, again.body, again.headers['idempotent-replayed']]).toEqual([422, refused.body, 'true']);
    expect(again.headers['request-id']).not.toBe(refused.headers['request-id']);
  });

  it('422 same_account', async () => {
    expect(told(await post(transfer({ destination: ada })))).toBe('422 same_account');
  });

  it('says what would happen, and does nothing', async () => {
    const before = await api.head(tenant);
    const dry = await post(transfer({ dry_run: true, narration: 'maybe' }), { key: 'dry' });
    expect(dry).toMatchObject({ status: 200, body: { status: 'completed', narration: 'maybe' } });
    const failing = await post(transfer({ dry_run: true, amount: 99_999_999 }));
    expect(failing).toMatchObject({ status: 200, body: { status: 'failed', failure_code: 'insufficient_funds' } });
    expect(told(await post(transfer({ dry_run: true, source: GHOST })))).toBe('400 account_not_found source');
    expect(await api.head(tenant)).toBe(before);
    // What was only asked does not use up its key.
    expect((await post(transfer({ reference: 'after-dry' }), { key: 'dry' })).status).toBe(201);
  });

  it('posts journals', async () => {
    const leg = (account: string, direction: string, amount = 5): object => ({
      account,
      direction,
      amount,
      currency: 'NGN',
    });
    expect((await post({ type: 'journal', entries: [leg(ada, 'debit'), leg(bob, 'credit')] })).status).toBe(201);
    expect(told(await post({ type: 'journal', entries: [leg(ada, 'debit'), leg(bob, 'credit', 6)] }))).toBe(
      '422 unbalanced_entries',
    );
  });

  it('is refused while the tenant is suspended', async () => {
    const other = await api.tenant();
    const id = await api.funded(other);
    await api.admin('PATCH', `/${other}/status`, { status: 'suspended' });
    const body = { type: 'withdrawal', amount: 1, currency: 'NGN', source: id };
    expect(told(await api.send(other, 'POST', '/v1/transactions', body))).toBe('403 tenant_suspended');
    expect((await api.send(other, 'GET', `/v1/accounts/${id}`)).status).toBe(200);
  });
});

describe('POST /v1/transactions/{id}/reverse', () => {
  it('201: in parts until all is back, then 409', async () => {
    const posted = await post(transfer({ amount: 100 }));
    const path = `/v1/transactions/${posted.body.id}/reverse`;
    const part = await api.send(tenant, 'POST', path, { amount: 40, reason: 'too much' });
    expect(part).toMatchObject({ status: 201, body: { type: 'reversal', amount: 40, reversal_of: posted.body.id } });
    expect(told(await api.send(tenant, 'POST', path, { amount: 61 }))).toBe('409 already_reversed amount');
    expect((await api.send(tenant, 'POST', path)).body).toMatchObject({ amount: 60 });
    expect(told(await api.send(tenant, 'POST', path, {}))).toBe('409 already_reversed');
    expect(told(await api.send(tenant, 'POST', path, { amount: -1 }))).toBe('400 amount_not_positive amount');
  });
});

describe('POST /v1/transactions/batch', () => {
  const batch = (body: object, options = {}): Promise<Reply> =>
    api.send(tenant, 'POST', '/v1/transactions/batch', body, options);

  it('200: each on its own, and the same again under its key', async () => {
    const transactions = [
      transfer(),
      transfer({ amount: 99_999_999 }),
      transfer({ source: GHOST }),
      transfer({ amount: 20 }),
    ];
    const first = await batch({ transactions }, { key: 'batch' });
    const data = first.body.data as { index: number; status: number; error?: { code: string } }[];
    expect([first.status, data.map(({ status }) => status)]).toEqual([200, [201, 422, 400, 201]]);
    expect(data.map(({ error }) => error?.code)).toEqual([
      undefined,
      'insufficient_funds',
      'account_not_found',
      undefined,
    ]);
    const before = await api.head(tenant);
    const again = await batch({ transactions }, { key: 'batch' });
    const ids = (reply: Reply): unknown[] =>
      (reply.body.data as { transaction?: { id: string } }[]).map((line) => line.transaction?.id);
    expect([ids(again), await api.head(tenant)]).toEqual([ids(first), before]);
    expect(told(await batch({ transactions: [transfer()] }, { key: 'batch' }))).toBe('409 key_reused');
    const whole = await batch({ transactions: [transfer(), transfer()] }, { key: 'whole' });
    const replay = await batch({ transactions: [transfer(), transfer()] }, { key: 'whole' });
    expect([replay.headers['idempotent-replayed'], replay.body]).toEqual(['true', whole.body]);
  });

  it('all or none', async () => {
    const before = await api.head(tenant);
    const transactions = [transfer(), transfer({ amount: 99_999_999 })];
    expect(told(await batch({ atomic: true, transactions }))).toBe('422 insufficient_funds transactions[1]');
    const wrong = (more: object): Promise<Reply> => batch({ atomic: true, transactions: [transfer(), transfer(more)] });
    expect(told(await wrong({ amount: 0 }))).toBe('400 amount_not_positive transactions[1].amount');
    expect(told(await wrong({ source: GHOST }))).toBe('400 account_not_found transactions[1].source');
    const twice = [transfer({ reference: 'same' }), transfer({ reference: 'same' })];
    expect(told(await batch({ atomic: true, transactions: twice }))).toBe(
      '409 duplicate_reference transactions[1].reference',
    );
    expect(await api.head(tenant)).toBe(before);
    const posted = await batch(
      { atomic: true, transactions: [transfer(), transfer({ amount: 20 })] },
      { key: 'atomic' },
    );
    expect([posted.status, (posted.body.data as unknown[]).length, await api.head(tenant)]).toEqual([
      200,
      2,
      before + 2,
    ]);
    const again = await batch(
      { atomic: true, transactions: [transfer(), transfer({ amount: 20 })] },
      { key: 'atomic' },
    );
    expect([again.body, again.headers['idempotent-replayed']]).toEqual([posted.body, 'true']);
  });

  it('413 where all together would not fit into one append; each on its own does', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'x'.repeat(450)]));
    const transactions = Array.from({ length: 60 }, () => transfer({ amount: 1, metadata }));
    const before = await api.head(tenant);
    const answer = await batch({ atomic: true, transactions });
    expect(told(answer)).toBe('413 body_too_large');
    expect(answer.body.error?.message).toMatch(/^It would take \d+ bytes of 1000000\.$/);
    // A dry run says so too, to the byte; its body alone is another one.
    const tried = await batch({ atomic: true, transactions, dry_run: true });
    expect([told(tried), tried.body.error?.message]).toEqual([told(answer), answer.body.error?.message]);
    expect(await api.head(tenant)).toBe(before);
    expect((await batch({ transactions })).status).toBe(200);
  });

  it.each([
    [{ transactions: [] }, '400 too_short transactions'],
    [{ transactions: Array.from({ length: 101 }, () => ({})) }, '400 too_long transactions'],
    [{ transactions: [{ type: 'transfer', amount: 0 }] }, '400 amount_not_positive transactions[0].amount'],
    [{ transactions: [{ type: 'transfer', dry_run: true }] }, '400 unknown_field transactions[0].dry_run'],
    [{ transactions: {} }, '400 type_mismatch transactions'],
    [{}, '400 missing_field transactions'],
  ])('%.60j: %s', async (body, expected) => {
    const before = await api.head(tenant);
    expect(told(await batch(body))).toBe(expected);
    expect(await api.head(tenant)).toBe(before);
  });
});

describe('GET /v1/transactions', () => {
  it('200: filtered', async () => {
    const other = await api.tenant();
    const id = await api.funded(other, 500);
    const to = await api.account(other);
    const send = (more: object): Promise<Reply> =>
      api.send(other, 'POST', '/v1/transactions', {
        type: 'transfer',
        currency: 'NGN',
        source: id,
        destination: to,
        ...more,
      });
    await send({ amount: 10, metadata: { shop: 'a' }, reference: 'one' });
    await send({ amount: 20, metadata: { shop: 'b' } });
    await send({ amount: 9_999 });
    const amounts = async (query: string): Promise<number[]> =>
      ((await api.send(other, 'GET', `/v1/transactions?order=asc&${query}`)).body.data as { amount: number }[]).map(
        ({ amount }) => amount,
      );
    expect(await amounts('type=transfer')).toEqual([10, 20, 9_999]);
    expect(await amounts('status=failed')).toEqual([9_999]);
    expect(await amounts('amount[gte]=15&amount[lte]=400')).toEqual([20]);
    expect(await amounts('metadata[shop]=a')).toEqual([10]);
    expect(await amounts('reference=one')).toEqual([10]);
    expect(await amounts(`account=${to}`)).toEqual([10, 20]);
  });
});
