import { isErrorCode } from './problems.js';
import { nounOf } from './forms.js';
import { OPERATION_NAMES, operationOf, type OperationName } from './operations.js';
import { answerSchema } from './resource-schemas.js';
import { PERMISSION_NAMES, SCOPE_NAMES } from './scopes.js';

/** They append nothing: questions too long for a query. */
const ONLY_ASKS: ReadonlySet<OperationName> = new Set([
  'previewFee',
  'previewTenantFee',
  'evaluateLimits',
  'rehearseVersion',
  'simulateLiquidity',
  // They leave the stream as it is.
  'testWebhookEndpoint',
  'testTenantWebhookEndpoint',
  'retryDelivery',
  'createReplay',
  'cancelReplay',
] as OperationName[]);

describe('the table of operations', () => {
  it('has each route once', () => {
    const routes = OPERATION_NAMES.map(operationOf).map(
      ({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`,
    );
    expect(new Set(routes).size).toBe(routes.length);
  });

  it.each(OPERATION_NAMES)('%s is complete', (name) => {
    const operation = operationOf(name);
    const prefix = { tenant: '/v1/', admin: '/api/v1/admin/', auth: '/api/v1/auth/', open: '/' }[operation.plane];
    expect(operation.path.startsWith(prefix)).toBe(true);
    expect(operation.summary).not.toBe('');
    expect(() => answerSchema(operation.answers ?? 'openapi')).not.toThrow();
    for (const [, parameter] of operation.path.matchAll(/\{(\w+)\}/g)) {
      expect(isErrorCode(`${nounOf(parameter as string)}_not_found`)).toBe(true);
    }
    if (operation.plane === 'tenant') expect([null, ...SCOPE_NAMES]).toContain(operation.scope);
    if (operation.plane === 'admin') expect(PERMISSION_NAMES).toContain(operation.permission);
    if (operation.method === 'GET') expect([operation.writes, operation.body]).toEqual([false, undefined]);
    else {
      const isAuth = operation.plane === 'auth';
      expect([operation.writes, operation.body === undefined]).toEqual([
        !isAuth && !ONLY_ASKS.has(name),
        operation.method === 'DELETE',
      ]);
    }
    if (operation.status === 204) expect(operation.answers).toBe('nothing');
  });
});
