/** Two JSON Schemas compared for whoever sends what they take, or reads what they answer. */
import type { Schema } from '../schema-words.js';
import type { Report } from './differences.js';
import { isObject, resolved } from './places.js';

interface Sides {
  readonly older: Readonly<Record<string, unknown>>;
  readonly newer: Readonly<Record<string, unknown>>;
  /** Of which the schema says what is sent, or what is answered. */
  readonly side: 'request' | 'response';
  readonly report: Report;
}

type Fields = Readonly<Record<string, Schema>>;

const typesOf = ({ type }: Schema): Set<string> => new Set(type === undefined ? [] : ([type].flat() as string[]));
const fieldsOf = ({ properties }: Schema): Fields => (isObject(properties) ? (properties as Fields) : {});
const requiredOf = ({ required }: Schema): Set<string> =>
  new Set(Array.isArray(required) ? (required as string[]) : []);

const valuesOf = (schema: Schema): readonly unknown[] | null =>
  schema.const !== undefined ? [schema.const] : Array.isArray(schema.enum) ? (schema.enum as unknown[]) : null;

/** Bounds on what is sent: whether the larger number lets more through. */
const BOUNDS: Readonly<Record<string, 'upper' | 'lower'>> = {
  minimum: 'lower',
  exclusiveMinimum: 'lower',
  minLength: 'lower',
  minItems: 'lower',
  minProperties: 'lower',
  maximum: 'upper',
  exclusiveMaximum: 'upper',
  maxLength: 'upper',
  maxItems: 'upper',
  maxProperties: 'upper',
};

/** Rules that let through something else when they are others. */
const FORMS = [
  'pattern',
  'format',
  'multipleOf',
  'uniqueItems',
  'propertyNames',
  'allOf',
  'not',
  'x-no-card-number',
  'x-rate',
];

const compareTypes = ({ side, report }: Sides, at: string, before: Schema, after: Schema): void => {
  const [had, has] = [typesOf(before), typesOf(after)];
  if (had.size === 0 || has.size === 0) {
    const isSame = had.size === has.size || (side === 'request' && has.size === 0);
    if (!isSame) report('type_changed', at, 'Its type is another one.');
    return;
  }
  const takes = (types: ReadonlySet<string>, type: string): boolean =>
    types.has(type) || (type === 'integer' && types.has('number'));
  const gone = [...had].filter((type) => !takes(has, type));
  const come = [...has].filter((type) => !takes(had, type));
  if (side === 'request') {
    if (gone.length > 0) report('type_changed', at, `It takes no ${gone.join(', ')} any more.`);
    else if (come.length > 0) report('behind_the_scenes', at, `It takes ${come.join(', ')} as well.`);
    return;
  }
  const others = come.filter((type) => type !== 'null');
  if (others.length > 0 || gone.some((type) => type !== 'null')) report('type_changed', at, 'Its type is another one.');
  else if (come.length > 0) report('response_field_became_absent', at, 'It may be null.');
  else if (gone.length > 0) report('behind_the_scenes', at, 'It is never null any more.');
};

const compareValues = ({ side, report }: Sides, at: string, before: Schema, after: Schema): void => {
  const [had, has] = [valuesOf(before), valuesOf(after)];
  if (had === null && has === null) return;
  if (had === null) {
    if (side === 'request') report('request_rejected', at, 'Only some values are taken.');
    else report('behind_the_scenes', at, 'Only some values are answered.');
    return;
  }
  if (has === null) {
    const form = typeof after.pattern === 'string' ? new RegExp(after.pattern) : /^/;
    const gone = had.find((value) => typeof value === 'string' && !form.test(value));
    if (gone !== undefined) report('enum_value_removed', at, `${String(gone)} is gone.`);
    else report('new_enum_value', at, 'Any value may come.');
    return;
  }
  const isCode = at.endsWith('error.code') || at.endsWith('error.type');
  for (const value of had) {
    if (!has.includes(value))
      report(isCode ? 'error_code_changed' : 'enum_value_removed', at, `${String(value)} is gone.`);
  }
  for (const value of has) {
    if (had.includes(value)) continue;
    if (value === null && side === 'response') report('response_field_became_absent', at, 'It may be null.');
    else report(isCode ? 'new_error_code' : 'new_enum_value', at, `${String(value)} is new.`);
  }
};

const compareRules = ({ side, report }: Sides, at: string, before: Schema, after: Schema): void => {
  for (const rule of FORMS) {
    if (JSON.stringify(before[rule]) === JSON.stringify(after[rule])) continue;
    if (side === 'request' && after[rule] !== undefined) report('request_rejected', at, `Its ${rule} is another one.`);
    else if (side === 'response' && before[rule] !== undefined)
      report('type_changed', at, `Its ${rule} is another one.`);
    else report('behind_the_scenes', at, `Its ${rule} is another one.`);
  }
  for (const [bound, end] of Object.entries(BOUNDS)) {
    const [had, has] = [before[bound], after[bound]] as (number | undefined)[];
    if (had === has) continue;
    const widest = end === 'upper' ? Infinity : -Infinity;
    const isNarrower = end === 'upper' ? (has ?? widest) < (had ?? widest) : (has ?? widest) > (had ?? widest);
    const breaks = side === 'request' ? isNarrower : false;
    report(breaks ? 'request_rejected' : 'behind_the_scenes', at, `${bound} is ${has ?? 'no more'}.`);
  }
};

const compareFields = (sides: Sides, at: string, before: Schema, after: Schema, seen: ReadonlySet<string>): void => {
  const { side, report } = sides;
  const [had, has] = [fieldsOf(before), fieldsOf(after)];
  const [needed, needs] = [requiredOf(before), requiredOf(after)];
  const within = (name: string): string =>
    /^(GET|POST|PUT|PATCH|DELETE) \S+( \w+)?$/.test(at) ? `${at} ${name}` : `${at}.${name}`;
  for (const name of Object.keys(had)) {
    const place = within(name);
    const now = has[name];
    if (now === undefined) {
      report('field_removed_or_renamed', place, 'The field is gone.');
      continue;
    }
    if (side === 'request' && needs.has(name) && !needed.has(name)) {
      report('optional_became_required', place, 'The field is required.');
    }
    if (side === 'response' && needed.has(name) && !needs.has(name)) {
      report('response_field_became_absent', place, 'The field is not always there.');
    }
    compareSchemas(sides, place, had[name], now, seen);
  }
  for (const name of Object.keys(has)) {
    if (had[name] !== undefined) continue;
    if (side === 'response') report('new_response_field', within(name), 'The field is new.');
    else if (needs.has(name)) report('optional_became_required', within(name), 'A new field is required.');
    else report('new_optional_request_field', within(name), 'The field is new.');
  }
};

const compareRest = (sides: Sides, at: string, before: Schema, after: Schema, seen: ReadonlySet<string>): void => {
  const { side, report } = sides;
  const [others, newOthers] = [before.additionalProperties, after.additionalProperties];
  if (isObject(others) && isObject(newOthers)) compareSchemas(sides, `${at}.*`, others, newOthers, seen);
  else if (side === 'request' && others !== false && newOthers === false) {
    report('request_rejected', at, 'Other fields are refused.');
  }
  if (isObject(before.items) && isObject(after.items))
    compareSchemas(sides, `${at}[]`, before.items, after.items, seen);
  for (const kind of ['oneOf', 'anyOf']) {
    const [had, has] = [before[kind], after[kind]].map((list) => (Array.isArray(list) ? (list as Schema[]) : []));
    if (had === undefined || has === undefined || (had.length === 0 && has.length === 0)) continue;
    if (side === 'request' ? has.length < had.length : has.length > had.length) {
      report(side === 'request' ? 'request_rejected' : 'type_changed', at, 'Its alternatives are others.');
    }
    for (const [i, one] of had.entries()) if (has[i] !== undefined) compareSchemas(sides, at, one, has[i], seen);
  }
};

/** Reports what differs. `seen`: pairs of references that are being compared, so that what holds itself ends. */
export const compareSchemas = (
  sides: Sides,
  at: string,
  before: Schema | undefined,
  after: Schema | undefined,
  seen: ReadonlySet<string> = new Set(),
): void => {
  if (before === undefined || after === undefined) {
    if (before !== after) sides.report('type_changed', at, 'Its form is another one.');
    return;
  }
  const pair = `${String(before.$ref)} ${String(after.$ref)}`;
  if (seen.has(pair) && before.$ref !== undefined) return;
  const inside = before.$ref === undefined ? seen : new Set([...seen, pair]);
  const [had, has] = [resolved(sides.older, before), resolved(sides.newer, after)] as [Schema, Schema];
  compareTypes(sides, at, had, has);
  compareValues(sides, at, had, has);
  compareRules(sides, at, had, has);
  compareFields(sides, at, had, has, inside);
  compareRest(sides, at, had, has, inside);
};
