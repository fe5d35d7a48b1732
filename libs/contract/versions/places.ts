/** Paths of fields in values and in schemas: dotted, `lines[].type` for the field of each item. */
import type { Schema } from '../schema-words.js';
import type { Json } from './change.js';

/** A path taken apart: lists to go through, and the field in what is found there. */
export interface Place {
  /** Steps to the objects that hold the field; `[]` goes through a list. */
  readonly holder: readonly string[];
  readonly field: string;
}

export const placeOf = (path: string): Place => {
  const steps = path.split('.').flatMap((step) => (step.endsWith('[]') ? [step.slice(0, -2), '[]'] : [step]));
  const field = steps.pop();
  if (field === undefined || field === '' || field === '[]') throw new RangeError(`${path} names no field`);
  return { holder: steps, field };
};

export const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The objects at the end of the steps, as many as lists on the way have items. */
export const holdersIn = (value: unknown, steps: readonly string[]): Json[] => {
  let found: unknown[] = [value];
  for (const step of steps) {
    found = found.flatMap((one) => {
      if (step === '[]') return Array.isArray(one) ? (one as unknown[]) : [];
      return isObject(one) && Object.hasOwn(one, step) ? [one[step]] : [];
    });
  }
  return found.filter(isObject);
};

/** A list with each of its items told; the list itself where none became another. */
export const mapped = (list: readonly unknown[], told: (one: unknown) => unknown): readonly unknown[] => {
  let copy: unknown[] | null = null;
  for (let i = 0; i < list.length; i++) {
    const after = told(list[i]);
    if (after === list[i]) continue;
    copy ??= [...list];
    copy[i] = after;
  }
  return copy ?? list;
};

const changing = (steps: readonly string[], change: (holder: Json) => Json): ((value: unknown) => unknown) => {
  const [step, ...rest] = steps;
  if (step === undefined) return (value) => (isObject(value) ? change(value) : value);
  const inner = changing(rest, change);
  if (step === '[]') return (value) => (Array.isArray(value) ? mapped(value, inner) : value);
  return (value) => {
    if (!isObject(value) || !Object.hasOwn(value, step)) return value;
    const before = value[step];
    const after = inner(before);
    return after === before ? value : { ...value, [step]: after };
  };
};

/**
 * A change of the objects at the end of the steps, compiled: what lies on the way is copied where something changed, and
 * nothing else is.
 */
export const changeWithin = (steps: readonly string[], change: (holder: Json) => Json): ((root: Json) => Json) =>
  changing(steps, change) as (root: Json) => Json;

const isNullable = (schema: Schema): boolean => [schema.type].flat().includes('null');

/** The schema of what stands at the end of the steps; undefined where there is none. */
export const schemaWithin = (schema: Schema, steps: readonly string[]): Schema | undefined => {
  let at: Schema | undefined = schema;
  for (const step of steps) {
    const next: unknown =
      step === '[]' ? at?.items : (at?.properties as Readonly<Record<string, unknown>> | undefined)?.[step];
    at = isObject(next) ? next : undefined;
  }
  return at;
};

/** The schema with the one at the end of the steps made anew. Throws `RangeError` where there is none. */
export const withSchema = (schema: Schema, steps: readonly string[], make: (inner: Schema) => Schema): Schema => {
  const [step, ...rest] = steps;
  if (step === undefined) return make(schema);
  const inner = schemaWithin(schema, [step]);
  if (inner === undefined) throw new RangeError(`there is no ${step}`);
  const made = withSchema(inner, rest, make);
  return step === '[]'
    ? { ...schema, items: made }
    : { ...schema, properties: { ...(schema.properties as object), [step]: made } };
};

/** A field of an object's schema taken away, put in or replaced, in its place among the others. */
export const withField = (
  schema: Schema,
  {
    now,
    was,
    field,
    isRequired,
  }: { now: string | null; was: string | null; field: Schema | null; isRequired: boolean },
): Schema => {
  const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, Schema>>);
  const replaced = properties.flatMap(([name, value]) => {
    if (name !== now) return [[name, value] as const];
    return was === null ? [] : [[was, field ?? value] as const];
  });
  if (now === null && was !== null) replaced.push([was, field ?? {}]);
  const required = ((schema.required ?? []) as readonly string[]).filter((name) => name !== now);
  if (was !== null && isRequired) required.push(was);
  const { required: _, ...rest } = schema;
  return {
    ...rest,
    properties: Object.fromEntries(replaced),
    ...(required.length > 0 ? { required: required.sort() } : {}),
  };
};

export const isRequiredIn = (schema: Schema, field: string): boolean =>
  ((schema.required ?? []) as readonly string[]).includes(field);

/** As `now`, but of the values that `literals` calls otherwise. */
export const withLiterals = (schema: Schema, literals: Readonly<Record<string, string>>): Schema => {
  const rename = (value: unknown): unknown =>
    typeof value === 'string' && Object.hasOwn(literals, value) ? literals[value] : value;
  if (Array.isArray(schema.enum)) return { ...schema, enum: [...new Set(schema.enum.map(rename))] };
  if (schema.const !== undefined) return { ...schema, const: rename(schema.const) };
  if (isObject(schema.items)) return { ...schema, items: withLiterals(schema.items, literals) };
  return schema;
};

/** Of the same nullability as another. */
export const asNullableAs = (schema: Schema, other: Schema): Schema =>
  isNullable(other) && !isNullable(schema)
    ? {
        ...schema,
        type: [...[schema.type].flat(), 'null'],
        ...(Array.isArray(schema.enum) ? { enum: [...(schema.enum as unknown[]), null] } : {}),
      }
    : schema;

/** What a `$ref` of a document names; what is no reference is itself. */
export const resolved = (document: Readonly<Json>, value: unknown): Readonly<Json> => {
  const node = (one: unknown): Readonly<Json> => (isObject(one) ? one : {});
  const { $ref } = node(value);
  if (typeof $ref !== 'string') return node(value);
  return $ref
    .slice(2)
    .split('/')
    .reduce<Readonly<Json>>((at, key) => node(at[key]), document);
};
