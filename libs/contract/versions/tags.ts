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
