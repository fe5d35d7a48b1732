/** What a value must be, said of the schema that refused it: whoever is refused need not look it up. */
import type { ErrorCode } from './problems.js';
import type { Schema } from './schema-words.js';

/** Values that are named; of longer lists the reference has the rest. */
const MAX_NAMED = 60;

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

const amongst = (values: readonly unknown[]): string => {
  const named = values.filter((value) => value !== null).map(String);
  const shown = named.slice(0, MAX_NAMED).join(', ');
  const rest = named.length > MAX_NAMED ? ` and ${named.length - MAX_NAMED} others` : '';
  return `must be one of: ${shown}${rest}`;
};

const size = (code: 'too_short' | 'too_long', schema: Schema): string | null => {
  const limit = (text: string, list: string, map: string): number | undefined =>
    (schema[text] ?? schema[list] ?? schema[map]) as number | undefined;
  const n = code === 'too_short' ? limit('minLength', 'minItems', '') : limit('maxLength', 'maxItems', 'maxProperties');
  if (n === undefined) return null;
  const [one, many] = schema.maxProperties !== undefined ? ['field', 'fields'] : unitOf(schema);
  return `must have at ${code === 'too_short' ? 'least' : 'most'} ${count(n, one, many)}`;
};

const unitOf = ({ type }: Schema): [string, string] =>
  [type].flat().includes('array') ? ['item', 'items'] : ['character', 'characters'];

const range = ({ minimum, maximum }: Schema): string | null => {
  if (minimum === undefined) return maximum === undefined ? null : `must be at most ${String(maximum)}`;
  return maximum === undefined
    ? `must be at least ${String(minimum)}`
    : `must be from ${String(minimum)} to ${String(maximum)}`;
};

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'must be a time with its offset (RFC 3339), such as 2026-05-19T09:30:00Z',
  date: 'must be a date of the form YYYY-MM-DD, such as 2026-05-19',
  'time-zone': 'must be the name of a time zone (IANA), such as Africa/Lagos',
};

const form = ({ format, pattern, examples }: Schema): string | null => {
  if (typeof format === 'string') return FORMATS[format] ?? null;
  const prefix = /^\^([a-z]+_)\[0-7\]/.exec(String(pattern ?? ''))?.[1];
  if (prefix !== undefined) return `must be an id that begins with ${prefix}`;
  const [example] = (examples ?? []) as readonly unknown[];
  return typeof example === 'string' ? `must be of another form, such as ${example}` : null;
};

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

const kind = ({ type, format }: Schema): string | null => {
  const names = [type].flat().map((one) => TYPES[String(one)]);
  if (names.length === 0 || names.includes(undefined)) return null;
  return FORMATS[String(format)] ?? `must be ${names.join(' or ')}`;
};

/** The rule that a value broke, to be said behind its name: `must be one of: …`; null where the schema has no more to say. */
export const formSaid = (code: ErrorCode, schema: Schema): string | null => {
  const { items, enum: own } = schema as { items?: Schema; enum?: readonly unknown[] };
  const values = own ?? (items?.enum as readonly unknown[] | undefined);
  switch (code) {
    case 'invalid_enum':
      return values === undefined ? null : amongst(values);
    case 'type_mismatch':
      return own === undefined ? kind(schema) : amongst(own);
    case 'too_short':
    case 'too_long':
      return size(code, schema);
    case 'out_of_range':
      return range(schema);
    case 'pattern_mismatch':
      return form(schema);
    default:
      return null;
  }
};
