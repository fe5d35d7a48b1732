/** Requests that are odd in their HTTP and not in what they ask for. Over a real connection, where clients would not send them. */
import { connect } from 'node:net';
import { ApiUnderTest } from './spec-support.js';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly error: { readonly code: string; readonly param: string | null; readonly request_id: string } | undefined;
}

let api: ApiUnderTest;
let tenant: string;
let port: number;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
  port = Number(new URL(await api.api.listen('127.0.0.1', 0)).port);
});
afterAll(() => api.close());

const spoken = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.setTimeout(5_000, () => socket.destroy());
  });

/** Asks with these lines of a head and this body; a credential and the end of the connection are added. */
const ask = async (lines: readonly string[], body = ''): Promise<Answer> => {
  const more = [`Authorization: Bearer ${tenant}`, 'Connection: close'];
  const length = body === '' ? [] : ['Idempotency-Key: edge', `Content-Length: ${body.length}`];
  const text = await spoken([...lines, ...more, ...length, '', body].join('\r\n'));
  const [head = '', said = ''] = text.split('\r\n\r\n', 2);
  const headers = head.split('\r\n').slice(1);
  return {
    status: Number(head.split(' ')[1]),
    headers: Object.fromEntries(headers.map((line) => [line.split(': ')[0]?.toLowerCase(), line.split(': ')[1]])),
    error: (JSON.parse(said) as { error?: Answer['error'] }).error,
  };
};

const told = ({ status, error }: Answer): string => `${status} ${error?.code ?? ''} ${error?.param ?? ''}`.trim();

/** Asks, and sees to it that the answer is the envelope with the headers of every answer. */
const refused = async (lines: readonly string[], body?: string): Promise<Answer> => {
  const answer = await ask(lines, body);
  expect(answer.headers['request-id']).toBe(answer.error?.request_id);
  expect(answer.headers['qairopay-version']).toBe('2026-05-19');
  expect(answer.headers.vary).toBe('Authorization, X-API-Key, QairoPay-Version');
  return answer;
};

const GET = 'GET /v1/tenant HTTP/1.1';
const HOST = 'Host: x';

it('the address that it runs at leads to the reference', async () => {
  const text = await spoken('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  expect(text).toMatch(/^HTTP\/1\.1 302 /);
  expect(text).toMatch(/\r\nlocation: \/docs\r\n/i);
});

describe('heads', () => {
  it.each([
    ['no Host', [GET], '400 malformed_request'],
    ['two Hosts', [GET, HOST, 'Host: y'], '400 malformed_request'],
    ['an expectation', [GET, HOST, 'Expect: xyz'], '417 expectation_failed'],
    ['a name with a space', [GET, HOST, 'Bad Header: y'], '400 malformed_request'],
    ['too much of it', [GET, HOST, `X-Large: ${'a'.repeat(20_000)}`], '431 headers_too_large'],
  ])('with %s', async (_, lines, expected) => {
    expect(told(await refused(lines))).toBe(expected);
  });

  it('of HTTP/1.0 need no Host', async () => {
    expect((await ask(['GET /v1/tenant HTTP/1.0'])).status).toBe(200);
  });
});

describe('credentials', () => {
  it('that are malformed are told of in the words of who looked at them', async () => {
    api.credentials.known.set('odd', { code: 'malformed_authorization', message: 'X-API-Key was sent twice.' });
    const answer = await api.send(tenant, 'GET', '/v1/tenant', undefined, { credential: 'odd' });
    expect(answer.body.error).toMatchObject({ code: 'malformed_authorization', message: 'X-API-Key was sent twice.' });
  });
});

describe('methods', () => {
  it.each(['QUERY', 'PURGE', 'OPTIONS', 'TRACE', 'FOO', 'GETX', 'get'])(
    '%s: 405 with what is taken',
    async (method) => {
      const answer = await refused([`${method} /v1/accounts?limit=1 HTTP/1.1`, HOST]);
      expect([told(answer), answer.headers.allow]).toEqual(['405 method_not_allowed', 'POST, GET']);
      expect(told(await refused([`${method} /v1/nothing HTTP/1.1`, HOST]))).toBe('404 route_not_found');
    },
  );

  it('that are not taken are told of before a body is looked at', async () => {
    const lines = ['DELETE /v1/accounts HTTP/1.1', HOST, 'Content-Type: application/json'];
    expect(told(await refused(lines, '{"broken'))).toBe('405 method_not_allowed');
  });
});

describe('bodies', () => {
  const JSON_TYPE = 'Content-Type: application/json';
  const body = '{"account_name":"Ada","wallet_type":"customer","currency":"NGN"}';
  const POST = ['POST /v1/accounts HTTP/1.1', HOST];

  it.each([
    [[JSON_TYPE, 'Content-Encoding: gzip']],
    [[JSON_TYPE, 'Content-Encoding: identity, br']],
    [[`${JSON_TYPE}; charset=utf-16`]],
    [[`${JSON_TYPE}; charset="iso-8859-1"`]],
    [[`${JSON_TYPE};charset=`]],
    [[`${JSON_TYPE}; charset=utf-8; charset=latin1`]],
    [[JSON_TYPE, 'Content-Type: text/plain']],
    [[JSON_TYPE, 'content-type: application/json']],
    [[`${JSON_TYPE}, text/plain`]],
  ])('%j: 415', async (lines) => {
    expect(told(await refused([...POST, ...lines], body))).toBe('415 unsupported_media_type');
  });

  it.each([
    [[JSON_TYPE, 'Content-Encoding: identity']],
    [[`${JSON_TYPE}; charset=UTF-8`]],
    [[`${JSON_TYPE}; charset="utf-8"`]],
  ])('%j is read', async (lines) => {
    expect((await ask([...POST, ...lines], body)).status).toBe(201);
  });

  it('of a stranger are not looked at', async () => {
    const answer = await api.send(tenant, 'POST', '/v1/accounts', body, {
      credential: null,
      headers: { 'content-encoding': 'gzip' },
    });
    expect(answer.status).toBe(401);
  });

  it('of very many fields are refused', async () => {
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 90_000 }, (_, i) => [i, 1])));
    expect((await api.send(tenant, 'POST', '/v1/accounts', many)).body.error?.code).toBe('too_many_members');
    const list = `{"transactions":[${'1,'.repeat(2_000_000)}1]}`;
    expect((await api.send(tenant, 'POST', '/v1/transactions/batch', list)).body.error?.code).toBe('too_many_members');
  });
});

describe('queries', () => {
  it.each([
    ['account_code=%ff', '400 pattern_mismatch account_code'],
    ['account_code=%ED%A0%80', '400 pattern_mismatch account_code'],
    ['limit=1&account_code=50%', '400 pattern_mismatch account_code'],
    ['account_code=%C0%80', '400 pattern_mismatch account_code'],
    ['account%5Fcode=%zz', '400 pattern_mismatch account_code'],
    ['%ff=1', '400 malformed_url'],
    ['%', '400 malformed_url'],
  ])('%s: %s', async (query, expected) => {
    expect(told(await refused([`GET /v1/accounts?${query} HTTP/1.1`, HOST]))).toBe(expected);
  });

  it.each(['account_code=%E2%82%AC+%25', 'account%5Fcode=a=b', ''])('%j is well', async (query) => {
    expect((await ask([`GET /v1/accounts?${query} HTTP/1.1`, HOST])).status).toBe(200);
  });
});

describe('a path that goes up', () => {
  it.each([
    '/v1/cards/../transactions',
    '/v1/cards/%2e%2e/transactions',
    '/v1/cards/..%2ftransactions',
    '/v1//transactions',
  ])('%s leads nowhere', async (path) => {
    expect(told(await refused([`GET ${path} HTTP/1.1`, HOST]))).toMatch(/^404 /);
  });
});

describe('what two servers would read differently', () => {
  const POST = ['POST /v1/accounts HTTP/1.1', HOST, 'Content-Type: application/json', 'Idempotency-Key: smuggled'];
  const SMUGGLED = ['POST /v1/accounts HTTP/1.1', HOST, 'Content-Type: application/json', 'Idempotency-Key: within'];
  const body = '{"account_name":"Ada","wallet_type":"customer","currency":"NGN"}';
  const within = [...SMUGGLED, `Authorization: Bearer TENANT`, `Content-Length: ${body.length}`, '', body].join('\r\n');

  it.each([
    ['two lengths', ['Content-Length: 2', 'Content-Length: 64']],
    ['a length that is a list', ['Content-Length: 2, 64']],
    ['a length with a sign', ['Content-Length: +64']],
    ['a length and chunks', ['Content-Length: 64', 'Transfer-Encoding: chunked']],
    ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 64']],
    ['chunks that are no last coding', ['Transfer-Encoding: chunked, identity']],
    ['an unknown coding', ['Transfer-Encoding: xchunked']],
    ['two codings', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity']],
    ['a space before the colon', ['Transfer-Encoding : chunked']],
    ['a folded line', ['Transfer-Encoding:', ' chunked']],
    ['a bare carriage return', ['X-A: b\rTransfer-Encoding: chunked']],
  ])('%s: is refused, with all that comes behind it', async (_what, lines) => {
    const before = await api.head(tenant);
    const credential = `Authorization: Bearer ${tenant}`;
    const text = await spoken(
      [...POST, credential, ...lines, '', `0\r\n\r\n${within.replace('TENANT', tenant)}`].join('\r\n'),
    );
    expect(text).toMatch(/^HTTP\/1\.1 (?:400|413|415|501) /);
    expect(text.split('HTTP/1.1 ')).toHaveLength(2);
    expect(await api.head(tenant)).toBe(before);
  });

  it.each([
    [[...POST, 'Idempotency-Key: other'], '400 pattern_mismatch Idempotency-Key'],
    [
      [GET, HOST, 'QairoPay-Version: 2026-05-19', 'QairoPay-Version: 2025-11-01'],
      '400 api_version_unknown QairoPay-Version',
    ],
    [[GET, HOST, 'Min-Ledger-Revision: 1', 'Min-Ledger-Revision: 2'], '400 pattern_mismatch Min-Ledger-Revision'],
  ])('%j: %s', async (lines, expected) => {
    expect(told(await ask(lines, lines[0] === GET ? '' : body))).toBe(expected);
  });

  it.each([
    'X-HTTP-Method-Override: DELETE',
    'X-Original-URL: /v1/accounts',
    'X-Rewrite-URL: /metrics',
    'X-Forwarded-Host: evil.example',
  ])('%s is passed over', async (line) => {
    expect((await ask([GET, HOST, line])).status).toBe(200);
  });
});
