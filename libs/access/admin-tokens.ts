import { randomUUID } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify, SignJWT, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { PERMISSION_NAMES, type Permission } from '#contract/scopes.js';
import { type AdminKey, loadAdminKey } from './admin-key.js';
import { type AdminPrincipal, type AuthFailure, CredentialsUnavailable } from './principal.js';

export interface AdminTokenVerifier {
  /** Throws `CredentialsUnavailable` where the issuer's keys can't be had. */
  verify(token: string): Promise<AdminPrincipal | AuthFailure>;
}

export interface AdminTokenTerms {
  readonly issuer: string;
  readonly audience: string;
}

export interface AdminTokenRequest {
  readonly permissions: readonly Permission[];
  readonly ttlSeconds: number;
  /** The token's subject: who the audit log says it was. `operator` unless given. */
  readonly operatorId?: string;
}

const CLOCK_SKEW_SECONDS = 60;
const SUBJECT = /^[\x21-\x7e]{1,255}$/;
/** Signatures only. With an HMAC among them, a public key would do as its secret. */
const ISSUER_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'PS256', 'RS256'] as const;
const KNOWN: ReadonlySet<string> = new Set(PERMISSION_NAMES);

/** Tokens of this installation, signed with a key in its data folder. */
export class LocalAdminTokens implements AdminTokenVerifier {
  private constructor(
    private readonly key: AdminKey,
    private readonly terms: AdminTokenTerms,
  ) {}

  /** `keyFile` is made (mode 0600) where it is not there. Throws where it holds something else. */
  static async open(keyFile: string, terms: AdminTokenTerms): Promise<LocalAdminTokens> {
    return new LocalAdminTokens(await loadAdminKey(keyFile), terms);
  }

  signAdminToken(request: AdminTokenRequest): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({ permissions: request.permissions })
      .setProtectedHeader({ alg: 'EdDSA', kid: this.key.id, typ: 'JWT' })
      .setSubject(request.operatorId ?? 'operator')
      .setIssuer(this.terms.issuer)
      .setAudience(this.terms.audience)
      .setIssuedAt(now)
      .setExpirationTime(now + request.ttlSeconds)
      .setJti(randomUUID())
      .sign(this.key.private);
  }

  verify(token: string): Promise<AdminPrincipal | AuthFailure> {
    return verified(token, async () => this.key.public, ['EdDSA'], this.terms);
  }
}

/** Milliseconds. */
export interface IssuerPatience {
  /** How long a key set is believed: 10 minutes unless given. */
  readonly cacheMs?: number;
  /** How often it is asked for again because a token names a key that is not in it, at most: every 30 s unless given. */
  readonly cooldownMs?: number;
}

/**
 * Tokens of an OpenID Connect issuer, whose keys may change at any time: a token that names one which is not known yet
 * makes it ask again. Only where a token says which key it is by is taken from it: keys, addresses of keys and algorithms
 * that it brings along are not.
 */
export class IssuedAdminTokens implements AdminTokenVerifier {
  readonly #keys: JWTVerifyGetKey;

  constructor(
    jwksUrl: string,
    private readonly terms: AdminTokenTerms,
    { cacheMs = 600_000, cooldownMs = 30_000 }: IssuerPatience = {},
  ) {
    this.#keys = createRemoteJWKSet(new URL(jwksUrl), {
      timeoutDuration: 5_000,
      cooldownDuration: cooldownMs,
      cacheMaxAge: cacheMs,
    });
  }

  verify(token: string): Promise<AdminPrincipal | AuthFailure> {
    return verified(token, this.#keys, [...ISSUER_ALGORITHMS], this.terms);
  }
}

async function verified(
  token: string,
  key: JWTVerifyGetKey,
  algorithms: (typeof ISSUER_ALGORITHMS)[number][],
  terms: AdminTokenTerms,
): Promise<AdminPrincipal | AuthFailure> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms,
      issuer: terms.issuer,
      audience: terms.audience,
      clockTolerance: CLOCK_SKEW_SECONDS,
      requiredClaims: ['sub', 'iat', 'exp', 'permissions'],
    });
    return principalOf(payload) ?? { code: 'invalid_key' };
  } catch (error) {
    if (error instanceof errors.JWTExpired) return { code: 'expired_token' };
    if (isOfTheToken(error)) return { code: 'invalid_key' };
    throw new CredentialsUnavailable('the issuer of admin tokens', error);
  }
}

/** The library checks `iat` only as part of a greatest age, which these tokens do not have. */
function principalOf(payload: JWTPayload): AdminPrincipal | null {
  const { sub, iat, permissions } = payload;
  if (sub === undefined || !SUBJECT.test(sub)) return null;
  if (iat === undefined || iat > Date.now() / 1_000 + CLOCK_SKEW_SECONDS) return null;
  if (!Array.isArray(permissions)) return null;
  const granted = permissions.filter((name): name is string => typeof name === 'string' && KNOWN.has(name));
  return { plane: 'admin', operatorId: sub, permissions: new Set(granted) };
}

/** Whether the token is at fault, and not that the issuer's keys could not be fetched or read. */
function isOfTheToken(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return false;
  const { code } = error;
  return code !== errors.JOSEError.code && code !== errors.JWKSTimeout.code && code !== errors.JWKSInvalid.code;
}
