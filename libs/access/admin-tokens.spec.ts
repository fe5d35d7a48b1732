import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type JWTPayload, SignJWT } from 'jose';
import { loadAdminKey } from './admin-key.js';
import { IssuedAdminTokens, LocalAdminTokens } from './admin-tokens.js';

const TERMS = { issuer: 'daybook', audience: 'daybook-admin' };
const INVALID = { code: 'invalid_key' };
const now = (): number => Math.floor(Date.now() / 1_000);
const claims = (change: JWTPayload = {}): JWTPayload => ({
  sub: 'op_ada',
  iss: TERMS.issuer,
  aud: TERMS.audience,
  iat: now(),
  exp: now() + 300,
  permissions: ['view_tenants'],
  ...change,
});
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'daybook-keys-'));
  file = path.join(folder, 'keys', 'admin.pem');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a token of the local key', () => {
  let tokens: LocalAdminTokens;
  let key: KeyObject;
  beforeAll(async () => {
    tokens = await LocalAdminTokens.open(file, TERMS);
    key = (await loadAdminKey(file)).private;
  });
  const signed = (payload: JWTPayload, by = key, header = { alg: 'EdDSA' }): Promise<string> =>
    new SignJWT(payload).setProtectedHeader(header).sign(by);

  it('names the operator and what they may do', async () => {
    const token = await tokens.signAdminToken({
      permissions: ['view_tenants', 'manage_tenants'],
      ttlSeconds: 60,
      operatorId: 'op_ada',
    });
    expect(await tokens.verify(token)).toEqual({
      plane: 'admin',
      operatorId: 'op_ada',
      permissions: new Set(['view_tenants', 'manage_tenants']),
    });
  });

  it('outlives a restart', async () => {
    const token = await tokens.signAdminToken({ permissions: [], ttlSeconds: 60 });
    expect(await (await LocalAdminTokens.open(file, TERMS)).verify(token)).toMatchObject({ operatorId: 'operator' });
  });

  it('grants only what is a permission', async () => {
    const token = await signed(claims({ permissions: ['view_tenants', 'root', 7, null] }));
    expect(await tokens.verify(token)).toMatchObject({ permissions: new Set(['view_tenants']) });
  });

  it.each<[string, JWTPayload]>([
    ['of another issuer', { iss: 'elsewhere' }],
    ['of no issuer', { iss: undefined }],
    ['for another audience', { aud: 'elsewhere' }],
    ['for no audience', { aud: undefined }],
    ['made in the future', { iat: now() + 600 }],
    ['not made at any time', { iat: undefined }],
    ['not yet valid', { nbf: now() + 600 }],
    ['without an end', { exp: undefined }],
    ['with an end that is no time', { exp: 'never' as unknown as number }],
    ['of nobody', { sub: undefined }],
    ['of somebody unspeakable', { sub: 'a\nb' }],
    ['without permissions', { permissions: undefined }],
    ['with permissions in one word', { permissions: 'view_tenants' }],
  ])('%s is refused', async (_, change) => {
    expect(await tokens.verify(await signed(claims(change)))).toEqual(INVALID);
  });

  it.each([
    [-61, { code: 'expired_token' }],
    [-30, { plane: 'admin' }],
  ])('that ends at now %i s: clocks may differ by a minute', async (seconds, outcome) => {
    expect(await tokens.verify(await signed(claims({ iat: now() - 900, exp: now() + seconds })))).toMatchObject(
      outcome,
    );
  });

  it('made a little in the future is taken', async () => {
    expect(await tokens.verify(await signed(claims({ iat: now() + 30 })))).toMatchObject({ plane: 'admin' });
  });

  it('of another key is refused', async () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    expect(await tokens.verify(await signed(claims(), other))).toEqual(INVALID);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect(await tokens.verify(await signed(claims(), rsa, { alg: 'RS256' }))).toEqual(INVALID);
  });

  it.each(['none', 'None', 'nOnE', ''])('signed by nobody (alg %j) is refused', async (alg) => {
    const body = `${base64({ alg, typ: 'JWT' })}.${base64(claims())}`;
    expect(await tokens.verify(`${body}.`)).toEqual(INVALID);
    expect(await tokens.verify(`${body}.AAAA`)).toEqual(INVALID);
  });

  it('whose secret is the public key is refused', async () => {
    const { public: publicKey } = await loadAdminKey(file);
    const body = `${base64({ alg: 'HS256', typ: 'JWT' })}.${base64(claims())}`;
    for (const secret of [
      publicKey.export({ type: 'spki', format: 'pem' }),
      publicKey.export({ type: 'spki', format: 'der' }),
    ]) {
      const signature = createHmac('sha256', secret).update(body).digest('base64url');
      expect(await tokens.verify(`${body}.${signature}`)).toEqual(INVALID);
    }
  });

  it('with something changed in it is refused', async () => {
    const [header, , signature] = (await signed(claims())).split('.');
    const raised = base64(claims({ permissions: ['manage_tenants'] }));
    expect(await tokens.verify(`${header}.${raised}.${signature}`)).toEqual(INVALID);
    expect(await tokens.verify('a.b.c')).toEqual(INVALID);
    expect(await tokens.verify('..')).toEqual(INVALID);
  });
});

describe('the key file', () => {
  it('is its owner’s alone, and nothing is left beside it', async () => {
    const fresh = path.join(folder, 'fresh', 'admin.pem');
    const keys = await Promise.all([1, 2, 3].map(() => loadAdminKey(fresh)));
    expect(new Set(keys.map((key) => key.id)).size).toBe(1);
    expect(statSync(fresh).mode & 0o777).toBe(0o600);
    expect(readdirSync(path.dirname(fresh))).toEqual(['admin.pem']);
  });

  it.each([
    '',
    'garbage',
    generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  ])('with something else in it is refused and left as it is (%#)', async (content) => {
    const wrong = path.join(folder, 'wrong.pem');
    writeFileSync(wrong, content);
    chmodSync(wrong, 0o600);
    await expect(loadAdminKey(wrong)).rejects.toThrow(/does not hold an Ed25519 private key/);
  });
});

describe('a token of an issuer', () => {
  let server: Server;
  let url: string;
  let asked = 0;
  let answer: { status: number; body: unknown };
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks = { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' }] };
  const signed = (kid: string, by = pair.privateKey): Promise<string> =>
    new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', kid }).sign(by);

  beforeAll(async () => {
    server = createServer((_, response) => {
      asked += 1;
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  });
  beforeEach(() => {
    asked = 0;
    answer = { status: 200, body: jwks };
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('is checked with the issuer’s key, asked for once', async () => {
    const tokens = new IssuedAdminTokens(url, TERMS);
    for (let i = 0; i < 5; i += 1) expect(await tokens.verify(await signed('one'))).toMatchObject({ plane: 'admin' });
    expect(asked).toBe(1);
  });

  it('that names an unknown key is refused, and makes nobody ask again and again', async () => {
    const tokens = new IssuedAdminTokens(url, TERMS);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    for (let i = 0; i < 5; i += 1) expect(await tokens.verify(await signed('two', other))).toEqual(INVALID);
    expect(await tokens.verify(await signed('one', other))).toEqual(INVALID);
    expect(asked).toBe(1);
  });

  it.each([
    [500, 'out of order'],
    [200, 'no JSON'],
    [200, { keys: 'none' }],
  ])('cannot be judged while the issuer answers %i %j', async (status, body) => {
    answer = { status, body };
    const tokens = new IssuedAdminTokens(url, TERMS);
    await expect(tokens.verify(await signed('one'))).rejects.toMatchObject({ name: 'CredentialsUnavailable' });
  });

  it('cannot be judged while the issuer is away', async () => {
    const tokens = new IssuedAdminTokens('http://127.0.0.1:9/jwks', TERMS);
    await expect(tokens.verify(await signed('one'))).rejects.toMatchObject({ name: 'CredentialsUnavailable' });
  });

  it('under an algorithm with a shared secret is refused before any key is asked for', async () => {
    const tokens = new IssuedAdminTokens(url, TERMS);
    for (const alg of ['HS256', 'none']) {
      expect(await tokens.verify(`${base64({ alg, kid: 'one' })}.${base64(claims())}.AAAA`)).toEqual(INVALID);
    }
    expect(asked).toBe(0);
  });
});
