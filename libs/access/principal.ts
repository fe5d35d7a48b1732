import type { ErrorCode } from '#contract/problems.js';

export type KeyEnvironment = 'live' | 'sandbox';

/** A tenant's own server, by its API key, or one of its users, by their token. */
export interface TenantPrincipal {
  readonly plane: 'tenant';
  readonly tenantId: string;
  readonly environment: KeyEnvironment;
  /** The key's or the user's id: what calls are counted and written by. */
  readonly callerId: string;
  /** A user's are those of their role. */
  readonly scopes: ReadonlySet<string>;
  /** Calls; null: no limit of its own. */
  readonly limits: { readonly perMinute: number | null; readonly perDay: number | null };
}

/** A platform operator, by a token. */
export interface AdminPrincipal {
  readonly plane: 'admin';
  /** The token's subject. */
  readonly operatorId: string;
  readonly permissions: ReadonlySet<string>;
}

export type Principal = TenantPrincipal | AdminPrincipal;

export type AuthCode = Extract<
  ErrorCode,
  | 'ambiguous_credentials'
  | 'missing_auth'
  | 'malformed_authorization'
  | 'invalid_key'
  | 'revoked_key'
  | 'expired_key'
  | 'expired_token'
  | 'session_ended'
  | 'scoped_to_other_env'
>;

/** Why a request is nobody's. A 400 for `ambiguous_credentials`, else a 401: `statusOf(code)`. */
export interface AuthFailure {
  readonly code: AuthCode;
  /** Instead of the code's own sentence. */
  readonly message?: string;
  /** Whose credential it is, where it is somebody's and no good any more: for their tenant's audit log. */
  readonly known?: Pick<TenantPrincipal, 'tenantId' | 'callerId'>;
}

export const isAuthFailure = (outcome: Principal | AuthFailure): outcome is AuthFailure => 'code' in outcome;

/** Whether a credential is good can't be told now: the database or the issuer does not answer. A 503, never a 401. */
export class CredentialsUnavailable extends Error {
  override readonly name = 'CredentialsUnavailable';
  constructor(what: string, cause: unknown) {
    super(`${what} can't be asked`, { cause });
  }
}
