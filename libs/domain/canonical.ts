export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** What may not stand in a stream: it would be read back as something else, or not at all. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical';
}

const LONE_SURROGATE_OR_NUL = /\u0000|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
const NEEDS_CARE = /[\u0000\uD800-\uDFFF]/;

/** True where PostgreSQL could not store the text: it has a NUL or half of a surrogate pair. */
export const isUnstorable = (text: string): boolean => NEEDS_CARE.test(text) && LONE_SURROGATE_OR_NUL.test(text);

/** Stands for an object of the value, where it is not undefined. */
export type Substitute = (value: object) => Json | undefined;

/**
 * RFC 8785 for the values that a ledger needs: keys sorted, integers only, no `undefined`. `JSON.stringify` already writes
 * strings and integers as the RFC asks.
 */
export const canonicalJson = (value: Json, substitute?: Substitute): string => {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      if (!Number.isSafeInteger(value)) throw new NotCanonical(`${value} is not a safe integer`);
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return canonicalArray(value as readonly Json[], substitute);
      const other = substitute?.(value);
      if (other !== undefined) return canonicalJson(other);
      return canonicalObject(value as { readonly [key: string]: Json | undefined }, substitute);
    }
    case 'undefined':
    case 'bigint':
    case 'function':
    case 'symbol':
      throw new NotCanonical(`a ${typeof value} has no canonical form`);
  }
};

const NEEDS_QUOTING = /["\\\u0000-\u001f\uD800-\uDFFF]/;

const quoted = (text: string): string => {
  if (!NEEDS_QUOTING.test(text)) return `"${text}"`;
  if (isUnstorable(text)) throw new NotCanonical('a string has a NUL or a lone surrogate');
  return JSON.stringify(text);
};

const canonicalArray = (values: readonly Json[], substitute: Substitute | undefined): string => {
  let text = '';
  for (const value of values) text += (text === '' ? '[' : ',') + canonicalJson(value, substitute);
  return text === '' ? '[]' : `${text}]`;
};

const canonicalObject = (
  value: { readonly [key: string]: Json | undefined },
  substitute: Substitute | undefined,
): string => {
  let text = '';
  for (const { key, first, further } of shapeOf(value)) {
    const member = value[key];
    if (member === undefined) continue;
    text += text === '' ? first : further;
    text += canonicalJson(member, substitute);
  }
  return text === '' ? '{}' : `${text}}`;
};

/** The keys of an object in order, each with how it is written as the first member and as a further one. */
type Shape = readonly { readonly key: string; readonly first: string; readonly further: string }[];

interface ShapeNode {
  readonly next: Map<string, ShapeNode>;
  shape: Shape | null;
}

/**
 * Shapes that were met before, found by their keys as they come: events are few shapes and many objects, and sorting and
 * quoting the keys of each anew would cost more than all the rest.
 */
const shapes: ShapeNode = { next: new Map(), shape: null };
const MAX_SHAPE_NODES = 10_000;
let shapeNodes = 0;

const shapeOf = (value: object): Shape => {
  let node = shapes;
  for (const key in value) {
    let next = node.next.get(key);
    if (!next) {
      if (shapeNodes >= MAX_SHAPE_NODES) return newShape(value);
      shapeNodes += 1;
      next = { next: new Map(), shape: null };
      node.next.set(key, next);
    }
    node = next;
  }
  return (node.shape ??= newShape(value));
};

const newShape = (value: object): Shape => {
  const keys = Object.keys(value).sort();
  if (keys.some(isUnstorable)) throw new NotCanonical('a key has a NUL or a lone surrogate');
  return keys.map((key) => ({ key, first: `{${JSON.stringify(key)}:`, further: `,${JSON.stringify(key)}:` }));
};
