/** Query parameters of an older version: they are named, and say, what the fields that they ask for do. */
import type { QueryParameter, QueryValue } from '../query-parameters.js';
import { withLiterals } from './places.js';
import type { Step } from './lowering.js';

export type QueryParameters = Readonly<Record<string, QueryParameter>>;

export interface QueryView {
  readonly parameters: QueryParameters;
  /** Older name → newest. */
  readonly names: ReadonlyMap<string, string>;
  readonly changes: ReadonlyMap<string, string>;
}

/** Parameters whose values are names of fields, as `sort=-created_at`. */
const NAMES_FIELDS: ReadonlySet<string> = new Set(['sort', 'expand', 'expand[]']);

const withValues = (parameter: QueryParameter, literals: Readonly<Record<string, string>>): QueryParameter => {
  const back = new Map(Object.entries(literals).map(([newer, older]) => [older, newer]));
  const gone = new Set(Object.keys(literals).filter((newer) => !back.has(newer)));
  return {
    ...parameter,
    schema: withLiterals(parameter.schema, literals),
    parse: (text) => (gone.has(text) ? { wrong: 'invalid_enum' } : parameter.parse(back.get(text) ?? text)),
  };
};

/** The value of `sort` or `expand`, a sign before it or none. */
const withFieldName = (parameter: QueryParameter, now: string, was: string): QueryParameter => ({
  ...parameter,
  schema: withLiterals(parameter.schema, { [now]: was, [`-${now}`]: `-${was}` }),
  parse: (text) => {
    const sign = text.startsWith('-') ? '-' : '';
    const name = text.slice(sign.length);
    if (name === now) return { wrong: 'invalid_enum' };
    return parameter.parse(name === was ? sign + now : text);
  },
});

/** The parameters after the steps that lead down to a version, newest first; null: as the newest. */
export const queryAt = (head: QueryParameters, steps: readonly Step[]): QueryView | null => {
  let parameters: QueryParameters = head;
  const names = new Map<string, string>();
  const changes = new Map<string, string>();
  for (const { change, edit } of steps) {
    const { now, was, literals, word } = edit;
    if (now === null || was === null) continue;
    const renamed: Record<string, QueryParameter> = {};
    for (const [name, parameter] of Object.entries(parameters)) {
      if (NAMES_FIELDS.has(name) && now !== was) {
        renamed[name] = withFieldName(parameter, now, was);
      } else if (name === now && (word === 'rename' || word === 'move' || literals !== undefined)) {
        renamed[was] = literals === undefined ? parameter : withValues(parameter, literals);
        names.set(was, names.get(name) ?? name);
        if (was !== name) names.delete(name);
        changes.set(was, change);
      } else renamed[name] = parameter;
    }
    parameters = renamed;
  }
  return names.size === 0 && Object.entries(head).every(([name, one]) => parameters[name] === one)
    ? null
    : { parameters, names, changes };
};

/** A query in the newest names. */
export const liftQuery = (
  { names }: QueryView,
  query: Readonly<Record<string, QueryValue>>,
): Readonly<Record<string, QueryValue>> =>
  Object.fromEntries(Object.entries(query).map(([name, value]) => [names.get(name) ?? name, value]));
