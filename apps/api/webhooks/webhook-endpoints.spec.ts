import { InstallationUnderTest } from '../spec-installation.js';
import type { Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string =>
  [status, body.error?.code, body.error?.param].filter(Boolean).join(' ');
const URL = 'https://acme.example/hooks';
/** More than the tests below make for one tenant. */
const MOST = 80;

let at: InstallationUnderTest;
let tenantId: string;
let key: string;
let otherKey: string;
let made = 0;
beforeAll(async () => {
  at = await InstallationUnderTest.start({ DAYBOOK_WEBHOOK_ENDPOINTS: String(MOST) });
  const keyOf = async (id: string): Promise<string> => {
    const scopes = ['webhooks:manage', 'accounts:write', 'events:read'];
    return (await at.admin('POST', `/${id}/api-keys`, { scopes })).body.full_key as string;
  };
  tenantId = (await at.tenant()).id;
  key = await keyOf(tenantId);
  otherKey = await keyOf((await at.tenant()).id);
}, 60_000);
afterAll(() => at.close());

/** So many hours from now. */
const soon = (hours = 1): string => new Date(Date.now() + hours * 3_600_000).toISOString();

const send = (method: string, below: string, body?: unknown, { as = key, idempotency = `whk-${++made}` } = {}) =>
  at.send(method, `/v1/webhooks/endpoints${below}`, body, { as, headers: { 'idempotency-key': idempotency } });
const endpoint = async (more: object = {}): Promise<Reply['body']> => {
  const reply = await send('POST', '', { url: URL, events: ['*'], ...more });
  if (reply.status !== 201) throw new Error(told(reply));
  return reply.body;
};

describe('webhook endpoints', () => {
  it('show their secret once, and again only to the same request', async () => {
    const body = { url: URL, events: ['account.*', 'transaction.completed'], headers: { 'X-Team': 'ops' } };
    const first = await send('POST', '', body, { idempotency: 'once' });
    expect(first).toMatchObject({
      status: 201,
      body: {
        object: 'webhook_endpoint',
        tenant_id: tenantId,
        url: URL,
        events: ['account.*', 'transaction.completed'],
        headers: { 'X-Team': '****' },
        status: 'enabled',
        is_active: true,
        ordering: 'none',
        payload: 'snapshot',
        api_version: null,
      },
    });
    const secret = first.body.signing_secret as string;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const masked = `whsec_****${secret.slice(-4)}`;
    expect(first.body.secret_masked).toBe(masked);
    const again = await send('POST', '', body, { idempotency: 'once' });
    expect([again.body, again.headers['idempotent-replayed']]).toEqual([first.body, 'true']);
    const { signing_secret, ...shown } = first.body;
    const read = await send('GET', `/${first.body.id as string}`);
    expect([read.body, signing_secret]).toEqual([shown, secret]);
    const list = (await send('GET', '?status=enabled')).body.data as Reply['body'][];
    expect(list).toContainEqual(shown);
    expect(at.log.join()).not.toContain(secret);
  });

  it('sign with another secret after a rotation, and the one before is not shown any more', async () => {
    const first = await send('POST', '', { url: URL, events: ['*'] }, { idempotency: 'rotated' });
    const id = first.body.id as string;
    const rotated = await send('POST', `/${id}/rotate_secret`, { overlap_seconds: 3_600 }, { idempotency: 'turn' });
    expect(rotated.status).toBe(200);
    expect(rotated.body.signing_secret).not.toBe(first.body.signing_secret);
    const ends = Date.parse(rotated.body.previous_secret_expires_at as string) - Date.now();
    expect(Math.abs(ends - 3_600_000)).toBeLessThan(60_000);
    const again = await send('POST', `/${id}/rotate_secret`, { overlap_seconds: 3_600 }, { idempotency: 'turn' });
    expect(again.body).toEqual(rotated.body);
    const replayed = await send('POST', '', { url: URL, events: ['*'] }, { idempotency: 'rotated' });
    expect([replayed.status, replayed.body.signing_secret]).toEqual([201, null]);
    const byChange = await send('PATCH', `/${id}`, { rotate_secret: true, description: 'new' });
    expect(byChange.body).toMatchObject({ description: 'new' });
    expect(byChange.body.signing_secret).toMatch(/^whsec_/);
    expect((await send('PATCH', `/${id}`, { description: null })).body).not.toHaveProperty('signing_secret');
    expect(told(await send('POST', `/${id}/rotate_secret`, { overlap_seconds: 604_801 }))).toBe(
      '400 out_of_range overlap_seconds',
    );
  });

  it('are disabled, which is told to all, enabled and deleted', async () => {
    const { id } = await endpoint();
    const path = `/${id as string}`;
    expect((await send('POST', `${path}/disable`)).body).toMatchObject({ status: 'disabled', is_active: false });
    const events = await at.send('GET', `/v1/events?resource_id=${id as string}`, undefined, { as: key });
    expect(events.body.data).toMatchObject([
      { type: 'webhook_endpoint.disabled', previous_attributes: { status: 'enabled', is_active: true } },
    ]);
    expect((await send('POST', `${path}/enable`)).body).toMatchObject({ status: 'enabled' });
    expect((await send('PATCH', path, { is_active: false })).body).toMatchObject({ status: 'disabled' });
    expect((await send('DELETE', path)).status).toBe(204);
    for (const [method, below] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/enable'],
      ['POST', '/rotate_secret'],
    ] as const) {
      const reply = await send(method, `${path}${below}`, method === 'GET' || method === 'DELETE' ? undefined : {});
      expect(told(reply)).toBe('404 webhook_endpoint_not_found');
    }
  });

  it('leave no secret behind that could be shown or signed with once they are deleted', async () => {
    const body = { url: URL, events: ['*'] };
    const { id } = (await send('POST', '', body, { idempotency: 'forgotten' })).body;
    await send('POST', `/${id as string}/rotate_secret`);
    const kept = 'SELECT FROM daybook.webhook_secrets WHERE endpoint_id = $1';
    expect((await at.installation.pools.auth.query(kept, [id])).rowCount).toBe(2);
    await send('DELETE', `/${id as string}`);
    expect((await at.installation.pools.auth.query(kept, [id])).rowCount).toBe(0);
    const again = await send('POST', '', body, { idempotency: 'forgotten' });
    expect([again.status, again.body.signing_secret]).toEqual([201, null]);
  });

  it('are nobody else’s', async () => {
    const { id } = await endpoint();
    const theirs = { as: otherKey };
    expect(told(await send('GET', `/${id as string}`, undefined, theirs))).toBe('404 webhook_endpoint_not_found');
    expect(told(await send('POST', `/${id as string}/disable`, {}, theirs))).toBe('404 webhook_endpoint_not_found');
    expect((await send('GET', '', undefined, theirs)).body.data).toEqual([]);
  });

  it.each([
    [{ url: 'not a url' }, '400 pattern_mismatch url'],
    [{ url: `https://acme.example/${'x'.repeat(8_192)}` }, '400 too_long url'],
    [{ url: '' }, '400 too_short url'],
    [{ url: 7 }, '400 type_mismatch url'],
    [{ url: 'http://acme.example' }, '422 url_not_allowed url'],
    [{ url: 'http://localhost:443' }, '422 url_not_allowed url'],
    [{ url: 'ftp://acme.example' }, '422 url_not_allowed url'],
    [{ url: 'https://u:p@acme.example' }, '422 url_not_allowed url'],
    [{ url: 'https://acme.example:22' }, '422 url_not_allowed url'],
    [{ url: 'https://127.0.0.1' }, '422 url_not_allowed url'],
    [{ url: 'https://0x7f.1' }, '422 url_not_allowed url'],
    [{ url: 'https://[::ffff:10.0.0.1]/' }, '422 url_not_allowed url'],
    [{ events: [] }, '400 too_short events'],
    [{ events: ['account.opened'] }, '400 invalid_enum events[0]'],
    [{ events: ['acc*'] }, '400 invalid_enum events[0]'],
    [{ events: 'account.*' }, '400 type_mismatch events'],
    [{ description: 'x'.repeat(501) }, '400 too_long description'],
    [{ description: '4111 1111 1111 1111' }, '400 pan_not_allowed description'],
    [{ api_version: '2024-01-01' }, '400 invalid_enum api_version'],
    [{ ordering: 'global' }, '400 invalid_enum ordering'],
    [{ payload: 'fat' }, '400 invalid_enum payload'],
    [{ headers: { Host: 'x' } }, '400 invalid_parameter headers'],
    [{ headers: { 'Webhook-Id': 'x' } }, '400 invalid_parameter headers'],
    [{ headers: { 'X-A': 'a', 'x-a': 'b' } }, '400 invalid_parameter headers'],
    [{ headers: { 'X-A': '****' } }, '400 invalid_parameter headers'],
    [{ headers: { 'X A': 'x' } }, '400 pattern_mismatch headers'],
    [{ headers: { 'X-A': 'a\r\nB: c' } }, '400 pattern_mismatch headers'],
    [
      { headers: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`X-${i}`, 'x'])) },
      '400 out_of_range headers',
    ],
    [{ is_active: 'yes' }, '400 type_mismatch is_active'],
    [{ secret: 'whsec_mine' }, '400 unknown_field secret'],
  ])('refuse what can’t be (%#)', async (wrong, answer) => {
    expect(told(await send('POST', '', { url: URL, events: ['*'], ...wrong }))).toBe(answer);
    const { id } = await endpoint();
    expect(told(await send('PATCH', `/${id as string}`, wrong))).toBe(answer);
  });

  it.each([
    ['/rotate_secret', { overlap_seconds: -1 }, '400 out_of_range overlap_seconds'],
    ['/rotate_secret', { overlap_seconds: 1.5 }, '400 type_mismatch overlap_seconds'],
    ['/rotate_secret', { overlap_seconds: '1' }, '400 type_mismatch overlap_seconds'],
    ['/rotate_secret', { secret: 'mine' }, '400 unknown_field secret'],
    ['/rotate_secret', [], '400 type_mismatch'],
    ['/enable', { now: true }, '400 unknown_field now'],
    ['/disable', { reason: 'x' }, '400 unknown_field reason'],
    ['/test', { event_type: 'NOT' }, '400 pattern_mismatch event_type'],
    ['/test', { event_type: 7 }, '400 type_mismatch event_type'],
    ['/test', { event_type: `a.${'b'.repeat(63)}` }, '400 too_long event_type'],
    ['/test', { type: 'account.created' }, '400 unknown_field type'],
    ['/replays', {}, '400 missing_field since'],
    ['/replays', { since: 'yesterday' }, '400 pattern_mismatch since'],
    ['/replays', { since: 7 }, '400 type_mismatch since'],
    ['/replays', { since: '2020-01-01T00:00:00Z' }, '400 out_of_range since'],
    ['/replays', { since: soon(), until: soon(-1) }, '400 out_of_range until'],
    ['/replays', { since: soon(-1), until: 'x' }, '400 pattern_mismatch until'],
    ['/replays', { since: soon(-1), types: [] }, '400 too_short types'],
    ['/replays', { since: soon(-1), types: ['account.*'] }, '400 invalid_enum types[0]'],
    ['/replays', { since: soon(-1), types: 'account.created' }, '400 type_mismatch types'],
    ['/replays', { since: soon(-1), delivery_statuses: ['lost'] }, '400 invalid_enum delivery_statuses[0]'],
    ['/replays', { since: soon(-1), rate_per_second: 0 }, '400 out_of_range rate_per_second'],
    ['/replays', { since: soon(-1), rate_per_second: 101 }, '400 out_of_range rate_per_second'],
    ['/replays', { since: soon(-1), dry_run: 'yes' }, '400 type_mismatch dry_run'],
    ['/replays', { since: soon(-1), speed: 1 }, '400 unknown_field speed'],
  ])('refuse what can’t be asked of one: %s %j', async (below, body, answer) => {
    const { id } = await endpoint();
    expect(told(await send('POST', `/${id as string}${below}`, body))).toBe(answer);
  });

  it.each([
    ['?status=lost', '400 invalid_enum status'],
    ['?limit=0', '400 out_of_range limit'],
    ['?colour=red', '400 unknown_field colour'],
    ['/stats?window=1y', '400 invalid_enum window'],
    ['/deliveries?status=lost', '400 invalid_enum status'],
    [`/deliveries?event_type=${'x'.repeat(65)}`, '400 too_long event_type'],
    ['/deliveries?event_id=x', '400 pattern_mismatch event_id'],
    ['/deliveries?replay_id=x', '400 pattern_mismatch replay_id'],
    ['/deliveries?starting_after=x', '400 invalid_cursor starting_after'],
    ['/replays?limit=101', '400 out_of_range limit'],
  ])('refuse what can’t be asked for: %s', async (query, answer) => {
    const { id } = await endpoint();
    expect(told(await send('GET', query.startsWith('/') ? `/${id as string}${query}` : query))).toBe(answer);
  });

  it('are so many of a tenant at most, however many are made at once; one that goes makes room', async () => {
    const { id: other } = await at.tenant();
    const create = (): Promise<Reply> => at.admin('POST', `/${other}/webhooks/endpoints`, { url: URL, events: ['*'] });
    const replies = await Promise.all(Array.from({ length: MOST + 5 }, create));
    const made = replies.filter(({ status }) => status === 201);
    const refused = replies.filter(({ status }) => status !== 201);
    expect(made).toHaveLength(MOST);
    expect(new Set(refused.map(told))).toEqual(new Set(['422 too_many_webhook_endpoints']));
    const listed = (await at.admin('GET', `/${other}/webhooks/endpoints`)).body.endpoints as object[];
    expect(listed).toHaveLength(MOST);
    await at.admin('DELETE', `/${other}/webhooks/endpoints/${made[0]!.body.id as string}`);
    expect([(await create()).status, (await create()).status]).toEqual([201, 422]);
  });

  it('have five replays running of a tenant at most; the same request again is one of them', async () => {
    const { id: other } = await at.tenant();
    const as = (await at.admin('POST', `/${other}/api-keys`, { scopes: ['webhooks:manage'] })).body.full_key as string;
    const { id } = (await send('POST', '', { url: URL, events: ['*'] }, { as })).body;
    const path = `/${id as string}/replays`;
    const ask = (n: number): Promise<Reply> =>
      send('POST', path, { since: soon(-1) }, { as, idempotency: `replay-${n}` });
    const since = soon(-1);
    const again = { as, idempotency: 'replay' };
    const first = await send('POST', path, { since }, again);
    const replies = await Promise.all([1, 2, 3, 4, 5, 6, 7].map(ask));
    expect(replies.map(told).sort()).toEqual([...Array(4).fill('201'), ...Array(3).fill('409 invalid_state')]);
    expect((await send('POST', path, { since }, again)).body.id).toBe(first.body.id);
    expect(told(await send('POST', path, { since: soon(-2) }, again))).toBe('409 key_reused');
    const cancel = `/v1/webhooks/replays/${first.body.id as string}/cancel`;
    const canceled = await at.send('POST', cancel, undefined, { as, headers: { 'idempotency-key': 'cancel' } });
    expect(canceled.body.status).toBe('canceled');
    expect((await ask(8)).status).toBe(201);
  });

  it('are an operator’s to manage as well, in the shapes of that plane', async () => {
    const { id: other } = await at.tenant();
    const created = await at.admin('POST', `/${other}/webhooks/endpoints`, { url: URL, events: ['kyc.*'] });
    expect(created.status).toBe(201);
    const { signing_secret, ...shown } = created.body;
    expect(signing_secret).toMatch(/^whsec_/);
    const path = `/${other}/webhooks/endpoints/${shown.id as string}`;
    expect((await at.admin('GET', `/${other}/webhooks/endpoints`)).body).toEqual({ endpoints: [shown] });
    expect((await at.admin('GET', path)).body).toEqual(shown);
    expect((await at.admin('PATCH', path, { rotate_secret: true, url: `${URL}/2` })).body).toMatchObject({
      url: `${URL}/2`,
      signing_secret: expect.stringMatching(/^whsec_/) as string,
    });
    await at.admin('PATCH', `/${other}/status`, { status: 'suspended' });
    expect(told(await at.admin('POST', `${path}/enable`))).toBe('403 tenant_suspended');
    expect((await at.admin('POST', `${path}/disable`)).status).toBe(200);
    expect((await at.admin('DELETE', path)).status).toBe(204);
    const elsewhere = `/${tenantId}/webhooks/endpoints/${shown.id as string}`;
    expect(told(await at.admin('GET', elsewhere))).toBe('404 webhook_endpoint_not_found');
  });
});
