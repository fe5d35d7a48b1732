import { API_VERSIONS, NEWEST_API_VERSION } from '#contract/api-versions.js';
import { ApiUnderTest, type Reply } from '../spec-support.js';

const OLDEST = '2025-11-01';
const MIDDLE = '2026-02-01';

let api: ApiUnderTest;
let tenant: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant({ environment: 'sandbox' });
});
afterAll(() => api.close());

const open = (url: string, accept?: string): Promise<Reply> =>
  api.send('', 'GET', url, undefined, { credential: null, headers: accept === undefined ? {} : { accept } });
const told = ({ status, body }: Reply): string =>
  [status, body.error?.code, body.error?.param].filter((part) => part !== undefined && part !== null).join(' ');

describe('what is published of versions', () => {
  it('lists them with their states, ends and changes', async () => {
    const { body } = await open('/v1/api_versions');
    expect((body.data as Record<string, unknown>[]).map(({ id, status, ends_at }) => [id, status, ends_at])).toEqual([
      ['2026-05-19', 'current', null],
      ['2026-02-01', 'supported', null],
      ['2025-11-01', 'deprecated', '2028-02-01'],
    ]);
    const one = await open(`/v1/api_versions/${MIDDLE}`);
    expect((one.body.changes as { id: string }[]).map(({ id }) => id)).toEqual([
      'idempotency-key-required',
      'webhook-signature-header',
      'merchant-category-mcc',
    ]);
    for (const none of ['2026-01-01', 'latest', '0000-00-00']) {
      expect(told(await open(`/v1/api_versions/${none}`))).toBe('404 api_version_not_found');
      expect(told(await open(`/openapi/${none}.json`))).toBe('404 api_version_not_found');
      expect(told(await open(`/docs/${none}`))).toBe('404 api_version_not_found');
    }
    expect(told(await open(`/docs/migrations/${OLDEST}`))).toBe('404 api_version_not_found');
  });

  it('tells in what two differ: as declared, and as a program finds it', async () => {
    const { body } = await open(`/v1/api_versions/${MIDDLE}/diff/${NEWEST_API_VERSION}`);
    expect((body.changes as { id: string }[]).map(({ id }) => id)).toContain('card-blocked-categories');
    const breaking = (body.differences as { kind: string; is_breaking: boolean; at: string }[]).filter(
      ({ is_breaking }) => is_breaking,
    );
    expect(breaking.map(({ kind, at }) => `${kind} ${at}`)).toContain(
      'field_removed_or_renamed GET /v1/cards/{card_id} 200 spending_controls.allowed_categories',
    );
    const page = await open(`/v1/api_versions/${OLDEST}/diff/${MIDDLE}`, 'text/html');
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.text).toContain('merchant.category_code');
    const same = await open(`/v1/api_versions/${MIDDLE}/diff/${MIDDLE}`);
    expect([same.body.changes, same.body.differences]).toEqual([[], []]);
  });

  it('has a changelog as JSON, as a feed and as a page, with the ends in it', async () => {
    const json = await open('/v1/changelog', '*/*');
    expect(json.body.object).toBe('changelog');
    for (const feed of [await open('/v1/changelog', 'application/atom+xml'), await open('/v1/changelog.atom')]) {
      expect(feed.headers['content-type']).toContain('application/atom+xml');
      expect(feed.text.match(/<entry>/g)).toHaveLength(API_VERSIONS.length);
      expect(feed.text).toContain('ends on 2028-02-01');
    }
    const page = await open('/v1/changelog', 'text/html,application/xhtml+xml;q=0.9');
    expect(page.text).toContain('ends on 2028-02-01');
    expect(page.headers.vary).toContain('Accept');
  });

  it('has an OpenAPI document and a reference of each', async () => {
    for (const { date } of API_VERSIONS) {
      const { body } = await open(`/openapi/${date}.json`);
      expect((body.info as { version: string }).version).toBe(date);
      const { card } = (body.components as { schemas: Record<string, { properties: Record<string, unknown> }> })
        .schemas;
      const controls = card?.properties.spending_controls as { properties: object };
      expect(Object.keys(controls.properties)[0]).toBe(
        date === NEWEST_API_VERSION ? 'blocked_categories' : 'allowed_categories',
      );
      expect((await open(`/docs/${date}`)).text).toContain(`Version ${date}`);
    }
  });

  it('has a page for each step, with samples made by the change itself', async () => {
    const page = await open(`/docs/migrations/${MIDDLE}`);
    for (const part of ['What changed', 'Why', 'How to fix', 'When you can ship', 'served until 2028-02-01']) {
      expect(page.text).toContain(part);
    }
    expect(page.text).toContain('&quot;category_code&quot;: &quot;groceries&quot;');
    expect(page.text).toContain('X-QairoPay-Signature: ');
    const next = await open(`/docs/migrations/${NEWEST_API_VERSION}`);
    expect(next.text).toContain('&quot;reason&quot;: &quot;customer_dispute&quot;');
    expect(next.text).toContain('&quot;type&quot;: &quot;cardTransaction&quot;');
    for (const { text } of [page, next]) expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });
});

describe('a tenant’s version', () => {
  const pin = (version: unknown, more: object = {}): Promise<Reply> =>
    api.send(tenant, 'PUT', '/v1/tenant/api_version', { version }, more);
  const applied = async (): Promise<unknown> =>
    (await api.send(tenant, 'GET', '/v1/tenant')).headers['qairopay-version'];

  it('is pinned, rolled back and let go, each an event of the tenant', async () => {
    const head = await api.head(tenant);
    const pinned = await pin(MIDDLE);
    expect([pinned.status, pinned.body.api_version, pinned.body.pinned_api_version]).toEqual([200, MIDDLE, MIDDLE]);
    expect(await applied()).toBe(MIDDLE);
    expect((await pin(OLDEST)).status).toBe(200);
    expect(await applied()).toBe(OLDEST);
    expect((await pin(null)).body.pinned_api_version).toBeNull();
    expect(await applied()).toBe(NEWEST_API_VERSION);
    expect(await api.head(tenant)).toBe(head + 3);
    expect((await pin(null)).status).toBe(200);
    expect(await api.head(tenant)).toBe(head + 3);
  });

  it('is one that is served', async () => {
    expect(told(await pin('2026-01-01'))).toBe('400 api_version_unknown version');
    expect(told(await pin(3))).toBe('400 type_mismatch version');
    expect(told(await api.send(tenant, 'PUT', '/v1/tenant/api_version', {}))).toBe('400 missing_field version');
    api.clock.offsetMs = Date.parse('2028-02-01') - Date.now();
    try {
      expect(told(await pin(OLDEST))).toBe('410 version_retired version');
      api.versions.set(tenant, OLDEST);
      expect(told(await api.send(tenant, 'GET', '/v1/tenant'))).toBe('410 version_retired');
      const rescued = await pin(MIDDLE, { headers: { 'QairoPay-Version': NEWEST_API_VERSION } });
      expect(rescued.status).toBe(200);
      expect(await applied()).toBe(MIDDLE);
    } finally {
      api.clock.offsetMs = 0;
      await pin(null);
    }
  });

  it('needs the right to change settings', async () => {
    const credential = api.key(tenant, ['accounts:read']);
    expect(told(await pin(MIDDLE, { credential }))).toBe('403 missing_scope');
  });

  it('is told of by a notice for 30 days', async () => {
    const notices = async (): Promise<unknown[]> =>
      (await api.send(tenant, 'GET', '/v1/notices')).body.data as unknown[];
    try {
      api.clock.offsetMs = Date.parse('2026-05-20') - Date.now();
      expect(await notices()).toEqual([expect.objectContaining({ id: 'api_version_2026-05-19' })]);
      api.clock.offsetMs = Date.parse('2026-06-18') - Date.now();
      expect(await notices()).toEqual([]);
    } finally {
      api.clock.offsetMs = 0;
    }
  });
});

describe('what an upgrade would touch', () => {
  it('is counted as it happens, change by change', async () => {
    const own = await api.tenant({ environment: 'sandbox', api_version: OLDEST });
    api.versions.set(own, OLDEST);
    const account = await api.funded(own, 1_000);
    const report = async (query = ''): Promise<Record<string, unknown>> =>
      (await api.send(own, 'GET', `/v1/tenant/version_report${query}`)).body;
    expect(await report()).toMatchObject({
      from: OLDEST,
      to: NEWEST_API_VERSION,
      changes_between: 6,
      changes_touched: 0,
    });
    const card = await api.send(own, 'POST', '/v1/cards', { account_id: account, type: 'virtual' }, { key: null });
    await api.send(own, 'GET', `/v1/cards/${card.body.id as string}`);
    await api.send(own, 'GET', `/v1/cards/${card.body.id as string}`);
    const { changes_touched, data } = (await report()) as {
      changes_touched: number;
      data: {
        change: { id: string };
        calls: number;
        last_at: string | null;
        operations: { operation: string; calls: number }[];
      }[];
    };
    expect(changes_touched).toBe(3);
    const of = (id: string) => data.find(({ change }) => change.id === id)!;
    expect(of('idempotency-key-required').operations).toMatchObject([{ operation: 'issueCard', calls: 1 }]);
    expect(of('card-blocked-categories')).toMatchObject({
      calls: 3,
      operations: [
        { operation: 'issueCard', calls: 1 },
        { operation: 'getCard', calls: 2 },
      ],
    });
    expect(of('dispute-reason-complaint')).toMatchObject({ calls: 0, last_at: null, operations: [] });
    expect(await report(`?to=${MIDDLE}`)).toMatchObject({ to: MIDDLE, changes_between: 3 });
    expect(told(await api.send(own, 'GET', '/v1/tenant/version_report?to=2026-01-01'))).toBe(
      '400 api_version_unknown to',
    );
  });

  it('is rehearsed with the reads that were made last, which counts for nothing', async () => {
    const own = await api.tenant({ environment: 'sandbox', api_version: MIDDLE });
    api.versions.set(own, MIDDLE);
    const account = await api.funded(own, 1_000);
    const { body: card } = await api.send(own, 'POST', '/v1/cards', { account_id: account, type: 'virtual' });
    await api.send(own, 'GET', `/v1/accounts/${account}`);
    await api.send(own, 'GET', `/v1/cards/${card.id as string}`);
    const counted = structuredClone(await api.versionUses.of(own));
    const rehearse = (to: string): Promise<Reply> => api.send(own, 'POST', '/v1/tenant/version_rehearsals', { to });
    const { body, status } = await rehearse(NEWEST_API_VERSION);
    expect(status).toBe(200);
    expect(body).toMatchObject({ from: MIDDLE, to: NEWEST_API_VERSION, compared: 2, different: 1 });
    const [first] = body.data as { path: string; differences: { at: string }[] }[];
    expect(first).toMatchObject({
      path: `/v1/cards/${card.id as string}`,
      operation: 'getCard',
      from_status: 200,
      to_status: 200,
    });
    expect(first?.differences.map(({ at }) => at)).toEqual([
      'spending_controls.allowed_categories',
      'spending_controls.blocked_categories',
    ]);
    expect(await api.versionUses.of(own)).toEqual(counted);
    expect((await rehearse(MIDDLE)).body).toMatchObject({ compared: 2, different: 0 });
    // Whoever waits for events is not waited for again.
    await api.send(own, 'GET', '/v1/events?after_sequence=900&wait_ms=1');
    expect((await rehearse(MIDDLE)).body).toMatchObject({ compared: 2 });
    // Nor is kept what somebody was looked for by.
    await api.send(own, 'GET', '/v1/customers?email=ada@acme.example');
    await api.send(own, 'GET', '/v1/transactions?metadata[name]=ada');
    await api.send(own, 'GET', `/v1/cards?limit=5&status=active&account_id=${account}`);
    const kept = (await rehearse(MIDDLE)).body as { compared: number; data: { path: string }[] };
    expect([kept.compared, kept.data[0]?.path]).toEqual([3, `/v1/cards?limit=5&status=active&account_id=${account}`]);
    expect(told(await rehearse('soon'))).toBe('400 api_version_unknown to');
    const live = await api.tenant();
    expect(told(await api.send(live, 'POST', '/v1/tenant/version_rehearsals', { to: MIDDLE }))).toBe(
      '404 route_not_found',
    );
  });
});
