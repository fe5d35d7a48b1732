/** Holds every answer of a spec against the schema that is published for it. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Operation } from '#contract/operation-terms.js';
import { OPERATION_NAMES, operationOf } from '#contract/operations.js';
import { statusOf, type ErrorBody, type ErrorCode } from '#contract/problems.js';
import { answerSchema, resourceSchemas } from '#contract/resource-schemas.js';

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'contract', components: { schemas: resourceSchemas() } });

const rebased = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(rebased);
  if (schema === null || typeof schema !== 'object') return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === '$ref' ? `contract${String(value)}` : rebased(value)]),
  );
};

const checks = new Map<string, ValidateFunction>();

const checkOf = (name: string): ValidateFunction | null => {
  const schema = name === 'error' ? { $ref: '#/components/schemas/error' } : answerSchema(name);
  if (schema === null) return null;
  let check = checks.get(name);
  if (check === undefined) checks.set(name, (check = ajv.compile(rebased(schema) as object)));
  return check;
};

const operationAt = (method: string, path: string): Operation | undefined =>
  OPERATION_NAMES.map(operationOf).find(
    (one) => one.method === method && new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );

/** Throws where an answer is not what the contract says it is. */
export const checkAnswer = (method: string, url: string, status: number, body: unknown): void => {
  const operation = operationAt(method, url.split('?', 1)[0] as string);
  const isProbe = operation?.path === '/readyz';
  const name = status >= 400 && !isProbe ? 'error' : operation?.answers;
  if (name === undefined || name === null) return;
  const check = checkOf(name);
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
