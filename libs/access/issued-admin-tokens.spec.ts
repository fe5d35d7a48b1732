/** Tokens of an issuer, as an attacker would make them: a key set over HTTP, its rotation, and what must not open anything. */
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { IssuedAdminTokens } from './admin-tokens.js';

const TERMS = { issuer: 'https://id.example', audience: 'daybook-admin' };
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
const ec = (): { publicKey: KeyObject; privateKey: KeyObject } => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = (key: KeyObject, kid: string, more: object = {}): object => ({
  ...key.export({ format: 'jwk' }),
  kid,
  use: 'sig',
  ...more,
});

const ours = ec();
const attackers = ec();
let server: Server;
let url: string;
let asked: string[] = [];
let keys: object[] = [];
let status = 200;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: request.url === '/evil' ? [jwk(attackers.publicKey, 'one')] : keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
  status = 200;
  keys = [jwk(ours.publicKey, 'one', { alg: 'ES256' })];
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const tokens = (patience = {}): IssuedAdminTokens => new IssuedAdminTokens(`${url}/jwks`, TERMS, patience);
const signed = (
  header: JWTHeaderParameters | object = {},
  payload: JWTPayload = claims(),
  by: KeyObject = ours.privateKey,
): Promise<string> => new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'one', ...header }).sign(by);

describe('what the issuer signed', () => {
  it.each([
    ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['PS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['ES256', ec()],
    ['ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['EdDSA', generateKeyPairSync('ed25519')],
  ])('under %s opens the admin plane', async (alg, pair) => {
    keys = [jwk(pair.publicKey, 'one', { alg })];
    expect(await tokens().verify(await signed({ alg }, claims(), pair.privateKey))).toEqual({
      plane: 'admin',
      operatorId: 'op_ada',
      permissions: new Set(['view_tenants']),
    });
  });

  it('for several audiences, ours among them, is taken', async () => {
    const token = await signed({}, claims({ aud: ['elsewhere', TERMS.audience] }));
    expect(await tokens().verify(token)).toMatchObject({ plane: 'admin' });
  });

  it.each<[string, JWTPayload, object]>([
    ['for another audience', { aud: 'daybook-tenant' }, INVALID],
    ['for an audience that only begins like ours', { aud: `${TERMS.audience}.evil.example` }, INVALID],
    ['of another issuer', { iss: 'https://id.example.evil' }, INVALID],
    ['that has expired', { iat: now() - 900, exp: now() - 120 }, { code: 'expired_token' }],
    ['a moment over, as clocks differ', { iat: now() - 900, exp: now() - 30 }, { plane: 'admin' }],
    ['of the future', { iat: now() + 600, exp: now() + 900 }, INVALID],
    ['not yet valid', { nbf: now() + 600 }, INVALID],
    ['without an end', { exp: undefined }, INVALID],
    ['of nobody', { sub: undefined }, INVALID],
    ['without permissions', { permissions: undefined }, INVALID],
    ['with permissions that are none', { permissions: { view_tenants: true } }, INVALID],
    ['with names of the prototype', { permissions: ['__proto__', 'constructor'] }, { permissions: new Set() }],
  ])('%s', async (_, change, outcome) => {
    expect(await tokens().verify(await signed({}, claims(change)))).toMatchObject(outcome);
  });
});

describe('what an attacker made', () => {
  it.each(['none', 'None', 'NONE', 'nOnE', '', null])(
    'signed by nobody (alg %j) is refused, and no key is asked for',
    async (alg) => {
      for (const signature of ['', 'AAAA', 'e30'])
        expect(await tokens().verify(`${base64({ alg, kid: 'one' })}.${base64(claims())}.${signature}`)).toEqual(
          INVALID,
        );
      expect(asked).toEqual([]);
    },
  );

  it.each(['HS256', 'HS384', 'HS512'])('with the public key as a secret (%s) is refused', async (alg) => {
    const body = `${base64({ alg, kid: 'one' })}.${base64(claims())}`;
    for (const secret of [
      ours.publicKey.export({ type: 'spki', format: 'pem' }),
      ours.publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(ours.publicKey.export({ format: 'jwk' })),
    ]) {
      const signature = createHmac(alg.replace('HS', 'sha'), secret).update(body).digest('base64url');
      expect(await tokens().verify(`${body}.${signature}`)).toEqual(INVALID);
    }
  });

  it('with a secret that stands in the key set by mistake is refused', async () => {
    keys.push({ kty: 'oct', kid: 'two', k: Buffer.from('secret').toString('base64url'), alg: 'HS256' });
    const body = `${base64({ alg: 'HS256', kid: 'two' })}.${base64(claims())}`;
    const signature = createHmac('sha256', 'secret').update(body).digest('base64url');
    expect(await tokens().verify(`${body}.${signature}`)).toEqual(INVALID);
  });

  it('under the right name with another key is refused', async () => {
    expect(await tokens().verify(await signed({}, claims(), attackers.privateKey))).toEqual(INVALID);
  });

  it('that brings its own key, or says where to find one, is checked with the issuer’s', async () => {
    const own = attackers.publicKey.export({ format: 'jwk' });
    for (const header of [
      { jwk: own },
      { jwk: own, kid: undefined },
      { jku: `${url}/evil` },
      { x5u: `${url}/evil` },
      { x5c: ['MIIB'] },
      { jku: `${url}/evil`, kid: 'other' },
    ]) {
      expect(await tokens().verify(await signed(header, claims(), attackers.privateKey))).toEqual(INVALID);
    }
    expect(asked).not.toContain('/evil');
  });

  it.each([
    '../../../../dev/null',
    '/dev/null',
    "one' OR '1'='1",
    'one\u0000',
    '__proto__',
    'constructor',
    '',
    'x'.repeat(4_000),
    `http://127.0.0.1/evil`,
    7,
    ['one'],
    { toString: 'one' },
    null,
  ])('that names its key %j is refused', async (kid) => {
    const body = `${base64({ alg: 'ES256', kid })}.${base64(claims())}`;
    expect(await tokens().verify(`${body}.${'A'.repeat(86)}`)).toEqual(INVALID);
    if (typeof kid === 'string')
      expect(await tokens().verify(await signed({ kid }, claims(), attackers.privateKey))).toEqual(INVALID);
    expect(asked).not.toContain('/evil');
  });

  it('with extensions that nobody knows here is refused', async () => {
    const body = `${base64({ alg: 'ES256', kid: 'one', crit: ['exp'], exp: 1 })}.${base64(claims())}`;
    expect(await tokens().verify(`${body}.${'A'.repeat(86)}`)).toEqual(INVALID);
    const unencoded = `${base64({ alg: 'ES256', kid: 'one', b64: false, crit: ['b64'] })}.${base64(claims())}`;
    expect(await tokens().verify(`${unencoded}.${'A'.repeat(86)}`)).toEqual(INVALID);
  });

  it('with a signature of zeros (CVE-2022-21449), a cut or a doubled one is refused', async () => {
    const [header, payload, signature] = (await signed()).split('.') as [string, string, string];
    for (const changed of [
      Buffer.alloc(64).toString('base64url'),
      signature.slice(0, -4),
      signature + signature,
      '',
      `${signature}=`,
    ]) {
      expect(await tokens().verify(`${header}.${payload}.${changed}`)).toEqual(INVALID);
    }
  });

  it('that is no token at all is refused', async () => {
    for (const text of [
      '..',
      'a.b.c',
      '....',
      `${base64('x')}.${base64('y')}.${base64('z')}`,
      `${base64([])}.${base64({})}.x`,
    ])
      expect(await tokens().verify(text)).toEqual(INVALID);
  });
});

describe('the issuer’s keys', () => {
  it('are asked for once, and again when they have grown old', async () => {
    const patient = tokens({ cacheMs: 150 });
    for (let i = 0; i < 5; i += 1) expect(await patient.verify(await signed())).toMatchObject({ plane: 'admin' });
    expect(asked).toHaveLength(1);
    await sleep(200);
    expect(await patient.verify(await signed())).toMatchObject({ plane: 'admin' });
    expect(asked).toHaveLength(2);
  });

  it('that are new are found as soon as a token names one, and the old ones open for as long as they are listed', async () => {
    const next = ec();
    const patient = tokens({ cooldownMs: 50 });
    expect(await patient.verify(await signed())).toMatchObject({ plane: 'admin' });
    keys = [jwk(ours.publicKey, 'one'), jwk(next.publicKey, 'two')];
    await sleep(80);
    expect(await patient.verify(await signed({ kid: 'two' }, claims(), next.privateKey))).toMatchObject({
      plane: 'admin',
    });
    expect(await patient.verify(await signed())).toMatchObject({ plane: 'admin' });
    keys = [jwk(next.publicKey, 'two')];
    await sleep(80);
    // What is not listed any more goes with the next time that somebody asks.
    expect(await patient.verify(await signed({ kid: 'three' }))).toEqual(INVALID);
    expect(await patient.verify(await signed())).toEqual(INVALID);
  });

  it('are not asked for again and again because of garbage', async () => {
    const patient = tokens();
    await patient.verify(await signed());
    for (let i = 0; i < 20; i += 1) expect(await patient.verify(await signed({ kid: `k${i}` }))).toEqual(INVALID);
    expect(asked).toHaveLength(1);
  });

  it('that can’t be had now make it a 503, and are had again afterwards', async () => {
    const patient = tokens({ cacheMs: 50, cooldownMs: 0 });
    status = 500;
    await expect(patient.verify(await signed())).rejects.toMatchObject({ name: 'CredentialsUnavailable' });
    status = 200;
    expect(await patient.verify(await signed())).toMatchObject({ plane: 'admin' });
  });
});
