/** Samples of what a change does: made from the schemas, and taken through the change itself. */
import type { Schema } from '../schema-words.js';
import type { Change, Edit, Json, ResourceTarget } from './change.js';
import { holdersIn, isObject, placeOf } from './places.js';

type Schemas = Readonly<Record<string, Schema>>;

export interface Sample {
  /** What it is of. */
  readonly title: string;
  /** As the older version has it, and the newer one. */
  readonly before: unknown;
  readonly after: unknown;
}

const ULID = '01HZXK5Y8Q2J3M4N5P6R7S8T9V';
const DEPTH = 6;

/** A value that a schema lets pass, the same each time. */
export const sampleOf = (schema: Schema, schemas: Schemas, depth = 0): unknown => {
  const {
    $ref,
    const: only,
    enum: values,
    type,
    properties,
    items,
    pattern,
    format,
  } = schema as Schema & {
    $ref?: string;
    enum?: unknown[];
    pattern?: string;
  };
  if ($ref !== undefined) return sampleOf(schemas[$ref.split('/').at(-1) as string] ?? {}, schemas, depth + 1);
  if (only !== undefined) return only;
  if (values !== undefined) return values[0];
  if (depth > DEPTH) return null;
  if (isObject(properties)) {
    return Object.fromEntries(
      Object.entries(properties).map(([name, one]) => [name, sampleOf(one as Schema, schemas, depth + 1)]),
    );
  }
  if (isObject(items)) return [sampleOf(items, schemas, depth + 1)];
  const prefix = /^\^([a-z]+)_\[0-7\]/.exec(pattern ?? '')?.[1];
  if (prefix !== undefined) return `${prefix}_${ULID}`;
  if (pattern?.includes('[A-Z]{3}') === true) return 'NGN';
  if (pattern?.includes('\\d{4}') === true) return '5411';
  if (format === 'date-time') return '2026-05-19T09:30:00.000Z';
  const [first] = [type].flat();
  return first === 'integer' || first === 'number'
    ? 2500
    : first === 'boolean'
      ? true
      : first === 'object'
        ? {}
        : 'text';
};

/** The least that has a field, with one of its values in it. */
const skeleton = (tag: string, { now, literals }: Edit): Json | null => {
  if (now === null || literals === undefined) return null;
  const { holder, field } = placeOf(now);
  const inner: unknown = { [field]: Object.keys(literals)[0] };
  const whole = [...holder].reverse().reduce((value, step) => (step === '[]' ? [value] : { [step]: value }), inner);
  return { object: tag, ...(whole as Json) };
};

const put = (root: Json, path: string, value: unknown): void => {
  const { holder, field } = placeOf(path);
  for (const one of holdersIn(root, holder)) one[field] = value;
};

/** Only what the edits are about, and what the resource is. */
const pruned = (value: unknown, paths: readonly (string | null)[]): Json => {
  const kept: Json = isObject(value) ? { object: value.object } : {};
  for (const path of paths) {
    const [first] = (path ?? '').replaceAll('[]', '').split('.');
    if (first !== undefined && isObject(value) && Object.hasOwn(value, first)) kept[first] = value[first];
  }
  return kept;
};

const ofResource = (target: ResourceTarget, schemas: Schemas): Sample[] =>
  target.tags.flatMap((tag) => {
    const schema = schemas[tag];
    const applying = target.edits.filter((edit) => schema === undefined || edit.appliesTo(schema));
    if (applying.length === 0) return [];
    const newer = schema === undefined ? skeleton(tag, applying[0] as Edit) : (sampleOf(schema, schemas) as Json);
    if (newer === null) return [];
    for (const { now, example } of applying) if (now !== null && example !== undefined) put(newer, now, example);
    const older = applying.reduceRight((resource, edit) => edit.down(resource, false), newer);
    const before = pruned(
      older,
      applying.map(({ was }) => was),
    );
    return [
      {
        title: tag,
        before,
        after: pruned(
          newer,
          applying.map(({ now }) => now),
        ),
      },
    ];
  });

/** Before and after of a change. `schemas`: of the version that it came with. */
export const samplesOf = ({ on }: Change, schemas: Schemas): Sample[] =>
  on.flatMap((target): Sample[] => {
    switch (target.kind) {
      case 'resource':
        return ofResource(target, schemas);
      case 'request_header': {
        const line = `${target.method} /v1/…`;
        return [{ title: 'request', before: line, after: `${line}\n${target.header}: 7d1f0c3a-order-1042` }];
      }
      case 'webhook_header':
        return [{ title: 'webhook delivery', before: `${target.was}: t=…,v1=…`, after: `${target.now}: t=…,v1=…` }];
    }
  });
