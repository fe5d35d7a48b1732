import { mayManage, type Permission, type Scope } from '#contract/scopes.js';
import type { Principal } from './principal.js';

/** Who may call an operation; every row of the contract's `OPERATIONS` is one. */
export type Requirement =
  | { readonly plane: 'tenant'; readonly scope: Scope | null }
  | { readonly plane: 'admin'; readonly permission: Permission }
  | { readonly plane: 'open' };

/** The right that a caller lacks, by the name that the answer gives it: a 403. */
export interface MissingRight {
  readonly code: 'missing_scope' | 'missing_permission';
  readonly right: string;
}

/**
 * Null: allowed, as far as the credential goes. Entitlement and status of the tenant are looked at where they stand, in the
 * tenant's own state. A credential of one plane opens nothing on the other.
 */
export const missingRight = (principal: Principal, requirement: Requirement): MissingRight | null => {
  switch (requirement.plane) {
    case 'open':
      return null;
    case 'tenant':
      if (principal.plane === 'tenant' && (requirement.scope === null || principal.scopes.has(requirement.scope))) {
        return null;
      }
      return { code: 'missing_scope', right: requirement.scope ?? 'an API key' };
    case 'admin':
      if (principal.plane === 'admin' && mayManage(principal.permissions, requirement.permission)) return null;
      return { code: 'missing_permission', right: requirement.permission };
  }
};

export const mayUse = (principal: Principal, requirement: Requirement): boolean =>
  missingRight(principal, requirement) === null;
