import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { RefreshTokens } from './secret-tokens.js';
import { UserTokens } from './user-tokens.js';

const SEED = Buffer.alloc(32, 7);
const JANE = {
  tenantId: 'tnt_01HZXK5Y8Q2J3M4N5P6R7S8T9V',
  userId: 'usr_01HZXK5Y8Q2J3M4N5P6R7S8T9V',
  sessionId: '01HZXK5Y8Q2J3M4N5P6R7S8T9V',
};
const now = (): number => Math.floor(Date.now() / 1_000);
const headerOf = (token: string): { kid: string; alg: string } =>
  JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string; alg: string };
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const tokens = new UserTokens(SEED);
let kid: string;
beforeAll(async () => {
  kid = headerOf(await tokens.sign(JANE)).kid;
});

describe('a user’s token', () => {
  it('is good on every instance, and its key’s name tells nothing of another installation’s', async () => {
    const token = await tokens.sign(JANE);
    expect(await new UserTokens(SEED).verify(token)).toEqual(JANE);
    expect(new UserTokens(SEED).isNamed(token)).toBe(true);
    const other = new UserTokens(Buffer.alloc(32, 8));
    expect([other.isNamed(token), await other.verify(token)]).toEqual([false, null]);
  });

  it('lasts a quarter of an hour, and a few seconds more where clocks differ', async () => {
    expect(await tokens.verify(await tokens.sign(JANE, now() - 902))).toEqual(JANE);
    expect(await tokens.verify(await tokens.sign(JANE, now() - 910))).toBe('expired');
  });

  const foreign = generateKeyPairSync('ed25519').privateKey;
  const signed = (change: JWTPayload, key: KeyObject = foreign, header: object = {}): Promise<string> =>
    new SignJWT({
      tid: JANE.tenantId,
      sid: JANE.sessionId,
      sub: JANE.userId,
      iss: 'daybook',
      aud: 'daybook-tenant',
      iat: now(),
      exp: now() + 60,
      ...change,
    })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT', ...header })
      .sign(key);

  it('of another key, under the right name, is refused', async () => {
    const token = await signed({});
    expect([tokens.isNamed(token), await tokens.verify(token)]).toEqual([true, null]);
  });

  it.each(['none', 'HS256', 'RS256', ''])('under the algorithm %j is refused', async (alg) => {
    const body = `${base64({ alg, kid, typ: 'JWT' })}.${base64({ ...JANE, sub: JANE.userId })}`;
    const signature = createHmac('sha256', createPublicKey(foreign).export({ type: 'spki', format: 'pem' })).update(
      body,
    );
    expect(await tokens.verify(`${body}.`)).toBeNull();
    expect(await tokens.verify(`${body}.${signature.digest('base64url')}`)).toBeNull();
  });

  it('with something changed in it is refused', async () => {
    const [header, , signature] = (await tokens.sign(JANE)).split('.');
    const payload = base64({
      tid: 'tnt_01HZXK5Y8Q2J3M4N5P6R7S8T9W',
      sid: JANE.sessionId,
      sub: JANE.userId,
      iss: 'daybook',
      aud: 'daybook-tenant',
      iat: now(),
      exp: now() + 60,
    });
    expect(await tokens.verify(`${header}.${payload}.${signature}`)).toBeNull();
  });

  it.each(['', 'a.b.c', '..', 'x'.repeat(5_000)])('that is none is named none (%#)', async (text) => {
    expect(tokens.isNamed(text)).toBe(false);
    expect(await tokens.verify(text)).toBeNull();
  });
});

describe('a refresh token', () => {
  const refresh = new RefreshTokens(Buffer.alloc(32, 3));
  it('says its session and generation to who has the key, and to nobody else', () => {
    const token = refresh.tokenOf(JANE.sessionId, 12);
    expect(refresh.parse(token)).toEqual({ sessionId: JANE.sessionId, generation: 12 });
    expect(new RefreshTokens(Buffer.alloc(32, 4)).parse(token)).toBeNull();
    for (const changed of [
      token.replace('_12_', '_13_'),
      token.replace('_12_', '_012_'),
      token.replace('01HZ', '01HY'),
      `${token}A`,
      token.slice(0, -1),
      '',
    ]) {
      expect(refresh.parse(changed)).toBeNull();
    }
  });
});
