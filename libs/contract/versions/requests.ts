/** From an older version's requests to the newest: which edits concern a body, its schema, and the way up. */
import type { Operation } from '../operation-terms.js';
import type { Schema } from '../schema-words.js';
import type { Change, Edit, Json } from './change.js';
import { stepsOf, targetsOf } from './lowering.js';
import { holdersIn, isObject, schemaWithin, withSchema } from './places.js';

export type Operations = Readonly<Record<string, Operation>>;
export type Schemas = Readonly<Record<string, Schema>>;

/** Where in a body a resource is said. */
interface Form {
  readonly tag: string;
  readonly prefix: readonly string[];
}

/** An edit that a body goes through, newest first. */
export interface BodyStep extends Form {
  readonly change: string;
  readonly edit: Edit;
}

/** The resources that an operation answers with as its own. */
export const ownTags = ({ answers }: Operation, schemas: Schemas): string[] => {
  if (answers === null) return [];
  const name = answers.split(':').at(-1) as string;
  const { oneOf } = schemas[name] ?? {};
  if (!Array.isArray(oneOf)) return [name];
  return oneOf.flatMap(({ $ref }: { $ref?: string }) => ($ref === undefined ? [] : [$ref.split('/').at(-1) as string]));
};

/** Steps to every part of a schema that looks exactly like another one: a batch's items are bodies of their own. */
const placesOfForm = (schema: Schema, form: string, steps: readonly string[] = []): string[][] => {
  if (steps.length > 0 && JSON.stringify(schema) === form) return [[...steps]];
  const inner = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  if (isObject(schema.items)) inner.push(['[]', schema.items]);
  return inner.flatMap(([step, one]) => (isObject(one) ? placesOfForm(one, form, [...steps, step]) : []));
};

/** For each body, the resources that it says. */
export const formsOf = (operations: Operations, bodies: Schemas, schemas: Schemas): ReadonlyMap<string, Form[]> => {
  const forms = new Map<string, Form[]>(Object.keys(bodies).map((name) => [name, []]));
  const note = (body: string, form: Form): void => {
    const known = forms.get(body) ?? [];
    const isKnown = known.some((one) => one.tag === form.tag && one.prefix.join('.') === form.prefix.join('.'));
    if (!isKnown) forms.set(body, [...known, form]);
  };
  const said = Object.values(operations).flatMap((operation) =>
    operation.body === undefined
      ? []
      : ownTags(operation, schemas).map((tag) => [operation.body as string, tag] as const),
  );
  for (const [body, tag] of said) {
    note(body, { tag, prefix: [] });
    const form = JSON.stringify(bodies[body]);
    if (!isObject(bodies[body]?.properties) || Object.keys(bodies[body].properties).length === 0) continue;
    for (const [other, schema] of Object.entries(bodies)) {
      for (const prefix of placesOfForm(schema, form)) note(other, { tag, prefix });
    }
  }
  return forms;
};

export interface BodyView {
  readonly schema: Schema;
  readonly steps: readonly BodyStep[];
}

/** A body as an older version takes it. No steps: as the newest does. */
export const bodyAt = (name: string, head: Schema, forms: readonly Form[], changes: readonly Change[]): BodyView => {
  let schema = head;
  const steps: BodyStep[] = [];
  for (const { change, target } of targetsOf(changes, 'resource')) {
    if (target.bodies !== undefined && !target.bodies.includes(name)) continue;
    for (const form of forms.filter(({ tag }) => target.tags.includes(tag))) {
      for (const { edit } of stepsOf(change, target)) {
        const inner = schemaWithin(schema, form.prefix);
        if (inner === undefined || !edit.appliesTo(inner)) continue;
        schema = withSchema(schema, form.prefix, (one) => edit.schema(one));
        steps.push({ ...form, change: change.id, edit });
      }
    }
  }
  return { schema, steps };
};

/**
 * Lifts a body in place, oldest step first, and answers which changes had anything to do. `stages`: what stands, as the newer
 * side of each step shows it; null where the request makes something new.
 */
export const liftBody = (
  steps: readonly BodyStep[],
  body: unknown,
  stages: readonly (Json | null)[] | null,
): ReadonlySet<string> => {
  const fired = new Set<string>();
  for (let i = steps.length - 1; i >= 0; i--) {
    const { change, edit, prefix } = steps[i] as BodyStep;
    for (const holder of holdersIn(body, prefix)) {
      if (edit.up(holder, stages?.[i] ?? null)) fired.add(change);
    }
  }
  return fired;
};

const INDEX = /\[\d+\]/g;

/** A field in the newest names, told in the caller's. Of what took another form no index is told: it would name nothing. */
export const paramAt = (steps: readonly Pick<BodyStep, 'edit' | 'prefix'>[], param: string): string => {
  let told = param;
  for (const { edit, prefix } of steps) {
    if (edit.now === null || edit.was === null) continue;
    const within = prefix.map((step, i) => (step === '[]' ? '[]' : `${i === 0 ? '' : '.'}${step}`)).join('');
    const [now, was] = [edit.now, edit.was].map((path) => (within === '' ? path : `${within}.${path}`)) as [
      string,
      string,
    ];
    const plain = told.replace(INDEX, '[]');
    if (plain !== now && !plain.startsWith(`${now}.`) && !plain.startsWith(`${now}[`)) continue;
    const indices = told.match(INDEX) ?? [];
    const own = (now.match(/\[\]/g) ?? []).length;
    let next = 0;
    const renamed = was.replace(/\[\]/g, () => indices[next++] ?? '[]');
    const isOther = edit.word === 'retype' || edit.word === 'replaced';
    const rest = restAfter(told, now, own);
    told = isOther ? renamed : renamed + rest;
  }
  return told;
};

/** What follows a path in a text whose lists have indices. */
const restAfter = (told: string, path: string, lists: number): string => {
  let length = path.length;
  for (const index of (told.match(INDEX) ?? []).slice(0, lists)) length += index.length - 2;
  return told.slice(length);
};
