export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** What may not stand in a stream: it would be read back as something else, or not at all. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical';
}

const LONE_SURROGATE_OR_NUL = /\u0000|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
const NEEDS_CARE = /[\u0000\uD800-\uDFFF]/;

/** True where PostgreSQL could not store the text: it has a NUL or half of a surrogate pair. */
export const isUnstorable = (text: string): boolean => NEEDS_CARE.test(text) && LONE_SURROGATE_OR_NUL.test(text);

/**
 * RFC 8785 for the values that a ledger needs: keys sorted, integers only, no `undefined`. `JSON.stringify` already writes
 * strings and integers as the RFC asks.
 */
export const canonicalJson = (value: Json): string => {
  if (typeof value === 'string') {
    if (isUnstorable(value)) throw new NotCanonical('a string has a NUL or a lone surrogate');
    return JSON.stringify(value);
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new NotCanonical(`${value} is not a safe integer`);
    return String(value);
  }
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null) return 'null';
  if (typeof value !== 'object') throw new NotCanonical(`a ${typeof value} has no canonical form`);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalJson).join(',')}]`;
  return canonicalObject(value as { readonly [key: string]: Json | undefined });
};

const canonicalObject = (value: { readonly [key: string]: Json | undefined }): string => {
  let text = '';
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) continue;
    if (isUnstorable(key)) throw new NotCanonical('a key has a NUL or a lone surrogate');
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
};
