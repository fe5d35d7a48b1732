import { createHash } from 'node:crypto';
import { newUlid } from '#access/users/secret-tokens.js';
import { verifyTenantChain } from '#access/audit/verify-chain.js';
import { canonicalJson, type Json } from '#domain/canonical.js';
import { ledgerStream } from '#domain/codec.js';
import { MemoryEventStore } from '#event-store/memory.js';
import { InstallationUnderTest } from '../spec-installation.js';
import type { Reply } from '../spec-support.js';
import { AuditReading, type AuditQuery } from './audit-reading.js';
import { MemoryAuditChain } from './spec-audit-chain.js';

const NDJSON = { accept: 'application/x-ndjson' };
const ACCOUNT = { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN' };
const NO_ACCOUNT = 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V';

let api: InstallationUnderTest;
beforeAll(async () => {
  api = await InstallationUnderTest.start();
}, 60_000);
afterAll(() => api.close());

interface Entry {
  readonly id: string;
  readonly actor: { readonly type: string; readonly id: string };
  readonly [field: string]: unknown;
}

interface Keyed {
  readonly id: string;
  readonly keyId: string;
  readonly send: (method: string, url: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;
}

let keys = 0;
const keyOf = async (tenantId: string, scopes: readonly string[]): Promise<Omit<Keyed, 'id'>> => {
  const { body } = await api.admin('POST', `/${tenantId}/api-keys`, { prefix: 'prod', scopes });
  const { full_key, key } = body as unknown as { full_key: string; key: { key_id: string } };
  const send: Keyed['send'] = (method, url, sent, headers = {}) =>
    api.send(method, url, sent, {
      as: full_key,
      headers: { ...(method === 'POST' ? { 'idempotency-key': `k-${(keys += 1)}` } : {}), ...headers },
    });
  return { keyId: key.key_id, send };
};

const tenantWith = async (...scopes: string[]): Promise<Keyed> => {
  const { id } = await api.tenant();
  return { id, ...(await keyOf(id, ['audit:read', ...scopes])) };
};

const entries = async ({ send }: Keyed, query = ''): Promise<Entry[]> => {
  const { status, body, text } = await send('GET', `/v1/audit_log?limit=100${query}`);
  if (status !== 200) throw new Error(text);
  return body.data as Entry[];
};

describe('the audit log', () => {
  it('tells who was refused what, once, and from where', async () => {
    const tenant = await tenantWith('accounts:read', 'accounts:write');
    const refused = await tenant.send('POST', '/v1/transactions', {});
    expect(refused.status).toBe(403);
    // Nobody in front is trusted, so what a caller says of itself is not believed.
    await tenant.send('GET', `/v1/accounts/${NO_ACCOUNT}`, undefined, { 'x-forwarded-for': '198.51.100.66' });
    await tenant.send('POST', '/v1/accounts', { ...ACCOUNT, is_admin: true });
    expect((await tenant.send('GET', '/v1/accounts')).status).toBe(200);
    const found = await entries(tenant, '&outcome=refused');
    expect(found.map(({ operation, status, code }) => [operation, status, code])).toEqual([
      ['openAccount', 400, 'unknown_field'],
      ['getAccount', 404, 'account_not_found'],
      ['postTransaction', 403, 'missing_scope'],
    ]);
    expect(found[2]).toMatchObject({
      actor: { type: 'api_key', id: tenant.keyId },
      request_id: refused.headers['request-id'],
      api_version: '2026-05-19',
      ip: '127.0.0.1',
      chain: 'audit',
    });
    expect(found[1]).toMatchObject({ resource_id: NO_ACCOUNT, ip: '127.0.0.1' });
  });

  it('tells accepted writes and recorded refusals by their events, and not twice', async () => {
    const tenant = await tenantWith('accounts:write', 'transactions:write');
    const opened = await tenant.send('POST', '/v1/accounts', ACCOUNT);
    const [one, other] = [opened.body.id, (await tenant.send('POST', '/v1/accounts', ACCOUNT)).body.id];
    const failed = await tenant.send('POST', '/v1/transactions', {
      type: 'transfer',
      amount: 5,
      currency: 'NGN',
      source: one,
      destination: other,
    });
    expect(failed.status).toBe(422);
    const mine = await entries(tenant, `&actor=${tenant.keyId}`);
    expect(mine.map(({ event_type, outcome, code, chain }) => [event_type, outcome, code, chain])).toEqual([
      ['TransactionFailed', 'refused', 'insufficient_funds', 'ledger'],
      ['AccountOpened', 'allowed', null, 'ledger'],
      ['AccountOpened', 'allowed', null, 'ledger'],
    ]);
    expect(mine[2]).toMatchObject({
      operation: 'openAccount',
      resource_id: one,
      request_id: opened.headers['request-id'],
      sequence: Number(opened.headers['ledger-revision']),
      ip: '127.0.0.1',
    });
    const byRequest = await entries(tenant, `&request_id=${String(opened.headers['request-id'])}`);
    expect(byRequest).toEqual([mine[2]]);
  });

  it('shows the tenant what operators read and did, and why', async () => {
    const tenant = await tenantWith('accounts:write');
    const { id } = (await tenant.send('POST', '/v1/accounts', ACCOUNT)).body;
    await api.admin('GET', `/${tenant.id}/accounts/${String(id)}`);
    await api.admin('PUT', `/${tenant.id}/accounts/${String(id)}/block`, {
      reason: 'a court order',
      source: 'legal',
      block_debits: true,
    });
    // Changes nothing, so no event tells of it.
    await api.admin('PUT', `/${tenant.id}/accounts/${String(id)}/block`, {
      reason: 'a court order',
      source: 'legal',
      block_debits: true,
    });
    const found = (await entries(tenant)).filter(({ actor }) => actor.type === 'operator').slice(0, 3);
    expect(found).toMatchObject([
      { operation: 'blockTenantAccount', chain: 'audit', status: 200, reason: 'a court order' },
      { event_type: 'AccountBlocked', chain: 'ledger', reason: 'a court order', resource_id: id },
      { operation: 'getTenantAccount', chain: 'audit', outcome: 'allowed', resource_id: id },
    ]);
  });

  it('tells of a key that is good no more, and not of one that nobody had', async () => {
    const tenant = await tenantWith();
    const { keyId, send } = await keyOf(tenant.id, ['accounts:read']);
    await api.admin('DELETE', `/${tenant.id}/api-keys/${keyId}`);
    expect((await send('GET', '/v1/accounts')).status).toBe(401);
    expect((await api.send('GET', '/v1/accounts', undefined, { as: 'qp_sk_live_nobody' })).status).toBe(401);
    expect(await entries(tenant, '&outcome=refused')).toMatchObject([
      { code: 'revoked_key', actor: { type: 'api_key', id: keyId }, operation: 'listAccounts' },
    ]);
  });

  it('is one list over both chains, page by page in both orders, and in lines', async () => {
    const tenant = await tenantWith('accounts:write');
    for (let i = 0; i < 6; i += 1) {
      await tenant.send('POST', '/v1/accounts', ACCOUNT);
      await tenant.send('GET', `/v1/accounts/${NO_ACCOUNT}`);
      await tenant.send('GET', '/v1/cards');
    }
    const all = await entries(tenant);
    const ids = all.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(all.map(({ chain }) => chain)).toEqual(expect.arrayContaining(['audit', 'ledger']));
    for (const order of ['desc', 'asc']) {
      const paged: string[] = [];
      for (let next: string | null = ''; next !== null;) {
        const { body } = await tenant.send('GET', `/v1/audit_log?limit=4&order=${order}${next}`);
        paged.push(...(body.data as Entry[]).map(({ id }) => id));
        next = body.next_cursor === null ? null : `&starting_after=${String(body.next_cursor)}`;
      }
      expect(paged).toEqual(order === 'desc' ? ids : [...ids].reverse());
    }
    const lines = (await tenant.send('GET', '/v1/audit_log', undefined, NDJSON)).text.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Entry).id)).toEqual([...ids].reverse());
    const both = await tenant.send('GET', '/v1/audit_log?limit=3', undefined, NDJSON);
    expect([both.status, both.body.error?.code ?? both.text]).toEqual([400, expect.anything()]);
  });

  it('is filtered by time, and a cursor is of one tenant, order and filter', async () => {
    const tenant = await tenantWith('accounts:write');
    await tenant.send('POST', '/v1/accounts', ACCOUNT);
    await tenant.send('GET', '/v1/cards');
    const all = await entries(tenant);
    const times = all.map(({ created_at }) => created_at as string);
    const between = await entries(tenant, `&from=${times[1]}&to=${times[0]}`);
    expect(between).toEqual(all.filter(({ created_at }) => (created_at as string) >= (times[1] as string)));
    expect(await entries(tenant, '&to=2020-01-01T00:00:00Z')).toEqual([]);
    const { body } = await tenant.send('GET', '/v1/audit_log?limit=1');
    const cursor = `starting_after=${String(body.next_cursor)}`;
    const other = await tenantWith();
    for (const asked of [
      tenant.send('GET', `/v1/audit_log?limit=1&order=asc&${cursor}`),
      tenant.send('GET', `/v1/audit_log?limit=1&outcome=refused&${cursor}`),
      other.send('GET', `/v1/audit_log?limit=1&${cursor}`),
    ])
      expect((await asked).body.error).toMatchObject({ code: 'invalid_cursor' });
  });

  it('is the tenant’s own: of another one nothing stands in it, and an operator reads it in their own name', async () => {
    const [one, other] = [await tenantWith(), await tenantWith()];
    await one.send('GET', '/v1/cards');
    expect(JSON.stringify(await entries(other))).not.toContain(one.keyId);
    const read = await api.admin('GET', `/${one.id}/audit_log`);
    expect((read.body.data as Entry[])[0]).toMatchObject({ operation: 'listCards', code: 'missing_scope' });
    expect((await entries(one))[0]).toMatchObject({ operation: 'listTenantAuditLog', actor: { type: 'operator' } });
    expect(await api.admin('GET', `/tnt_01HZXK5Y8Q2J3M4N5P6R7S8T9V/audit_log`)).toMatchObject({ status: 404 });
  });

  it('keeps what operators did that belongs to no tenant', async () => {
    await api.admin('GET', '');
    const { body } = await api.send('GET', '/api/v1/admin/audit_log?limit=1', undefined, { as: api.operator });
    expect(body.data).toMatchObject([{ operation: 'listTenants', tenant_id: null, actor: { type: 'operator' } }]);
  });

  it('holds no address in the clear, and its chain is whole', async () => {
    const tenant = await tenantWith();
    await tenant.send('GET', '/v1/cards');
    await entries(tenant);
    const client = await api.installation.pools.app.connect();
    await client.query(`BEGIN; SET LOCAL daybook.tenant = '${tenant.id}'`);
    const { rows } = await client.query<{ entry: string }>('SELECT entry FROM daybook.audit_log');
    expect(await verifyTenantChain(client, tenant.id)).toMatchObject({ isWhole: true, entries: rows.length });
    await client.query('ROLLBACK');
    client.release();
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain('127.0.0.1');
  });
});

describe('a rare filter over a long stream', () => {
  const EVENTS = 12_000;
  const RARE = [100, 5_500, 11_000];
  const BEGIN = Date.parse('2026-01-01T00:00:00Z');
  const timeOf = (revision: number): number => BEGIN + revision * 1_000;

  class CountingStore extends MemoryEventStore {
    handedOver = 0;

    override async *read(stream: string, from: number, size?: number): ReturnType<MemoryEventStore['read']> {
      for await (const page of super.read(stream, from, size)) {
        this.handedOver += page.length;
        yield page;
      }
    }
  }

  const chain = new MemoryAuditChain();
  const store = new CountingStore();
  const audit = new AuditReading(chain, store, { opener: () => Promise.resolve(() => null) });

  /** Events like one that the ledger has written; of each rare one, the same actor was refused something a moment later. */
  beforeAll(async () => {
    const tenant = await tenantWith('accounts:write');
    await tenant.send('POST', '/v1/accounts', ACCOUNT);
    let like = '';
    for await (const page of api.installation.store.read(ledgerStream(tenant.id), 0)) like = page.at(-1)?.text ?? like;
    const { meta, ...envelope } = JSON.parse(like) as { meta: object };
    const events = Array.from({ length: EVENTS }, (_, revision) => {
      const id = newUlid(timeOf(revision));
      const at = new Date(timeOf(revision)).toISOString();
      const actor = RARE.includes(revision) ? 'key_rare' : 'key_busy';
      const payload = Buffer.from(JSON.stringify({ ...envelope, id, revision, at, meta: { ...meta, actor } }));
      return { id, type: 'AccountOpened', payload, hash: createHash('sha256').update(payload).digest() };
    });
    for (let first = 0; first < EVENTS; first += 500) {
      const expectedHash = events[first - 1]?.hash ?? new Uint8Array(32);
      const batch = events.slice(first, first + 500);
      const append = { stream: ledgerStream('tnt_long'), expectedRevision: first - 1, expectedHash, events: batch };
      expect(await store.append([append])).toMatchObject([{ outcome: 'appended' }]);
    }
    for (const revision of [...RARE, EVENTS]) {
      const at = timeOf(revision) + 500;
      const [status, code] = revision === EVENTS ? [500, 'internal_error'] : [404, 'account_not_found'];
      const whose = {
        tenantId: 'tnt_long',
        isProven: true,
        actor: 'key_rare',
        requestId: `req_${newUlid(at)}`,
        ip: null,
      };
      const what = { operation: 'getAccount', apiVersion: '2026-05-19', resourceId: null, reason: null };
      chain.note({ at, ...whose, ...what, status, code });
    }
  });

  /** Page after page: what each holds, by the revision at whose time it was, and how many events were read for it. */
  const pages = async (query: Omit<AuditQuery, 'position'>): Promise<{ held: string[]; read: number }[]> => {
    const found: { held: string[]; read: number }[] = [];
    for (let position: string | null = null; found.length < 20;) {
      const before = store.handedOver;
      const page = await audit.page('tnt_long', { ...query, position });
      const held = page.data.map(({ chain, created_at }) => {
        const revision = Math.floor((Date.parse(created_at) - BEGIN) / 1_000);
        return `${chain} ${revision}`;
      });
      found.push({ held, read: store.handedOver - before });
      expect(page.hasMore).toBe(page.last !== null);
      if (page.last === null) return found;
      position = page.last;
    }
    throw new Error('it goes on for ever');
  };

  it.each<['asc' | 'desc', string[][]]>([
    [
      'desc',
      [
        ['audit 12000', 'audit 11000', 'ledger 11000'],
        ['audit 5500', 'ledger 5500'],
        ['audit 100', 'ledger 100'],
      ],
    ],
    [
      'asc',
      [
        ['ledger 100', 'audit 100'],
        ['ledger 5500', 'audit 5500'],
        ['ledger 11000', 'audit 11000', 'audit 12000'],
      ],
    ],
  ])('is answered part by part, %s, each of which takes a bounded look', async (order, held) => {
    const found = await pages({ filters: { actor: 'key_rare' }, order, limit: 10 });
    expect(found.map((page) => page.held)).toEqual(held);
    expect(Math.max(...found.map(({ read }) => read))).toBeLessThan(6_000);
    const one = await pages({ filters: { actor: 'key_rare' }, order, limit: 1 });
    expect(one.flatMap((page) => page.held)).toEqual(held.flat());
  });

  it('that nothing matches is empty pages, each with the next, until the stream was looked through', async () => {
    const found = await pages({ filters: { actor: 'key_nobody' }, order: 'desc', limit: 10 });
    expect(found.map((page) => page.held)).toEqual([[], [], []]);
    const failed = await pages({ filters: { outcome: 'failed' }, order: 'desc', limit: 10 });
    expect(failed).toEqual([{ held: ['audit 12000'], read: 0 }]);
  });
});

describe('the raw stream', () => {
  const linesOf = ({ text }: Reply): Record<string, Json>[] =>
    text === ''
      ? []
      : text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, Json>);

  it('is what was stored: a stranger finds its hashes to follow from each other', async () => {
    const tenant = await tenantWith('accounts:write', 'ledger:audit');
    for (let i = 0; i < 5; i += 1) await tenant.send('POST', '/v1/accounts', ACCOUNT);
    const answer = await tenant.send('GET', '/v1/ledger/events');
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/x-ndjson' } });
    const events = linesOf(answer);
    expect(events.at(-1)).toMatchObject({ revision: Number(answer.headers['ledger-revision']), type: 'AccountOpened' });
    let previous: Uint8Array = new Uint8Array(32);
    for (const [i, { hash, ...envelope }] of events.entries()) {
      expect(envelope.revision).toBe(i);
      previous = createHash('sha256').update(previous).update(canonicalJson(envelope)).digest();
      expect(hash).toBe(Buffer.from(previous).toString('hex'));
    }
    const admins = await api.admin('GET', `/${tenant.id}/events`);
    expect(admins.text).toBe(answer.text);
  });

  it('goes on where it was left', async () => {
    const tenant = await tenantWith('accounts:write', 'ledger:audit');
    for (let i = 0; i < 3; i += 1) await tenant.send('POST', '/v1/accounts', ACCOUNT);
    const whole = (await tenant.send('GET', '/v1/ledger/events')).text;
    let resumed = '';
    for (let after = -1; ;) {
      const { text } = await tenant.send('GET', `/v1/ledger/events?after_revision=${after}&limit=2`);
      if (text === '') break;
      resumed += text;
      after = JSON.parse(text.trimEnd().split('\n').at(-1) as string).revision as number;
    }
    expect(resumed).toBe(whole);
    expect((await tenant.send('GET', '/v1/ledger/events?after_revision=900000')).text).toBe('');
  });

  it.each(['after_revision=-2', 'after_revision=x', 'limit=0', 'limit=1000001', 'cursor=x'])(
    'refuses %s',
    async (query) => {
      const tenant = await tenantWith('ledger:audit');
      expect((await tenant.send('GET', `/v1/ledger/events?${query}`)).status).toBe(400);
    },
  );

  it('asks for its own scope', async () => {
    const tenant = await tenantWith('events:read');
    expect((await tenant.send('GET', '/v1/ledger/events')).body.error).toMatchObject({ code: 'missing_scope' });
  });
});
