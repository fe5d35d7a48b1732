/**
 * Which routes can touch more than the one tenant that the credential is of: those of the admin plane, and none of the tenant
 * plane. What a route can name, it can only name in its path, its query or its body.
 */
import 'reflect-metadata';
import type { Operation } from '#contract/operation-terms.js';
import { OPERATION_NAMES, operationOf, type OperationName } from '#contract/operations.js';
import { schemaOf, type Schema } from '#platform/validation/body-schemas.js';
import { BODIES } from './bodies.js';

const SAYS_TENANT = /tenant|workspace/;
const IS_TENANT = /\^(?:tnt|wsp)_/;

/** Names of everything in a body that could say a tenant: by its name or by the form of its value. */
const sayings = (schema: Schema, path = ''): string[] => {
  const {
    properties = {},
    items,
    pattern,
  } = schema as {
    properties?: Record<string, Schema>;
    items?: Schema;
    pattern?: string;
  };
  const own = SAYS_TENANT.test(path) || (pattern !== undefined && IS_TENANT.test(pattern)) ? [path] : [];
  const below = Object.entries(properties).flatMap(([name, field]) => sayings(field, `${path}.${name}`));
  return [...own, ...below, ...(items === undefined ? [] : sayings(items, `${path}[]`))];
};

const saidIn = ({ path, query = {}, body }: Operation): string[] => {
  const declared = BODIES.find(({ name }) => name === body);
  const asked = Object.entries(query).filter(
    ([name, { schema }]) => SAYS_TENANT.test(name) || IS_TENANT.test(String(schema.pattern)),
  );
  return [
    ...[...path.matchAll(/\{(\w*(?:tenant|workspace)\w*)\}/g)].map(([, name]) => name as string),
    ...asked.map(([name]) => name),
    ...(declared === undefined ? [] : sayings(schemaOf(declared))),
  ];
};

const naming = OPERATION_NAMES.filter((name) => saidIn(operationOf(name)).length > 0);
const on = (plane: Operation['plane']): OperationName[] => naming.filter((name) => operationOf(name).plane === plane);

it('no route of the tenant plane can name a tenant', () => {
  expect(on('tenant')).toEqual([]);
  expect(on('open')).toEqual([]);
});

it('whoever signs in names the one tenant that the session is of', () => {
  expect(on('auth')).toEqual(['login', 'switchTenant']);
});

it('what is found beyond one tenant is the admin plane: of no tenant’s path are these', () => {
  const beyond = OPERATION_NAMES.filter((name) => {
    const { plane, path } = operationOf(name);
    return plane === 'admin' && !path.includes('{tenant_id}');
  });
  expect(beyond.every((name) => operationOf(name).path.startsWith('/api/v1/admin/'))).toBe(true);
  expect(beyond.sort()).toEqual([
    'createTenant',
    'createWorkspace',
    'getWorkspace',
    'listKycBusinesses',
    'listKycCustomers',
    'listPlatformAuditLog',
    'listTenants',
    'listWorkspaceMembers',
    'listWorkspaceTenants',
    'listWorkspaces',
  ]);
});

it('would find a route that named another tenant', () => {
  const body = { type: 'object', properties: { to: { type: 'string', pattern: '^tnt_[0-7]' } } } as unknown as Schema;
  expect(sayings(body)).toEqual(['.to']);
  expect(saidIn({ ...operationOf('listTenants'), plane: 'tenant' } as Operation)).toEqual(['workspace_id']);
});
