import { createPrivateKey, createPublicKey, hash, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';

export interface SignedIn {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string;
}

/** An Ed25519 key in PKCS #8 (RFC 8410) but for its 32 bytes. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const ISSUER = 'daybook';
const AUDIENCE = 'daybook-tenant';
const CLOCK_SKEW_SECONDS = 5;
const IDS = { tid: /^tnt_[0-9A-Z]{26}$/, sub: /^usr_[0-9A-Z]{26}$/, sid: /^[0-9A-Z]{26}$/ };

export const ACCESS_TOKEN_SECONDS = 900;

/** Access tokens of tenants' users: JWTs of this installation, which every instance checks by itself. Real time. */
export class UserTokens {
  readonly #private: KeyObject;
  readonly #public: KeyObject;
  readonly #keyId: string;

  /** 32 bytes, the same on all instances. */
  constructor(seed: Uint8Array) {
    this.#private = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    this.#public = createPublicKey(this.#private);
    const spki = this.#public.export({ type: 'spki', format: 'der' });
    this.#keyId = `user-${hash('sha256', spki, 'hex').slice(0, 16)}`;
  }

  sign({ tenantId, userId, sessionId }: SignedIn, now = Math.floor(Date.now() / 1_000)): Promise<string> {
    return new SignJWT({ tid: tenantId, sid: sessionId })
      .setProtectedHeader({ alg: 'EdDSA', kid: this.#keyId, typ: 'JWT' })
      .setSubject(userId)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(now)
      .setExpirationTime(now + ACCESS_TOKEN_SECONDS)
      .sign(this.#private);
  }

  /** Whether a token says that it is one of these, which alone proves nothing. */
  isNamed(token: string): boolean {
    try {
      return decodeProtectedHeader(token).kid === this.#keyId;
    } catch {
      return false;
    }
  }

  async verify(token: string): Promise<SignedIn | 'expired' | null> {
    try {
      const { payload } = await jwtVerify(token, this.#public, {
        algorithms: ['EdDSA'],
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: 'JWT',
        clockTolerance: CLOCK_SKEW_SECONDS,
        requiredClaims: ['sub', 'iat', 'exp', 'tid', 'sid'],
      });
      const { tid, sub, sid } = payload;
      if (typeof tid !== 'string' || typeof sub !== 'string' || typeof sid !== 'string') return null;
      if (!IDS.tid.test(tid) || !IDS.sub.test(sub) || !IDS.sid.test(sid)) return null;
      return { tenantId: tid, userId: sub, sessionId: sid };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return 'expired';
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }
}
