/**
 * What differs between two OpenAPI documents, as a client sees it: the eight kinds that break one, and the six that do not.
 * A document's wording is behind the scenes.
 */
import type { Schema } from '../schema-words.js';
import type { BreakClass } from './change.js';
import { isObject, resolved } from './places.js';
import { compareSchemas } from './schema-differences.js';

export const HARMLESS_KINDS = {
  new_endpoint: 'A new endpoint.',
  new_optional_request_field: 'A new optional request field.',
  new_response_field: 'A new response field.',
  new_enum_value: 'A new enum value.',
  new_error_code: 'A new error code within an existing type.',
  behind_the_scenes: 'Wording, a wider range of what is accepted, a narrower one of what is answered.',
} as const;

export type HarmlessKind = keyof typeof HARMLESS_KINDS;

export interface Difference {
  readonly kind: BreakClass | HarmlessKind;
  /** Where, in words that a reader of the document finds: `GET /v1/cards 200 data[].status`. */
  readonly at: string;
  readonly detail: string;
}

export const isBreaking = ({ kind }: Difference): boolean => !Object.hasOwn(HARMLESS_KINDS, kind);

export type Report = (kind: Difference['kind'], at: string, detail: string) => void;

type Node = Readonly<Record<string, unknown>>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const node = (value: unknown): Node => (isObject(value) ? value : {});

const parametersOf = (document: Node, operation: Node): ReadonlyMap<string, Node> =>
  new Map(
    (Array.isArray(operation.parameters) ? operation.parameters : []).map((one: unknown) => {
      const parameter = resolved(document, one);
      return [`${String(parameter.in)} ${String(parameter.name)}`, parameter];
    }),
  );

class Comparison {
  readonly differences: Difference[] = [];

  constructor(
    private readonly older: Node,
    private readonly newer: Node,
  ) {}

  private readonly report: Report = (kind, at, detail) => void this.differences.push({ kind, at, detail });

  run(): readonly Difference[] {
    const [paths, newPaths] = [node(this.older.paths), node(this.newer.paths)];
    for (const path of new Set([...Object.keys(paths), ...Object.keys(newPaths)])) {
      for (const method of METHODS) {
        const [before, after] = [node(paths[path])[method], node(newPaths[path])[method]];
        const at = `${method.toUpperCase()} ${path}`;
        if (before === undefined && after === undefined) continue;
        if (before === undefined) this.report('new_endpoint', at, 'It is new.');
        else if (after === undefined) this.report('request_rejected', at, 'It is gone.');
        else this.operation(at, node(before), node(after));
      }
    }
    this.headersOfWebhooks();
    this.errorCodes();
    this.wording();
    return this.differences;
  }

  private operation(at: string, before: Node, after: Node): void {
    this.rights(at, before, after);
    this.parameters(at, parametersOf(this.older, before), parametersOf(this.newer, after));
    this.body(at, before.requestBody, after.requestBody);
    this.answers(at, node(before.responses), node(after.responses));
  }

  private rights(at: string, before: Node, after: Node): void {
    const [had, has] = [before.security, after.security].map((list) =>
      Array.isArray(list) ? (list as unknown[]) : [],
    );
    if (had?.length === 0 && has?.length !== 0) this.report('auth_required', at, 'It needs a credential.');
    const left = new Set(has?.map((one) => JSON.stringify(one)));
    if (had?.some((one) => !left.has(JSON.stringify(one))) === true && has?.length !== 0) {
      this.report('request_rejected', at, 'A credential that was taken is not any more.');
    }
    const [rights, newRights] = [node(before['x-rights']), node(after['x-rights'])];
    for (const name of ['scope', 'permission', 'entitlement', 'environment', 'while_stopped']) {
      if (rights[name] === newRights[name] || newRights[name] === null || newRights[name] === 'any') continue;
      if (rights[name] !== undefined) this.report('request_rejected', at, `It needs another ${name}.`);
    }
  }

  private parameters(at: string, before: ReadonlyMap<string, Node>, after: ReadonlyMap<string, Node>): void {
    for (const [key, parameter] of before) {
      const now = after.get(key);
      const place = `${at} ${key}`;
      if (now === undefined) {
        this.report('field_removed_or_renamed', place, 'The parameter is gone.');
        continue;
      }
      if (now.required === true && parameter.required !== true) {
        this.report('optional_became_required', place, 'The parameter is required.');
      }
      this.schemas(place, parameter.schema, now.schema, 'request');
    }
    for (const [key, parameter] of after) {
      if (before.has(key)) continue;
      const place = `${at} ${key}`;
      if (parameter.required === true) this.report('optional_became_required', place, 'A new parameter is required.');
      else this.report('new_optional_request_field', place, 'The parameter is new.');
    }
  }

  private body(at: string, before: unknown, after: unknown): void {
    const [had, has] = [resolved(this.older, before), resolved(this.newer, after)];
    if (before === undefined) {
      if (after !== undefined && has.required === true) this.report('optional_became_required', at, 'It needs a body.');
      else if (after !== undefined) this.report('new_optional_request_field', at, 'It takes a body.');
      return;
    }
    if (after === undefined) return this.report('request_rejected', at, 'It takes no body any more.');
    if (has.required === true && had.required !== true)
      this.report('optional_became_required', at, 'The body is required.');
    const [types, newTypes] = [node(had.content), node(has.content)];
    for (const type of Object.keys(types)) {
      if (newTypes[type] === undefined)
        this.report('request_rejected', `${at} ${type}`, 'The type is not taken any more.');
      else this.schemas(`${at} body`, node(types[type]).schema, node(newTypes[type]).schema, 'request');
    }
  }

  private answers(at: string, before: Node, after: Node): void {
    for (const status of Object.keys(before)) {
      const place = `${at} ${status}`;
      if (!status.startsWith('2')) continue;
      if (after[status] === undefined) {
        this.report('response_field_became_absent', place, 'It does not answer with this status any more.');
        continue;
      }
      const [had, has] = [resolved(this.older, before[status]), resolved(this.newer, after[status])];
      for (const name of Object.keys(node(had.headers))) {
        if (node(has.headers)[name] !== undefined) continue;
        this.report('response_field_became_absent', `${place} ${name}`, 'The header is gone.');
      }
      for (const type of Object.keys(node(had.content))) {
        const now = node(has.content)[type];
        if (now === undefined) this.report('type_changed', `${place} ${type}`, 'The type is not answered any more.');
        else this.schemas(place, node(node(had.content)[type]).schema, node(now).schema, 'response');
      }
    }
    for (const status of Object.keys(after)) {
      if (before[status] === undefined)
        this.report('new_error_code', `${at} ${status}`, 'It may answer with this status.');
    }
  }

  private schemas(at: string, before: unknown, after: unknown, side: 'request' | 'response'): void {
    compareSchemas(
      { older: this.older, newer: this.newer, side, report: this.report },
      at,
      before as Schema | undefined,
      after as Schema | undefined,
    );
  }

  private headersOfWebhooks(): void {
    const [before, after] = [node(this.older.info), node(this.newer.info)].map(
      (info) => info['x-webhook-signature-header'],
    );
    if (before !== undefined && before !== after) {
      this.report('field_removed_or_renamed', `webhook header ${String(before)}`, `It is ${String(after)}.`);
    }
  }

  /** A code that is told with another status than before was given another meaning. */
  private errorCodes(): void {
    const codes = (document: Node): Map<string, string> => {
      const responses = node(node(document.components).responses);
      return new Map(
        Object.entries(responses).flatMap(([name, response]) =>
          [...String(node(response).description).matchAll(/`(\w+)`/g)].map(
            ([, code]) => [code as string, name] as const,
          ),
        ),
      );
    };
    const [before, after] = [codes(this.older), codes(this.newer)];
    for (const [code, response] of before) {
      const now = after.get(code);
      if (now === undefined) this.report('error_code_changed', `error ${code}`, 'The code is gone.');
      else if (now !== response)
        this.report('error_code_changed', `error ${code}`, `It comes with ${now}, not ${response}.`);
    }
    for (const code of after.keys()) {
      if (!before.has(code)) this.report('new_error_code', `error ${code}`, 'The code is new.');
    }
  }

  /** Whatever else differs can’t be seen by a program. */
  private wording(): void {
    if (this.differences.length > 0 || JSON.stringify(this.older) === JSON.stringify(this.newer)) return;
    this.report('behind_the_scenes', 'the document', 'It is worded otherwise.');
  }
}

/** The differences between two documents, older first. The same one twice, where a schema is used twice, is told once. */
export const differencesBetween = (older: Node, newer: Node): readonly Difference[] => {
  const seen = new Set<string>();
  return new Comparison(older, newer).run().filter((one) => {
    const text = JSON.stringify(one);
    return !seen.has(text) && seen.add(text);
  });
};
