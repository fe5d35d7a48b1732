import type { Operation, TenantOperation } from '#contract/operation-terms.js';
import type { ErrorCode } from '#contract/problems.js';

/** Who calls the tenant plane: an API key of one tenant, or one of its users. */
export interface TenantPrincipal {
  readonly plane: 'tenant';
  readonly tenantId: string;
  readonly environment: 'live' | 'sandbox';
  /** The key's or the user's id. */
  readonly callerId: string;
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
  /** Whose credential it is, where it is somebody's and no good any more. */
  readonly known?: { readonly tenantId: string; readonly callerId: string };
}

export interface MissingRight {
  readonly code: ErrorCode;
  /** The scope or permission that the caller lacks. */
  readonly right: string;
}

/** Where a call stands against what limits its caller; windows are named as the headers name them. */
export interface RateVerdict {
  /** `RateLimit-Policy`: every window. */
  readonly policy: string;
  /** `RateLimit`: what is left of each. */
  readonly state: string;
  /** The window of which the least is left: what the `X-RateLimit-…` headers tell of. */
  readonly nearest: {
    readonly resource: string;
    readonly limit: number;
    readonly remaining: number;
    /** Milliseconds until it begins again. */
    readonly resetMs: number;
  };
  /** Null: let through. A refused call is not counted. */
  readonly refused: { readonly code: ErrorCode; readonly retryAfterMs: number } | null;
}

export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What an operation may ask of its tenant. */
export type Entitlement = NonNullable<TenantOperation['entitlement']>;

/** The port to `libs/access`: who calls, and what they may. */
export interface Access {
  /** Rejects with an error named `CredentialsUnavailable` where it can't tell: a 503. */
  authenticate(headers: RequestHeaders, rawHeaders: readonly string[]): Promise<Principal | AuthFailure>;
  /** Counts a refused credential by where it came from; milliseconds to wait where there were too many. */
  countStranger(address: string | null): number | null;
  /** Counts a call of the tenant plane. Null: nothing limits its caller. */
  count(principal: TenantPrincipal): RateVerdict | null | Promise<RateVerdict | null>;
  /** Null: allowed, as far as the credential goes. */
  missingRight(principal: Principal, operation: Operation): MissingRight | null;
  /** Whether a tenant is entitled to something: asked of what only reads. Of what writes, the writer judges it. */
  isEntitled(tenantId: string, entitlement: Entitlement): boolean | Promise<boolean>;
}

/** What applies to a tenant without a header: its pin, else the version that was current when it was created. */
export type VersionOf = (tenantId: string) => string | Promise<string>;
