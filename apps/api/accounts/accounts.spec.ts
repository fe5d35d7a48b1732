import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();
const ACCOUNT = { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN' };
const BLOCK = { reason: 'odd', source: 'fraud_detection' };
const UNBLOCK = { reason: 'fine', source: 'compliance_cleared' };
const CLOSE = { reason: 'done', source: 'customer_request', confirmation: 'CLOSE_ACCOUNT' };

let api: ApiUnderTest;
let tenant: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
});
afterAll(() => api.close());

describe('POST /v1/accounts', () => {
  it('201: the whole account, as it is then read', async () => {
    const opened = await api.send(tenant, 'POST', '/v1/accounts', {
      ...ACCOUNT,
      account_code: 'A-1',
      overdraft_limit: 50,
      kyc_tier: 'tier2',
      metadata: { b: '2', a: 'é' },
    });
    expect(opened).toMatchObject({
      status: 201,
      body: {
        object: 'account',
        account_code: 'A-1',
        balance: 0,
        available_balance: 50,
        metadata: { a: 'é', b: '2' },
        status: 'active',
      },
    });
    expect(Number(opened.headers['ledger-revision'])).toBe(await api.head(tenant));
    expect((await api.send(tenant, 'GET', `/v1/accounts/${opened.body.id}`)).body).toEqual(opened.body);
  });

  it.each([
    [{ ...ACCOUNT, account_code: 'A-1' }, '409 duplicate_account_code account_code'],
    [{ ...ACCOUNT, account_code: 'float' }, '400 invalid_parameter account_code'],
    [{ ...ACCOUNT, allow_negative: true }, '400 invalid_parameter allow_negative'],
    [{ ...ACCOUNT, normal_side: 'debit' }, '400 invalid_parameter normal_side'],
    [{ ...ACCOUNT, parent_account_id: 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V' }, '400 account_not_found parent_account_id'],
    [{ ...ACCOUNT, account_name: 'my card 4242 4242 4242 4242' }, '400 pan_not_allowed account_name'],
  ])('%j: %s', async (body, expected) => {
    const before = await api.head(tenant);
    expect(told(await api.send(tenant, 'POST', '/v1/accounts', body))).toBe(expected);
    expect(await api.head(tenant)).toBe(before);
  });
});

describe('PATCH /v1/accounts/{id}', () => {
  it('200: merges metadata and changes nothing where nothing is new', async () => {
    const id = await api.account(tenant, { metadata: { a: '1', b: '2' } });
    const changed = await api.send(tenant, 'PATCH', `/v1/accounts/${id}`, {
      metadata: { a: null, c: '3' },
      kyc_tier: 'tier3',
    });
    expect(changed.body).toMatchObject({ metadata: { b: '2', c: '3' }, kyc_tier: 'tier3' });
    const before = await api.head(tenant);
    const same = await api.send(tenant, 'PATCH', `/v1/accounts/${id}`, { kyc_tier: 'tier3' });
    expect([same.status, same.body, await api.head(tenant)]).toEqual([200, changed.body, before]);
  });
});

describe('PUT block, unblock, close', () => {
  it('200: blocks both sides, again without effect, and lifts', async () => {
    const parent = await api.account(tenant);
    const child = await api.account(tenant, { parent_account_id: parent });
    const blocked = await api.send(tenant, 'PUT', `/v1/accounts/${parent}/block`, BLOCK);
    expect(blocked).toMatchObject({
      status: 200,
      body: {
        account: { status: 'frozen', post_no_debit: true, post_no_credit: true },
        child_accounts: [{ id: child }],
        child_account_count: 1,
      },
    });
    const before = await api.head(tenant);
    const again = await api.send(tenant, 'PUT', `/v1/accounts/${parent}/block`, BLOCK);
    expect([again.status, again.body, await api.head(tenant)]).toEqual([200, blocked.body, before]);
    const oneSide = await api.send(tenant, 'PUT', `/v1/accounts/${parent}/unblock`, {
      ...UNBLOCK,
      unblock_debits: true,
    });
    expect(oneSide.body.account).toMatchObject({ status: 'active', post_no_debit: false, post_no_credit: true });
    const lifted = await api.send(tenant, 'PUT', `/v1/accounts/${parent}/unblock`, UNBLOCK);
    expect(lifted.body.account).toMatchObject({ status: 'active', blocks: [] });
  });

  it('closes what is empty, for good', async () => {
    const full = await api.funded(tenant);
    expect(told(await api.send(tenant, 'PUT', `/v1/accounts/${full}/close`, CLOSE))).toBe('409 account_not_empty');
    const id = await api.account(tenant);
    const { confirmation: _, ...unsure } = CLOSE;
    expect(told(await api.send(tenant, 'PUT', `/v1/accounts/${id}/close`, unsure))).toBe(
      '422 confirmation_required confirmation',
    );
    expect(told(await api.send(tenant, 'PUT', `/v1/accounts/${id}/close`, { ...CLOSE, reason: '' }))).toBe(
      '400 too_short reason',
    );
    const closed = await api.send(tenant, 'PUT', `/v1/accounts/${id}/close`, CLOSE);
    expect(closed).toMatchObject({
      status: 200,
      body: { object: 'account', status: 'closed', closure: { source: 'customer_request' } },
    });
    expect((await api.send(tenant, 'PUT', `/v1/accounts/${id}/close`, CLOSE)).body).toEqual(closed.body);
    expect(told(await api.send(tenant, 'PUT', `/v1/accounts/${id}/block`, BLOCK))).toBe('409 account_is_closed');
  });
});

describe('lists', () => {
  it('are paged both ways, without gaps or repeats', async () => {
    const other = await api.tenant();
    const made: string[] = [];
    for (let i = 0; i < 7; i++) made.push(await api.account(other, { currency: i % 2 ? 'USD' : 'NGN' }));
    const ids = (reply: Reply): string[] => (reply.body.data as { id: string }[]).map(({ id }) => id);
    for (const order of ['asc', 'desc']) {
      const expected = order === 'asc' ? made : [...made].reverse();
      const first = await api.send(other, 'GET', `/v1/accounts?limit=3&order=${order}`);
      expect([ids(first), first.body.has_more]).toEqual([expected.slice(0, 3), true]);
      const second = await api.send(
        other,
        'GET',
        `/v1/accounts?limit=3&order=${order}&starting_after=${first.body.next_cursor}`,
      );
      expect(ids(second)).toEqual(expected.slice(3, 6));
      const third = await api.send(
        other,
        'GET',
        `/v1/accounts?limit=3&order=${order}&starting_after=${second.body.next_cursor}`,
      );
      expect([ids(third), third.body.has_more, third.body.next_cursor]).toEqual([expected.slice(6), false, null]);
      const back = await api.send(
        other,
        'GET',
        `/v1/accounts?limit=2&order=${order}&ending_before=${second.body.next_cursor}`,
      );
      expect([ids(back), back.body.has_more]).toEqual([expected.slice(3, 5), true]);
    }
    expect(ids(await api.send(other, 'GET', '/v1/accounts?currency=USD&order=asc'))).toEqual([
      made[1],
      made[3],
      made[5],
    ]);
    const { next_cursor } = (await api.send(other, 'GET', '/v1/accounts?limit=1')).body;
    for (const changed of ['?limit=1&order=asc', '?limit=1&currency=NGN']) {
      expect(told(await api.send(other, 'GET', `/v1/accounts${changed}&starting_after=${next_cursor}`))).toBe(
        '400 invalid_cursor starting_after',
      );
    }
    expect(told(await api.send(tenant, 'GET', `/v1/accounts?limit=1&starting_after=${next_cursor}`))).toBe(
      '400 invalid_cursor starting_after',
    );
    expect(told(await api.send(other, 'GET', `/v1/cards?limit=1&starting_after=${next_cursor}`))).toBe(
      '400 invalid_cursor starting_after',
    );
  });
});

describe('GET balance', () => {
  it('200, and 400 for what is no time or lies ahead', async () => {
    const id = await api.funded(tenant, 700);
    expect((await api.send(tenant, 'GET', `/v1/accounts/${id}/balance`)).body).toMatchObject({
      object: 'balance',
      balance: 700,
      currency: 'NGN',
    });
    const ask = (asOf: string): Promise<Reply> => api.send(tenant, 'GET', `/v1/accounts/${id}/balance?as_of=${asOf}`);
    expect((await ask('revision:1')).status).toBe(200);
    expect(told(await ask(`revision:${(await api.head(tenant)) + 1}`))).toBe('400 out_of_range as_of');
    expect(told(await ask('revision:x'))).toBe('400 pattern_mismatch as_of');
    expect(told(await ask('2026-13-01T00:00:00Z'))).toBe('400 pattern_mismatch as_of');
  });
});

describe('the admin plane', () => {
  it('lists, blocks and closes a tenant’s accounts in M’s shapes', async () => {
    const other = await api.tenant();
    const id = await api.account(other);
    const path = `/${other}/accounts`;
    const list = await api.admin('GET', `${path}?limit=1`);
    expect(list.body).toMatchObject({
      accounts: [{ id }],
      pagination: { limit: 1, offset: 0, total_count: 1, cursor: null },
    });
    expect((await api.admin('GET', `${path}/${id}`)).body.id).toBe(id);
    expect((await api.admin('PUT', `${path}/${id}/block`, BLOCK)).body).toMatchObject({
      account: { status: 'frozen' },
      child_accounts: [],
    });
    expect((await api.admin('PUT', `${path}/${id}/unblock`, UNBLOCK)).body).toMatchObject({
      account: { status: 'active' },
    });
    expect((await api.admin('PUT', `${path}/${id}/close`, CLOSE)).body).toMatchObject({ id, status: 'closed' });
    expect(told(await api.admin('GET', '/tnt_01HZXK5Y8Q2J3M4N5P6R7S8T9V/accounts'))).toBe('404 tenant_not_found');
    expect(told(await api.admin('PUT', `/tnt_01HZXK5Y8Q2J3M4N5P6R7S8T9V/accounts/${id}/block`, BLOCK))).toBe(
      '404 tenant_not_found',
    );
    expect(told(await api.admin('PUT', `/${tenant}/accounts/${id}/block`, BLOCK))).toBe('404 account_not_found');
  });
});
