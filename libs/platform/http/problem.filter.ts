import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { ErrorCode } from '#contract/problems.js';
import { isUnavailable } from '../database/unavailable.js';
import { sendProblem } from './answer.js';
import type { Call } from './call.js';
import { callOf } from './door.js';
import { methodsAt } from './path-index.js';
import { Problem } from './problem.js';

/** What Fastify itself refuses, by its error codes. */
const FASTIFY: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_json',
  FST_ERR_BAD_URL: 'malformed_url',
  FST_ERR_MAX_PARAM_LENGTH: 'route_not_found',
};

const STATUSES: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed_url',
  404: 'route_not_found',
  413: 'body_too_large',
  414: 'route_not_found',
  415: 'unsupported_media_type',
};

const RETRY_MS = 1_000;

/** It may be done: who sent a key asks again with it and is told. `cause` is for the log. */
export const outcomePending = (isKeyed: boolean, cause?: unknown): Problem =>
  new Problem(isKeyed ? 'request_in_flight' : 'outcome_pending', { retryAfterMs: RETRY_MS }, cause);

/** Turns whatever went wrong into the envelope. What is nobody's fault outside is logged, and says nothing of itself. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly baseUrl: () => string,
    /** Puts the headers of every answer on one. */
    private readonly introduce: (reply: FastifyReply, call: Call) => void,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (reply.sent) return;
    const call = callOf(request, reply);
    const problem = this.problemOf(error, call, request, reply);
    const told = { err: problem.cause ?? error, request_id: call.requestId, operation: call.operationName };
    if (problem.code === 'internal_error') this.logger.error(told, 'request failed');
    else if (problem.cause !== undefined) this.logger.warn(told, 'request could not be answered');
    // A request that the router refused before any hook ran.
    if (reply.getHeader('request-id') === undefined) this.introduce(reply, call);
    sendProblem(reply, call, problem, this.baseUrl());
  }

  private problemOf(error: unknown, call: Call, request: FastifyRequest, reply: FastifyReply): Problem {
    if (error instanceof Problem) return error;
    if (error instanceof Error && error.name === 'CredentialsUnavailable') {
      return new Problem('service_unavailable', { retryAfterMs: RETRY_MS });
    }
    if (isUnavailable(error)) {
      // Of a write nobody knows here whether it was done before the database went away.
      if (call.operation?.writes === true) return outcomePending(call.idempotency !== null, error);
      return new Problem('service_unavailable', { retryAfterMs: RETRY_MS }, error);
    }
    const cause = error instanceof HttpException ? (error.cause ?? error) : error;
    const { code = '', statusCode } = cause as { code?: string; statusCode?: number };
    const known = FASTIFY[code];
    if (known !== undefined) return new Problem(known);
    const status = error instanceof HttpException ? error.getStatus() : statusCode;
    if (status === 404) return this.notFound(request, reply);
    const refused = status === undefined ? undefined : STATUSES[status];
    return new Problem(refused ?? 'internal_error');
  }

  private notFound(request: FastifyRequest, reply: FastifyReply): Problem {
    const methods = methodsAt(request.url.split('?', 1)[0] as string);
    if (methods.length === 0) return new Problem('route_not_found');
    void reply.header('allow', methods.join(', '));
    return new Problem('method_not_allowed');
  }
}
