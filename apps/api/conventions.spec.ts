/** What holds of resources of every kind: conditional updates, merged metadata, lists that are searched and turned round. */
import { OPERATION_NAMES, operationOf } from '#contract/operations.js';
import { isConditional } from '#contract/preconditions.js';
import { InstallationUnderTest } from './spec-installation.js';
import type { Reply } from './spec-support.js';

let api: InstallationUnderTest;
let tenantId: string;
let key: string;
let keys = 0;
beforeAll(async () => {
  api = await InstallationUnderTest.start();
  tenantId = (await api.tenant()).id;
  const scopes = ['accounts:read', 'accounts:write', 'accounts:manage', 'cards:read', 'cards:write', 'webhooks:manage'];
  key = (await api.admin('POST', `/${tenantId}/api-keys`, { prefix: 'prod', scopes })).body.full_key as string;
}, 60_000);
afterAll(() => api.close());

const told = ({ status, body }: Reply): string =>
  [status, body.error?.code, body.error?.param].filter(Boolean).join(' ');
/** What was written last, so that reads see it however busy the machine is. */
let written = 0;
const send = async (
  method: string,
  url: string,
  body?: unknown,
  more: Record<string, string> = {},
  as = url.startsWith('/api/') ? api.operator : key,
): Promise<Reply> => {
  const isOurs = url.startsWith('/v1/') || url.includes(tenantId);
  const headers = {
    ...(method === 'POST' ? { 'idempotency-key': `c-${(keys += 1)}` } : {}),
    ...(method === 'GET' && isOurs ? { 'min-ledger-revision': `${written}` } : {}),
    ...more,
  };
  const reply = await api.send(method, url, body, { as, headers });
  if (isOurs) written = Math.max(written, Number(reply.headers['ledger-revision'] ?? 0));
  return reply;
};
const below = (path: string): string => `/api/v1/admin/tenants/${tenantId}${path}`;
const created = async (url: string, body: object): Promise<string> => {
  const { body: made, status, text } = await send('POST', url, body);
  if (status !== 201) throw new Error(text);
  return (made.id ?? (made.user as { id?: string } | undefined)?.id ?? (made.key as { id: string }).id) as string;
};
const account = (): Promise<string> =>
  created('/v1/accounts', { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN' });

interface Kind {
  readonly make: () => Promise<string>;
  readonly url: (id: string) => string;
  /** Changes it, to something else each time. */
  readonly change: (i: number) => object;
}

const KINDS: Readonly<Record<string, Kind>> = {
  account: { make: account, url: (id) => `/v1/accounts/${id}`, change: (i) => ({ account_name: `Ada ${i}` }) },
  customer: {
    make: () => created('/v1/customers', { kind: 'person', name: 'Ada' }),
    url: (id) => `/v1/customers/${id}`,
    change: (i) => ({ name: `Ada ${i}` }),
  },
  card: {
    make: async () => created('/v1/cards', { account_id: await account(), type: 'virtual' }),
    url: (id) => `/v1/cards/${id}`,
    change: (i) => ({ metadata: { i: `${i}` } }),
  },
  'webhook endpoint': {
    make: () => created('/v1/webhooks/endpoints', { url: 'https://hooks.example/x', events: ['*'] }),
    url: (id) => `/v1/webhooks/endpoints/${id}`,
    change: (i) => ({ description: `hook ${i}` }),
  },
  tenant: {
    make: () => Promise.resolve(tenantId),
    url: () => below(''),
    change: (i) => ({ metadata: { i: `${i}` } }),
  },
  user: {
    make: () =>
      created(below('/invitations'), { email: `u${(keys += 1)}@acme.example`, full_name: 'U', role: 'viewer' }),
    url: (id) => below(`/users/${id}`),
    change: (i) => ({ metadata: { i: `${i}` } }),
  },
  'API key': {
    make: () => created(below('/api-keys'), { prefix: 'prod', scopes: ['accounts:read'] }),
    url: (id) => below(`/api-keys/${id}`),
    change: (i) => ({ rate_limit_per_min: 10 + i }),
  },
};

describe.each(Object.entries(KINDS))('of a change to a %s', (_name, { make, url, change }) => {
  it('that names the state it is meant for, one of several at once is done', async () => {
    const at = url(await make());
    const read = await send('GET', at);
    const etag = read.headers.etag as string;
    expect(etag).toMatch(/^"[0-9a-z]+"$/);
    const rivals = await Promise.all([1, 2, 3, 4].map((i) => send('PATCH', at, change(i), { 'if-match': etag })));
    expect(rivals.map(told).sort()).toEqual(['200', ...Array<string>(3).fill('412 precondition_failed If-Match')]);
    const done = rivals.find(({ status }) => status === 200)!;
    expect(done.headers.etag).not.toBe(etag);
    const again = await send('GET', at, undefined, { 'min-ledger-revision': String(done.headers['ledger-revision']) });
    expect(again.headers.etag).toBe(done.headers.etag);
    expect(told(await send('PATCH', at, change(5), { 'if-match': `"old", ${done.headers.etag as string}` }))).toBe(
      '200',
    );
    expect(told(await send('PATCH', at, change(6), { 'if-match': '*' }))).toBe('200');
    expect(told(await send('PATCH', at, change(7)))).toBe('200');
  });
});

const limit = (amount: number): object => ({
  limits: [{ kyc_level: 'tier3', direction: 'outbound', window: 'daily', amount, currency: 'NGN' }],
});
const fee = (flat_amount: number): object => ({
  rules: [{ channel: 'funds_transfer', currency: 'NGN', flat_amount, percentage_rate: 0, who_pays: 'customer' }],
});

/** Settings, of which a tenant has one each: what they say names their state. */
describe.each([
  ['fees', 'PUT', () => below('/fees'), fee],
  ['limits', 'PUT', () => below('/limits'), limit],
  [
    'entitlements',
    'PATCH',
    () => below('/entitlements'),
    (i: number) => ({ entitlements: { 'transactions.write': { config: { max_single_transaction: 1_000_000 + i } } } }),
  ],
  [
    'finance settings',
    'PATCH',
    () => below('/settings/finance'),
    (i: number) => ({ blocked_accounts_per_day: 10 + i }),
  ],
] as const)('a change of a tenant’s %s', (_name, method, url, change) => {
  it('is one of several that name the same state, and 412 from then on', async () => {
    const read = await send('GET', url());
    const etag = read.headers.etag as string;
    expect(etag).toMatch(/^"[0-9a-z]+"$/);
    const rivals = await Promise.all([1, 2, 3].map((i) => send(method, url(), change(i), { 'if-match': etag })));
    expect(rivals.map(told).sort()).toEqual([
      '200',
      '412 precondition_failed If-Match',
      '412 precondition_failed If-Match',
    ]);
    const done = rivals.find(({ status }) => status === 200)!;
    const again = await send('GET', url(), undefined, {
      'min-ledger-revision': String(done.headers['ledger-revision']),
    });
    expect([again.headers.etag, again.headers.etag === etag]).toEqual([done.headers.etag, false]);
    expect(told(await send(method, url(), change(4), { 'if-match': `"old", ${done.headers.etag as string}` }))).toBe(
      '200',
    );
    expect(told(await send(method, url(), change(5), { 'if-match': '*' }))).toBe('200');
    expect(told(await send(method, url(), change(6)))).toBe('200');
  });
});

it('every PUT and PATCH takes If-Match', () => {
  const updates = OPERATION_NAMES.filter((name) => ['PUT', 'PATCH'].includes(operationOf(name).method));
  expect(updates.filter((name) => !isConditional(name))).toEqual([]);
});

describe('If-Match', () => {
  it('holds for the version that a tenant pins', async () => {
    const scopes = ['settings:manage'];
    const manager = (await api.admin('POST', `/${tenantId}/api-keys`, { prefix: 'prod', scopes })).body
      .full_key as string;
    const pin = (etag: string, api_version: string): Promise<Reply> =>
      send('PUT', '/v1/tenant/api_version', { version: api_version }, { 'if-match': etag }, manager);
    const { headers } = await send('GET', '/v1/tenant', undefined, {}, manager);
    expect(told(await pin(headers.etag as string, '2026-05-19'))).toBe('200');
    expect(told(await pin(headers.etag as string, '2026-02-01'))).toBe('412 precondition_failed If-Match');
  });

  it.each([
    ['garbage', '400 pattern_mismatch If-Match'],
    ['"a" "b"', '400 pattern_mismatch If-Match'],
    ['', '400 pattern_mismatch If-Match'],
    ['"never-given"', '412 precondition_failed If-Match'],
    ['"zzzzzzzzzzzzzzzz"', '412 precondition_failed If-Match'],
  ])('of %s: %s', async (sent, expected) => {
    expect(
      told(await send('PATCH', `/v1/accounts/${await account()}`, { account_name: 'B' }, { 'if-match': sent })),
    ).toBe(expected);
  });

  it('is not met by a weak tag, and changes nothing where it is not met', async () => {
    const at = `/v1/accounts/${await account()}`;
    const { headers } = await send('GET', at);
    const refused = await send('PATCH', at, { account_name: 'B' }, { 'if-match': `W/${headers.etag as string}` });
    expect(told(refused)).toBe('412 precondition_failed If-Match');
    expect((await send('GET', at)).body.account_name).toBe('Ada');
  });

  it('tells of what else is wrong first, and of a balance that moved nothing', async () => {
    const [float, id] = [
      await created('/v1/accounts', { account_name: 'F', wallet_type: 'float', currency: 'NGN', allow_negative: true }),
      await account(),
    ];
    const missing = '/v1/accounts/acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V';
    expect(told(await send('PATCH', missing, { account_name: 'B' }, { 'if-match': '"x"' }))).toBe(
      '404 account_not_found',
    );
    const { headers } = await send('GET', `/v1/accounts/${id}`);
    const scopes = ['transactions:write'];
    const poster = (await api.admin('POST', `/${tenantId}/api-keys`, { prefix: 'prod', scopes })).body
      .full_key as string;
    const posted = await api.send(
      'POST',
      '/v1/transactions',
      { type: 'deposit', amount: 5, currency: 'NGN', source: float, destination: id },
      { as: poster, headers: { 'idempotency-key': 'move' } },
    );
    expect(posted.status).toBe(201);
    const changed = await send(
      'PATCH',
      `/v1/accounts/${id}`,
      { account_name: 'B' },
      { 'if-match': headers.etag as string },
    );
    expect(told(changed)).toBe('200');
  });

  it('is refused where nothing can be made of it', async () => {
    const body = { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN' };
    expect(told(await send('POST', '/v1/accounts', body, { 'if-match': '"x"' }))).toBe(
      '400 invalid_parameter If-Match',
    );
    expect((await send('GET', '/v1/accounts', undefined, { 'if-match': '"x"' })).status).toBe(200);
  });

  it('does not keep a key from the first outcome', async () => {
    const at = `/v1/accounts/${await account()}`;
    const { headers } = await send('GET', at);
    const once = { 'if-match': headers.etag as string, 'idempotency-key': 'conditional' };
    const first = await send('PATCH', at, { account_name: 'B' }, once);
    const again = await send('PATCH', at, { account_name: 'B' }, once);
    expect([told(first), told(again), again.headers['idempotent-replayed']]).toEqual(['200', '200', 'true']);
  });
});

describe('metadata', () => {
  it.each(['account', 'customer', 'card', 'tenant', 'user'])('of a %s is merged as RFC 7396 has it', async (name) => {
    const { make, url } = KINDS[name]!;
    const at = url(await make());
    await send('PATCH', at, { metadata: { a: '1', b: '2', i: null } });
    const { body, status } = await send('PATCH', at, { metadata: { a: null, c: '3', never: null } });
    expect([status, body.metadata]).toEqual([200, { b: '2', c: '3' }]);
    expect((await send('PATCH', at, { metadata: {} })).body.metadata).toEqual({ b: '2', c: '3' });
    expect(told(await send('PATCH', at, { metadata: { a: 1 } }))).toMatch(/^400 type_mismatch/);
    expect(told(await send('PATCH', at, { metadata: { ['k'.repeat(41)]: '' } }))).toMatch(/^400/);
    const many = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`k${i}`, '']));
    expect(told(await send('PATCH', at, { metadata: many }))).toMatch(/^400 invalid_parameter metadata/);
    expect((await send('GET', at)).body.metadata).toEqual({ b: '2', c: '3' });
  });
});

describe('a list of the admin plane', () => {
  it('is searched', async () => {
    const made = await api.tenant({ name: 'Zebra Crossing %_ Ltd' });
    const search = (q: string): Promise<Reply> => api.admin('GET', `?q=${encodeURIComponent(q)}`);
    // The list of all tenants waits for none of them.
    await api.admin('GET', `/${made.id}`, undefined, { 'min-ledger-revision': '0' });
    for (const q of ['zebra', 'CROSSING %_'])
      expect((await search(q)).body).toMatchObject({ tenants: [{ id: made.id }], pagination: { total_count: 1 } });
    // What stands for anything elsewhere stands for itself here.
    expect((await search('zebra%')).body).toMatchObject({ tenants: [], pagination: { total_count: 0 } });
    await created('/v1/accounts', {
      account_name: 'Grace Hopper',
      account_code: 'ZEBRA-77',
      wallet_type: 'customer',
      currency: 'NGN',
    });
    const accounts = await api.send('GET', below('/accounts?q=hopper'), undefined, { as: api.operator });
    expect(accounts.body).toMatchObject({
      accounts: [{ account_name: 'Grace Hopper' }],
      pagination: { total_count: 1 },
    });
    const byCode = await api.send('GET', below('/accounts?q=zebra-77&status=active'), undefined, { as: api.operator });
    expect(byCode.body).toMatchObject({ pagination: { total_count: 1 } });
  });

  it('is turned round, and a cursor is of one order, filter, route and tenant', async () => {
    const other = (await api.tenant()).id;
    for (let i = 0; i < 3; i += 1) await account();
    const list = async (query: string): Promise<{ ids: string[]; cursor: string | null }> => {
      const { body, text, status } = await send('GET', below(`/accounts?${query}`));
      if (status !== 200) throw new Error(text);
      const { accounts, pagination } = body as unknown as {
        accounts: { id: string }[];
        pagination: { cursor: string };
      };
      return { ids: accounts.map(({ id }) => id), cursor: pagination.cursor };
    };
    const down = (await list('limit=100')).ids;
    expect((await list('limit=100&order=asc')).ids).toEqual([...down].reverse());
    const { ids, cursor } = await list('limit=2&order=asc');
    expect([...ids, ...(await list(`limit=100&order=asc&cursor=${cursor}`)).ids]).toEqual([...down].reverse());
    for (const url of [
      below(`/accounts?limit=2&cursor=${cursor}`),
      below(`/accounts?limit=2&order=asc&status=active&cursor=${cursor}`),
      below(`/users?limit=2&order=asc&cursor=${cursor}`),
      `/api/v1/admin/tenants/${other}/accounts?limit=2&order=asc&cursor=${cursor}`,
    ])
      expect(told(await send('GET', url))).toBe('400 invalid_cursor cursor');
  });
});
