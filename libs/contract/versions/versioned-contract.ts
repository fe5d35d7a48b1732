/** The contract as each version has it: compiled once per operation and version, when a process starts. */
import { API_VERSIONS, type ApiVersion } from '../api-versions.js';
import type { Operation } from '../operation-terms.js';
import type { QueryValue } from '../query-parameters.js';
import { answerSchema } from '../resource-schemas.js';
import type { Schema } from '../schema-words.js';
import type { Json } from './change.js';
import { CsvTable } from './csv.js';
import { checkVersions } from './lifecycle.js';
import { changesSince, Lowering, targetsOf, type Lowered, type Step } from './lowering.js';
import { liftQuery, queryAt, type QueryParameters } from './queries.js';
import {
  bodyAt,
  formsOf,
  liftBody,
  ownTags,
  paramAt,
  type BodyStep,
  type BodyView,
  type Operations,
  type Schemas,
} from './requests.js';
import { reachable } from './tags.js';

/** Ids of the changes that had anything to do. */
export type Fired = ReadonlySet<string>;

/** An operation as one version has it. Where something is null, it is as in the newest version. */
export interface OperationView {
  readonly query: QueryParameters | undefined;
  /** The body's schema, before it is lifted. */
  readonly body: Schema | null;
  /** Whether an `Idempotency-Key` must be sent; where it need not be any more, the change that required it. */
  readonly requiresKey: boolean;
  readonly keyChange: string | null;
  readonly liftQuery: ((query: Readonly<Record<string, QueryValue>>) => Readonly<Record<string, QueryValue>>) | null;
  /** Lifts a checked body in place. `current`: the newest version's resource that it changes. */
  readonly lift: ((body: unknown, current: Json | null) => Fired) | null;
  /** Whether `lift` must know what stands. */
  readonly needsCurrent: boolean;
  /** An answer in the version's words; what is given stays as it is. */
  readonly lower: ((answer: unknown) => Lowered) | null;
  /** Writes rows of the listed resource as CSV, with these of its fields as columns; null where nothing is listed. */
  readonly csv: ((columns: readonly string[]) => CsvTable) | null;
  /** An error's envelope. `isLifted`: its `param` is in the newest names, because the request was lifted. */
  readonly lowerError: ((envelope: unknown, isLifted: boolean) => unknown) | null;
}

interface Parts {
  readonly operations: Operations;
  readonly schemas: Schemas;
  readonly bodies: Schemas;
  readonly versions?: readonly ApiVersion[];
}

const ERROR_STEPS = 'error_details';

export class VersionedContract {
  readonly versions: readonly ApiVersion[];
  private readonly views = new Map<string, ReadonlyMap<string, OperationView>>();
  private readonly lowerings = new Map<string, Lowering>();
  private readonly bodiesOf = new Map<string, Readonly<Record<string, BodyView>>>();

  /** Throws `RangeError` where the versions break their own rules. */
  constructor(private readonly parts: Parts) {
    const { operations, schemas, bodies, versions = API_VERSIONS } = parts;
    checkVersions(versions);
    this.versions = versions;
    const forms = formsOf(operations, bodies, schemas);
    for (const { date } of versions) {
      const changes = changesSince(versions, date);
      const lowering = new Lowering(schemas, versions, date);
      this.lowerings.set(date, lowering);
      const all = Object.entries(bodies).map(
        ([name, head]) => [name, bodyAt(name, head, forms.get(name) ?? [], changes)] as const,
      );
      this.bodiesOf.set(date, Object.fromEntries(all));
      this.views.set(
        date,
        new Map(Object.entries(operations).map(([name, operation]) => [name, this.compile(operation, date, lowering)])),
      );
    }
  }

  /** Throws `RangeError` for what is none. */
  view(operation: string, version: string): OperationView {
    const view = this.views.get(version)?.get(operation);
    if (view === undefined) throw new RangeError(`${operation} has no version ${version}`);
    return view;
  }

  lowering(version: string): Lowering {
    const lowering = this.lowerings.get(version);
    if (lowering === undefined) throw new RangeError(`there is no version ${version}`);
    return lowering;
  }

  /** Of those bodies that a version takes otherwise than the newest. */
  otherBodiesAt(version: string): Schemas {
    const bodies = Object.entries(this.bodiesOf.get(version) ?? {});
    return Object.fromEntries(
      bodies.filter(([, { steps }]) => steps.length > 0).map(([name, { schema }]) => [name, schema]),
    );
  }

  /** Schemas of bodies as a version takes them. */
  bodiesAt(version: string): Schemas {
    const bodies = this.bodiesOf.get(version);
    if (bodies === undefined) throw new RangeError(`there is no version ${version}`);
    return Object.fromEntries(Object.entries(bodies).map(([name, { schema }]) => [name, schema]));
  }

  private compile(operation: Operation, date: string, lowering: Lowering): OperationView {
    const changes = changesSince(this.versions, date);
    const { body, answers, query, method } = operation;
    const { schemas } = this.parts;
    const bodyView = body === undefined ? undefined : this.bodiesOf.get(date)?.[body];
    const bodySteps = bodyView?.steps ?? [];
    const tags = ownTags(operation, schemas);
    const asked = queryAt(query ?? {}, tags, (tag) => lowering.stepsFor(tag));
    const changesCurrent = method === 'PATCH' || method === 'PUT';
    return {
      query: asked === null ? query : asked.parameters,
      body: bodySteps.length === 0 ? null : (bodyView as BodyView).schema,
      ...this.keyTerms(operation, changes),
      liftQuery: asked === null ? null : (sent) => liftQuery(asked, sent),
      lift:
        bodySteps.length === 0
          ? null
          : (sent, current) => liftBody(bodySteps, sent, current && stagesOf(bodySteps, lowering, current)),
      needsCurrent: changesCurrent && bodySteps.some(({ edit, prefix }) => edit.needsCurrent && prefix.length === 0),
      ...this.answerTerms(answers, lowering, bodySteps, tags),
    };
  }

  private keyTerms(
    { plane, method }: Operation,
    changes: ReturnType<typeof changesSince>,
  ): Pick<OperationView, 'requiresKey' | 'keyChange'> {
    const all = this.versions.flatMap((version) => version.changes);
    const isAsked = targetsOf(all, 'request_header').some(
      ({ target }) => target.plane === plane && target.method === method,
    );
    const waived = targetsOf(changes, 'request_header').find(
      ({ target }) => target.plane === plane && target.method === method,
    );
    return { requiresKey: isAsked && waived === undefined, keyChange: waived?.change.id ?? null };
  }

  private answerTerms(
    answers: string | null,
    lowering: Lowering,
    bodySteps: readonly BodyStep[],
    tags: readonly string[],
  ): Pick<OperationView, 'lower' | 'lowerError' | 'csv'> {
    const errorSteps = lowering.stepsFor(ERROR_STEPS);
    const fieldSteps: Pick<BodyStep, 'edit' | 'prefix'>[] = [
      ...bodySteps,
      ...tags.flatMap((tag) => lowering.stepsFor(tag)).map(({ edit }: Step) => ({ edit, prefix: [] })),
    ];
    const tellsOtherwise = errorSteps.length > 0 || fieldSteps.length > 0;
    const lowerError = (error: Json, isLifted = true): Json => {
      const told = lowering.lowerError(error);
      return isLifted ? withParamAt(told, fieldSteps) : told;
    };
    const held = heldBy(answers, this.parts.schemas);
    const isOther = [...held].some((tag) => lowering.changes(tag) && (tag !== 'event' || !this.isNewest(lowering)));
    const listed = answers?.startsWith('list:') === true ? tags[0] : undefined;
    return {
      csv:
        listed === undefined
          ? null
          : (columns) => new CsvTable(listed, columns, lowering.changes(listed) ? lowering : null),
      lower:
        isOther || (tellsOtherwise && held.has(ERROR_STEPS)) ? (answer) => lowering.lower(answer, lowerError) : null,
      lowerError: tellsOtherwise
        ? (envelope, isLifted) => ({ error: lowerError((envelope as { error: Json }).error, isLifted) })
        : null,
    };
  }

  private isNewest({ version }: Lowering): boolean {
    return version === this.versions.at(-1)?.date;
  }
}

/** Resources that an answer may hold. That every answer has a schema, another test holds. */
const heldBy = (answers: string | null, schemas: Schemas): ReadonlySet<string> => {
  const name = answers?.split(':').at(-1);
  if (answers === null || name === undefined || schemas[name] === undefined) return new Set();
  const schema = answerSchema(answers);
  return schema === null ? new Set() : reachable(schema, schemas);
};

/** For each step of a body, the resource that it changes as the newer side of that step shows it. */
const stagesOf = (steps: readonly BodyStep[], lowering: Lowering, current: Json): (Json | null)[] =>
  steps.map(({ tag, edit, prefix }) => {
    if (!edit.needsCurrent || prefix.length > 0) return null;
    const at = lowering.stepsFor(tag).findIndex((one) => one.edit === edit);
    return at === -1 ? null : (lowering.stages(tag, current)[at] ?? null);
  });

/** An error's `param`, and the mention of it in its sentence. */
const withParamAt = (error: Json, steps: readonly Pick<BodyStep, 'edit' | 'prefix'>[]): Json => {
  const { param, message } = error;
  if (typeof param !== 'string') return error;
  const told = paramAt(steps, param);
  if (told === param) return error;
  return { ...error, param: told, message: typeof message === 'string' ? message.replace(param, told) : message };
};
