/** The operations of a running product as its own OpenAPI document tells them, and requests made from it. */

export interface Json {
  readonly [key: string]: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly pattern: string | null;
}

export interface PublishedOperation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly caller: 'tenant' | 'operator' | 'other';
  readonly permission: string | null;
  readonly pathParameters: readonly string[];
  readonly filters: readonly Parameter[];
  readonly isList: boolean;
  readonly isStream: boolean;
  readonly body: Json | null;
}

export interface Surface {
  readonly operations: readonly PublishedOperation[];
  readonly schemas: Readonly<Record<string, Json>>;
}

interface Rights {
  readonly caller: string;
  readonly permission: string | null;
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((one, name) => (isObject(one) ? one[name] : undefined), value);

const operation = (path: string, method: string, given: Json): PublishedOperation => {
  const { caller, permission } = given['x-rights'] as Rights;
  const parameters = ((given.parameters ?? []) as Json[]).filter(({ $ref }) => $ref === undefined);
  const queries = parameters
    .filter((one) => one.in === 'query')
    .map((one) => ({
      name: one.name as string,
      pattern: (at(one, 'schema', 'pattern') as string | undefined) ?? null,
    }));
  return {
    name: given.operationId as string,
    method: method.toUpperCase(),
    path,
    caller: caller === 'tenant' || caller === 'operator' ? caller : 'other',
    permission,
    pathParameters: parameters.filter((one) => one.in === 'path').map((one) => one.name as string),
    filters: queries,
    isList: queries.some(({ name }) => name === 'starting_after' || name === 'cursor'),
    isStream: isObject(at(given, 'responses', '200', 'content', 'text/event-stream')),
    body: (at(given, 'requestBody', 'content', 'application/json', 'schema') as Json | undefined) ?? null,
  };
};

export const surfaceOf = (document: Json): Surface => ({
  operations: Object.entries(document.paths as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, given]) => given['x-rights'] !== undefined)
      .map(([method, given]) => operation(path, method, given)),
  ),
  schemas: (document.components as { readonly schemas: Record<string, Json> }).schemas,
});

interface Schema {
  readonly enum?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
  readonly items?: Json;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** The prefix of the ids that a pattern takes: `^acc_[0-7]…` → `acc`; null where it is no id's. */
export const prefixOf = (pattern: string | null | undefined): string | null =>
  /^\^([a-z]+)_\[0-7\]/.exec(pattern ?? '')?.[1] ?? null;

/** A body that the schema takes, with every field that it must have and every id that it may have; ids by their prefix. */
export const bodyOf = (schemas: Surface['schemas'], given: Json, id: (prefix: string) => string): unknown => {
  const ref = given.$ref as string | undefined;
  const schema = (ref === undefined ? given : schemas[ref.split('/').at(-1) ?? '']) as Schema;
  const { properties, required = [], items, minItems = 0, minLength = 1, minimum = 1, pattern, format } = schema;
  const prefix = prefixOf(pattern);
  if (schema.enum !== undefined) return schema.enum[0];
  if (prefix !== null) return id(prefix);
  if (properties !== undefined) {
    const names = Object.keys(properties).filter((name) => {
      const field = properties[name] as Schema;
      return required.includes(name) || prefixOf(field.pattern) !== null;
    });
    return Object.fromEntries(names.map((name) => [name, bodyOf(schemas, properties[name] as Json, id)]));
  }
  if (items !== undefined) return Array.from({ length: minItems }, () => bodyOf(schemas, items, id));
  const types = [schema.type].flat();
  if (format === 'currency') return 'NGN';
  if (format === 'date-time') return '2026-01-01T00:00:00Z';
  if (format === 'date') return '2026-01-01';
  if (types.includes('boolean')) return true;
  if (types.includes('integer') || types.includes('number')) return Math.max(minimum, 1);
  if (types.includes('object')) return {};
  if (pattern?.includes('@') === true) return 'a@b.example';
  return [...'5411x'.repeat(40)].slice(0, Math.max(minLength, 4)).join('');
};
