/** The classifier against one alteration at a time, and beside another tool that does the same. */
import { apiCompare } from 'api-smart-diff';
import { BREAK_CLASSES } from '#contract/versions/change.js';
import { differencesBetween, HARMLESS_KINDS, isBreaking } from '#contract/versions/differences.js';
import { smallDocument } from './small-document.js';

interface Node {
  [key: string]: Node;
}
type Alter = (at: Parts) => void;

interface Parts {
  readonly document: Node;
  readonly list: Node;
  readonly make: Node;
  readonly thing: Node;
  readonly body: Node;
}

const partsOf = (document: Node): Parts => {
  const { paths, components } = document as { paths: Node; components: Node };
  const things = paths['/things'] as Node;
  const schemas = components.schemas as Node;
  return {
    document,
    list: things.get!,
    make: things.post!,
    thing: schemas.thing!,
    body: schemas.ThingBody!,
  };
};

/** Values into a document whose type is as loose as JSON. */
const put = (node: Node, name: string, value: unknown): void => void ((node as Record<string, unknown>)[name] = value);
const take = (node: Node, name: string): void => void delete node[name];
const drop = (list: unknown, value: unknown): void => void (list as unknown[]).splice((list as unknown[]).indexOf(value), 1);
const add = (list: unknown, value: unknown): void => void (list as unknown[]).push(value);

type Row = readonly [telling: string, kind: string, alter: Alter];

const BREAKING: readonly Row[] = [
  ['a path is gone', 'request_rejected', ({ document }) => take(document.paths!, '/things/{id}')],
  ['a method is gone', 'request_rejected', ({ document }) => take(document.paths!['/things/{id}']!, 'delete')],
  ['a response field is gone', 'field_removed_or_renamed', ({ thing }) => { take(thing.properties!, 'amount'); drop(thing.required, 'amount'); }],
  ['a response field is renamed', 'field_removed_or_renamed', ({ thing }) => { put(thing.properties!, 'sum', thing.properties!.amount); take(thing.properties!, 'amount'); put(thing, 'required', ['id', 'sum', 'status', 'note', 'owner']); }],
  ['a field within one is gone', 'field_removed_or_renamed', ({ thing }) => { take(thing.properties!.owner!.properties!, 'age'); drop(thing.properties!.owner!.required, 'age'); }],
  ['an optional response field is renamed', 'field_removed_or_renamed', ({ document }) => put(document.paths!['/health']!.get!.responses!['200']!.content!['application/json']!.schema!, 'properties', { state: { type: 'string' } })],
  ['a response field has another type', 'type_changed', ({ thing }) => put(thing.properties!.amount!, 'type', 'string')],
  ['a list became one', 'type_changed', ({ list }) => put(list.responses!['200']!.content!['application/json']!.schema!.properties!, 'data', { $ref: '#/components/schemas/thing' })],
  ['a response field is not always there', 'response_field_became_absent', ({ thing }) => drop(thing.required, 'amount')],
  ['a response field may be null', 'response_field_became_absent', ({ thing }) => put(thing.properties!.amount!, 'type', ['integer', 'null'])],
  ['an answer has another status', 'response_field_became_absent', ({ make }) => { put(make.responses!, '200', make.responses!['201']); take(make.responses!, '201'); }],
  ['a header of answers is gone', 'response_field_became_absent', ({ list }) => take(list.responses!['200']!, 'headers')],
  ['a response enum value is gone', 'enum_value_removed', ({ thing }) => drop(thing.properties!.status!.enum, 'lost')],
  ['a request field is gone', 'field_removed_or_renamed', ({ body }) => take(body.properties!, 'name')],
  ['a request field is renamed', 'field_removed_or_renamed', ({ body }) => { put(body.properties!, 'title', body.properties!.name); take(body.properties!, 'name'); }],
  ['a request field has another type', 'type_changed', ({ body }) => put(body.properties!.share!, 'type', 'string')],
  ['an optional request field is required', 'optional_became_required', ({ body }) => add(body.required, 'name')],
  ['a new request field is required', 'optional_became_required', ({ body }) => { put(body.properties!, 'currency', { type: 'string' }); add(body.required, 'currency'); }],
  ['a request enum value is gone', 'enum_value_removed', ({ body }) => drop(body.properties!.kind!.enum, 'small')],
  ['text may not be as long', 'request_rejected', ({ body }) => put(body.properties!.name!, 'maxLength', 50)],
  ['a number may not be as small', 'request_rejected', ({ body }) => put(body.properties!.amount!, 'minimum', 10)],
  ['a list may not be as long', 'request_rejected', ({ body }) => put(body.properties!.tags!, 'maxItems', 5)],
  ['a text must have a form', 'request_rejected', ({ body }) => put(body.properties!.name!, 'pattern', '^[a-z]+$')],
  ['a text must be one of some', 'request_rejected', ({ body }) => put(body.properties!.name!, 'enum', ['a', 'b'])],
  ['other fields are refused', 'request_rejected', ({ document }) => put(document.components!.schemas!.ChangeBody!, 'additionalProperties', false)],
  ['a query parameter is gone', 'field_removed_or_renamed', ({ list }) => void (list.parameters as unknown as unknown[]).pop()],
  ['a query parameter is required', 'optional_became_required', ({ list }) => put((list.parameters as unknown as Node[])[1]!, 'required', true)],
  ['a query value is gone', 'enum_value_removed', ({ list }) => drop((list.parameters as unknown as Node[])[1]!.schema!.enum, 'shut')],
  ['a query number may not be as large', 'request_rejected', ({ list }) => put((list.parameters as unknown as Node[])[0]!.schema!, 'maximum', 50)],
  ['a header is required', 'optional_became_required', ({ make }) => put((make.parameters as unknown as Node[])[0]!, 'required', true)],
  ['a body is required', 'optional_became_required', ({ document }) => put(document.paths!['/things/{id}']!.patch!.requestBody!, 'required', true)],
  ['a body is not taken any more', 'request_rejected', ({ document }) => take(document.paths!['/things/{id}']!.patch!, 'requestBody')],
  ['what was open needs a credential', 'auth_required', ({ document }) => put(document.paths!['/health']!.get!, 'security', [{ apiKey: [] }])],
  ['a credential is not taken any more', 'request_rejected', ({ list }) => put(list, 'security', [{ apiKey: [] }])],
  ['another scope is needed', 'request_rejected', ({ list }) => put(list['x-rights']!, 'scope', 'things:list')],
  ['an error code is renamed', 'error_code_changed', ({ document }) => put(document.components!.responses!.Error409!, 'description', 'One of `is_shut`.')],
  ['an error code has another status', 'error_code_changed', ({ document }) => { put(document.components!.responses!.Error404!, 'description', 'One of `thing_not_found`, `route_not_found`, `already_shut`.'); put(document.components!.responses!.Error409!, 'description', ''); }],
  ['the webhook header is renamed', 'field_removed_or_renamed', ({ document }) => put(document.info!, 'x-webhook-signature-header', 'Signature')],
];

const HARMLESS: readonly Row[] = [
  ['a new path', 'new_endpoint', ({ document }) => put(document.paths!, '/others', { get: document.paths!['/health']!.get })],
  ['a new method', 'new_endpoint', ({ document }) => put(document.paths!['/health']!, 'post', document.paths!['/health']!.get)],
  ['a new optional request field', 'new_optional_request_field', ({ body }) => put(body.properties!, 'memo', { type: 'string' })],
  ['one within another', 'new_optional_request_field', ({ body }) => put(body.properties!.owner!.properties!, 'age', { type: 'integer' })],
  ['a new optional query parameter', 'new_optional_request_field', ({ list }) => add(list.parameters, { name: 'order', in: 'query', schema: { type: 'string' } })],
  ['a new optional header', 'new_optional_request_field', ({ list }) => add(list.parameters, { name: 'X-Trace', in: 'header', schema: { type: 'string' } })],
  ['a new response field', 'new_response_field', ({ thing }) => { put(thing.properties!, 'memo', { type: 'string' }); add(thing.required, 'memo'); }],
  ['a new optional response field', 'new_response_field', ({ thing }) => put(thing.properties!, 'memo', { type: 'string' })],
  ['a response field within another', 'new_response_field', ({ thing }) => put(thing.properties!.owner!.properties!, 'city', { type: 'string' })],
  ['a new response enum value', 'new_enum_value', ({ thing }) => add(thing.properties!.status!.enum, 'found')],
  ['a new request enum value', 'new_enum_value', ({ body }) => add(body.properties!.kind!.enum, 'huge')],
  ['a new query value', 'new_enum_value', ({ list }) => add((list.parameters as unknown as Node[])[1]!.schema!.enum, 'lost')],
  ['any text instead of some', 'new_enum_value', ({ body }) => take(body.properties!.kind!, 'enum')],
  ['a new error code', 'new_error_code', ({ document }) => put(document.components!.responses!.Error409!, 'description', 'One of `already_shut`, `already_lost`.')],
  ['a status of an error that was known', 'new_error_code', ({ make }) => put(make.responses!, '409', { $ref: '#/components/responses/Error409' })],
  ['another description', 'behind_the_scenes', ({ thing }) => put(thing.properties!.amount!, 'description', 'Minor units.')],
  ['another summary', 'behind_the_scenes', ({ list }) => put(list, 'summary', 'Lists things')],
  ['another title', 'behind_the_scenes', ({ document }) => put(document.info!, 'title', 'Smaller')],
  ['longer texts', 'behind_the_scenes', ({ body }) => put(body.properties!.name!, 'maxLength', 200)],
  ['smaller numbers', 'behind_the_scenes', ({ body }) => put(body.properties!.amount!, 'minimum', 0)],
  ['no bound any more', 'behind_the_scenes', ({ body }) => take(body.properties!.tags!, 'maxItems')],
  ['no form any more', 'behind_the_scenes', ({ body }) => take(body.properties!.code!, 'pattern')],
  ['fractions as well', 'behind_the_scenes', ({ body }) => put(body.properties!.share!, 'type', 'number')],
  ['null as well', 'behind_the_scenes', ({ body }) => put(body.properties!.name!, 'type', ['string', 'null'])],
  ['never null any more', 'behind_the_scenes', ({ thing }) => put(thing.properties!.note!, 'type', 'string')],
  ['a schema that nothing uses', 'behind_the_scenes', ({ document }) => put(document.components!.schemas!, 'spare', { type: 'string' })],
];

const altered = (alter: Alter): Node => {
  const document = smallDocument() as unknown as Node;
  alter(partsOf(document));
  // Whatever was put in twice is two.
  return JSON.parse(JSON.stringify(document)) as Node;
};

const kindsOf = (alter: Alter): string[] =>
  differencesBetween(smallDocument(), altered(alter) as unknown as Record<string, unknown>).map(({ kind }) => kind);

describe('an alteration that breaks a client', () => {
  it.each(BREAKING)('%s: %s', (_telling, kind, alter) => {
    const kinds = kindsOf(alter);
    expect(kinds).toContain(kind);
    expect(kinds.filter((one) => Object.hasOwn(BREAK_CLASSES, one) && one !== kind)).toEqual([]);
  });

  it('each of the eight kinds is there', () => {
    expect([...new Set(BREAKING.map(([, kind]) => kind))].sort()).toEqual(Object.keys(BREAK_CLASSES).sort());
  });
});

describe('an alteration that breaks nobody', () => {
  it.each(HARMLESS)('%s: %s', (_telling, kind, alter) => {
    const differences = differencesBetween(smallDocument(), altered(alter) as unknown as Record<string, unknown>);
    expect(differences.map((one) => one.kind)).toContain(kind);
    expect(differences.filter(isBreaking)).toEqual([]);
  });

  it('each of the six kinds is there', () => {
    expect([...new Set(HARMLESS.map(([, kind]) => kind))].sort()).toEqual(Object.keys(HARMLESS_KINDS).sort());
  });
});

it('nothing differs from itself', () => {
  expect(differencesBetween(smallDocument(), smallDocument())).toEqual([]);
});

/** What the other tool says: whether anything that it finds is breaking. */
const otherwise = (alter: Alter): boolean =>
  apiCompare(smallDocument(), altered(alter)).diffs.some(({ type }) => type === 'breaking');

describe('api-smart-diff', () => {
  const missed = BREAKING.filter(([, , alter]) => !otherwise(alter)).map(([telling]) => telling);
  const feared = HARMLESS.filter(([, , alter]) => otherwise(alter)).map(([telling]) => telling);

  it('finds what we find, but for what it does not look at', () => {
    expect(missed).toEqual([
      'an optional response field is renamed',
      'a request field is gone',
      'a request field is renamed',
      'a text must be one of some',
      'other fields are refused',
      'another scope is needed',
      'the webhook header is renamed',
    ]);
  });

  it('fears what the document allows', () => {
    expect(feared).toEqual([
      'a new response field',
      'a new response enum value',
      'any text instead of some',
      'a new error code',
      'fractions as well',
      'null as well',
      'never null any more',
    ]);
  });
});
