/** Clients of older versions against today's handlers. */
import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { CATEGORY_LABELS, CATEGORY_UNIVERSE, categoriesAllowedBy } from '#contract/versions/category-labels.js';
import { ApiUnderTest, type Reply } from '../spec-support.js';

const OLDEST = '2025-11-01';
const MIDDLE = '2026-02-01';

let api: ApiUnderTest;
let tenant: string;
let account: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
  account = await api.funded(tenant, 1_000_000);
});
afterAll(() => api.close());

const told = ({ status, body }: Reply): string =>
  [status, body.error?.code, body.error?.param].filter((part) => part !== undefined && part !== null).join(' ');

const as = (version: string, method: string, url: string, body?: unknown, more: object = {}): Promise<Reply> =>
  api.send(tenant, method, url, body, { ...more, headers: { 'QairoPay-Version': version } });

const controls = async (version: string, id: string): Promise<Record<string, unknown>> =>
  (await as(version, 'GET', `/v1/cards/${id}`)).body.spending_controls as Record<string, unknown>;

const issued = async (version: string, spending_controls?: object, more: object = {}): Promise<Reply> =>
  as(version, 'POST', '/v1/cards', { account_id: account, type: 'virtual', spending_controls }, more);

const active = async (): Promise<string> => {
  const { body } = await issued(NEWEST_API_VERSION);
  await as(NEWEST_API_VERSION, 'POST', `/v1/cards/${body.id as string}/activate`);
  return body.id as string;
};

let references = 0;
const purchase = (card_id: string, category_code: string): object => ({
  card_id,
  amount: 5,
  currency: 'NGN',
  merchant: { name: 'Shop', category_code },
  network_reference: `spec-${++references}`,
});

describe('categories that a card allows', () => {
  it('are labels, then codes, then those that it does not', async () => {
    const card = await issued(OLDEST, { allowed_categories: ['groceries', 'fuel'] });
    expect(card.status).toBe(201);
    expect(card.body.spending_controls).toEqual({ allowed_categories: ['fuel', 'groceries'], limits: [] });
    const codes = categoriesAllowedBy(['groceries', 'fuel']);
    const id = card.body.id as string;
    expect(await controls(MIDDLE, id)).toEqual({ allowed_categories: codes, limits: [] });
    expect(await controls(NEWEST_API_VERSION, id)).toEqual({
      blocked_categories: CATEGORY_UNIVERSE.filter((code) => !codes.includes(code)),
      limits: [],
    });
  });

  it('none is not the same as none said', async () => {
    const nothing = await issued(OLDEST, { allowed_categories: [] });
    expect(await controls(NEWEST_API_VERSION, nothing.body.id as string)).toMatchObject({
      blocked_categories: CATEGORY_UNIVERSE,
    });
    for (const said of [undefined, {}, { limits: [] }]) {
      const anything = await issued(OLDEST, said);
      expect(anything.body.spending_controls).toEqual({ allowed_categories: CATEGORY_LABELS, limits: [] });
      expect(await controls(NEWEST_API_VERSION, anything.body.id as string)).toMatchObject({ blocked_categories: [] });
    }
  });

  it('a client that changes labels changes only those whose meaning it changed', async () => {
    const card = await issued(NEWEST_API_VERSION, { blocked_categories: ['7995', '5814', '5411'] });
    const id = card.body.id as string;
    const { allowed_categories } = (await controls(OLDEST, id)) as { allowed_categories: string[] };
    expect(allowed_categories).not.toContain('restaurants');
    // The same again: nothing of it changes, down to the order.
    const same = await as(OLDEST, 'PATCH', `/v1/cards/${id}`, { spending_controls: { allowed_categories } });
    expect(same.status).toBe(200);
    expect(await controls(NEWEST_API_VERSION, id)).toMatchObject({ blocked_categories: ['7995', '5814', '5411'] });

    const fewer = [...allowed_categories, 'groceries'].filter((label) => label !== 'fuel');
    await as(OLDEST, 'PATCH', `/v1/cards/${id}`, { spending_controls: { allowed_categories: fewer } });
    expect(await controls(NEWEST_API_VERSION, id)).toMatchObject({
      blocked_categories: ['7995', '5814', ...categoriesAllowedBy(['fuel'])],
    });
    // Whoever says nothing of them changes nothing of them.
    await as(OLDEST, 'PATCH', `/v1/cards/${id}`, { holder_name: 'Ada', spending_controls: { limits: [] } });
    expect(await controls(NEWEST_API_VERSION, id)).toMatchObject({
      blocked_categories: ['7995', '5814', ...categoriesAllowedBy(['fuel'])],
    });
  });

  it('a change of a card that is not there is a 404 in every version', async () => {
    const url = '/v1/cards/card_01HZXK5Y8Q2J3M4N5P6R7S8T9V';
    const body = { spending_controls: { allowed_categories: [] } };
    expect(told(await as(OLDEST, 'PATCH', url, body))).toBe('404 card_not_found');
  });
});

describe('a body that one version takes and another does not', () => {
  it.each([
    [OLDEST, { blocked_categories: ['5411'] }, '400 unknown_field spending_controls.blocked_categories'],
    [MIDDLE, { blocked_categories: ['5411'] }, '400 unknown_field spending_controls.blocked_categories'],
    [NEWEST_API_VERSION, { allowed_categories: [] }, '400 unknown_field spending_controls.allowed_categories'],
    [OLDEST, { allowed_categories: ['5411'] }, '400 invalid_enum spending_controls.allowed_categories[0]'],
    [MIDDLE, { allowed_categories: ['groceries'] }, '400 pattern_mismatch spending_controls.allowed_categories[0]'],
    [OLDEST, { allowed_categories: null }, '400 type_mismatch spending_controls.allowed_categories'],
  ])('%s: %j is %s', async (version, said, refusal) => {
    expect(told(await issued(version, said))).toBe(refusal);
  });

  it.each([
    [OLDEST, '5411', '400 invalid_enum merchant.category_code'],
    [MIDDLE, 'groceries', '400 pattern_mismatch merchant.category_code'],
    [NEWEST_API_VERSION, 'groceries', '400 pattern_mismatch merchant.category_code'],
  ])('%s: category %s is %s', async (version, code, refusal) => {
    const body = purchase(await active(), code);
    expect(told(await as(version, 'POST', '/v1/card_transactions/authorize', body))).toBe(refusal);
  });

  it('the ledger’s own refusal names the field that the caller sent', async () => {
    const unknown = { allowed_categories: ['0001'] };
    const { body, status } = await issued(MIDDLE, unknown);
    // What is in no list of categories is not allowed by naming it.
    expect([status, (body.spending_controls as Record<string, unknown>)?.allowed_categories]).toEqual([201, []]);
  });
});

describe('a merchant’s category', () => {
  it('is a label in what 2025-11-01 sends, reads, lists and is told', async () => {
    const card = await active();
    const made = await as(OLDEST, 'POST', '/v1/card_transactions/authorize', purchase(card, 'restaurants'));
    expect([made.status, made.body.merchant]).toEqual([201, expect.objectContaining({ category_code: 'restaurants' })]);
    const id = made.body.id as string;
    const newest = await as(NEWEST_API_VERSION, 'GET', `/v1/card_transactions/${id}`);
    expect(newest.body.merchant).toMatchObject({ category_code: '5812' });

    const listed = await as(OLDEST, 'GET', `/v1/card_transactions?card_id=${card}`);
    expect((listed.body.data as Record<string, unknown>[])[0]?.merchant).toMatchObject({
      category_code: 'restaurants',
    });
    const events = await as(OLDEST, 'GET', `/v1/events?type=card.transaction.authorized`);
    const [event] = events.body.data as { api_version: string; data: { card_transaction: { merchant: object } } }[];
    expect(event?.api_version).toBe(OLDEST);
    expect(event?.data.card_transaction.merchant).toMatchObject({ category_code: 'restaurants' });
    const later = await as(MIDDLE, 'GET', `/v1/events?type=card.transaction.authorized`);
    expect((later.body.data as Record<string, unknown>[])[0]).toMatchObject({
      api_version: MIDDLE,
      data: { card_transaction: { merchant: { category_code: '5812' } } },
    });
  });

  it('that has no label is other', async () => {
    const body = purchase(await active(), '0123');
    const made = await as(NEWEST_API_VERSION, 'POST', '/v1/card_transactions/authorize', body);
    const read = await as(OLDEST, 'GET', `/v1/card_transactions/${made.body.id as string}`);
    expect(read.body.merchant).toMatchObject({ category_code: 'other' });
  });

  it('what a client calls its own is left alone', async () => {
    const metadata = { object: 'dispute', reason: 'customer_complaint' };
    const body = { account_id: account, type: 'virtual', metadata };
    const { body: card } = await as(OLDEST, 'POST', '/v1/cards', body);
    expect(card.metadata).toEqual(metadata);
  });
});

describe('the type of a settlement line', () => {
  it('is written as each version writes it: in lists, as CSV, and where it is asked for', async () => {
    const body = { ...purchase(await active(), '5411'), direction: 'debit' };
    const posted = await as(NEWEST_API_VERSION, 'POST', '/v1/card_transactions/post', body);
    const lines = `/v1/settlements/${posted.body.settlement_id as string}/lines`;
    for (const [version, type, other] of [
      [OLDEST, 'cardTransaction', 'card_transaction'],
      [MIDDLE, 'cardTransaction', 'card_transaction'],
      [NEWEST_API_VERSION, 'card_transaction', 'cardTransaction'],
    ] as const) {
      const listed = await as(version, 'GET', `${lines}?type=${type}`);
      expect((listed.body.data as { type: string }[])[0]?.type).toBe(type);
      expect(told(await as(version, 'GET', `${lines}?type=${other}`))).toBe('400 invalid_enum type');
      const headers = { 'QairoPay-Version': version, accept: 'text/csv' };
      const { text } = await api.send(tenant, 'GET', lines, undefined, { headers });
      expect(text.split('\r\n')[0]).toMatch(/^id,settlement_id,type,amount_minor/);
      expect(text.split('\r\n')[1]?.split(',')[2]).toBe(type);
    }
  });
});

describe('a repeated request', () => {
  it('is answered in the version that it is repeated in', async () => {
    const body = { account_id: account, type: 'virtual' };
    const send = (version: string) => as(version, 'POST', '/v1/cards', body, { key: 'one-card' });
    const first = await send(OLDEST);
    const again = await send(NEWEST_API_VERSION);
    expect([first.status, again.status, again.headers['idempotent-replayed']]).toEqual([201, 201, 'true']);
    expect(again.body.id).toBe(first.body.id);
    expect(Object.keys(first.body.spending_controls as object)).toEqual(['allowed_categories', 'limits']);
    expect(Object.keys(again.body.spending_controls as object)).toEqual(['blocked_categories', 'limits']);
    expect((await send(OLDEST)).text).toBe(first.text);
  });

  it('is known by what was sent, not by what became of it', async () => {
    const said = { allowed_categories: ['fuel'] };
    const first = await issued(OLDEST, said, { key: 'old-words' });
    const again = await issued(OLDEST, said, { key: 'old-words' });
    expect([again.body.id, again.headers['idempotent-replayed']]).toEqual([first.body.id, 'true']);
    const other = { allowed_categories: categoriesAllowedBy(['fuel']) };
    expect(told(await issued(MIDDLE, other, { key: 'old-words' }))).toBe('409 key_reused');
  });
});

describe('what a version needs of a request', () => {
  it('2025-11-01 needs no key, and honours one', async () => {
    expect((await issued(OLDEST, undefined, { key: null })).status).toBe(201);
    expect(told(await issued(MIDDLE, undefined, { key: null }))).toBe('400 missing_field Idempotency-Key');
  });
});

describe('the version of an answer', () => {
  const ECHOES: readonly (readonly [string, string, string, unknown, object, number])[] = [
    ['a success', 'GET', '/v1/tenant', undefined, {}, 200],
    ['a refusal', 'POST', '/v1/cards', { account_id: 'x' }, {}, 400],
    ['no credential', 'GET', '/v1/tenant', undefined, { credential: null }, 401],
    ['nothing there', 'GET', '/v1/nothing', undefined, {}, 404],
    ['a wrong method', 'DELETE', '/v1/tenant', undefined, {}, 405],
  ];

  it.each(ECHOES)('is told with %s', async (_what, method, url, body, more, status) => {
    const answer = await as(OLDEST, method, url, body, more);
    expect([answer.status, answer.headers['qairopay-version']]).toEqual([status, OLDEST]);
    expect(answer.headers).toMatchObject({
      deprecation: `@${Date.parse('2026-05-19') / 1000}`,
      sunset: 'Tue, 01 Feb 2028 00:00:00 GMT',
      link: expect.stringMatching(/rel="deprecation".*rel="sunset".*rel="successor-version"/) as unknown,
    });
    expect((await as(MIDDLE, method, url, body, more)).headers.deprecation).toBeUndefined();
  });

  it('is told with a 429 and a 500, in the tenant’s own where it asked for none', async () => {
    const pinned = await api.tenant();
    api.versions.set(pinned, OLDEST);
    const { count } = api.credentials;
    const { engine } = api;
    try {
      api.credentials.count = () => ({
        policy: '"minute";q=1;w=60',
        state: '"minute";r=0;t=60',
        nearest: { resource: 'minute', limit: 1, remaining: 0, resetMs: 1 },
        refused: { code: 'key_limit', retryAfterMs: 1 },
      });
      const limited = await api.send(pinned, 'GET', '/v1/tenant');
      expect([limited.status, limited.headers['qairopay-version']]).toEqual([429, OLDEST]);
      api.credentials.count = count;
      api.engine = { execute: () => Promise.reject(new TypeError('broken')) };
      const body = { account_name: 'x', wallet_type: 'customer', currency: 'NGN' };
      const failed = await api.send(pinned, 'POST', '/v1/accounts', body);
      expect([failed.status, failed.headers['qairopay-version']]).toEqual([500, OLDEST]);
    } finally {
      Object.assign(api, { engine });
      api.credentials.count = count;
    }
    const refused = await api.send(pinned, 'GET', '/v1/tenant', undefined, { credential: api.key(pinned, []) });
    expect(refused.headers['qairopay-version']).toBe(OLDEST);
  });

  it('that is over says where to go', async () => {
    api.clock.offsetMs = Date.parse('2028-02-01') - Date.now();
    try {
      const retired = await as(OLDEST, 'GET', '/v1/tenant');
      expect(told(retired)).toBe('410 version_retired');
      expect(retired.body.error).toMatchObject({
        type: 'version_retired',
        message: expect.stringContaining('/docs/migrations/2026-02-01') as unknown,
      });
      expect(retired.headers.link).toContain('successor-version');
      expect((await as(MIDDLE, 'GET', '/v1/tenant')).status).toBe(200);
      api.clock.offsetMs -= 60_000;
      expect((await as(OLDEST, 'GET', '/v1/tenant')).status).toBe(200);
    } finally {
      api.clock.offsetMs = 0;
    }
  });
});
