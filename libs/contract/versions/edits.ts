/** The words that changes are made of. Each says both directions at once, so that they can't disagree. */
import type { Schema } from '../schema-words.js';
import type { Edit, Json } from './change.js';
import {
  asNullableAs,
  changeWithin,
  holdersIn,
  isRequiredIn,
  placeOf,
  schemaWithin,
  withField,
  withLiterals,
  withSchema,
} from './places.js';

interface FieldTerms {
  readonly word: string;
  readonly told: string;
  /** Paths on either side; they differ in the last step only. Null: not there. */
  readonly now: string | null;
  readonly was: string | null;
  readonly down?: (value: unknown) => unknown;
  readonly up?: (value: unknown, standing: unknown) => unknown;
  /** The field's schema of the older side. */
  readonly schema?: (now: Schema) => Schema;
  readonly literals?: Readonly<Record<string, string>>;
  readonly isLossless?: boolean;
  readonly needsCurrent?: boolean;
  readonly example?: unknown;
}

const same = (value: unknown): unknown => value;

/** Puts a field under another name, in its place among the others, so that answers keep their order. */
const replaceField = (holder: Json, from: string, to: string, value: unknown): void => {
  if (from === to) {
    holder[from] = value;
    return;
  }
  const entries = Object.entries(holder);
  for (const name of Object.keys(holder)) delete holder[name];
  for (const [name, old] of entries) holder[name === from ? to : name] = name === from ? value : old;
};

/** The same, of a holder that stays as it is. */
const withReplaced = (holder: Readonly<Json>, from: string, to: string, value: unknown): Json => {
  if (from === to) return { ...holder, [from]: value };
  const told: Json = {};
  for (const name of Object.keys(holder)) {
    if (name === from) told[to] = value;
    else told[name] = holder[name];
  }
  return told;
};

/** The same holder where it has no such field. */
const without = (holder: Json, field: string): Json => {
  if (!Object.hasOwn(holder, field)) return holder;
  const { [field]: _, ...rest } = holder;
  return rest;
};

const isSame = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) return false;
  return JSON.stringify(a) === JSON.stringify(b);
};

/** A field whose name, form or values differ. */
const field = (terms: FieldTerms & { readonly now: string; readonly was: string }): Edit => {
  const { word, told, now, was, down = same, up = same, literals, isLossless = true, needsCurrent = false } = terms;
  const [newer, older] = [placeOf(now), placeOf(was)];
  if (newer.holder.join('.') !== older.holder.join('.')) throw new RangeError(`${was} is not beside ${now}`);
  const { holder } = newer;
  return {
    word,
    told,
    now,
    was,
    ...(literals === undefined ? {} : { literals }),
    ...(terms.example === undefined ? {} : { example: terms.example }),
    isLossless,
    needsCurrent,
    down: changeWithin(holder, (one) => {
      if (!Object.hasOwn(one, newer.field)) return one;
      const before = one[newer.field];
      const after = before === null ? null : down(before);
      if (newer.field === older.field && isSame(before, after)) return one;
      return withReplaced(one, newer.field, older.field, after);
    }),
    up: (body, current) => {
      let changed = false;
      const [standing] = current === null ? [] : holdersIn(current, holder);
      for (const one of holdersIn(body, holder)) {
        if (!Object.hasOwn(one, older.field)) continue;
        const before = one[older.field];
        const after = before === null ? null : up(before, standing?.[newer.field]);
        changed ||= newer.field !== older.field || !isSame(before, after);
        replaceField(one, older.field, newer.field, after);
      }
      return changed;
    },
    schema: (schema) =>
      withSchema(schema, holder, (inner) => {
        const value = schemaWithin(inner, [newer.field]) as Schema;
        const made = terms.schema?.(value) ?? value;
        return withField(inner, {
          now: newer.field,
          was: older.field,
          field: asNullableAs(made, value),
          isRequired: isRequiredIn(inner, newer.field),
        });
      }),
    appliesTo: (schema) => schemaWithin(schema, [...holder, newer.field]) !== undefined,
  };
};

const beside = (path: string, name: string): string => [...path.split('.').slice(0, -1), name].join('.');

/** A field was called otherwise. `was`: its old name, without the path. */
export const rename = (now: string, { was }: { readonly was: string }): Edit =>
  field({ word: 'rename', now, was: beside(now, was), told: `\`${beside(now, was)}\` is called \`${now}\`` });

/** A field of text had other literals: newer → older. What is not named is the same on both sides. */
export const mapEnum = (now: string, literals: Readonly<Record<string, string>>): Edit => {
  const back = new Map(Object.entries(literals).map(([newer, older]) => [older, newer]));
  const isLossless = back.size === Object.keys(literals).length;
  const each = (map: (text: string) => string) => (value: unknown) =>
    Array.isArray(value)
      ? value.map((one: unknown) => (typeof one === 'string' ? map(one) : one))
      : typeof value === 'string'
        ? map(value)
        : value;
  const told = Object.entries(literals).map(([newer, older]) => `\`${older}\` of \`${now}\` is \`${newer}\``);
  return field({
    word: 'mapEnum',
    now,
    was: now,
    told: told.join(', '),
    literals,
    isLossless,
    down: each((text) => (Object.hasOwn(literals, text) ? (literals[text] as string) : text)),
    up: each((text) => back.get(text) ?? text),
    schema: (schema) => withLiterals(schema, literals),
  });
};

interface Retyping {
  /** The older form. */
  readonly schema: Schema;
  readonly told: string;
  readonly down: (value: unknown) => unknown;
  /** `standing`: what the newer version shows of it now; undefined where the request makes something new. */
  readonly up: (value: unknown, standing: unknown) => unknown;
  readonly isLossless: boolean;
  /** Whether `up` needs `standing`. */
  readonly needsCurrent?: boolean;
  /** A value of the newer form, for samples. */
  readonly example?: unknown;
}

/** A field had another form. */
export const retype = (now: string, terms: Retyping): Edit =>
  field({ ...terms, word: 'retype', now, was: now, schema: () => terms.schema });

/** A field took another one's place, and each can be made of the other. */
export const replaced = (now: string, { was, ...terms }: Retyping & { readonly was: string }): Edit =>
  field({ ...terms, word: 'replaced', now, was: beside(now, was), schema: () => terms.schema });

/** A field was at another place of the same resource; no list is on the way. */
export const move = (now: string, { was }: { readonly was: string }): Edit => {
  const [newer, older] = [placeOf(now), placeOf(was)];
  if ([...newer.holder, ...older.holder].includes('[]')) throw new RangeError(`${now} is in a list`);
  const shift = (root: Json, from: typeof newer, to: typeof newer): boolean => {
    const [holder] = holdersIn(root, from.holder);
    if (holder === undefined || !Object.hasOwn(holder, from.field)) return false;
    const value = holder[from.field];
    delete holder[from.field];
    let at = root;
    for (const step of to.holder) at = (at[step] ??= {}) as Json;
    at[to.field] = value;
    return true;
  };
  return {
    word: 'move',
    told: `\`${was}\` is at \`${now}\``,
    now,
    was,
    isLossless: true,
    needsCurrent: false,
    down: (resource) => {
      const [held] = holdersIn(resource, newer.holder);
      if (held === undefined || !Object.hasOwn(held, newer.field)) return resource;
      return withPut(
        changeWithin(newer.holder, (one) => without(one, newer.field))(resource),
        older.holder,
        older.field,
        held[newer.field],
      );
    },
    up: (body) => shift(body, older, newer),
    schema: (schema) => {
      const value = schemaWithin(schema, [...newer.holder, newer.field]) as Schema;
      const isRequired = isRequiredIn(schemaWithin(schema, newer.holder) as Schema, newer.field);
      const without = withSchema(schema, newer.holder, (inner) =>
        withField(inner, { now: newer.field, was: null, field: null, isRequired: false }),
      );
      return withSchema(without, older.holder, (inner) =>
        withField(inner, { now: null, was: older.field, field: value, isRequired }),
      );
    },
    appliesTo: (schema) => schemaWithin(schema, [...newer.holder, newer.field]) !== undefined,
  };
};

/** A field put at the end of steps that lead through no list; what is missing on the way is made. */
const withPut = (root: Readonly<Json>, [step, ...rest]: readonly string[], field: string, value: unknown): Json =>
  step === undefined
    ? { ...root, [field]: value }
    : { ...root, [step]: withPut((root[step] ?? {}) as Json, rest, field, value) };

/** Of requests: a field that could be left out until then; `byDefault` is what stood for it. */
export const requiredSince = (now: string, { byDefault }: { readonly byDefault: unknown }): Edit => {
  const place = placeOf(now);
  return {
    word: 'requiredSince',
    told: `\`${now}\` is required`,
    now,
    was: now,
    isLossless: true,
    needsCurrent: false,
    down: (resource) => resource,
    up: (body) => {
      let changed = false;
      for (const holder of holdersIn(body, place.holder)) {
        if (Object.hasOwn(holder, place.field)) continue;
        holder[place.field] = structuredCloneOf(byDefault);
        changed = true;
      }
      return changed;
    },
    schema: (schema) =>
      withSchema(schema, place.holder, (inner) =>
        withField(inner, {
          now: place.field,
          was: place.field,
          field: schemaWithin(inner, [place.field]) as Schema,
          isRequired: false,
        }),
      ),
    appliesTo: (schema) => {
      const holder = schemaWithin(schema, place.holder);
      return holder !== undefined && isRequiredIn(holder, place.field);
    },
  };
};

const structuredCloneOf = (value: unknown): unknown =>
  value !== null && typeof value === 'object' ? (JSON.parse(JSON.stringify(value)) as unknown) : value;

interface Removal {
  readonly schema: Schema;
  /** What older answers say of it, from the rest of what held it. */
  readonly down: (holder: Readonly<Json>) => unknown;
  /** Whether requests took it; it is then ignored. */
  readonly inRequests?: boolean;
}

/** A field that was there and is no more. */
export const removed = (was: string, { schema: old, down, inRequests = false }: Removal): Edit => {
  const place = placeOf(was);
  const shown = changeWithin(place.holder, (holder) => ({ ...holder, [place.field]: down(holder) }));
  return {
    word: 'removed',
    told: `\`${was}\` is gone`,
    now: null,
    was,
    isLossless: true,
    needsCurrent: false,
    down: (resource, isPart) => (isPart ? resource : shown(resource)),
    up: (body) => {
      let changed = false;
      for (const holder of holdersIn(body, place.holder)) {
        changed ||= Object.hasOwn(holder, place.field);
        delete holder[place.field];
      }
      return changed;
    },
    schema: (schema) =>
      withSchema(schema, place.holder, (inner) =>
        withField(inner, { now: null, was: place.field, field: old, isRequired: isComplete(inner) }),
      ),
    appliesTo: (schema) => {
      const holder = schemaWithin(schema, place.holder);
      return holder !== undefined && (inRequests || isComplete(holder));
    },
  };
};

/** Of answers all fields are always there, as `complete` has it; of requests few are required. */
const isComplete = (schema: Schema): boolean => {
  const fields = Object.keys((schema.properties ?? {}) as object);
  return isRequiredIn(schema, 'object') || (fields.length > 0 && fields.every((name) => isRequiredIn(schema, name)));
};

/** A field that older versions do not have, where showing it would break them. In requests the newest's default holds. */
export const added = (now: string): Edit => {
  const place = placeOf(now);
  return {
    word: 'added',
    told: `\`${now}\` is new`,
    now,
    was: null,
    isLossless: false,
    needsCurrent: false,
    down: changeWithin(place.holder, (holder) => without(holder, place.field)),
    up: () => false,
    schema: (schema) =>
      withSchema(schema, place.holder, (inner) =>
        withField(inner, { now: place.field, was: null, field: null, isRequired: false }),
      ),
    appliesTo: (schema) => schemaWithin(schema, [...place.holder, place.field]) !== undefined,
  };
};

/** Whatever no other word can say: a pair over the whole resource. */
export const convert = (terms: {
  readonly told: string;
  readonly down: (resource: Json, isPart: boolean) => Json;
  readonly up: (body: Json, current: Json | null) => boolean;
  readonly schema: (schema: Schema) => Schema;
  readonly appliesTo: (schema: Schema) => boolean;
  readonly isLossless: boolean;
  readonly needsCurrent?: boolean;
}): Edit => ({ word: 'convert', now: null, was: null, needsCurrent: false, ...terms });
