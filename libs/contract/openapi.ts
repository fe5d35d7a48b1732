/** The OpenAPI document, made from the operations, the compiled bodies and the schemas of answers. */
import { NDJSON } from './audit-operations.js';
import { EVENT_STREAM } from './event-operations.js';
import { NEWEST_API_VERSION, API_VERSIONS } from './api-versions.js';
import type { Operation } from './operation-terms.js';
import type { OperationView, VersionedContract } from './versions/versioned-contract.js';
import { signatureHeader } from './versions/webhooks.js';
import { OPERATION_NAMES, operationOf, type OperationName } from './operations.js';
import { ERROR_TYPES, ERRORS, statusOf, type ErrorCode } from './problems.js';
import { answerSchema, resourceSchemas } from './resource-schemas.js';
import type { Schema } from './schema-words.js';
import { PDF } from './statement-operations.js';
import { isConditional, isTaggedRead } from './preconditions.js';
import { nounOf } from './forms.js';
import { RIGHTS, type RightsRow } from './rights.js';
import { rolesWith } from './roles.js';

export interface DocumentOptions {
  /** Request bodies by name. */
  readonly bodies: Readonly<Record<string, Schema>>;
  readonly versionHeader: string;
  readonly baseUrl: string;
  /** The version that it is of, and how that has the contract; the newest where it is not given. */
  readonly at?: { readonly version: string; readonly contract: VersionedContract };
}

const ERROR_REF = { $ref: '#/components/schemas/error' };

const AUTH_REFUSALS = [400, 401, 403, 409, 410, 413, 415, 429, 500, 503];

/** Statuses that an operation may be answered with beside its success. */
export const refusalsOf = (name: OperationName): readonly number[] => {
  const operation = operationOf(name);
  if (operation.plane === 'open')
    return operation.path === '/readyz' ? [503] : operation.path.includes('{') ? [404] : [];
  const statuses = [400, 401, 403, 500, 503];
  if (operation.plane === 'auth') return AUTH_REFUSALS;
  if (operation.path.includes('{') || operation.plane === 'admin') statuses.push(404);
  if (operation.writes) statuses.push(404, 409, 422);
  if (isConditional(name)) statuses.push(412);
  if (operation.body !== undefined) statuses.push(413, 415);
  if (operation.plane === 'tenant') statuses.push(410);
  // Also of who has no credential at all, by where they call from.
  statuses.push(429);
  return [...new Set(statuses)].sort((a, b) => a - b);
};

const codesWith = (status: number): string =>
  (Object.keys(ERRORS) as ErrorCode[])
    .filter((code) => statusOf(code) === status)
    .map((code) => `\`${code}\``)
    .join(', ');

const pathParameters = (path: string): Schema[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: `Id of the ${nounOf(name as string).replaceAll('_', ' ')}.`,
  }));

const queryParameters = (query: Operation['query'] = {}): Schema[] =>
  Object.entries(query).map(([name, { schema, description, isList, isRequired }]) =>
    name.endsWith('[*]')
      ? {
          name: name.slice(0, -3),
          in: 'query',
          style: 'deepObject',
          explode: true,
          schema: { type: 'object', additionalProperties: schema },
          description,
        }
      : {
          name,
          in: 'query',
          ...(isRequired ? { required: true } : {}),
          schema,
          description,
          ...(isList ? { style: 'form', explode: true } : {}),
        },
  );

const parameterRefs = (name: OperationName, requiresKey: boolean): Schema[] => {
  const { plane, method, writes } = operationOf(name);
  if (plane === 'open') return [];
  if (plane === 'auth') return [{ $ref: '#/components/parameters/Version' }];
  const named = ['Version'];
  // A POST that only asks needs a key like any other; nothing is remembered under it.
  if (writes || method === 'POST') named.push(requiresKey ? 'RequiredIdempotencyKey' : 'IdempotencyKey');
  if (!writes) named.push('MinLedgerRevision');
  if (isConditional(name)) named.push('IfMatch');
  return named.map((name) => ({ $ref: `#/components/parameters/${name}` }));
};

const securityOf = (operation: Operation): Schema[] => {
  if (operation.plane === 'tenant') return [{ apiKey: [] }, { apiKeyHeader: [] }, { userToken: [] }];
  if (operation.plane === 'auth') return operation.user ? [{ userToken: [] }] : [];
  return operation.plane === 'admin' ? [{ operatorToken: [] }] : [];
};

const needs = (operation: Operation): string => {
  if (operation.plane === 'tenant') {
    const scope = operation.scope === null ? 'Any key or user.' : `Scope \`${operation.scope}\`.`;
    const entitlement = operation.entitlement === null ? '' : ` Entitlement \`${operation.entitlement}\`.`;
    const roles = ` Roles ${rolesWith(operation).join(', ')}.`;
    return scope + entitlement + roles;
  }
  return operation.plane === 'admin' ? `Permission \`${operation.permission}\`.` : '';
};

const rightsOf = (name: OperationName): object => {
  const { operation: _, ...rights } = RIGHTS.find(({ operation }) => operation === name) as RightsRow;
  return rights;
};

const RATE_HEADERS = {
  'RateLimit-Policy': { $ref: '#/components/headers/RateLimitPolicy' },
  RateLimit: { $ref: '#/components/headers/RateLimit' },
};

const isTagged = (name: OperationName): boolean => {
  const { method, path, plane, status } = operationOf(name);
  if (isConditional(name)) return status !== 204;
  return plane !== 'open' && method === 'GET' && (path.endsWith('_id}') || isTaggedRead(name));
};

const success = (name: OperationName): Schema => {
  const operation = operationOf(name);
  const schema = operation.answers === null ? null : answerSchema(operation.answers);
  const headers =
    operation.plane === 'open'
      ? {}
      : {
          'Request-Id': { $ref: '#/components/headers/RequestId' },
          'Ledger-Revision': { $ref: '#/components/headers/LedgerRevision' },
          ...(isTagged(name) ? { ETag: { $ref: '#/components/headers/ETag' } } : {}),
          ...(operation.plane === 'tenant' ? RATE_HEADERS : {}),
        };
  if (operation.status === 204) return { description: operation.summary, headers };
  const { formats = [TYPES[operation.answers ?? ''] ?? JSON_FORMAT], answers } = operation;
  const content = formats.map((format) => [format, { schema: schemaIn(format, answers, schema) }]);
  return { description: operation.summary, headers, content: Object.fromEntries(content) as Schema };
};

const JSON_FORMAT = 'application/json';

/** Of answers that are no resource. */
const TYPES: Readonly<Record<string, string>> = {
  metrics: 'text/plain',
  reference: 'text/html',
  atom: 'application/atom+xml',
};

/** What is no JSON has no schema of its fields: it is text, or bytes. */
const schemaIn = (format: string, answers: string | null, schema: Schema | null): Schema => {
  if (format === NDJSON) return lineOf(answers) ?? {};
  if (format === JSON_FORMAT || format === EVENT_STREAM) return schema ?? {};
  return format === PDF ? { type: 'string', format: 'binary' } : { type: 'string' };
};

/** Of a stream of lines what is published is one line: of a list, one of its resources. */
const lineOf = (answers: string | null): Schema | null =>
  answers === null ? null : answerSchema(answers.replace(/^list:/, ''));

/** Creations that take `dry_run`, which then create nothing. */
const DRY_RUNS: ReadonlySet<string> = new Set<OperationName>([
  'postTransaction',
  'authorizeCard',
  'postCardTransaction',
  'refundToCard',
]);

/** The newest version wants one with every POST of a tenant. */
const asksForKey = ({ plane, method }: Operation): boolean => plane === 'tenant' && method === 'POST';

const operationObject = (name: OperationName, operation: Operation, view: OperationView | undefined): Schema => ({
  operationId: name,
  tags: [operation.tag],
  summary: operation.summary,
  description: [operation.description, needs(operation)].filter(Boolean).join('\n\n'),
  security: securityOf(operation),
  'x-rights': rightsOf(name),
  parameters: [
    ...pathParameters(operation.path),
    ...queryParameters(view === undefined ? operation.query : view.query),
    ...parameterRefs(name, view?.requiresKey ?? asksForKey(operation)),
  ],
  ...(operation.body === undefined
    ? {}
    : {
        requestBody: {
          required: operation.bodyOptional !== true,
          content: { 'application/json': { schema: { $ref: `#/components/schemas/${operation.body}` } } },
        },
      }),
  responses: {
    [operation.status]: success(name),
    ...(DRY_RUNS.has(name) ? { 200: { ...success(name), description: 'With `dry_run`: what would happen.' } } : {}),
    ...Object.fromEntries(
      refusalsOf(name).map((status) => [status, { $ref: `#/components/responses/Error${status}` }]),
    ),
  },
});

const paths = (at: DocumentOptions['at']): Schema => {
  const all: Record<string, Record<string, Schema>> = {};
  for (const name of OPERATION_NAMES) {
    const operation = operationOf(name);
    (all[operation.path] ??= {})[operation.method.toLowerCase()] = operationObject(
      name,
      operation,
      at?.contract.view(name, at.version),
    );
  }
  return all;
};

const errorResponses = (): Schema =>
  Object.fromEntries(
    [...new Set([...Object.values(ERROR_TYPES), 405, 413, 415])]
      // Of a type that no error has yet nothing is promised.
      .filter((status) => codesWith(status) !== '')
      .map((status) => [
        `Error${status}`,
        { description: `One of ${codesWith(status)}.`, content: { 'application/json': { schema: ERROR_REF } } },
      ]),
  );

const IDEMPOTENCY_KEY: Schema = {
  name: 'Idempotency-Key',
  in: 'header',
  schema: { type: 'string', pattern: '^[a-zA-Z0-9_-]{1,255}$' },
  description:
    'The same request again answers the first outcome; another request with the same key is a 409 `key_reused`. Keys ' +
    'belong to the tenant; on the admin plane to the operator and the tenant that the path names, so that the same key ' +
    'at another tenant is another key. Required on every POST of the tenant plane from 2026-02-01 on.',
};

const components = ({ bodies, versionHeader, at }: DocumentOptions): Schema => ({
  schemas: { ...(at?.contract.lowering(at.version).schemas ?? resourceSchemas()), ...bodies },
  responses: errorResponses(),
  parameters: {
    Version: {
      name: versionHeader,
      in: 'header',
      schema: { type: 'string', enum: API_VERSIONS.map(({ date }) => date) },
      description:
        'The API version; without it the tenant’s pin, else the version that was current when it was created.',
    },
    IdempotencyKey: IDEMPOTENCY_KEY,
    RequiredIdempotencyKey: { ...IDEMPOTENCY_KEY, required: true },
    IfMatch: {
      name: 'If-Match',
      in: 'header',
      schema: { type: 'string' },
      description:
        'The `ETag` of the resource as it was read, or a list of them: where it was changed since, nothing is done, 412 ' +
        '`precondition_failed`. `*` asks only that it is there.',
    },
    MinLedgerRevision: {
      name: 'Min-Ledger-Revision',
      in: 'header',
      schema: { type: 'integer', minimum: 0 },
      description:
        'Waits up to 2 s until the answer is at least as new as this `Ledger-Revision`, then 503 `read_model_behind`.',
    },
  },
  headers: {
    RequestId: { schema: { type: 'string' }, description: 'Name it when you ask about the request.' },
    ETag: { schema: { type: 'string' }, description: 'Names the last change of the resource: for `If-Match`.' },
    LedgerRevision: {
      schema: { type: 'integer' },
      description: 'Revision of the tenant’s stream: what was read, or what holds the effect.',
    },
    RateLimitPolicy: {
      schema: { type: 'string', examples: ['"minute";q=200;w=60, "day";q=50000;w=86400'] },
      description:
        'How many calls (`q`) there are in how many seconds (`w`): the key’s own windows, and the ceiling of its tenant’s ' +
        'tier (`tenant-minute`, `tenant-day`) for all its keys and users together. A window begins with its first call. A ' +
        'call that one window refuses (429) uses up nothing of the others. Left out where nothing is limited.',
    },
    RateLimit: {
      schema: { type: 'string', examples: ['"minute";r=199;t=60, "day";r=49999;t=86400'] },
      description:
        'What is left of each window (`r`) and in how many seconds it begins again (`t`). `X-RateLimit-Limit`, `-Remaining`, ' +
        '`-Reset` (Unix seconds) and `-Resource` tell the same of the window of which the least is left.',
    },
  },
  securitySchemes: {
    apiKey: { type: 'http', scheme: 'bearer', description: 'A tenant’s API key: `Authorization: Bearer qp_sk_…`' },
    apiKeyHeader: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
    userToken: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'The access token of a tenant’s user, from `/api/v1/auth/login`. It may do what its role may.',
    },
    operatorToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An operator’s token.' },
  },
});

/** OpenAPI 3.1 of a version. */
export const openApiDocument = (options: DocumentOptions): Schema => ({
  openapi: '3.1.0',
  jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
  info: {
    title: 'Daybook',
    version: options.at?.version ?? NEWEST_API_VERSION,
    'x-webhook-signature-header': signatureHeader(options.at?.version ?? NEWEST_API_VERSION),
    description:
      'A multi-tenant ledger whose only truth is one append-only stream of events per tenant. The tenant plane is under ' +
      '`/v1`, called with an API key; the admin plane under `/api/v1/admin`, with an operator’s token. Amounts are integers ' +
      'of minor units. Unknown fields and parameters are refused. Answers are JSON: `Accept` is looked at only by the operations ' +
      'that list several media types, which answer JSON where it names none of them; all others answer what they list whatever ' +
      'it says.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: options.baseUrl === '' ? [] : [{ url: options.baseUrl }],
  tags: [...new Set(OPERATION_NAMES.map((name) => operationOf(name).tag))].map((name) => ({ name })),
  paths: paths(options.at),
  components: components(options),
});
