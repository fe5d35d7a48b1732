/** Query parameters of an older version: they are named, and say, what the fields that they ask for do. */
import { EXPAND, expansionOf, expansionsOf } from '../expansions.js';
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
const NAMES_FIELDS: ReadonlySet<string> = new Set(['sort']);

type StepsFor = (tag: string) => readonly Step[];

/** What may be shown in full is named by its fields; a dotted name leads through other resources, each with its own. */
const olderExpansion = (tag: string, path: string, stepsFor: StepsFor): string => {
  let at = tag;
  const steps = path.split('.').map((name) => {
    const told = stepsFor(at).reduce((now, { edit }) => (edit.now === now && edit.was !== null ? edit.was : now), name);
    at = expansionOf(at, name)?.shows ?? at;
    return told;
  });
  return steps.join('.');
};

/** The parameter `expand[]` of a version; the same where it calls all of it as the newest does. */
const expandAt = (parameter: QueryParameter, tag: string, stepsFor: StepsFor): QueryParameter => {
  const names = expansionsOf(tag).map((name) => [name, olderExpansion(tag, name, stepsFor)] as const);
  const renamed = names.filter(([newer, older]) => newer !== older);
  if (renamed.length === 0) return parameter;
  const back = new Map(names.map(([newer, older]) => [older, newer]));
  return {
    ...parameter,
    schema: withLiterals(parameter.schema, Object.fromEntries(renamed)),
    parse: (text) => {
      const newest = text.split(',').map((name) => back.get(name));
      return newest.includes(undefined) ? { wrong: 'invalid_enum' } : parameter.parse(newest.join(','));
    },
  };
};

const withValues = (parameter: QueryParameter, literals: Readonly<Record<string, string>>): QueryParameter => {
  const back = new Map(Object.entries(literals).map(([newer, older]) => [older, newer]));
  const gone = new Set(Object.keys(literals).filter((newer) => !back.has(newer)));
  return {
    ...parameter,
    schema: withLiterals(parameter.schema, literals),
    parse: (text) => (gone.has(text) ? { wrong: 'invalid_enum' } : parameter.parse(back.get(text) ?? text)),
  };
};

/** The value of `sort`, a sign before it or none. */
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

/** The parameters after the steps that lead from what an operation is about down to a version; null: as the newest. */
export const queryAt = (head: QueryParameters, tags: readonly string[], stepsFor: StepsFor): QueryView | null => {
  const steps = tags.flatMap(stepsFor);
  const { [EXPAND]: expand } = head;
  const [tag] = tags;
  let parameters: QueryParameters =
    expand === undefined || tag === undefined ? head : { ...head, [EXPAND]: expandAt(expand, tag, stepsFor) };
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
