import type { Method } from '#contract/operation-terms.js';
import { scopeOfUsers } from '#contract/roles.js';
import { mayManage, type Permission, type Scope } from '#contract/scopes.js';
import type { Principal } from './principal.js';

/** Who may call an operation; every row of the contract's `OPERATIONS` is one. */
export type Requirement =
  | { readonly plane: 'tenant'; readonly scope: Scope | null; readonly method?: Method }
  | { readonly plane: 'admin'; readonly permission: Permission }
  | { readonly plane: 'auth'; readonly user: boolean }
  | { readonly plane: 'open' };

/** The right that a caller lacks, by the name that the answer gives it: a 403. */
export interface MissingRight {
  readonly code: 'missing_scope' | 'missing_permission' | 'user_required';
  readonly right: string;
}

/**
 * Null: allowed, as far as the credential goes: a key by its scopes, a user by those of their role. Entitlement and status
 * of the tenant are looked at where they stand, in the tenant's own state. A credential of one plane opens nothing on the
 * other.
 */
export const missingRight = (principal: Principal, requirement: Requirement): MissingRight | null => {
  switch (requirement.plane) {
    case 'open':
      return null;
    case 'auth':
      return !requirement.user || isUser(principal) ? null : { code: 'user_required', right: 'a user' };
    case 'tenant': {
      const { method = 'GET' } = requirement;
      const scope = requirement.scope ?? (isUser(principal) ? scopeOfUsers(method) : null);
      if (principal.plane === 'tenant' && (scope === null || principal.scopes.has(scope))) return null;
      return { code: 'missing_scope', right: scope ?? 'an API key' };
    }
    case 'admin':
      if (principal.plane === 'admin' && mayManage(principal.permissions, requirement.permission)) return null;
      return { code: 'missing_permission', right: requirement.permission };
  }
};

const isUser = (principal: Principal): boolean => principal.plane === 'tenant' && principal.callerId.startsWith('usr_');

export const mayUse = (principal: Principal, requirement: Requirement): boolean =>
  missingRight(principal, requirement) === null;
