/** What only a real connection shows: broken requests, and ending while requests are under way. */
import { connect } from 'node:net';
import { ApiUnderTest } from './spec-support.js';

const spoken = (port: number, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.setTimeout(5_000, () => socket.destroy());
  });

const bodyOf = (answer: string): { error: { code: string; request_id: string } } =>
  JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as never;

describe('connections', () => {
  let api: ApiUnderTest;
  let port: number;
  beforeAll(async () => {
    api = await ApiUnderTest.start();
    port = Number(new URL(await api.api.listen('127.0.0.1', 0)).port);
  });
  afterAll(() => api.close());

  it.each([
    ['GARBAGE\r\n\r\n', '400', 'malformed_request'],
    ['GET /v1/tenant HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n', '400', 'malformed_request'],
    [`GET /v1/tenant HTTP/1.1\r\nHost: x\r\nX-Large: ${'a'.repeat(20_000)}\r\n\r\n`, '431', 'headers_too_large'],
    ['GET /v1/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', '400', 'malformed_url'],
    ['GET /%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', '400', 'malformed_url'],
    ['GET *x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', '404', 'route_not_found'],
    [
      'POST /v1/accounts HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      '401',
      'missing_auth',
    ],
  ])('%.60j is answered in the envelope: %s %s', async (request, status, code) => {
    const answer = await spoken(port, request);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const { error } = bodyOf(answer);
    expect(error.code).toBe(code);
    expect(answer).toMatch(new RegExp(`request-id: ${error.request_id}`, 'i'));
    expect(answer).toMatch(/qairopay-version: 2026-05-19/i);
  });

  it('end when what is under way is answered', async () => {
    const ending = await ApiUnderTest.start();
    const tenant = await ending.tenant();
    const base = await ending.api.listen('127.0.0.1', 0);
    const real = ending.engine;
    let closing: Promise<void> | undefined;
    ending.engine = {
      execute: async (request) => {
        closing = ending.close();
        await new Promise((resolve) => setTimeout(resolve, 100));
        return real.execute(request);
      },
    };
    const answer = await fetch(`${base}/v1/accounts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tenant}`, 'content-type': 'application/json', 'idempotency-key': 'k' },
      body: JSON.stringify({ account_name: 'Ada', wallet_type: 'customer', currency: 'NGN' }),
    });
    expect(answer.status).toBe(201);
    await closing;
    await expect(fetch(`${base}/healthz`)).rejects.toThrow();
  });
});
