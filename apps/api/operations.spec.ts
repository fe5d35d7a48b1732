import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import { OPERATION_NAMES, operationOf } from '#contract/operations.js';
import { isConditional } from '#contract/preconditions.js';
import { MAX_MEMBERS } from '#platform/http/json-body.js';
import type { OperationRoute } from '#platform/http/operation.js';
import { schemaOf, type BodyClass, type Schema } from '#platform/validation/body-schemas.js';
import { BODIES } from './bodies.js';
import { CONTROLLERS } from './api.module.js';
import { ApiUnderTest } from './spec-support.js';

const routesOf = (controller: { readonly prototype: object }): string[] =>
  Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
    const handler = (controller.prototype as Record<string, unknown>)[name];
    if (name === 'constructor' || typeof handler !== 'function') return [];
    const route = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as OperationRoute | undefined;
    return route === undefined ? [] : [route.operation];
  });

/** Fields and list items of the largest value that a schema lets pass. */
const membersOf = (schema: Schema): number => {
  const { properties, items, maxItems, maxProperties } = schema as {
    properties?: Record<string, Schema>;
    items?: Schema;
    maxItems?: number;
    maxProperties?: number;
  };
  if (properties !== undefined) {
    const each = Object.values(properties).map((field) => 1 + membersOf(field));
    return each.reduce((sum, one) => sum + one, 0);
  }
  if ([schema.type].flat().includes('array')) return (maxItems ?? Infinity) * (1 + membersOf(items ?? {}));
  return [schema.type].flat().includes('object') ? (maxProperties ?? Infinity) : 0;
};

describe('operations and routes', () => {
  it('are the same set', () => {
    const bound = CONTROLLERS.flatMap(routesOf).sort();
    expect(bound).toEqual([...OPERATION_NAMES].sort());
  });

  it('name bodies that are declared, and every declared body is named', () => {
    const named = OPERATION_NAMES.map(operationOf).flatMap(({ body }) => (body === undefined ? [] : [body]));
    expect([...new Set(named)].sort()).toEqual(BODIES.map(({ name }) => name).sort());
  });

  it.each(OPERATION_NAMES.filter((name) => operationOf(name).body !== undefined))(
    '%s takes the largest body that is valid',
    (name) => {
      const { body, maxMembers = MAX_MEMBERS } = operationOf(name);
      const declared = BODIES.find((one) => one.name === body) as BodyClass;
      expect(membersOf(schemaOf(declared))).toBeLessThan(maxMembers);
    },
  );
});

describe('the published contract', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.start();
  });
  afterAll(() => api.close());

  it('has every operation with its rights and answers', async () => {
    const { body, status } = await api.send('', 'GET', '/openapi.json', undefined, { credential: null });
    expect(status).toBe(200);
    expect(body.openapi).toBe('3.1.0');
    const paths = body.paths as Record<
      string,
      Record<string, { operationId: string; security: unknown[]; responses: object }>
    >;
    for (const name of OPERATION_NAMES) {
      const operation = operationOf(name);
      const { path, method, plane, status: success } = operation;
      const told = paths[path]?.[method.toLowerCase()];
      expect(told?.operationId).toBe(name);
      expect(told?.security.length === 0).toBe(plane === 'open' || (operation.plane === 'auth' && !operation.user));
      expect(Object.keys(told?.responses ?? {})).toContain(String(success));
    }
  });

  it('promises nothing that nothing keeps yet', async () => {
    const { body } = await api.send('', 'GET', '/openapi.json', undefined, { credential: null });
    const paths = Object.values(body.paths as Record<string, Record<string, { operationId: string }>>);
    const conditional = paths
      .flatMap((path) => Object.values(path))
      .filter((one) => JSON.stringify(one).includes('Error412'));
    expect(conditional.map(({ operationId }) => operationId).sort()).toEqual(
      OPERATION_NAMES.filter(isConditional).sort(),
    );
    const { parameters, schemas } = body.components as Record<string, Record<string, object>>;
    expect(JSON.stringify(parameters?.IdempotencyKey)).toContain('same key at another tenant is another key');
    for (const promise of ['supported yet', 'counted yet']) expect(JSON.stringify(schemas)).not.toContain(promise);
  });

  it('refers to nothing that is not there', async () => {
    const { body, text } = await api.send('', 'GET', '/openapi.json', undefined, { credential: null });
    const references = new Set([...text.matchAll(/"\$ref":"#([^"]+)"/g)].map(([, path]) => path as string));
    expect(references.size).toBeGreaterThan(20);
    for (const path of references) {
      const found = path
        .slice(1)
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], body);
      expect([path, found]).toEqual([path, expect.anything()]);
    }
  });

  it('is shown as a page that loads nothing from elsewhere', async () => {
    const { text, headers } = await api.send('', 'GET', '/docs', undefined, { credential: null });
    expect(headers['content-type']).toContain('text/html');
    for (const name of OPERATION_NAMES) expect(text).toContain(`id="${name}"`);
    expect(text).toContain('id="error-insufficient_funds"');
    expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });
});
