import { formSaid } from '#contract/form-said.js';
import { isStorable } from '#contract/forms.js';
import type { ErrorCode } from '#contract/problems.js';
import type { QueryParameter, QueryValue } from '#contract/query-parameters.js';
import type { Query } from './call.js';
import { Problem } from './problem.js';

const NONE: Query = {};
const NO_PARAMETERS: Readonly<Record<string, QueryParameter>> = {};
const MAX_KEY = 40;
/** Of a family such as `metadata[…]`: planning a query takes longer with each. */
const MOST_MEMBERS = 10;
/** Of a name that is told back. */
const MAX_NAME = 120;

/** The parameter that a name means: `metadata[region]` is one of `metadata[*]`. */
const parameterNamed = (
  parameters: Readonly<Record<string, QueryParameter>>,
  name: string,
): QueryParameter | undefined => {
  if (Object.hasOwn(parameters, name) && !name.endsWith('[*]')) return parameters[name];
  const found = /^([a-z_]+)\[([^[\]]+)\]$/.exec(name);
  if (!found || (found[2] as string).length > MAX_KEY || !isStorable(found[2] as string)) return undefined;
  const family = `${found[1]}[*]`;
  return Object.hasOwn(parameters, family) ? parameters[family] : undefined;
};

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
};

/** Fastify takes what it can't decode as it stands, and a filter would silently find nothing. Throws `Problem`. */
export const checkEncoding = (url: string): void => {
  const start = url.search(/[?#]/);
  if (start === -1 || !url.includes('%', start)) return;
  for (const pair of url.slice(start + 1).split('&')) {
    const end = pair.indexOf('=');
    const name = decoded(end === -1 ? pair : pair.slice(0, end));
    if (name === null) throw new Problem('malformed_url');
    if (end !== -1 && decoded(pair.slice(end + 1)) === null) {
      throw new Problem('pattern_mismatch', { param: name.slice(0, MAX_NAME) });
    }
  }
};

const refused = (code: ErrorCode, param: string, { schema }: QueryParameter): Problem => {
  const rule = formSaid(code, schema);
  return new Problem(code, rule === null ? { param } : { param, message: `${param} ${rule}.` });
};

const textOf = (sent: unknown, { isList }: QueryParameter, name: string): string => {
  if (typeof sent === 'string') return sent;
  if (isList === true && Array.isArray(sent)) return sent.join(',');
  throw new Problem('type_mismatch', { param: name });
};

const REQUIRED = new WeakMap<Readonly<Record<string, QueryParameter>>, readonly string[]>();

const requiredOf = (parameters: Readonly<Record<string, QueryParameter>>): readonly string[] => {
  let names = REQUIRED.get(parameters);
  if (names === undefined) {
    names = Object.keys(parameters).filter((name) => parameters[name]?.isRequired);
    REQUIRED.set(parameters, names);
  }
  return names;
};

/**
 * What a query string says, checked; defaults are the handler's. Throws `Problem`: an unknown parameter, one given twice,
 * a value out of its form or range, too many of a family, both ends of a page at once, a required one left out.
 */
export const parseQuery = (
  sent: Readonly<Record<string, unknown>>,
  parameters: Readonly<Record<string, QueryParameter>> = NO_PARAMETERS,
): Query => {
  const names = Object.keys(sent);
  const missing = requiredOf(parameters).find((name) => !Object.hasOwn(sent, name));
  if (names.length === 0 && missing === undefined) return NONE;
  const query: Record<string, QueryValue> = {};
  let members = 0;
  for (const asked of names) {
    // `expand=a,b` for `expand[]=a&expand[]=b`.
    const name = Object.hasOwn(parameters, `${asked}[]`) ? `${asked}[]` : asked;
    if (Object.hasOwn(query, name)) throw new Problem('mutually_exclusive', { param: asked });
    const parameter = parameterNamed(parameters, name);
    if (!parameter) throw new Problem('unknown_field', { param: name.slice(0, MAX_NAME) });
    if (!Object.hasOwn(parameters, name) && ++members > MOST_MEMBERS)
      throw new Problem('out_of_range', {
        param: asked,
        message: `${asked} is one too many: at most ${MOST_MEMBERS} of them.`,
      });
    const parsed = parameter.parse(textOf(sent[asked], parameter, asked));
    if ('wrong' in parsed) throw refused(parsed.wrong, asked, parameter);
    query[name] = parsed.value;
  }
  if (missing !== undefined) throw new Problem('missing_field', { param: missing });
  if (query.starting_after !== undefined && query.ending_before !== undefined) {
    throw new Problem('mutually_exclusive', { param: 'ending_before' });
  }
  if (query.cursor !== undefined && query.offset !== undefined)
    throw new Problem('mutually_exclusive', { param: 'offset' });
  return query;
};
