import { OPERATION_NAMES, operationOf } from '#contract/operations.js';
import { ENTITLEMENT_KEYS } from '#domain/entitlements/entitlements.js';
import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

const change = (tenant: string, entitlements: unknown): Promise<Reply> =>
  api.admin('PATCH', `/${tenant}/entitlements`, { entitlements });
const off = (tenant: string, key: string): Promise<Reply> => change(tenant, { [key]: { enabled: false } });

describe('GET, PATCH /api/v1/admin/tenants/{tenant_id}/entitlements', () => {
  it('200: the whole map, as it is by default and as it is changed', async () => {
    const tenant = await api.tenant();
    const before = await api.admin('GET', `/${tenant}/entitlements`);
    expect(before).toMatchObject({ status: 200, body: { object: 'entitlements', tenant_id: tenant } });
    expect(Object.keys(before.body.entitlements as object)).toEqual(ENTITLEMENT_KEYS);
    const changed = await change(tenant, {
      'pos.terminals.manage': { enabled: true, config: { max_terminals: 500 } },
      'accounts.read': { enabled: false },
    });
    expect(changed.status).toBe(200);
    expect(changed.body.entitlements).toEqual({
      ...(before.body.entitlements as object),
      'pos.terminals.manage': { enabled: true, config: { max_terminals: 500 } },
      'accounts.read': { enabled: false, config: {} },
    });
    const after = await api.admin('GET', `/${tenant}/entitlements`);
    expect([after.body, after.headers['ledger-revision']]).toEqual([changed.body, changed.headers['ledger-revision']]);
  });

  it('200: the same again appends nothing', async () => {
    const tenant = await api.tenant();
    const first = await off(tenant, 'kyc.read');
    const before = await api.head(tenant);
    expect((await off(tenant, 'kyc.read')).body).toEqual(first.body);
    expect(await api.head(tenant)).toBe(before);
  });

  it.each([
    [{ 'accounts.delete': { enabled: true } }, '422 unknown_entitlement entitlements.accounts.delete'],
    [{ 'pos.profiles.read/write': {} }, '422 unknown_entitlement entitlements.pos.profiles.read/write'],
    [
      { 'transactions.write': { config: { max_single_transaction: 'much' } } },
      '422 invalid_entitlement_config entitlements.transactions.write.config.max_single_transaction',
    ],
    [
      { 'accounts.read': { config: { max: 1 } } },
      '422 invalid_entitlement_config entitlements.accounts.read.config.max',
    ],
    [{ 'accounts.read': { config: 'x' } }, '422 invalid_entitlement_config entitlements.accounts.read.config'],
    [{ 'accounts.read': { config: [1] } }, '422 invalid_entitlement_config entitlements.accounts.read.config'],
    [{ 'accounts.read': { enabled: 'yes' } }, '400 type_mismatch entitlements.accounts.read.enabled'],
    [{ 'accounts.read': { on: true } }, '400 unknown_field entitlements.accounts.read.on'],
    [{ 'accounts.read': true }, '400 type_mismatch entitlements.accounts.read'],
    [[], '400 type_mismatch entitlements'],
    [undefined, '400 missing_field entitlements'],
  ])('%j: %s, and nothing is appended', async (entitlements, expected) => {
    const tenant = await api.tenant();
    const before = await api.head(tenant);
    expect(told(await change(tenant, entitlements))).toBe(expected);
    expect(await api.head(tenant)).toBe(before);
  });

  it('404 for a tenant that there is not, 403 without the permission', async () => {
    const ghost = 'tnt_01HZXK5Y8Q2J3M4N5P6R7S8T9V';
    expect(told(await api.admin('GET', `/${ghost}/entitlements`))).toBe('404 tenant_not_found');
    expect(told(await change(ghost, {}))).toBe('404 tenant_not_found');
    const tenant = await api.tenant();
    const credential = api.operator(['view_tenants']);
    expect(told(await api.admin('PATCH', `/${tenant}/entitlements`, { entitlements: {} }, { credential }))).toBe(
      '403 missing_permission',
    );
  });

  it('is told as a public event, with what was before', async () => {
    const tenant = await api.tenant();
    await off(tenant, 'accounts.read');
    const { body } = await api.send(tenant, 'GET', '/v1/events?type=entitlements.updated');
    expect(body.data).toMatchObject([
      {
        type: 'entitlements.updated',
        data: { entitlements: { tenant_id: tenant, entitlements: { 'accounts.read': { enabled: false } } } },
        previous_attributes: { entitlements: { 'accounts.read': { enabled: true } } },
      },
    ]);
  });
});

describe('a tenant that is not entitled', () => {
  const REFUSED = (key: string) => ({
    status: 403,
    body: {
      error: {
        type: 'insufficient_scope',
        code: 'entitlement_required',
        rule: key,
        message: `The tenant is not entitled to ${key}.`,
      },
    },
  });

  it.each([
    ['transactions.write', 'POST', '/v1/transactions', { type: 'journal', entries: [] }],
    ['accounts.write', 'POST', '/v1/accounts', { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN' }],
    ['accounts.read', 'GET', '/v1/accounts', undefined],
    ['balances.read', 'GET', '/v1/accounts/acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V/balance', undefined],
    ['transactions.read', 'GET', '/v1/transactions', undefined],
    ['transactions.write', 'POST', '/v1/fees/preview', { channel: 'funds_transfer', amount: 1, currency: 'NGN' }],
  ] as const)('%s is refused %s %s at once, and gets it again', async (key, method, path, body) => {
    const tenant = await api.tenant();
    // The instance knows of the tenant what it was a moment ago.
    await api.send(tenant, 'GET', '/v1/accounts');
    const before = (await api.send(tenant, method, path, body)).status;
    await off(tenant, key);
    const head = await api.head(tenant);
    expect(await api.send(tenant, method, path, body)).toMatchObject(
      body !== undefined && 'entries' in body ? { status: 400 } : REFUSED(key),
    );
    expect(await api.head(tenant)).toBe(head);
    await change(tenant, { [key]: { enabled: true } });
    expect((await api.send(tenant, method, path, body)).status).toBe(before);
  });

  it('is refused before the read model tells of the change, on the instance that made it', async () => {
    const tenant = await api.tenant();
    await api.send(tenant, 'GET', '/v1/accounts');
    api.reads.upTo = await api.head(tenant);
    try {
      const changing = off(tenant, 'accounts.read');
      while ((await api.head(tenant)) === api.reads.upTo) await new Promise((resolve) => setTimeout(resolve, 2));
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await api.send(tenant, 'GET', '/v1/accounts')).toMatchObject(REFUSED('accounts.read'));
      expect((await changing).status).toBe(200);
    } finally {
      api.reads.upTo = Infinity;
    }
  });

  it('can’t move more at once than it may, and is told by which entitlement', async () => {
    const tenant = await api.tenant();
    const ada = await api.funded(tenant, 1_000);
    const bob = await api.account(tenant);
    const transfer = (amount: number, more: object = {}): Promise<Reply> =>
      api.send(tenant, 'POST', '/v1/transactions', {
        type: 'transfer',
        amount,
        currency: 'NGN',
        source: ada,
        destination: bob,
        ...more,
      });
    await change(tenant, { 'transactions.write': { config: { max_single_transaction: 100 } } });
    const refused = await transfer(101);
    expect(told(refused)).toBe('422 max_single_transaction_exceeded');
    expect(refused.body.error).toMatchObject({ rule: 'transactions.write', transaction_id: expect.any(String) });
    expect(await transfer(101, { dry_run: true })).toMatchObject({
      status: 200,
      body: {
        status: 'failed',
        failure_code: 'max_single_transaction_exceeded',
        failure_rule: 'transactions.write',
      },
    });
    expect((await transfer(100)).status).toBe(201);
  });
});

/** What one scope opens, but several entitlements are about. */
const OWN: readonly (readonly [route: RegExp, entitlement: string])[] = [
  [/^GET .*\/balance$/, 'balances.read'],
  [/^GET \/v1\/reservations/, 'reservations.read'],
  [/^POST \/v1\/reservations/, 'reservations.write'],
  [/^GET \/v1\/customers/, 'identity.read'],
  [/^POST \/v1\/limits\/evaluate/, 'limits.evaluate'],
  [/^GET .*\/statements$/, 'statements.read'],
];

it('operations ask for the entitlement that is about them, where their scope is about more', () => {
  for (const name of OPERATION_NAMES) {
    const operation = operationOf(name);
    const own = OWN.find(([route]) => route.test(`${operation.method} ${operation.path}`));
    if (own !== undefined && operation.plane === 'tenant')
      expect([name, operation.entitlement]).toEqual([name, own[1]]);
  }
});

it('every operation of the tenant plane asks for an entitlement of the table, or for none', () => {
  for (const name of OPERATION_NAMES) {
    const operation = operationOf(name);
    if (operation.plane === 'tenant') expect([null, ...ENTITLEMENT_KEYS]).toContain(operation.entitlement);
  }
});
