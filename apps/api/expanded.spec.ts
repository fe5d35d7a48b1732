/** What reads show in full beside ids: over a real read model, for every read that offers it. */
import { EXPAND, expandParameter, expansionsOf } from '#contract/expansions.js';
import { OPERATION_NAMES, operationOf } from '#contract/operations.js';
import type { TenantSession } from '#projecting/tenant-session.js';
import { expanded } from './expanded.js';
import { InstallationUnderTest } from './spec-installation.js';
import type { Reply } from './spec-support.js';

let api: InstallationUnderTest;
let tenantId: string;
let key: string;
const ids: Record<string, string> = {};
let sent = 0;
const told = ({ status, body }: Reply): string =>
  [status, body.error?.code, body.error?.rule ?? body.error?.param].filter(Boolean).join(' ');
const send = (
  method: string,
  url: string,
  body?: unknown,
  as = key,
  more: Record<string, string> = {},
): Promise<Reply> =>
  api.send(method, url, body, {
    as,
    headers: { ...(method === 'POST' ? { 'idempotency-key': `x-${(sent += 1)}` } : {}), ...more },
  });
const read = async (url: string): Promise<Reply['body']> => {
  const { status, body, text } = await send('GET', url);
  if (status !== 200) throw new Error(`${url}: ${text}`);
  return body;
};
const made = async (url: string, body: object): Promise<string> => {
  const { status, body: answer, text } = await send('POST', url, body);
  if (status !== 201 && status !== 200) throw new Error(text);
  return answer.id as string;
};
const keyWith = async (of: string, scopes: readonly string[]): Promise<string> =>
  (await api.admin('POST', `/${of}/api-keys`, { prefix: 'prod', scopes })).body.full_key as string;

const SCOPES = ['accounts', 'cards', 'transactions', 'kyc', 'settlements'].flatMap((of) => [
  `${of}:read`,
  `${of}:write`,
]);
const NGN = 'NGN';

beforeAll(async () => {
  api = await InstallationUnderTest.start();
  tenantId = (await api.tenant()).id;
  key = await keyWith(tenantId, [...SCOPES, 'accounts:manage']);
  ids.customer = await made('/v1/customers', { kind: 'person', name: 'Ada' });
  const wallet = { account_name: 'A', wallet_type: 'customer', currency: NGN };
  ids.parent = await made('/v1/accounts', { ...wallet, account_name: 'Parent' });
  ids.account = await made('/v1/accounts', {
    ...wallet,
    customer_id: ids.customer,
    parent_account_id: ids.parent,
  });
  const float = { account_name: 'F', wallet_type: 'float', currency: NGN, allow_negative: true };
  ids.float = await made('/v1/accounts', float);
  ids.deposit = await made('/v1/transactions', {
    type: 'deposit',
    amount: 10_000,
    currency: NGN,
    source: ids.float,
    destination: ids.account,
  });
  ids.reversal = await made(`/v1/transactions/${ids.deposit}/reverse`, { amount: 1 });
  ids.reservation = await made('/v1/reservations', {
    account_id: ids.account,
    amount: 100,
    currency: NGN,
    destination: ids.float,
  });
  await send('POST', `/v1/reservations/${ids.reservation}/capture`, { amount: 50 });
  ids.card = await made('/v1/cards', { account_id: ids.account, type: 'virtual' });
  await send('POST', `/v1/cards/${ids.card}/activate`);
  ids.card_transaction = await made('/v1/card_transactions/post', {
    card_id: ids.card,
    amount: 300,
    currency: NGN,
    merchant: { name: 'Shop', category_code: '5411' },
    network_reference: 'n-1',
    direction: 'debit',
    posted_at: new Date().toISOString(),
  });
  ids.kyc_submission = await made('/v1/kyc/submissions', { customer_id: ids.customer, tier: 'tier2', documents: [] });
}, 60_000);
afterAll(() => api.close());

const OFFERED = OPERATION_NAMES.filter((name) => operationOf(name).query?.[EXPAND] !== undefined);

describe('expand[]', () => {
  it('is offered by every read of what names something else', () => {
    const reads = OPERATION_NAMES.filter((name) => {
      const { plane, method, answers } = operationOf(name);
      return plane === 'tenant' && Object.keys(expandParameter(method, answers ?? '')).length > 0;
    });
    expect(OFFERED).toEqual(reads);
    expect(OFFERED.length).toBeGreaterThan(15);
  });

  it.each([
    ['/v1/accounts/{account}', 'parent_account', 'parent'],
    ['/v1/accounts/{account}', 'customer', 'customer'],
    ['/v1/cards/{card}', 'account', 'account'],
    ['/v1/card_transactions/{card_transaction}', 'card', 'card'],
    ['/v1/card_transactions/{card_transaction}', 'account', 'account'],
    ['/v1/transactions/{deposit}', 'source_account', 'float'],
    ['/v1/transactions/{deposit}', 'destination_account', 'account'],
    ['/v1/transactions/{reversal}', 'reversed_transaction', 'deposit'],
    ['/v1/reservations/{reservation}', 'account', 'account'],
    ['/v1/reservations/{reservation}', 'destination_account', 'float'],
    ['/v1/kyc/submissions/{kyc_submission}', 'customer', 'customer'],
  ])('of %s shows its %s as its own read does', async (path, name, of) => {
    const url = path.replace(/\{(\w+)\}/, (_, which: string) => ids[which]!);
    const plain = await read(url);
    const body = await read(`${url}?expand[]=${name}`);
    const shown = body[name] as Record<string, unknown>;
    expect(body).toEqual({ ...plain, [name]: shown });
    expect(shown.id).toBe(ids[of]);
    const own = { account: 'accounts', customer: 'customers', card: 'cards', transaction: 'transactions' };
    expect(shown).toEqual(await read(`/v1/${own[shown.object as 'account']}/${ids[of]}`));
  });

  it('leads two levels deep, in lists too, and is null where nothing is named', async () => {
    const { data } = (await read(
      `/v1/transactions?order=asc&expand[]=card_transaction.card&expand[]=card_transaction&expand[]=source_account,reservation`,
    )) as { data?: Record<string, Record<string, Record<string, unknown>> | null>[] };
    expect(data!.length).toBeGreaterThanOrEqual(4);
    expect(data![0]).toMatchObject({ id: ids.deposit, card_transaction: null, reservation: null });
    const purchase = data!.find(({ card_transaction }) => card_transaction !== null)!;
    expect(purchase.card_transaction).toMatchObject({ id: ids.card_transaction, card: { id: ids.card } });
    const capture = data!.find(({ reservation }) => reservation !== null)!;
    expect(capture.reservation).toMatchObject({ id: ids.reservation });
  });

  it.each([
    ['expand[]=nobody', 'parent_account, parent_account.parent_account'],
    ['expand[]=customer.account', 'must be one of: '],
    ['expand=parent_account.parent_account.parent_account', 'must be one of: '],
    ['expand[]=__proto__', 'must be one of: '],
    ['expand=', 'must be one of: '],
  ])('%s is refused, and says what there is', async (query, said) => {
    const { status, body } = await send('GET', `/v1/accounts?${query}`);
    expect([status, body.error?.code, String(body.error?.param).slice(0, 6)]).toEqual([400, 'invalid_enum', 'expand']);
    expect(body.error?.message).toContain(said);
  });

  it('is refused beside its other spelling, in too many names, and where nothing can be shown', async () => {
    expect(told(await send('GET', '/v1/accounts?expand[]=customer&expand=customer'))).toBe(
      '400 mutually_exclusive expand',
    );
    const many = expansionsOf('transaction').slice(0, 11).join(',');
    expect(told(await send('GET', `/v1/transactions?expand=${many}`))).toBe('400 too_long expand');
    expect(told(await send('GET', `/v1/customers?expand=account`))).toBe('400 unknown_field expand');
    expect(told(await send('GET', '/v1/accounts?status=active&status=closed'))).toBe('400 type_mismatch status');
  });

  it('takes the scope and the entitlement of each read', async () => {
    const reader = await keyWith(tenantId, ['cards:read']);
    const at = `/v1/card_transactions/${ids.card_transaction}`;
    expect(told(await send('GET', `${at}?expand=card`, undefined, reader))).toBe('200');
    expect(told(await send('GET', `${at}?expand=account`, undefined, reader))).toBe('403 missing_scope accounts:read');
    expect(told(await send('GET', `${at}?expand=card.account`, undefined, reader))).toBe(
      '403 missing_scope accounts:read',
    );
    expect(told(await send('GET', `${at}?expand=settlement`, undefined, reader))).toBe(
      '403 missing_scope settlements:read',
    );
    const other = (await api.tenant()).id;
    const its = await keyWith(other, SCOPES);
    expect(told(await send('GET', '/v1/accounts?expand=customer', undefined, its))).toBe('200');
    const off = { entitlements: { 'identity.read': { enabled: false } } };
    expect((await api.admin('PATCH', `/${other}/entitlements`, off)).status).toBe(200);
    expect(told(await send('GET', '/v1/accounts?expand=customer', undefined, its))).toBe(
      '403 entitlement_required identity.read',
    );
    expect(told(await send('GET', '/v1/accounts?expand=parent_account', undefined, its))).toBe('200');
  });

  it('shows what the caller wrote a moment ago', async () => {
    for (let i = 0; i < 5; i += 1) {
      await send('PATCH', `/v1/accounts/${ids.account}`, { account_name: `A ${i}` });
      const { account } = await read(`/v1/cards/${ids.card}?expand[]=account`);
      expect(account).toMatchObject({ account_name: `A ${i}` });
    }
  });

  it('does not bind a cursor', async () => {
    const { next_cursor } = await read('/v1/transactions?limit=1&expand[]=source_account');
    expect((await read(`/v1/transactions?limit=1&starting_after=${next_cursor as string}`)).data).toHaveLength(1);
  });

  it('is told in the caller’s version all the way down', async () => {
    const of = { 'qairopay-version': '2025-11-01' };
    const { body } = await send('GET', `/v1/cards/${ids.card}/transactions?expand[]=card`, undefined, key, of);
    const [first] = body.data as { merchant: { category_code: string }; card: { spending_controls: object } }[];
    expect(first!.merchant.category_code).toBe('groceries');
    expect(Object.keys(first!.card.spending_controls)).toContain('allowed_categories');
  });
});

it('reads each name once, however many rows there are', async () => {
  const asked: (readonly unknown[])[] = [];
  const session: TenantSession = {
    tenantId: 'tnt_a',
    rows: (_text, values = []) => {
      asked.push(values);
      return Promise.resolve([]);
    },
  };
  const rows = Array.from({ length: 100 }, (_, i) => ({
    object: 'card_transaction',
    card_id: `c${i % 7}`,
    account_id: null,
  }));
  const shown = await expanded(session, rows, ['card', 'card.account', 'account']);
  expect(asked).toEqual([['tnt_a', ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']]]);
  expect(shown[0]).toEqual({ ...rows[0], card: null, account: null });
});
