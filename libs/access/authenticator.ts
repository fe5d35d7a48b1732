import { hash, timingSafeEqual } from 'node:crypto';
import type { AdminTokenVerifier } from './admin-tokens.js';
import { API_KEY_PREFIX, keyIdIn, type KeyVerifiers, parseApiKey } from './api-keys.js';
import type { Credential, CredentialCache } from './credential-cache.js';
import type { LastUses } from './last-uses.js';
import type { AuthCode, AuthFailure, Principal, TenantPrincipal } from './principal.js';
import type { UserAuthenticator } from './users/user-authenticator.js';

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const LONGEST = 8_192;
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** One object for each, because nothing else is in them. */
const failure = (code: AuthCode, message?: string): AuthFailure =>
  Object.freeze(message === undefined ? { code } : { code, message });
const MISSING = failure('missing_auth');
const MALFORMED = failure('malformed_authorization');
/** The same to a program; to who reads it, of the header that they used. */
const MALFORMED_KEY = failure('malformed_authorization', 'X-API-Key must hold one API key, and be sent once.');
const AMBIGUOUS = failure('ambiguous_credentials');
const INVALID = failure('invalid_key');

/** Of a key that was proven to be one. */
const outOfUse = (code: AuthCode, { principal }: Credential): AuthFailure => ({ code, known: principal });

/** Says who a request is from. What they may do is `rights.ts`'s. */
export class Authenticator {
  constructor(
    private readonly cache: CredentialCache,
    private readonly verifiers: KeyVerifiers,
    private readonly lastUses: LastUses,
    private readonly adminTokens: AdminTokenVerifier,
    private readonly users: Pick<UserAuthenticator, 'isNamed' | 'authenticate'>,
  ) {}

  /**
   * `headers` as Node gives them, names in lower case; with `rawHeaders`, one that was sent twice is refused, where Node
   * silently takes the first and a proxy before it may have looked at the last. Throws `CredentialsUnavailable`.
   */
  async authenticate(headers: Headers, rawHeaders?: readonly string[]): Promise<Principal | AuthFailure> {
    const { authorization, 'x-api-key': apiKey } = headers;
    if (authorization !== undefined && apiKey !== undefined) return AMBIGUOUS;
    if (rawHeaders !== undefined && sentTwice(rawHeaders)) return apiKey === undefined ? MALFORMED : MALFORMED_KEY;
    if (apiKey !== undefined) return typeof apiKey === 'string' ? this.#apiKey(apiKey) : MALFORMED_KEY;
    if (authorization === undefined) return MISSING;
    if (typeof authorization !== 'string' || authorization.length > LONGEST) return MALFORMED;
    const token = bearerToken(authorization);
    if (token === null) return MALFORMED;
    if (token.startsWith(API_KEY_PREFIX)) return this.#apiKey(token);
    if (token.split('.', 4).length !== 3) return INVALID;
    return this.users.isNamed(token) ? this.users.authenticate(token) : this.adminTokens.verify(token);
  }

  #apiKey(text: string): Principal | AuthFailure | Promise<Principal | AuthFailure> {
    if (text === '') return MALFORMED_KEY;
    const keyId = keyIdIn(text);
    if (keyId === null) return INVALID;
    const known = this.cache.peek(keyId);
    // Most requests end here: one SHA-256, no HMAC, no checksum, nothing to wait for.
    if (known?.provenBy && timingSafeEqual(digestOf(text), known.provenBy)) return this.#admit(known);
    return this.#prove(text);
  }

  async #prove(text: string): Promise<Principal | AuthFailure> {
    const key = parseApiKey(text);
    if (key === null) return INVALID;
    const credential = await this.cache.find(key.keyId);
    if (!this.verifiers.matches(key, credential?.verifier ?? null) || credential === null) return INVALID;
    if (credential.reserved) return INVALID;
    if (key.environment !== credential.principal.environment) return outOfUse('scoped_to_other_env', credential);
    credential.provenBy = Buffer.from(digestOf(text));
    return this.#admit(credential);
  }

  #admit(credential: Credential): TenantPrincipal | AuthFailure {
    if (!credential.active) return outOfUse('revoked_key', credential);
    const now = Date.now();
    if (now >= credential.expiresAt) return outOfUse('expired_key', credential);
    this.lastUses.note(credential.principal, now);
    return credential.principal;
  }
}

const scratch = Buffer.alloc(64);

/** Valid until the next call. In hexadecimal, because Node makes that three times as fast as a buffer of its own. */
const digestOf = (text: string): Buffer => {
  scratch.write(hash('sha256', text), 'latin1');
  return scratch;
};

/** The scheme's name is read in any case (RFC 9110). */
const bearerToken = (header: string): string | null => {
  if (header.slice(0, 7).toLowerCase() !== 'bearer ') return null;
  const token = header.slice(7).trim();
  return TOKEN.test(token) ? token : null;
};

/** Names stand at the even places. */
const sentTwice = (rawHeaders: readonly string[]): boolean => {
  let seen = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const { length } = rawHeaders[i]!;
    if (length !== 13 && length !== 9) continue;
    const name = rawHeaders[i]!.toLowerCase();
    if (name === 'authorization' || name === 'x-api-key') seen += 1;
  }
  return seen > 1;
};
