import { OPERATION_NAMES, operationOf, type OperationName } from '#contract/operations.js';
import { ROLE_SCOPES, rolesWith } from '#contract/roles.js';
import { PERMISSION_NAMES, SCOPE_NAMES, type Permission } from '#contract/scopes.js';
import { ROLES, type Role } from '#domain/users/users.js';
import type { AdminPrincipal, TenantPrincipal } from './principal.js';
import { mayUse, missingRight } from './rights.js';

const key = (...scopes: readonly string[]): TenantPrincipal => ({
  plane: 'tenant',
  tenantId: 'tnt_1',
  environment: 'live',
  callerId: 'key_1',
  scopes: new Set(scopes),
  limits: { perMinute: null, perDay: null },
});
const user = (role: Role): TenantPrincipal => ({ ...key(), callerId: 'usr_1', scopes: ROLE_SCOPES[role] });
const operator = (...permissions: readonly string[]): AdminPrincipal => ({
  plane: 'admin',
  operatorId: 'op',
  permissions: new Set(permissions),
});
const needs = (permission: Permission) => ({ plane: 'admin', permission }) as const;

it.each(SCOPE_NAMES)('the scope %s opens what needs it and nothing else', (scope) => {
  const others = SCOPE_NAMES.filter((name) => name !== scope);
  expect(mayUse(key(scope), { plane: 'tenant', scope })).toBe(true);
  expect(missingRight(key(...others), { plane: 'tenant', scope })).toEqual({ code: 'missing_scope', right: scope });
});

it.each(PERMISSION_NAMES)('the permission %s opens what needs it', (permission) => {
  expect(mayUse(operator(permission), needs(permission))).toBe(true);
  expect(missingRight(operator(), needs(permission))).toEqual({ code: 'missing_permission', right: permission });
});

it('manage_tenants implies four others, and nothing implies it', () => {
  const implied = PERMISSION_NAMES.filter((name) => mayUse(operator('manage_tenants'), needs(name)));
  expect(implied).toEqual([
    'manage_tenants',
    'manage_tenant_accounts',
    'manage_tenant_fees',
    'manage_tenant_limits',
    'manage_tenant_kyc',
  ]);
  const others = PERMISSION_NAMES.filter((name) => name !== 'manage_tenants');
  expect(mayUse(operator(...others), needs('manage_tenants'))).toBe(false);
});

it('a credential of one plane opens nothing on the other', () => {
  for (const name of OPERATION_NAMES) {
    const operation = operationOf(name);
    const isUsers = operation.plane === 'auth' && operation.user;
    expect(mayUse(key(...SCOPE_NAMES, ...PERMISSION_NAMES), operation)).toBe(operation.plane !== 'admin' && !isUsers);
    expect(mayUse(user('owner'), operation)).toBe(operation.plane !== 'admin');
    expect(mayUse(operator(...PERMISSION_NAMES, ...SCOPE_NAMES), operation)).toBe(
      operation.plane !== 'tenant' && !isUsers,
    );
  }
});

it('an operation without a scope takes any key', () => {
  expect(mayUse(key(), { plane: 'tenant', scope: null })).toBe(true);
});

describe('a role', () => {
  const callable = (role: Role): OperationName[] =>
    OPERATION_NAMES.filter((name) => operationOf(name).plane === 'tenant' && mayUse(user(role), operationOf(name)));
  const writes = (role: Role): OperationName[] => callable(role).filter((name) => operationOf(name).writes);

  it.each(ROLES)('%s may do on the tenant plane what the published table says, operation by operation', (role) => {
    for (const name of OPERATION_NAMES) {
      const operation = operationOf(name);
      if (operation.plane !== 'tenant') continue;
      expect([name, mayUse(user(role), operation)]).toEqual([name, rolesWith(operation).includes(role)]);
    }
  });

  it('that is only to read writes nothing; a member reads the tenant alone', () => {
    for (const role of ['support', 'viewer', 'member'] as const) expect([role, writes(role)]).toEqual([role, []]);
    expect(callable('member').filter((name) => operationOf(name).method === 'GET')).toContain('getTenant');
    for (const name of callable('member'))
      expect([name, operationOf(name)]).toEqual([name, expect.objectContaining({ method: 'GET', scope: null })]);
    expect(callable('support')).not.toContain('getCard');
    expect(ROLE_SCOPES.viewer.has('audit:read')).toBe(false);
    expect(ROLE_SCOPES.viewer.has('ledger:audit')).toBe(false);
    expect(ROLE_SCOPES.viewer.has('webhooks:manage')).toBe(false);
  });

  it('operator moves money, and finance does not', () => {
    expect(writes('operator')).toEqual(expect.arrayContaining(['postTransaction', 'openAccount', 'issueCard']));
    expect(writes('finance').map((name) => (operationOf(name) as { scope?: string }).scope)).toEqual(
      writes('finance').map(() => 'settlements:write'),
    );
  });

  it('that may do more includes what one below it may', () => {
    for (const [more, less] of [
      ['owner', 'admin'],
      ['admin', 'operator'],
      ['admin', 'finance'],
      ['viewer', 'support'],
    ] as const)
      expect(callable(more)).toEqual(expect.arrayContaining(callable(less)));
  });
});
