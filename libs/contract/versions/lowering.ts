/** From the newest version's resources to an older one's: any depth, lists, events, errors within answers. */
import type { ApiVersion } from '../api-versions.js';
import type { Schema } from '../schema-words.js';
import type { Change, Edit, Json, ResourceTarget, Target } from './change.js';
import { isObject, mapped } from './places.js';
import { nestingFields, ownMaps } from './tags.js';

type Schemas = Readonly<Record<string, Schema>>;

/** An edit that is taken back on the way down. */
export interface Step {
  readonly change: string;
  readonly edit: Edit;
}

/** Changes that shipped after a version, newest first: the way down. */
export const changesSince = (versions: readonly ApiVersion[], date: string): readonly Change[] =>
  versions
    .filter((one) => one.date > date)
    .flatMap(({ changes }) => changes)
    .reverse();

export const targetsOf = <K extends Target['kind']>(
  changes: readonly Change[],
  kind: K,
): { readonly change: Change; readonly target: Extract<Target, { kind: K }> }[] =>
  changes.flatMap((change) =>
    change.on
      .filter((target): target is Extract<Target, { kind: K }> => target.kind === kind)
      .map((target) => ({ change, target })),
  );

export const stepsOf = (change: Change, { edits }: ResourceTarget): Step[] =>
  [...edits].reverse().map((edit) => ({ change: change.id, edit }));

/** Objects that stand under `error` have no tag; they are told by what they always hold. */
const ERROR_TAG = 'error_details';
const isError = (value: Json): boolean => typeof value.code === 'string' && typeof value.request_id === 'string';

/** An error in the caller's names. */
export type LowerError = (error: Json) => Json;

export interface Lowered {
  readonly answer: unknown;
  /** Ids of the changes that had anything to do. */
  readonly fired: ReadonlySet<string>;
}

const asItIs: LowerError = (error) => error;

/**
 * One version's way down, compiled once. The newest version has none. What is given stays as it is: of what differs there is
 * another object along the way to it, all else is shared.
 */
export class Lowering {
  /** Schemas of the version's resources. */
  readonly schemas: Schemas;
  /** Edits that found nothing that they are about, by the change's id and what they say. */
  readonly unused: readonly string[];
  private readonly steps = new Map<string, Step[]>();
  private readonly opaque: ReadonlySet<string>;
  private readonly nesting: ReadonlyMap<string, readonly string[]>;

  constructor(
    head: Schemas,
    versions: readonly ApiVersion[],
    readonly version: string,
  ) {
    const schemas: Record<string, Schema> = { ...head };
    const unused: string[] = [];
    for (const { change, target } of targetsOf(changesSince(versions, version), 'resource')) {
      for (const tag of target.tags) {
        for (const step of stepsOf(change, target)) {
          const schema = schemas[tag];
          const applies = schema === undefined || step.edit.appliesTo(schema);
          // Of what is not there yet, the edit waits for it.
          if (schema === undefined || !applies) unused.push(`${change.id}: ${tag}: ${step.edit.told}`);
          if (schema !== undefined && applies) schemas[tag] = step.edit.schema(schema);
          if (applies) this.steps.set(tag, [...(this.steps.get(tag) ?? []), step]);
        }
      }
    }
    this.schemas = schemas;
    this.unused = unused;
    this.opaque = ownMaps(head);
    this.nesting = nestingFields(head);
  }

  /** Whether a resource with this tag is another one here. */
  changes(tag: string): boolean {
    return tag === 'event' || this.steps.has(tag);
  }

  lower(answer: unknown, lowerError: LowerError = asItIs): Lowered {
    const fired = new Set<string>();
    return { answer: this.told(answer, fired, lowerError), fired };
  }

  /** An error's own fields; its `param` is the operation's to name. */
  lowerError(error: Json): Json {
    const steps = this.steps.get(ERROR_TAG) ?? [];
    return steps.reduce((told, { edit }) => edit.down(told, false), error);
  }

  private told(value: unknown, fired: Set<string>, lowerError: LowerError): unknown {
    if (Array.isArray(value)) return mapped(value, (one) => this.told(one, fired, lowerError));
    if (!isObject(value)) return value;
    const tag = typeof value.object === 'string' ? value.object : undefined;
    const fields = (tag === undefined ? undefined : this.nesting.get(tag)) ?? Object.keys(value);
    let told = value;
    for (const name of fields) {
      const one = value[name];
      if (one === undefined || one === null || typeof one !== 'object' || this.opaque.has(name)) continue;
      const after =
        name === 'error' && isObject(one) && isError(one) ? lowerError(one) : this.told(one, fired, lowerError);
      if (after === one) continue;
      if (told === value) told = { ...value };
      told[name] = after;
    }
    if (tag === undefined) return told;
    return this.apply(tag, tag === 'event' ? this.toldEvent(told, value, fired) : told, false, fired);
  }

  /**
   * What was before has no tag of its own: it is of the resource that the event is about, the first of its data. `told`: the
   * event with its data lowered.
   */
  private toldEvent(told: Json, { data, previous_attributes: before }: Json, fired: Set<string>): Json {
    const event: Json = { ...told, api_version: this.version };
    const [about] = isObject(data) ? Object.values(data) : [];
    if (!isObject(about) || typeof about.object !== 'string' || !isObject(before)) return event;
    event.previous_attributes = this.apply(about.object, before, true, fired);
    return event;
  }

  private apply(tag: string, resource: Json, isPart: boolean, fired: Set<string>): Json {
    const steps = this.steps.get(tag);
    if (steps === undefined) return resource;
    let told = resource;
    for (const { change, edit } of steps) {
      const after = edit.down(told, isPart);
      if (after !== told) fired.add(change);
      told = after;
    }
    return told;
  }

  /** A resource as the newer side of each step shows it, for merging; in the order of the steps. */
  stages(tag: string, resource: Json): Json[] {
    const stages: Json[] = [];
    let standing = resource;
    for (const { edit } of this.steps.get(tag) ?? []) {
      stages.push(standing);
      standing = edit.down(standing, false);
    }
    return stages;
  }

  stepsFor(tag: string): readonly Step[] {
    return this.steps.get(tag) ?? [];
  }
}
