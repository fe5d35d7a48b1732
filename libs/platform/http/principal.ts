import type { Operation } from '#contract/operations.js';
import type { ErrorCode } from '#contract/problems.js';

/** Who calls the tenant plane: an API key of one tenant. */
export interface TenantPrincipal {
  readonly plane: 'tenant';
  readonly tenantId: string;
  readonly keyId: string;
  readonly scopes: ReadonlySet<string>;
}

/** Who calls the admin plane: an operator of the platform. */
export interface AdminPrincipal {
  readonly plane: 'admin';
  /** The token's subject. */
  readonly operatorId: string;
  readonly permissions: ReadonlySet<string>;
}

export type Principal = TenantPrincipal | AdminPrincipal;

export interface AuthFailure {
  readonly code: ErrorCode;
  /** Instead of the code's own sentence. */
  readonly message?: string;
}

export interface MissingRight {
  readonly code: ErrorCode;
  /** The scope or permission that the caller lacks. */
  readonly right: string;
}

export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The port to `libs/access`: who calls, and what they may. */
export interface Access {
  /** Rejects with an error named `CredentialsUnavailable` where it can't tell: a 503. */
  authenticate(headers: RequestHeaders, rawHeaders: readonly string[]): Promise<Principal | AuthFailure>;
  /** Null: allowed, as far as the credential goes. */
  missingRight(principal: Principal, operation: Operation): MissingRight | null;
}

/** What applies to a tenant without a header: its pin, else the version that was current when it was created. */
export type VersionOf = (tenantId: string) => string | Promise<string>;
