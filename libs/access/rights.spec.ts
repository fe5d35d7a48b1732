import { OPERATION_NAMES, operationOf } from '#contract/operations.js';
import { PERMISSION_NAMES, SCOPE_NAMES, type Permission } from '#contract/scopes.js';
import type { AdminPrincipal, TenantPrincipal } from './principal.js';
import { mayUse, missingRight } from './rights.js';

const key = (...scopes: readonly string[]): TenantPrincipal => ({
  plane: 'tenant',
  tenantId: 'tnt_1',
  environment: 'live',
  keyId: 'key_1',
  scopes: new Set(scopes),
  limits: { perMinute: null, perDay: null },
});
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
    expect(mayUse(key(...SCOPE_NAMES, ...PERMISSION_NAMES), operation)).toBe(operation.plane !== 'admin');
    expect(mayUse(operator(...PERMISSION_NAMES, ...SCOPE_NAMES), operation)).toBe(operation.plane !== 'tenant');
  }
});

it('an operation without a scope takes any key', () => {
  expect(mayUse(key(), { plane: 'tenant', scope: null })).toBe(true);
});
