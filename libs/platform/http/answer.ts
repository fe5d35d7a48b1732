import type { FastifyReply } from 'fastify';
import { errorBody, statusOf } from '#contract/problems.js';
import type { CsvTable } from '#contract/versions/csv.js';
import type { Call } from './call.js';
import type { Problem } from './problem.js';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** An answer as JSON, in the version of its call. What is given stays as it is. */
export const written = (call: Call, answer: object): string => {
  const lower = call.view?.lower ?? null;
  if (lower === null) return JSON.stringify(answer);
  const told = lower(answer);
  call.fired = told.fired;
  return JSON.stringify(told.answer);
};

/** Rows of what the operation lists as CSV, in the version of its call. */
export const csvTable = (call: Call, columns: readonly string[]): CsvTable => {
  const make = call.view?.csv;
  if (make === null || make === undefined) throw new TypeError(`${call.operationName} lists nothing`);
  const table = make(columns);
  call.fired = table.fired;
  return table;
};

/** What answers differ by: their `Vary`. */
export const varyOf = (versionHeader: string): string => `Authorization, X-API-Key, ${versionHeader}`;

/** Sends the envelope of an error. `base` is the installation's own address: where the error is explained. */
export const sendProblem = (reply: FastifyReply, call: Call, problem: Problem, base: string): void => {
  const { code, details } = problem;
  call.refused = code;
  void reply.code(statusOf(code, details.param)).type(JSON_TYPE);
  if (details.retryAfterMs !== undefined)
    void reply.header('retry-after', Math.max(1, Math.ceil(details.retryAfterMs / 1000)));
  void reply.send(JSON.stringify({ error: errorBody(code, details, call.requestId, base) }));
};
