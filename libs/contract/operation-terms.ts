/** What each operation of the HTTP interface is said to be, and the words in which its row says it. */
import type { EntitlementKey } from '#domain/entitlements/entitlements.js';
import { expandParameter } from './expansions.js';
import type { QueryParameter } from './query-parameters.js';
import type { Permission, Scope } from './scopes.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Terms {
  /** With the names of its parameters in braces; `{account_id}` must be an id of an account, else it is a 404. */
  readonly path: string;
  readonly method: Method;
  /** Success. */
  readonly status: 200 | 201 | 204;
  /** Name of the request body's schema: the name of the class that declares it. */
  readonly body?: string;
  /** A PUT, PATCH or POST whose body may be left out, as if it were `{}`. */
  readonly bodyOptional?: true;
  /** Bytes; 1 MiB where it is not said. */
  readonly maxBytes?: number;
  /** Fields and list items of the body altogether; 10,000 where it is not said. */
  readonly maxMembers?: number;
  readonly query?: Readonly<Record<string, QueryParameter>>;
  /** Name of the answer's schema in `resource-schemas.ts`; null: the operation says itself what it answers. */
  readonly answers: string | null;
  /** Media types that it may be answered in; `application/json` alone where it is not said. */
  readonly formats?: readonly string[];
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Writes: appends to the tenant's stream. */
  readonly writes: boolean;
}

/** Called with a tenant's API key. */
export interface TenantOperation extends Terms {
  readonly plane: 'tenant';
  /** Null: any key. */
  readonly scope: Scope | null;
  /** There for sandbox tenants only: with a live tenant's key it is a 404, as is any path that nothing stands at. */
  readonly sandboxOnly?: true;
  /** What the tenant must be entitled to, beside the key's scope; null: to nothing. */
  readonly entitlement: EntitlementKey | null;
}

/** Called with an operator's token. */
export interface AdminOperation extends Terms {
  readonly plane: 'admin';
  readonly permission: Permission;
}

/** Signing in: called by anybody who shows a secret in the body or, with `user`, by a user who has signed in. */
export interface AuthOperation extends Terms {
  readonly plane: 'auth';
  readonly user: boolean;
}

/** Called by anybody. */
export interface OpenOperation extends Terms {
  readonly plane: 'open';
}

export type Operation = TenantOperation | AdminOperation | AuthOperation | OpenOperation;

type Rest = Partial<Omit<Terms, 'path' | 'method' | 'answers' | 'summary' | 'tag'>>;
type Ask = readonly [route: string, answers: string, summary: string];

const terms = (tag: string, [route, answers, summary]: Ask, rest: Rest): Terms => {
  const [method, path] = route.split(' ') as [Method, string];
  return { path, method, answers, summary, tag, status: 200, writes: method !== 'GET', ...rest };
};

/** An entitlement has the scope's words, with a dot. */
export const tenant = (
  tag: string,
  scope: Scope | null,
  ask: Ask,
  rest: Rest & { readonly entitlement?: EntitlementKey | null; readonly sandboxOnly?: true } = {},
): TenantOperation => {
  const { entitlement = ENTITLEMENT_OF[scope ?? 'none'] ?? null, sandboxOnly, ...more } = rest;
  const where = sandboxOnly === undefined ? {} : { sandboxOnly };
  const all = terms(tag, ask, more);
  const query = { ...all.query, ...expandParameter(all.method, ask[1]) };
  const asked = Object.keys(query).length === 0 ? {} : { query };
  return { plane: 'tenant', scope, entitlement, ...where, ...all, ...asked };
};

export const admin = (tag: string, permission: Permission, ask: Ask, rest: Rest = {}): AdminOperation => ({
  plane: 'admin',
  permission,
  ...terms(tag, ask, rest),
});

/** Nothing of it is remembered under a key: what it answers with is a secret. */
export const auth = (ask: Ask, rest: Rest & { readonly user?: true } = {}): AuthOperation => {
  const { user = false, ...more } = rest;
  return { plane: 'auth', user, ...terms('Sign-in', ask, { writes: false, ...more }) };
};

export const open = (ask: Ask, rest: Rest & { readonly tag?: string } = {}): OpenOperation => {
  const { tag = 'Installation', ...more } = rest;
  return { plane: 'open', ...terms(tag, ask, more) };
};

/**
 * The entitlement that goes with a scope, where one does. Cards, events, settlements and settings have none; where one
 * scope opens what several entitlements are about (balances, reservations, limits, statements, customers, the parts of
 * `pos` and of virtual accounts), the operation's row names its own.
 */
const ENTITLEMENT_OF: { readonly [S in Scope | 'none']?: EntitlementKey } = {
  'accounts:read': 'accounts.read',
  'accounts:write': 'accounts.write',
  'accounts:manage': 'accounts.manage',
  'transactions:read': 'transactions.read',
  'transactions:write': 'transactions.write',
  'liquidity:read': 'liquidity.read',
  'webhooks:manage': 'webhooks.manage',
  'kyc:read': 'kyc.read',
  'kyc:write': 'kyc.submit',
  'virtual_accounts:read': 'virtual_accounts.read',
  'payouts:write': 'payouts.write',
};

/** Where the routes of one tenant begin on the admin plane. */
export const T = '/api/v1/admin/tenants/{tenant_id}';
export const created = (body: string): Rest => ({ status: 201, body });
