/** What every request passes: credentials, rights, versions, keys, bodies. Nothing refused here appends anything. */
import { OPERATION_NAMES, operationOf } from '#contract/operations.js';
import { NotTaken, OutcomePending } from '#engine/ports.js';
import { decodeEvent, ledgerStream } from '#domain/codec.js';
import { ApiUnderTest, type Reply } from './spec-support.js';

const ULID = '01HZXK5Y8Q2J3M4N5P6R7S8T9V';
const ACCOUNT = { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN' };
const PREFIX: Record<string, string> = {
  tenant_id: 'tnt',
  account_id: 'acc',
  transaction_id: 'ltx',
  card_id: 'card',
  card_transaction_id: 'txn',
  event_id: 'evt',
  key_id: 'key',
};
const urlOf = (path: string, id = ULID): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => `${PREFIX[name]}_${id}`);
const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();

let api: ApiUnderTest;
let tenant: string;
let sandbox: string;

beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
  sandbox = await api.tenant({ environment: 'sandbox' });
});
afterAll(() => api.close());

/** Sends, and sees to it that nothing was appended. */
const refused = async (...request: Parameters<ApiUnderTest['send']>): Promise<string> => {
  const before = await api.head(tenant);
  const answer = await api.send(...request);
  expect(await api.head(tenant)).toBe(before);
  expect(answer.headers['request-id']).toBe(answer.body.error?.request_id);
  expect(answer.headers['qairopay-version']).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(answer.headers.vary).toContain('QairoPay-Version');
  return told(answer);
};

describe('credentials', () => {
  const closed = OPERATION_NAMES.filter((name) => {
    const operation = operationOf(name);
    return operation.plane === 'auth' ? operation.user : operation.plane !== 'open';
  });

  it.each(closed)('%s wants one, and the right that it needs', async (name) => {
    const operation = operationOf(name);
    const { method, path, plane } = operation;
    const url = urlOf(path);
    const body = method === 'GET' ? undefined : {};
    const isForTests = operation.plane === 'tenant' && operation.sandboxOnly === true;
    if (isForTests) expect(await refused(tenant, method, url, body)).toBe('404 route_not_found');
    expect(await refused(tenant, method, url, body, { credential: null })).toBe('401 missing_auth');
    expect(await refused(tenant, method, url, body, { credential: 'nobody' })).toBe('401 invalid_key');
    if (operation.plane === 'tenant' && operation.scope !== null) {
      const keyless = api.key(isForTests ? sandbox : tenant, []);
      expect(await refused(tenant, method, url, body, { credential: keyless })).toBe('403 missing_scope');
      expect(await refused(tenant, method, url, body, { credential: 'operator-token' })).toBe('403 missing_scope');
    }
    if (plane === 'auth') {
      for (const credential of [tenant, 'operator-token'])
        expect(await refused(tenant, method, url, body, { credential })).toBe('403 user_required');
    }
    if (plane === 'admin') {
      expect(await refused(tenant, method, url, body, { credential: api.operator([]) })).toBe('403 missing_permission');
      expect(await refused(tenant, method, url, body, { credential: tenant })).toBe('403 missing_permission');
    }
  });

  it('may come in either header, but not in both', async () => {
    expect(
      (await api.send(tenant, 'GET', '/v1/tenant', undefined, { credential: null, headers: { 'x-api-key': tenant } }))
        .status,
    ).toBe(200);
    expect(await refused(tenant, 'GET', '/v1/tenant', undefined, { headers: { 'x-api-key': tenant } })).toBe(
      '400 ambiguous_credentials',
    );
  });

  it('names the scope that is missing', async () => {
    const answer = await api.send(tenant, 'POST', '/v1/accounts', ACCOUNT, {
      credential: api.key(tenant, ['accounts:read']),
    });
    expect(answer.body.error).toMatchObject({
      type: 'insufficient_scope',
      code: 'missing_scope',
      rule: 'accounts:write',
    });
  });

  it('is asked for before a body is read', async () => {
    expect(await refused(tenant, 'POST', '/v1/accounts', '{"broken', { credential: null })).toBe('401 missing_auth');
  });

  it('wants more for what a customer may spend', async () => {
    const id = await api.account(tenant);
    const credential = api.key(tenant, ['accounts:write']);
    const asOpened = { ...ACCOUNT, overdraft_limit: 5, kyc_tier: 'tier1' };
    expect((await api.send(tenant, 'POST', '/v1/accounts', asOpened, { credential })).status).toBe(201);
    expect(await refused(tenant, 'PATCH', `/v1/accounts/${id}`, { overdraft_limit: 5 }, { credential })).toBe(
      '403 missing_scope',
    );
    expect(
      (await api.send(tenant, 'PATCH', `/v1/accounts/${id}`, { account_name: 'Eve' }, { credential })).status,
    ).toBe(200);
  });

  it('of manage_tenants also opens accounts and fees', async () => {
    const credential = api.operator(['manage_tenants', 'view_tenants']);
    expect((await api.admin('PUT', `/${tenant}/fees`, { rules: [] }, { credential })).status).toBe(200);
    expect(
      told(await api.admin('GET', `/${tenant}/api-keys`, undefined, { credential: api.operator(['manage_tenants']) })),
    ).toBe('403 missing_permission');
  });
});

describe('paths and methods', () => {
  it.each([
    ['GET', '/v1/nothing', '404 route_not_found'],
    ['POST', '/v1/accounts/', '405 method_not_allowed'],
    ['DELETE', '/v1/accounts', '405 method_not_allowed'],
    ['PUT', '/v1/transactions', '405 method_not_allowed'],
    ['GET', '/v1/accounts/acc_1', '404 account_not_found'],
    ['GET', `/v1/accounts/card_${ULID}`, '404 account_not_found'],
    ['GET', `/v1/accounts/acc_${ULID}`, '404 account_not_found'],
    ['GET', `/v1/accounts/acc_${ULID.toLowerCase()}`, '404 account_not_found'],
    ['GET', `/v1/accounts/acc_${ULID}/entries`, '404 account_not_found'],
    ['GET', `/v1/accounts/acc_${ULID}/balance`, '404 account_not_found'],
    ['GET', `/v1/transactions/ltx_${ULID}`, '404 transaction_not_found'],
    ['GET', `/v1/cards/card_${ULID}`, '404 card_not_found'],
    ['GET', `/v1/cards/card_${ULID}/transactions`, '404 card_not_found'],
    ['GET', `/v1/card_transactions/txn_${ULID}`, '404 card_transaction_not_found'],
    ['GET', `/v1/events/evt_${ULID}`, '404 event_not_found'],
    ['GET', '/v1/accounts/%00', '404 account_not_found'],
    ['GET', '/v1/accounts/%ff', '400 malformed_url'],
    ['GET', `/v1/accounts/${'a'.repeat(500)}`, '404 route_not_found'],
  ])('%s %.50s: %s', async (method, url, expected) => {
    const answer = await api.send(tenant, method, url);
    expect(told(answer)).toBe(expected);
    if (answer.status === 405) expect(answer.headers.allow).toMatch(/GET|POST/);
  });

  it.each([
    ['POST', `/v1/transactions/ltx_${ULID}/reverse`, {}, 'transaction_not_found'],
    ['POST', `/v1/cards/card_${ULID}/activate`, undefined, 'card_not_found'],
    ['PATCH', `/v1/accounts/acc_${ULID}`, {}, 'account_not_found'],
    ['PUT', `/v1/accounts/acc_${ULID}/block`, { reason: 'x', source: 'y' }, 'account_not_found'],
    [
      'POST',
      `/v1/card_transactions/txn_${ULID}/capture`,
      { amount: 1, network_reference: 'x' },
      'card_transaction_not_found',
    ],
  ])('%s %.60s is a 404', async (method, url, body, code) => {
    expect(await refused(tenant, method, url, body)).toBe(`404 ${code}`);
  });

  it('answers a foreign id exactly as one that does not exist', async () => {
    const other = await api.tenant();
    const foreign = await api.account(other);
    const [a, b] = await Promise.all([
      api.send(tenant, 'GET', `/v1/accounts/${foreign}`),
      api.send(tenant, 'GET', `/v1/accounts/acc_${ULID}`),
    ]);
    const { request_id: _a, ...bodyA } = a.body.error ?? {};
    const { request_id: _b, ...bodyB } = b.body.error ?? {};
    expect([a.status, bodyA]).toEqual([b.status, bodyB]);
    const transfer = { type: 'transfer', amount: 1, currency: 'NGN', source: foreign, destination: foreign };
    expect(await refused(tenant, 'POST', '/v1/transactions', transfer)).toBe('400 account_not_found source');
  });
});

describe('bodies', () => {
  it.each([
    ['{"account_name"', {}, '400 malformed_json'],
    ['', {}, '400 malformed_json'],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), {}, '400 malformed_json'],
    ['['.repeat(100), {}, '400 too_deeply_nested'],
    ['null', {}, '400 type_mismatch'],
    ['[]', {}, '400 type_mismatch'],
    ['"x"', {}, '400 type_mismatch'],
    ['{}', { 'content-type': 'text/plain' }, '415 unsupported_media_type'],
    ['{}', { 'content-type': 'application/x-www-form-urlencoded' }, '415 unsupported_media_type'],
    ['{}', { 'content-type': 'multipart/form-data; boundary=x' }, '415 unsupported_media_type'],
    [`{"account_name":"${'a'.repeat(1024 * 1024)}"}`, {}, '413 body_too_large'],
    [
      '{"account_name":"x","wallet_type":"customer","currency":"NGN","overdraft_limit":9007199254740993}',
      {},
      '400 amount_out_of_range overdraft_limit',
    ],
    [
      '{"account_name":"x","wallet_type":"customer","currency":"NGN","overdraft_limit":1e400}',
      {},
      '400 amount_out_of_range overdraft_limit',
    ],
    [
      '{"account_name":"x","wallet_type":"customer","currency":"NGN","tenant_id":"tnt_1"}',
      {},
      '400 unknown_field tenant_id',
    ],
    [
      '{"account_name":"x","wallet_type":"customer","currency":"NGN","__proto__":{"a":1}}',
      {},
      '400 unknown_field __proto__',
    ],
    [
      '{"account_name":"x","wallet_type":"customer","currency":"NGN","constructor":1}',
      {},
      '400 unknown_field constructor',
    ],
    ['{"account_name":"\\u0000","wallet_type":"customer","currency":"NGN"}', {}, '400 pattern_mismatch account_name'],
    ['{"account_name":"\\ud800","wallet_type":"customer","currency":"NGN"}', {}, '400 pattern_mismatch account_name'],
    ['{"account_name":"x","wallet_type":"system","currency":"NGN"}', {}, '400 invalid_enum wallet_type'],
    ['{"account_name":"x","wallet_type":"customer","currency":"ZZZ"}', {}, '400 invalid_currency currency'],
  ])('%.90s %j: %s', async (body, headers, expected) => {
    const answer = await refused(tenant, 'POST', '/v1/accounts', body, { headers });
    expect(answer).toBe(expected);
  });

  it('may be four times as large for a batch', async () => {
    const line = {
      type: 'transfer',
      amount: 1,
      currency: 'NGN',
      source: `acc_${ULID}`,
      destination: `acc_${ULID}`,
      metadata: {},
    };
    const metadata = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key${i}`, 'v'.repeat(500)]));
    const transactions = Array.from({ length: 100 }, () => ({ ...line, metadata }));
    expect((await api.send(tenant, 'POST', '/v1/transactions/batch', { transactions })).status).toBe(200);
    expect(await refused(tenant, 'POST', '/v1/transactions/batch', ' '.repeat(4 * 1024 * 1024 + 1))).toBe(
      '413 body_too_large',
    );
  });

  it('may be left out where there is nothing to say', async () => {
    const card = await api.send(tenant, 'POST', '/v1/cards', {
      account_id: await api.account(tenant),
      type: 'virtual',
    });
    expect((await api.send(tenant, 'POST', `/v1/cards/${card.body.id}/activate`)).body.status).toBe('active');
    const empty = await api.send(tenant, 'POST', `/v1/cards/${card.body.id}/suspend`, '');
    expect(empty.body.status).toBe('suspended');
  });
});

describe('queries', () => {
  it.each([
    ['/v1/accounts?limit=0', '400 out_of_range limit'],
    ['/v1/accounts?limit=101', '400 out_of_range limit'],
    ['/v1/accounts?limit=ten', '400 type_mismatch limit'],
    ['/v1/accounts?page=2', '400 unknown_field page'],
    ['/v1/accounts?status=open', '400 invalid_enum status'],
    ['/v1/accounts?starting_after=abc', '400 invalid_cursor starting_after'],
    ['/v1/accounts?status=active&status=closed', '400 type_mismatch status'],
    ['/v1/accounts?tenant_id=tnt_1', '400 unknown_field tenant_id'],
    ['/v1/transactions?from=yesterday', '400 pattern_mismatch from'],
    ['/v1/transactions?amount[gte]=x', '400 type_mismatch amount[gte]'],
    ['/v1/transactions?metadata[a]=%00', '400 pattern_mismatch metadata[a]'],
    ['/v1/tenant?x=1', '400 unknown_field x'],
  ])('%s: %s', async (url, expected) => {
    expect(await refused(tenant, 'GET', url)).toBe(expected);
  });
});

describe('versions', () => {
  const ask = (version: string, more: object = {}): Promise<Reply> =>
    api.send(tenant, 'GET', '/v1/tenant', undefined, { headers: { 'QairoPay-Version': version }, ...more });

  it.each(['2025-11-01', '2026-02-01', '2026-05-19'])('%s is echoed', async (version) => {
    const answer = await ask(version);
    expect([answer.status, answer.headers['qairopay-version']]).toEqual([200, version]);
  });

  it.each(['2026-05-20', '0000-00-00', 'latest', '', ' 2026-05-19 x', '2026-02-01, 2026-05-19'])(
    '%j is unknown',
    async (version) => {
      const answer = await ask(version);
      expect(told(answer)).toBe('400 api_version_unknown QairoPay-Version');
      expect(answer.body.error?.message).toContain('2026-02-01');
    },
  );

  it('is the tenant’s where no header names one', async () => {
    const pinned = await api.tenant();
    api.versions.set(pinned, '2025-11-01');
    expect((await api.send(pinned, 'GET', '/v1/tenant')).headers['qairopay-version']).toBe('2025-11-01');
    const asked = await api.send(pinned, 'GET', '/v1/tenant', undefined, {
      headers: { 'qairopay-version': '2026-02-01' },
    });
    expect(asked.headers['qairopay-version']).toBe('2026-02-01');
  });

  it('is echoed on refusals too', async () => {
    expect((await ask('2026-02-01', { credential: null })).headers['qairopay-version']).toBe('2026-02-01');
    const lost = await api.send(tenant, 'GET', '/v1/nothing', undefined, {
      headers: { 'QairoPay-Version': '2025-11-01' },
    });
    expect(lost.headers['qairopay-version']).toBe('2025-11-01');
  });
});

describe('idempotency keys', () => {
  it('are required on a POST of the tenant plane since 2026-02-01', async () => {
    expect(await refused(tenant, 'POST', '/v1/accounts', ACCOUNT, { key: null })).toBe(
      '400 missing_field Idempotency-Key',
    );
    const older = { key: null, headers: { 'QairoPay-Version': '2025-11-01' } };
    expect((await api.send(tenant, 'POST', '/v1/accounts', ACCOUNT, older)).status).toBe(201);
    const id = await api.account(tenant);
    expect((await api.send(tenant, 'PATCH', `/v1/accounts/${id}`, { account_name: 'Eve' }, { key: null })).status).toBe(
      200,
    );
  });

  it.each(['', 'a b', 'ü', 'x'.repeat(256), 'a/b'])('%.20j has the wrong form', async (key) => {
    expect(await refused(tenant, 'POST', '/v1/accounts', ACCOUNT, { key })).toBe(
      '400 pattern_mismatch Idempotency-Key',
    );
  });

  it('are an operator’s own at each tenant', async () => {
    const ids = [await api.tenant(), await api.tenant()];
    const suspend = (id: string | undefined, status: string) =>
      api.admin('PATCH', `/${id}/status`, { status }, { key: 'the-same' });
    const answers = [await suspend(ids[0], 'suspended'), await suspend(ids[1], 'suspended')];
    expect(answers.map(({ status, body }) => [status, body.id])).toEqual(ids.map((id) => [200, id]));
    expect(told(await suspend(ids[0], 'inactive'))).toBe('409 key_reused');
    const hashes: unknown[] = [];
    for (const id of ids) {
      for await (const page of api.store.read(ledgerStream(id), 0)) {
        hashes.push(decodeEvent(Buffer.from(page.at(-1)?.payload as Uint8Array).toString()).meta.idempotency?.key);
      }
    }
    expect(new Set(hashes).size).toBe(2);
  });

  it('give the first outcome again', async () => {
    const first = await api.send(tenant, 'POST', '/v1/accounts', ACCOUNT, { key: 'once' });
    const again = await api.send(
      tenant,
      'POST',
      '/v1/accounts',
      { currency: 'NGN', wallet_type: 'customer', account_name: 'Ada' },
      { key: 'once' },
    );
    expect([again.status, again.body, again.headers['idempotent-replayed']]).toEqual([
      first.status,
      first.body,
      'true',
    ]);
    expect(again.headers['request-id']).not.toBe(first.headers['request-id']);
    expect(await refused(tenant, 'POST', '/v1/accounts', { ...ACCOUNT, currency: 'USD' }, { key: 'once' })).toBe(
      '409 key_reused',
    );
    expect(
      await refused(tenant, 'POST', '/v1/cards', { account_id: first.body.id, type: 'virtual' }, { key: 'once' }),
    ).toBe('409 key_reused');
    expect((await api.send(await api.tenant(), 'POST', '/v1/accounts', ACCOUNT, { key: 'once' })).status).toBe(201);
  });

  it('answer twins alike', async () => {
    const before = await api.head(tenant);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => api.send(tenant, 'POST', '/v1/accounts', ACCOUNT, { key: 'twins' })),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await api.head(tenant)).toBe(before + 1);
  });
});

describe('an engine that can’t', () => {
  const failing = async (error: Error, run: () => Promise<Reply>): Promise<Reply> => {
    const real = api.engine;
    api.engine = { execute: () => Promise.reject(error) };
    try {
      return await run();
    } finally {
      api.engine = real;
    }
  };
  const open = (options = {}): Promise<Reply> => api.send(tenant, 'POST', '/v1/accounts', ACCOUNT, options);

  it('take a command now: 503 with a time', async () => {
    const answer = await failing(new NotTaken('queue_full', 1500), () => open());
    expect(told(answer)).toBe('503 service_unavailable');
    expect([answer.headers['retry-after'], answer.body.error?.retry_after_ms]).toEqual(['2', 1500]);
  });

  it('tell the outcome: 409 with a key, 503 without', async () => {
    expect(told(await failing(new OutcomePending(), () => open()))).toBe('409 request_in_flight');
    const older = { key: null, headers: { 'QairoPay-Version': '2025-11-01' } };
    expect(told(await failing(new OutcomePending(), () => open(older)))).toBe('503 outcome_pending');
  });

  it('go on: 500, and nothing of why', async () => {
    const answer = await failing(new TypeError('secret detail'), () => open());
    expect(told(answer)).toBe('500 internal_error');
    expect(answer.text).not.toContain('secret');
  });
});

describe('reading what was written', () => {
  it('waits a moment for the caller’s own writes, and says what it shows', async () => {
    const id = await api.account(tenant);
    const head = await api.head(tenant);
    api.reads.upTo = head;
    const opened = await api.send(tenant, 'POST', '/v1/accounts', ACCOUNT);
    setTimeout(() => (api.reads.upTo = Infinity), 60);
    const read = await api.send(tenant, 'GET', `/v1/accounts/${opened.body.id}`);
    expect([read.status, read.headers['ledger-revision']]).toEqual([200, String(head + 1)]);
    expect((await api.send(tenant, 'GET', `/v1/accounts/${id}`)).status).toBe(200);
  });

  it('answers what it has where that takes too long', async () => {
    const head = await api.head(tenant);
    api.reads.upTo = head;
    await api.send(tenant, 'POST', '/v1/accounts', ACCOUNT);
    const list = await api.send(tenant, 'GET', '/v1/accounts');
    expect([list.status, list.headers['ledger-revision']]).toEqual([200, String(head)]);
    api.reads.upTo = Infinity;
  });

  it('promises a revision that is asked for, or says that it can’t', async () => {
    const head = await api.head(tenant);
    const ask = (revision: string): Promise<Reply> =>
      api.send(tenant, 'GET', '/v1/accounts', undefined, { headers: { 'Min-Ledger-Revision': revision } });
    expect((await ask(String(head))).status).toBe(200);
    expect(told(await ask('soon'))).toBe('400 pattern_mismatch Min-Ledger-Revision');
    const behind = await ask(String(head + 1));
    expect(told(behind)).toBe('503 read_model_behind');
    expect([behind.headers['retry-after'], behind.headers['ledger-revision']]).toEqual(['1', String(head)]);
  });
});

describe('probes', () => {
  it.each([
    ['/healthz', 'ok'],
    ['/readyz', 'ready'],
  ])('%s', async (url, status) => {
    expect((await api.send(tenant, 'GET', url, undefined, { credential: null })).body.status).toBe(status);
  });

  it('/readyz warns of what one tenant has, and says no only where nobody can be served', async () => {
    const ask = (): Promise<Reply> => api.send(tenant, 'GET', '/readyz', undefined, { credential: null });
    const well = api.trouble;
    api.trouble = { ...well, warning: () => Promise.resolve('of 1 tenant they stand still') };
    expect(await ask()).toMatchObject({
      status: 200,
      body: { status: 'ready', checks: [{ ok: true }, { ok: true, trouble: 'of 1 tenant they stand still' }] },
    });
    api.trouble = { ...well, warning: () => Promise.reject(new Error('permission denied')) };
    expect((await ask()).status).toBe(200);
    api.trouble = { ...well, fatal: () => Promise.resolve('does not answer') };
    expect(await ask()).toMatchObject({ status: 503, body: { status: 'not_ready', checks: [{ ok: false }, {}] } });
    api.trouble = well;
  });

  it('/metrics counts by operation and status', async () => {
    const { text } = await api.send(tenant, 'GET', '/metrics', undefined, { credential: null });
    expect(text).toMatch(/daybook_http_requests_total\{operation="openAccount",status="201"\} \d+/);
    expect(text).toContain('daybook_http_request_seconds_bucket');
  });
});
