/** Which resources an answer may hold, and which of its fields hold what clients named themselves. */
import type { Schema } from '../schema-words.js';
import { isObject } from './places.js';

type Schemas = Readonly<Record<string, Schema>>;

const walk = (schema: unknown, visit: (one: Schema) => void): void => {
  if (Array.isArray(schema)) {
    for (const one of schema) walk(one, visit);
    return;
  }
  if (!isObject(schema)) return;
  visit(schema);
  for (const one of Object.values(schema)) walk(one, visit);
};

/** Names of the schemas that one refers to, at any depth. */
export const reachable = (schema: Schema, schemas: Schemas): Set<string> => {
  const found = new Set<string>();
  const look = (one: Schema): void =>
    walk(one, ({ $ref }) => {
      const name = typeof $ref === 'string' ? ($ref.split('/').at(-1) as string) : undefined;
      if (name === undefined || found.has(name)) return;
      found.add(name);
      if (schemas[name] !== undefined) look(schemas[name]);
    });
  look(schema);
  return found;
};

/** Whether nothing in what a schema describes can be a resource: no reference, no tag, no object of unknown fields. */
const isPlain = (schema: unknown): boolean => {
  if (!isObject(schema)) return false;
  const { $ref, type, properties, items, additionalProperties, oneOf, anyOf } = schema;
  if ($ref !== undefined || oneOf !== undefined || anyOf !== undefined) return false;
  const types = [type].flat();
  if (types.includes('array')) return isPlain(items);
  if (!types.includes('object')) return type !== undefined || schema.enum !== undefined || schema.const !== undefined;
  if (isObject(properties)) return properties.object === undefined && Object.values(properties).every(isPlain);
  return isObject(additionalProperties) && isPlain(additionalProperties);
};

/** For each resource, the fields in which there may be others: the rest need not be looked at. */
export const nestingFields = (schemas: Schemas): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.entries(schemas).map(([tag, { properties }]) => [
      tag,
      isObject(properties) ? Object.keys(properties).filter((name) => !isPlain(properties[name])) : [],
    ]),
  );

/** Fields that are maps of a client's own keys wherever they stand: nothing in them is a resource of ours. */
export const ownMaps = (schemas: Schemas): Set<string> => {
  const maps = new Set<string>();
  const others = new Set<string>();
  walk(schemas, ({ properties }) => {
    if (!isObject(properties)) return;
    for (const [name, field] of Object.entries(properties)) {
      const isMap = isObject(field) && isObject(field.additionalProperties) && field.properties === undefined;
      (isMap ? maps : others).add(name);
    }
  });
  for (const name of others) maps.delete(name);
  return maps.add('metadata');
};
