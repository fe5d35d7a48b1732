/**
 * Who may call what: one row for each operation. A call is let through where all of its row holds: the key's scope or the
 * user's role, or the operator's permission; the tenant's entitlement, its environment and its status.
 */
import { OPERATION_NAMES, operationOf, type OperationName } from './operations.js';
import { rolesWith } from './roles.js';
import type { EntitlementKey } from '#domain/entitlements/entitlements.js';
import type { Role } from '#domain/users/users.js';
import type { Permission, Scope } from './scopes.js';

/**
 * What is left of an operation while the tenant is suspended or inactive (DECISIONS 26): all of it; nothing; or only what
 * takes something away from somebody.
 */
export type WhileStopped = 'all' | 'nothing' | 'restrictions';

export interface RightsRow {
  readonly operation: OperationName;
  /** What the caller shows: a key or a user of the tenant, an operator's token, a user's token, a secret in the body, nothing. */
  readonly caller: 'tenant' | 'operator' | 'user' | 'secret' | 'anybody';
  /** Of a key; null: none is needed, or no key may call it. */
  readonly scope: Scope | null;
  /** Of a user; empty: no user may call it. */
  readonly roles: readonly Role[];
  readonly permission: Permission | null;
  readonly entitlement: EntitlementKey | null;
  readonly environment: 'any' | 'sandbox';
  readonly while_stopped: WhileStopped;
}

/** Writes that a stopped tenant's callers may still make. Everything that only reads is left, whatever it is. */
const LEFT: { readonly [N in OperationName]?: WhileStopped } = {
  // What a card network tells of has happened, whoever is suspended here.
  authorizeCard: 'all',
  adjustCardTransaction: 'all',
  reverseCardTransaction: 'all',
  expireCardTransaction: 'all',
  captureCardTransaction: 'all',
  postCardTransaction: 'all',
  refundCardTransaction: 'all',
  refundToCard: 'all',
  simulateAuthorization: 'all',
  simulateDecline: 'all',
  releaseReservation: 'all',
  setClock: 'all',
  completeSettlement: 'all',
  failSettlement: 'all',
  recordNetworkItem: 'all',
  createTenant: 'all',
  createWorkspace: 'all',
  eraseCustomer: 'all',
  eraseSubject: 'all',
  changeTenantStatus: 'all',
  blockTenantAccount: 'all',
  unblockTenantAccount: 'all',
  deleteApiKey: 'all',
  revokeInvitation: 'all',
  disableTenantWebhookEndpoint: 'all',
  deleteTenantWebhookEndpoint: 'all',
  updateApiKey: 'restrictions',
  updateUser: 'restrictions',
};

const rowOf = (name: OperationName): RightsRow => {
  const operation = operationOf(name);
  const row = {
    operation: name,
    scope: null,
    roles: [],
    permission: null,
    entitlement: null,
    environment: 'any',
    while_stopped: operation.writes ? (LEFT[name] ?? 'nothing') : 'all',
  } as const;
  switch (operation.plane) {
    case 'tenant': {
      const { scope, entitlement, sandboxOnly } = operation;
      const environment = sandboxOnly === true ? 'sandbox' : 'any';
      return { ...row, caller: 'tenant', scope, entitlement, environment, roles: rolesWith(operation) };
    }
    case 'admin':
      return { ...row, caller: 'operator', permission: operation.permission };
    case 'auth':
      return { ...row, caller: operation.user ? 'user' : 'secret' };
    case 'open':
      return { ...row, caller: 'anybody' };
  }
};

export const RIGHTS: readonly RightsRow[] = OPERATION_NAMES.map(rowOf);
