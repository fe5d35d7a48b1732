/** From the newest version's resources to an older one's: any depth, lists, events, errors within answers. */
import type { ApiVersion } from '../api-versions.js';
import type { Schema } from '../schema-words.js';
import type { Change, Edit, Json, ResourceTarget, Target } from './change.js';
import { isObject } from './places.js';
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

/** Tells of errors in the caller's names. */
export type LowerError = (error: Json) => void;

/** One version's way down, compiled once. The newest version has none. */
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

  /** Lowers an answer in place and answers which changes had anything to do. */
  lower(answer: unknown, lowerError: LowerError = () => undefined): ReadonlySet<string> {
    const fired = new Set<string>();
    this.walk(answer, fired, lowerError);
    return fired;
  }

  /** An error's own fields; its `param` is the operation's to name. */
  lowerError(error: Json): void {
    for (const { edit } of this.steps.get(ERROR_TAG) ?? []) edit.down(error, false);
  }

  private walk(value: unknown, fired: Set<string>, lowerError: LowerError): void {
    if (Array.isArray(value)) {
      for (const one of value) this.walk(one, fired, lowerError);
      return;
    }
    if (!isObject(value)) return;
    const tag = typeof value.object === 'string' ? value.object : undefined;
    const fields = (tag === undefined ? undefined : this.nesting.get(tag)) ?? Object.keys(value);
    for (const name of fields) {
      const one = value[name];
      if (one === undefined || one === null || typeof one !== 'object' || this.opaque.has(name)) continue;
      if (name === 'error' && isObject(one) && isError(one)) lowerError(one);
      else this.walk(one, fired, lowerError);
    }
    if (tag === undefined) return;
    if (tag === 'event') this.lowerEvent(value, fired);
    this.apply(tag, value, false, fired);
  }

  /** What was before has no tag of its own: it is of the resource that the event is about, the first of its data. */
  private lowerEvent(event: Json, fired: Set<string>): void {
    event.api_version = this.version;
    const [about] = isObject(event.data) ? Object.values(event.data) : [];
    if (!isObject(about) || typeof about.object !== 'string' || !isObject(event.previous_attributes)) return;
    this.apply(about.object, event.previous_attributes, true, fired);
  }

  private apply(tag: string, resource: Json, isPart: boolean, fired: Set<string>): void {
    const steps = this.steps.get(tag);
    if (steps === undefined) return;
    for (const { change, edit } of steps) if (edit.down(resource, isPart)) fired.add(change);
  }

  /** A resource as the newer side of each step shows it, for merging; in the order of the steps. */
  stages(tag: string, resource: Json): Json[] {
    const stages: Json[] = [];
    const standing = JSON.parse(JSON.stringify(resource)) as Json;
    for (const { edit } of this.steps.get(tag) ?? []) {
      stages.push(JSON.parse(JSON.stringify(standing)) as Json);
      edit.down(standing, false);
    }
    return stages;
  }

  stepsFor(tag: string): readonly Step[] {
    return this.steps.get(tag) ?? [];
  }
}
