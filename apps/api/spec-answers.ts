/** Holds every answer of a spec against the schema that is published for it, in the version that it is written in. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Operation } from '#contract/operation-terms.js';
import { OPERATION_NAMES, operationOf } from '#contract/operations.js';
import { statusOf, type ErrorBody, type ErrorCode } from '#contract/problems.js';
import { answerSchema, resourceSchemas } from '#contract/resource-schemas.js';
import type { Schema } from '#contract/schema-words.js';
import { API_VERSIONS, NEWEST_API_VERSION } from '#contract/api-versions.js';
import { Lowering } from '#contract/versions/lowering.js';

const ajv = new Ajv2020({ strict: false, validateFormats: false });
for (const { date } of API_VERSIONS) {
  const { schemas } = new Lowering(resourceSchemas(), API_VERSIONS, date);
  ajv.addSchema({ $id: `contract-${date}`, components: { schemas } });
}

const rebased = (schema: unknown, version: string): unknown => {
  if (Array.isArray(schema)) return schema.map((one) => rebased(one, version));
  if (schema === null || typeof schema !== 'object') return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' ? `contract-${version}${String(value)}` : rebased(value, version),
    ]),
  );
};

const checks = new Map<string, ValidateFunction>();

const compiled = (name: string, schema: Schema | null, version: string): ValidateFunction | null => {
  if (schema === null) return null;
  const key = `${version} ${name}`;
  let check = checks.get(key);
  if (check === undefined) checks.set(key, (check = ajv.compile(rebased(schema, version) as object)));
  return check;
};

const ERROR: Schema = { $ref: '#/components/schemas/error' };

const checkOf = (name: string, version: string): ValidateFunction | null =>
  compiled(name, name === 'error' ? ERROR : answerSchema(name), version);

const ROUTES = OPERATION_NAMES.map((name) => {
  const operation = operationOf(name);
  return { operation, form: new RegExp(`^${operation.path.replace(/\{\w+\}/g, '[^/]+')}$`) };
});

const operationAt = (method: string, path: string): Operation | undefined =>
  ROUTES.find(({ operation, form }) => operation.method === method && form.test(path))?.operation;

/** Throws where an answer is not what the contract says it is. */
export const checkAnswer = (
  method: string,
  url: string,
  status: number,
  body: unknown,
  version: unknown = NEWEST_API_VERSION,
): void => {
  const operation = operationAt(method, url.split('?', 1)[0] as string);
  const isProbe = operation?.path === '/readyz';
  const name = status >= 400 && !isProbe ? 'error' : operation?.answers;
  if (name === undefined || name === null) return;
  const check = checkOf(name, String(version));
  if (check && !check(body)) {
    throw new Error(
      `${method} ${url} answered ${status} ${JSON.stringify(body).slice(0, 400)}: ${ajv.errorsText(check.errors)}`,
    );
  }
  if (name !== 'error') return;
  const { code, param } = (body as { error: ErrorBody }).error;
  const promised = statusOf(code as ErrorCode, param ?? undefined);
  if (promised !== status) throw new Error(`${method} ${url} answered ${status}, but ${code} is a ${promised}`);
};
