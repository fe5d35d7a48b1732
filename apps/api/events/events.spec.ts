import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { eventsAfter } from '../../../docs/examples/events-after.mjs';
import { ApiUnderTest, type Reply } from '../spec-support.js';

let api: ApiUnderTest;
let base: string;
beforeAll(async () => {
  api = await ApiUnderTest.start('silent', false, {
    maxWaitMs: 20_000,
    heartbeatMs: 50,
    streamMs: 60_000,
    stallMs: 60_000,
    perTenant: 3,
  });
  base = await api.api.listen('127.0.0.1', 0);
});
afterAll(() => api.close());

interface Told {
  readonly sequence: number;
  readonly type: string;
  readonly api_version: string;
}

const events = ({ body }: Reply): Told[] => body.data as Told[];
const sequences = (reply: Reply): number[] => events(reply).map(({ sequence }) => sequence);
const after = (tenant: string, query: string, credential = tenant): Promise<Reply> =>
  api.send(tenant, 'GET', `/v1/events?${query}`, undefined, { credential });
/** A tenant whose last event has that sequence. */
const tenantAt = async (sequence: number): Promise<string> => {
  const tenant = await api.tenant();
  for (let n = 1; n < sequence; n += 1) await api.account(tenant);
  return tenant;
};

describe('GET /v1/events?after_sequence', () => {
  it('goes on without a gap, oldest first, whatever the size of the page', async () => {
    const tenant = await tenantAt(12);
    const read: number[] = [];
    for (let more = true; more;) {
      const page = await after(tenant, `after_sequence=${read.at(-1) ?? 0}&limit=5`);
      read.push(...sequences(page));
      more = page.body.has_more as boolean;
      expect(page.body.next_cursor).toBeNull();
      expect(page.headers['ledger-revision']).toBe(String(await api.head(tenant)));
    }
    expect(read).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(sequences(await after(tenant, 'after_sequence=12'))).toEqual([]);
    expect(sequences(await after(tenant, 'after_sequence=9007199254740991'))).toEqual([]);
  });

  it('is all that docs/examples/events-after.mjs needs', async () => {
    const tenant = await tenantAt(3);
    const read: number[] = [];
    for await (const { sequence } of eventsAfter(1, { url: base, key: tenant })) {
      if (read.push(sequence) === 2) void api.account(tenant);
      if (read.length === 3) break;
    }
    expect(read).toEqual([2, 3, 4]);
  });

  it('waits for the next event, and no longer than for that', async () => {
    const tenant = await tenantAt(2);
    const waiting = after(tenant, 'after_sequence=2&wait_ms=20000');
    await api.account(tenant);
    expect(sequences(await waiting)).toEqual([3]);
  });

  it('answers an empty list where nothing happens', async () => {
    const tenant = await tenantAt(1);
    expect(await after(tenant, 'after_sequence=1&wait_ms=30')).toMatchObject({ status: 200, body: { data: [] } });
  });

  it('tells in the caller’s version', async () => {
    const tenant = await tenantAt(1);
    const options = { headers: { 'qairopay-version': '2025-11-01' } };
    const reply = await api.send(tenant, 'GET', '/v1/events?after_sequence=0', undefined, options);
    expect(events(reply)[0]!.api_version).toBe('2025-11-01');
  });

  it('a key that loses its right while it waits is told nothing', async () => {
    const tenant = await tenantAt(1);
    const key = api.key(tenant, ['events:read'], `waiting-${tenant}`);
    const waiting = after(tenant, 'after_sequence=1&wait_ms=20000', key);
    await new Promise((resolve) => setTimeout(resolve, 20));
    api.credentials.known.set(key, { code: 'revoked_key' });
    await api.account(tenant);
    expect(await waiting).toMatchObject({ status: 401, body: { error: { code: 'revoked_key' } } });
  });

  it.each([
    ['after_sequence=1&order=asc', 'mutually_exclusive', 'order'],
    ['after_sequence=1&type=account.created', 'mutually_exclusive', 'type'],
    ['after_sequence=1&starting_after=x', 'mutually_exclusive', 'starting_after'],
    ['wait_ms=5', 'missing_field', 'after_sequence'],
    ['after_sequence=-1', 'out_of_range', 'after_sequence'],
    ['after_sequence=x', 'type_mismatch', 'after_sequence'],
    ['after_sequence=1&wait_ms=20001', 'out_of_range', 'wait_ms'],
    ['after_sequence=1&wait_ms=1.5', 'type_mismatch', 'wait_ms'],
  ])('%s: 400 %s', async (query, code, param) => {
    const tenant = await api.tenant();
    expect(await after(tenant, query)).toMatchObject({ status: 400, body: { error: { code, param } } });
  });
});

interface Stream {
  readonly response: IncomingMessage;
  /** The ids of the messages and the comments that have come. */
  readonly come: string[];
  until(enough: (come: readonly string[]) => boolean): Promise<void>;
  close(): void;
}

const streamOf = async (credential: string, headers: Record<string, string> = {}, query = ''): Promise<Stream> => {
  const request = httpRequest(`${base}/v1/events/stream${query}`, {
    headers: { authorization: `Bearer ${credential}`, ...headers },
  });
  request.on('error', () => undefined).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const come: string[] = [];
  let text = '';
  response.on('error', () => undefined);
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const frames = text.split('\n\n');
    text = frames.pop() as string;
    for (const frame of frames) {
      const id = /^id: (\d+)\ndata: (.*)$/.exec(frame);
      if (id !== null) expect((JSON.parse(id[2]!) as Told).sequence).toBe(Number(id[1]));
      come.push(id?.[1] ?? frame);
    }
  });
  return {
    response,
    come,
    close: () => request.destroy(),
    until: async (enough) => {
      const late = performance.now() + 20_000;
      while (!enough(come)) {
        if (performance.now() > late) throw new Error(`only ${JSON.stringify(come)} came`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
};
const messages = (come: readonly string[]): string[] => come.filter((one) => /^\d+$/.test(one));

describe('GET /v1/events/stream', () => {
  it('tells what happens from now on, and that it is there while nothing does', async () => {
    const tenant = await tenantAt(2);
    const stream = await streamOf(tenant);
    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'ledger-revision': String(await api.head(tenant)),
    });
    await stream.until((come) => come.includes(': nothing new'));
    await api.account(tenant);
    await api.account(tenant);
    await stream.until((come) => messages(come).length === 2);
    expect([stream.come[0], ...messages(stream.come)]).toEqual(['retry: 2000', '3', '4']);
    stream.close();
  });

  it('goes on after the last event that came, or after a sequence', async () => {
    const tenant = await tenantAt(7);
    for (const [headers, query, first] of [
      [{ 'last-event-id': '5' }, '', 6],
      [{ 'last-event-id': '5' }, '?after_sequence=1', 6],
      [{ 'last-event-id': '' }, '?after_sequence=0', 1],
      [{}, '?after_sequence=3', 4],
    ] as const) {
      const stream = await streamOf(tenant, { ...headers }, query);
      await stream.until((come) => messages(come).at(-1) === '7');
      expect(messages(stream.come)).toEqual(Array.from({ length: 8 - first }, (_, i) => String(first + i)));
      stream.close();
    }
  });

  it('is somebody’s own', async () => {
    const [mine, other] = [await tenantAt(1), await tenantAt(1)];
    const stream = await streamOf(mine, {}, '?after_sequence=0');
    await api.account(other);
    await api.account(mine);
    await stream.until((come) => messages(come).length === 2);
    expect(messages(stream.come)).toEqual(['1', '2']);
    stream.close();
  });

  it('ends when its key loses the right to it', async () => {
    const tenant = await tenantAt(1);
    const key = api.key(tenant, ['events:read'], `following-${tenant}`);
    const stream = await streamOf(key);
    await stream.until((come) => come.length > 1);
    api.credentials.known.set(key, { code: 'revoked_key' });
    await api.account(tenant);
    await once(stream.response, 'end');
    expect(messages(stream.come)).toEqual([]);
  });

  it('has room for so many of a tenant’s callers, and for others again when they have gone', async () => {
    const tenant = await tenantAt(1);
    const streams = await Promise.all([1, 2, 3].map(() => streamOf(tenant)));
    const refused = await after(tenant, 'after_sequence=1&wait_ms=20000');
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'too_many_followers' } } });
    expect(refused.headers['retry-after']).toBe('5');
    const turnedAway = await streamOf(tenant);
    expect(turnedAway.response.statusCode).toBe(429);
    const other = await streamOf(await tenantAt(1));
    expect(other.response.statusCode).toBe(200);
    for (const stream of [...streams, other]) stream.close();
    let again = await streamOf(tenant);
    for (const late = performance.now() + 20_000; again.response.statusCode !== 200; again = await streamOf(tenant)) {
      expect(performance.now()).toBeLessThan(late);
    }
    again.close();
  });

  it('keeps no room for who has gone before it began', async () => {
    const tenant = await tenantAt(1);
    const server = api.api.app.getHttpServer() as Server;
    const list = api.reads.list.bind(api.reads);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const asked: (() => void)[] = [];
    const asking = [1, 2, 3].map(() => new Promise<void>((resolve) => asked.push(resolve)));
    api.reads.list = async (...question: Parameters<typeof list>) => {
      asked.pop()?.();
      await held;
      return list(...question);
    };
    const gone: Promise<unknown>[] = [];
    const note = (socket: Socket): void => void gone.push(once(socket, 'close'));
    server.on('connection', note);
    const headers = { authorization: `Bearer ${tenant}` };
    const sent = [1, 2, 3].map(() => httpRequest(`${base}/v1/events/stream`, { headers, agent: false }));
    for (const one of sent) one.on('error', () => undefined).end();
    await Promise.all(asking);
    for (const one of sent) one.destroy();
    await Promise.all(gone);
    server.off('connection', note);
    api.reads.list = list;
    release();
    let stream = await streamOf(tenant);
    for (const late = performance.now() + 20_000; stream.response.statusCode !== 200; stream = await streamOf(tenant)) {
      expect(performance.now()).toBeLessThan(late);
    }
    stream.close();
  });

  it.each(['x', '-1', '1.5', '9'.repeat(20)])('Last-Event-ID: %s is a 400', async (id) => {
    const tenant = await api.tenant();
    const reply = await api.send(tenant, 'GET', '/v1/events/stream', undefined, { headers: { 'last-event-id': id } });
    expect(reply).toMatchObject({ status: 400, body: { error: { code: 'pattern_mismatch', param: 'Last-Event-ID' } } });
  });

  it('holds nobody up who ends', async () => {
    const ending = await ApiUnderTest.start('silent', false, {
      maxWaitMs: 20_000,
      heartbeatMs: 20_000,
      streamMs: 60_000,
      stallMs: 60_000,
      perTenant: 3,
    });
    const url = await ending.api.listen('127.0.0.1', 0);
    const tenant = await ending.tenant();
    const request = httpRequest(`${url}/v1/events/stream`, { headers: { authorization: `Bearer ${tenant}` } }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const ended = once(response.resume(), 'end');
    await ending.close();
    await ended;
  });
});

it('a stream is not kept for who stops reading, nor is more than a little of it in memory', async () => {
  const terms = { maxWaitMs: 20_000, heartbeatMs: 20_000, streamMs: 3_600_000, stallMs: 1_000, perTenant: 2 };
  const own = await ApiUnderTest.start('silent', false, terms);
  try {
    const url = await own.api.listen('127.0.0.1', 0);
    const tenant = await own.tenant();
    const [{ data, ...one }] = (await own.send(tenant, 'GET', '/v1/events')).body.data as [Told & { data: object }];
    const pages: number[] = [];
    own.reads.eventsAfter = (_tenantId, after, limit) => {
      pages.push(after);
      const long = { ...data, padding: 'x'.repeat(65_536) };
      const events = Array.from({ length: limit }, (_, i) => ({ ...one, data: long, sequence: after + i + 1 }));
      return Promise.resolve({ revision: 1, data: events, hasMore: true, last: null });
    };
    const closed: Promise<unknown>[] = [];
    (own.api.app.getHttpServer() as Server).on('connection', (socket: Socket) => {
      closed.push(new Promise((done) => socket.once('close', done)));
    });
    const follow = async (): Promise<IncomingMessage> => {
      const headers = { authorization: `Bearer ${tenant}` };
      const request = httpRequest(`${url}/v1/events/stream?after_sequence=0`, { headers, agent: false });
      const [response] = (await once(request.on('error', () => undefined).end(), 'response')) as [IncomingMessage];
      return response.on('error', () => undefined).pause();
    };
    const paused = [await follow(), await follow()];
    expect((await follow()).statusCode).toBe(429);
    await Promise.all(closed.slice(0, 2));
    expect(pages.length).toBeLessThan(10);
    const again = await follow();
    expect(again.statusCode).toBe(200);
    for (const response of [...paused, again]) response.destroy();
  } finally {
    await own.close();
  }
});

describe('GET /v1/event_types', () => {
  it.each(['2025-11-01', '2026-05-19'])('describes what is told in %s', async (version) => {
    const tenant = await api.tenant();
    const headers = { 'qairopay-version': version };
    const [source, destination] = [await api.funded(tenant), await api.account(tenant)];
    const post = (amount: number): Promise<Reply> =>
      api.send(tenant, 'POST', '/v1/transactions', { type: 'transfer', amount, currency: 'NGN', source, destination });
    const { body } = await post(100);
    await api.send(tenant, 'POST', `/v1/transactions/${body.id as string}/reverse`, { amount: 40 });
    await post(999_999_999);
    await api.send(tenant, 'PATCH', `/v1/accounts/${source}`, { account_name: 'Bea' });
    const side = { block_debits: true, reason: 'x', source: 'compliance' };
    await api.send(tenant, 'PUT', `/v1/accounts/${source}/block`, side);
    await api.admin('PATCH', `/${tenant}/status`, { status: 'suspended', reason: 'x' });

    const types = await api.send(tenant, 'GET', '/v1/event_types', undefined, { headers });
    const described = types.body.data as { type: string; api_version: string; schema: object }[];
    expect(new Set(described.map(({ api_version }) => api_version))).toEqual(new Set([version]));
    const told = events(await api.send(tenant, 'GET', '/v1/events?limit=100', undefined, { headers }));
    for (const event of told) {
      const { schema } = described.find(({ type }) => type === event.type)!;
      const ajv = new Ajv2020({ strict: false, validateFormats: false });
      const isValid: boolean = ajv.validate(schema, event);
      if (!isValid) throw new Error(`${event.type}: ${ajv.errorsText()}`);
    }
    expect(told.map(({ type }) => type)).toEqual(
      expect.arrayContaining([
        'account.blocked',
        'account.created',
        'account.updated',
        'tenant.created',
        'tenant.suspended',
        'transaction.completed',
        'transaction.failed',
        'transaction.reversed',
      ]),
    );
  });

  it('and GET /asyncapi.json says the same in the words of AsyncAPI', async () => {
    const { body, status } = await api.send('', 'GET', '/asyncapi.json', undefined, {
      credential: null,
      headers: { 'qairopay-version': '2025-11-01' },
    });
    expect([status, body.asyncapi]).toEqual([200, '3.0.0']);
    expect(body.info).toMatchObject({ version: '2025-11-01' });
    expect(body.servers).toMatchObject({ api: { host: new URL(base).host, protocol: 'http' } });
  });
});

it('GET /.well-known/webhook-keys tells the keys that check v1a signatures, to anybody', async () => {
  const { status, body, headers } = await api.send('', 'GET', '/.well-known/webhook-keys', undefined, {
    credential: null,
  });
  expect(status).toBe(200);
  expect(headers['cache-control']).toContain('max-age');
  expect(body.keys).toEqual([expect.objectContaining({ kty: 'OKP', crv: 'Ed25519' })]);
});
