import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import { ANSWER_LIMIT_BYTES, attemptDelivery, type Attempt, type AttemptRequest, EXCERPT_BYTES } from './attempt.js';
import { Egress } from './connections.js';

const pem = (name: string): string => readFileSync(new URL(`../../test/support/tls/${name}`, import.meta.url), 'utf8');
const BODY = Buffer.from('{"id":"evt_1"}');
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n';
/** For who never answers. Who does is given as long as a slow machine takes. */
const SHORT_MS = 400;
const LONG_MS = 20_000;

const opened: { close(): void }[] = [];
const sockets = new Set<Socket>();
afterAll(() => {
  for (const one of [...opened, ...[...sockets].map((socket) => ({ close: () => socket.destroy() }))]) one.close();
});

type Consumer = (socket: Socket, request: string, nth: number) => void;

interface Started {
  readonly url: string;
  readonly egress: Egress;
  /** What each connection was sent. */
  readonly requests: string[];
  readonly connections: () => number;
}

const listen = async (server: Server, scheme: string): Promise<{ url: string; egress: Egress }> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const egress = new Egress({ allow: [{ host: '127.0.0.1', port }] });
  opened.push(server, egress);
  return { url: `${scheme}://127.0.0.1:${port}/hook?a=b`, egress };
};

/** A consumer that is told of each whole request (this one's body ends with a brace). */
const consumer = async (answer: Consumer): Promise<Started> => {
  const requests: string[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!text.endsWith('}')) return;
      requests.push(text);
      text = '';
      answer(socket, requests.at(-1)!, requests.length);
    });
  });
  return { ...(await listen(server, 'http')), requests, connections: () => connections };
};

const send = ({ url, egress }: Pick<Started, 'url' | 'egress'>, more: Partial<AttemptRequest> = {}): Promise<Attempt> =>
  attemptDelivery({ url, egress, headers: {}, body: BODY, deadlineMs: LONG_MS, ...more });

const answering =
  (text: string): Consumer =>
  (socket) =>
    void socket.end(text, 'latin1');
const every = (ms: number, socket: Socket, write: () => void): void => {
  const timer = setInterval(write, ms);
  socket.on('close', () => clearInterval(timer));
};

it('sends exactly the bytes, with the headers given, and says what came back', async () => {
  const target = await consumer(answering(`${HEAD}X-Trace: 7\r\nContent-Length: 4\r\n\r\nthx!`));
  const attempt = await send(target, { headers: { 'webhook-id': 'evt_1', 'User-Agent': 'x', 'Content-Length': '3' } });
  const [head, body] = target.requests[0]!.split('\r\n\r\n') as [string, string];
  expect(body).toBe(BODY.toString());
  expect(head).toMatch(/^POST \/hook\?a=b HTTP\/1\.1\r\n/);
  expect(head).toContain('webhook-id: evt_1');
  expect(head).toContain(`Host: ${new URL(target.url).host}`);
  expect(head.match(/content-length: \d+/gi)).toEqual([`content-length: ${BODY.length}`]);
  expect(attempt).toMatchObject({
    outcome: { class: 'delivered' },
    failure: null,
    detail: null,
    status: 200,
    answerHeaders: { 'x-trace': '7', 'content-type': 'text/plain' },
    excerpt: 'thx!',
    answerBytes: 4,
    isCut: false,
    address: '127.0.0.1',
  });
  const { dnsMs, connectMs, tlsMs, firstByteMs, totalMs } = attempt.timings;
  expect([dnsMs, tlsMs]).toEqual([null, null]);
  expect(totalMs).toBeGreaterThanOrEqual(connectMs! + firstByteMs!);
});

it.each([
  ['204 No Content', '\r\n', { class: 'delivered' }],
  ['410 Gone', 'Content-Length: 0\r\n\r\n', { class: 'refused' }],
  ['500 Oops', 'Content-Length: 0\r\n\r\n', { class: 'retry', retryAfterMs: null }],
  ['429 Slow down', 'Retry-After: 90\r\nContent-Length: 0\r\n\r\n', { class: 'retry', retryAfterMs: 90_000 }],
  ['503 Later', 'Retry-After: soon\r\nContent-Length: 0\r\n\r\n', { class: 'retry', retryAfterMs: null }],
])('%s', async (line, rest, outcome) => {
  const target = await consumer(answering(`HTTP/1.1 ${line}\r\n${rest}`));
  expect(await send(target)).toMatchObject({ outcome, status: Number(line.slice(0, 3)), failure: null });
});

it.each([301, 302, 303, 307, 308])('a redirect (%i), to a private address or not, is not followed', async (status) => {
  const inside = await consumer(answering(`${HEAD}Content-Length: 0\r\n\r\n`));
  const target = await consumer(
    answering(`HTTP/1.1 ${status} Go\r\nLocation: ${inside.url}\r\nContent-Length: 0\r\n\r\n`),
  );
  const both = new Egress({ allow: [...target.egress.allow, ...inside.egress.allow] });
  opened.push(both);
  expect(await send({ ...target, egress: both })).toMatchObject({
    outcome: { class: 'retry' },
    status,
    detail: 'redirects are not followed',
  });
  expect([target.requests.length, inside.connections()]).toEqual([1, 0]);
});

describe('a consumer that does not end', () => {
  const never: Record<string, Consumer> = {
    'says nothing': () => undefined,
    'answers after the deadline': (socket) => {
      setTimeout(() => socket.end(`${HEAD}Content-Length: 0\r\n\r\n`), SHORT_MS * 4).unref();
    },
    'drips its headers': (socket) => {
      socket.write(`${HEAD}X-Slow: `);
      every(20, socket, () => void socket.write('x'));
    },
    'drips a byte at a time': (socket) => {
      socket.write(`${HEAD}Content-Length: 1000\r\n\r\n`);
      every(20, socket, () => void socket.write('.'));
    },
    'hints for ever': (socket) => every(5, socket, () => void socket.write('HTTP/1.1 103 Early Hints\r\n\r\n')),
    'never says that its chunks are over': (socket) => {
      socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
      every(20, socket, () => void socket.write('1\r\n.\r\n'));
    },
  };

  it.each(Object.entries(never))('%s', async (_, answer) => {
    const target = await consumer(answer);
    const attempt = await send(target, { deadlineMs: SHORT_MS });
    expect(attempt).toMatchObject({ outcome: { class: 'retry' }, failure: 'timeout' });
    expect(attempt.timings.totalMs).toBeGreaterThanOrEqual(SHORT_MS - 1);
  });

  it('does not read what it is sent', async () => {
    const server = createServer((socket) => void sockets.add(socket.pause().on('error', () => undefined)));
    const target = await listen(server, 'http');
    const attempt = await send(target, { body: Buffer.alloc(16_000_000), deadlineMs: SHORT_MS });
    expect(attempt.failure).toBe('timeout');
  });

  it('does not finish its TLS handshake', async () => {
    const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined).resume()));
    expect((await send(await listen(server, 'https'), { deadlineMs: SHORT_MS })).failure).toBe('timeout');
  });
});

describe('a consumer that says too much', () => {
  const pour = (socket: Socket, head: string): void => {
    socket.write(head);
    const chunk = Buffer.alloc(65_536, 'x');
    const more = (): void => {
      while (socket.writable && socket.write(chunk));
    };
    socket.on('drain', more);
    more();
  };

  it.each<[string, Consumer]>([
    ['streams for ever', (socket) => pour(socket, `${HEAD}\r\n`)],
    ['sends 100 MB', (socket) => pour(socket, `${HEAD}Content-Length: 100000000\r\n\r\n`)],
  ])('%s: is cut, and its status counts', async (_, answer) => {
    const target = await consumer(answer);
    const attempt = await send(target);
    expect(attempt).toMatchObject({ outcome: { class: 'delivered' }, status: 200, failure: null, isCut: true });
    expect(attempt.answerBytes).toBeLessThanOrEqual(ANSWER_LIMIT_BYTES + 65_536);
    expect(attempt.excerpt).toBe('x'.repeat(EXCERPT_BYTES));
  });

  it('a bomb is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const target = await consumer((socket) => {
      socket.write(`${HEAD}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
      socket.end(bomb);
    });
    const attempt = await send(target);
    expect(target.requests[0]).toMatch(/accept-encoding: identity/i);
    expect(attempt).toMatchObject({ answerBytes: bomb.length, outcome: { class: 'delivered' } });
    expect(Buffer.byteLength(attempt.excerpt)).toBeLessThanOrEqual(EXCERPT_BYTES);
    expect(attempt.excerpt).not.toContain('\u0000');
  });

  it('in whatever bytes: the excerpt is text, and not longer than said', async () => {
    const target = await consumer((socket) => {
      socket.write(`${HEAD}Content-Length: 20000\r\n\r\n`);
      socket.end(Buffer.alloc(20_000, Buffer.from([0, 0xff, 0xc3, 0x28, 0xf0, 0x9f])));
    });
    const { excerpt } = await send(target);
    expect(Buffer.byteLength(excerpt)).toBeGreaterThan(EXCERPT_BYTES - 4);
    expect(Buffer.byteLength(excerpt)).toBeLessThanOrEqual(EXCERPT_BYTES);
    expect(excerpt).not.toContain('\u0000');
    expect(Buffer.from(excerpt).toString()).toBe(excerpt);
  });
});

describe('an event that is larger than the consumer takes', () => {
  const LARGE = Buffer.from(`{"id":"${'x'.repeat(4_000_000)}"}`);

  it('is sent whole to one that takes it', async () => {
    const target = await consumer(answering(`${HEAD}Content-Length: 0\r\n\r\n`));
    expect(await send(target, { body: LARGE })).toMatchObject({ outcome: { class: 'delivered' }, failure: null });
    expect(target.requests[0]?.split('\r\n\r\n')[1]).toBe(LARGE.toString());
  });

  const TOO_LARGE = 'HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
  it.each<[string, (socket: Socket) => void]>([
    ['reads on', (socket) => void socket.resume().write(TOO_LARGE)],
    ['reads on and ends', (socket) => void socket.resume().end(TOO_LARGE)],
    ['reads nothing more', (socket) => void socket.pause().write(TOO_LARGE)],
    ['reads nothing more and ends', (socket) => void socket.pause().end(TOO_LARGE)],
  ])('is refused by one that says so at once and %s, and not tried again', async (_, answer) => {
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      socket.once('data', () => answer(socket));
    });
    const target = await listen(server, 'http');
    expect(await send(target, { body: LARGE })).toMatchObject({
      outcome: { class: 'refused' },
      status: 413,
      failure: null,
    });
  });
});

it.each<[string, Consumer, string]>([
  ['garbage', answering('hello there\r\n\r\n'), 'invalid_answer'],
  ['two lengths', answering(`${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`), 'invalid_answer'],
  ['headers of a megabyte', answering(`${HEAD}X: ${'x'.repeat(1_000_000)}\r\n\r\n`), 'invalid_answer'],
  ['a status that is none', answering('HTTP/1.1 20 OK\r\n\r\n'), 'invalid_answer'],
  ['another protocol', answering('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'), ''],
  ['nothing, and goes', (socket) => void socket.end(), 'connection_closed'],
  ['nothing, and breaks off', (socket) => void socket.resetAndDestroy(), 'connection_closed'],
  ['half an answer', answering(`${HEAD}Content-Length: 100\r\n\r\nhalf`), 'connection_closed'],
  ['half a chunk', answering(`${HEAD}Transfer-Encoding: chunked\r\n\r\n9\r\nhalf`), 'connection_closed'],
])('answers %s: is tried again', async (_, answer, failure) => {
  const attempt = await send(await consumer(answer));
  expect(attempt).toMatchObject({ outcome: { class: 'retry' }, ...(failure === '' ? {} : { failure }) });
  expect(attempt.failure).not.toBeNull();
});

it('what nobody listens to is tried again', async () => {
  const server = createServer();
  const target = await listen(server, 'http');
  server.close();
  await once(server, 'close');
  expect(await send(target)).toMatchObject({ failure: 'connection_refused', outcome: { class: 'retry' } });
});

describe('TLS', () => {
  const options = { cert: pem('consumer.pem'), key: pem('consumer.key.pem') };
  const secure = async (): Promise<string> => {
    const server = tls.createServer(options, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(`${HEAD}Content-Length: 0\r\n\r\n`));
    });
    return (await listen(server, 'https')).url;
  };
  const at = (url: string, host: string, ca?: string): { url: string; egress: Egress } => {
    const egress = new Egress({ allow: [{ host, port: Number(new URL(url).port) }], ca });
    opened.push(egress);
    return { url: url.replace('127.0.0.1', host), egress };
  };

  it('a certificate for the name, by somebody trusted, is taken', async () => {
    const attempt = await send(at(await secure(), 'localhost', pem('ca.pem')));
    expect(attempt).toMatchObject({ outcome: { class: 'delivered' }, failure: null });
    const { dnsMs, connectMs, tlsMs, firstByteMs, totalMs } = attempt.timings;
    expect([dnsMs, connectMs, tlsMs, firstByteMs].every((ms) => ms! > 0)).toBe(true);
    expect(totalMs).toBeGreaterThanOrEqual(dnsMs! + connectMs! + tlsMs! + firstByteMs!);
  });

  it('a certificate that nobody vouches for is refused, also where the environment says otherwise', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    const attempt = await send(at(await secure(), 'localhost'));
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    expect(attempt).toMatchObject({ failure: 'tls_failed', outcome: { class: 'retry' }, status: null });
  });

  it('a certificate for another name is refused', async () => {
    const attempt = await send(at(await secure(), '127.0.0.1', pem('ca.pem')));
    expect(attempt).toMatchObject({ failure: 'tls_failed', detail: expect.stringContaining('127.0.0.1') as string });
  });

  it('who does not speak it is told so', async () => {
    const plain = createServer((socket) => void socket.on('error', () => undefined).end('HTTP/1.1 400 no\r\n\r\n'));
    const target = await listen(plain, 'https');
    expect((await send(target)).failure).toBe('tls_failed');
  });
});

describe('connections', () => {
  const ok = `${HEAD}Content-Length: 2\r\n\r\nok`;

  it('are used again, and what was not needed then was not timed', async () => {
    const target = await consumer((socket) => void socket.write(ok));
    const first = await send(target);
    await new Promise(setImmediate);
    const second = await send(target);
    expect([first.excerpt, second.excerpt]).toEqual(['ok', 'ok']);
    expect([target.connections(), target.requests.length]).toEqual([1, 2]);
    expect(first.timings.connectMs).not.toBeNull();
    expect(second).toMatchObject({ address: null, timings: { dnsMs: null, connectMs: null, tlsMs: null } });
  });

  it('that were closed while they lay idle are replaced: nobody was asked', async () => {
    const target = await consumer((socket, _, nth) => {
      if (nth === 2) socket.destroy();
      else socket.write(ok);
    });
    await send(target);
    await new Promise(setImmediate);
    expect(await send(target)).toMatchObject({ outcome: { class: 'delivered' }, address: '127.0.0.1' });
    expect([target.connections(), target.requests.length]).toEqual([2, 3]);
  });

  it('who is asked, and hangs up later, is not asked again in the same attempt: it would outlive its lease', async () => {
    const target = await consumer((socket, _, nth) => {
      if (nth === 1) socket.write(ok);
      else setTimeout(() => socket.destroy(), 300);
    });
    await send(target);
    await new Promise(setImmediate);
    const attempt = await send(target, { deadlineMs: 2_000 });
    expect([attempt.failure, target.requests.length]).toEqual(['connection_closed', 2]);
  });

  it('a second answer is never taken for that to the next delivery', async () => {
    const target = await consumer((socket, _, nth) => {
      if (nth === 1) socket.write(ok + ok);
      else socket.write(`HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n`);
    });
    expect((await send(target)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await send(target)).status).toBe(500);
  });

  it('go directly, whatever proxy the environment names', async () => {
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    const proxy = await consumer(answering(ok));
    for (const name of names) process.env[name] = proxy.url;
    const target = await consumer(answering(ok));
    const attempt = await send(target);
    for (const name of names) delete process.env[name];
    expect(attempt.status).toBe(200);
    expect([target.connections(), proxy.connections()]).toEqual([1, 0]);
  });
});

it('what cannot be sent is no matter of time', async () => {
  const target = await consumer(() => undefined);
  const wrong: Record<string, string>[] = [{ 'x-a': 'a\r\nx-b: c' }, { 'x a': 'b' }, { 'x-a': '→' }];
  for (const headers of wrong) {
    expect(await send(target, { headers })).toMatchObject({
      outcome: { class: 'refused' },
      failure: 'invalid_request',
    });
  }
  expect(target.requests).toEqual([]);
});

it('who stops it gets no outcome', async () => {
  const stopping = new AbortController();
  const target = await consumer(() => stopping.abort(new Error('stopping')));
  await expect(send(target, { signal: stopping.signal })).rejects.toThrow('stopping');
  await expect(send(target, { signal: stopping.signal })).rejects.toThrow('stopping');
  expect(target.requests).toHaveLength(1);
});
