/**
 * What each role of a tenant's user lets them do on the tenant plane, in the words of API keys' scopes (DECISIONS 33). Billing
 * and the deletion of a tenant, which set an owner apart from an admin, are no operations here.
 */
import { ROLES, type Role } from '#domain/users/users.js';
import type { Method } from './operation-terms.js';
import { SCOPE_NAMES, type Scope } from './scopes.js';

/** Reading, but for the audit log and the raw stream, which is as good as it. */
const READS: readonly Scope[] = SCOPE_NAMES.filter((scope) => scope.endsWith(':read') && scope !== 'audit:read');

const GRANTED: { readonly [R in Role]: readonly Scope[] } = {
  owner: SCOPE_NAMES,
  admin: SCOPE_NAMES,
  operator: [
    'accounts:read',
    'accounts:write',
    'accounts:manage',
    'transactions:read',
    'transactions:write',
    'cards:read',
    'cards:write',
    'kyc:read',
    'kyc:write',
  ],
  finance: [
    'accounts:read',
    'transactions:read',
    'cards:read',
    'virtual_accounts:read',
    'pos:read',
    'payouts:read',
    'settlements:read',
    'settlements:write',
    'liquidity:read',
    'ledger:audit',
  ],
  support: ['accounts:read', 'transactions:read'],
  viewer: READS,
  member: [],
};

/** What each role is for, in words for the reference. */
export const ROLE_SUMMARIES: { readonly [R in Role]: string } = {
  owner: 'Everything',
  admin: 'Everything but billing and deletion',
  operator: 'Accounts, transactions, cards and KYC',
  finance: 'Reads all money, settlements, liquidity, statements and exports; completes settlements',
  support: 'Reads accounts and transactions',
  viewer: 'Reads everything but secrets and the audit log',
  member: 'Reads the tenant’s profile and themselves',
};

export const ROLE_SCOPES: { readonly [R in Role]: ReadonlySet<Scope> } = Object.fromEntries(
  ROLES.map((role) => [role, new Set(GRANTED[role])]),
) as unknown as { readonly [R in Role]: ReadonlySet<Scope> };

/** What an operation that takes any key asks of a user: nothing to read, and what only those have who change settings else. */
export const scopeOfUsers = (method: Method): Scope | null => (method === 'GET' ? null : 'settings:manage');

/** The roles whose users may call an operation of the tenant plane. */
export const rolesWith = ({
  scope,
  method,
}: {
  readonly scope: Scope | null;
  readonly method: Method;
}): readonly Role[] => {
  const asked = scope ?? scopeOfUsers(method);
  return ROLES.filter((role) => asked === null || ROLE_SCOPES[role].has(asked));
};
