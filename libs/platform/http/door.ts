/**
 * What every request passes before its handler: request id, version, credential, rights, body, idempotency. Fastify hooks
 * and not Nest guards, because a guard runs after the body was read: a stranger's megabyte would be parsed first.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction, RouteOptions } from 'fastify';
import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { expandIn, readsFor, tagOf } from '#contract/expansions.js';
import { isPathId, nounOf } from '#contract/forms.js';
import type { Operation } from '#contract/operation-terms.js';
import { operationOf, type OperationName } from '#contract/operations.js';
import { isConditional, timesIn } from '#contract/preconditions.js';
import { isErrorCode, type ErrorCode } from '#contract/problems.js';
import type { OperationView } from '#contract/versions/versioned-contract.js';
import { sendProblem, varyOf } from './answer.js';
import { auditedCall, type AuditedCall } from './audited.js';
import { Call, type CallRequest } from './call.js';
import { isIdempotencyKey, stampOf, type SecretOf } from './idempotency.js';
import { MAX_BODY_BYTES, parseJsonBody } from './json-body.js';
import type { OperationRoute } from './operation.js';
import type { Access, AuthFailure, Principal, RateVerdict, TenantPrincipal, VersionOf } from './principal.js';
import { Problem } from './problem.js';
import { checkEncoding, parseQuery } from './query.js';
import { clientAddress, headFault, isReadable } from './request-form.js';
import { newRequestId } from './request-ids.js';
import { VersionEdge, type VersionPorts } from './version-edge.js';

export interface DoorOptions extends VersionPorts {
  readonly access: Access;
  readonly versionOf: VersionOf;
  readonly secretOf: SecretOf;
  /** Name of the version header, as it is shown. */
  readonly versionHeader: string;
  /** The installation's own address, once it is known. */
  readonly baseUrl: () => string;
  /** Takes what the audit log tells of; nothing waits for it. */
  readonly audit: (call: AuditedCall) => void;
}

export class Door {
  private readonly versionHeader: string;
  private readonly vary: string;
  private readonly versions: VersionEdge;

  constructor(private readonly options: DoorOptions) {
    this.versions = new VersionEdge(options);
    this.versionHeader = options.versionHeader.toLowerCase();
    this.vary = varyOf(options.versionHeader);
  }

  /** To be called before the routes are made. */
  install(fastify: FastifyInstance): void {
    fastify.decorateRequest('call', null);
    fastify.addHook('onRoute', (route: RouteOptions) => this.prepare(route));
    fastify.addHook('onRequest', (request, reply, done) => this.enter(request as CallRequest, reply, done));
    fastify.addHook('preHandler', (request, reply, done) => this.check(request as CallRequest, reply, done));
    fastify.addHook('onResponse', (request, reply, done) => {
      this.audit(request as CallRequest, reply);
      done();
    });
    fastify.addHook('onSend', (request, reply, payload, done) => {
      try {
        this.auditCutOff(request as CallRequest, reply);
        this.versions.remember(request as CallRequest, reply);
        done(null, this.versions.lower(request as CallRequest, reply, payload));
      } catch (error) {
        done(error as Error);
      }
    });
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
      try {
        done(null, this.parse((request as CallRequest).call, body as Buffer));
      } catch (error) {
        done(error as Error);
      }
    });
  }

  private audit(request: CallRequest, reply: FastifyReply): void {
    const { call } = request;
    if (call === undefined || call === null || call.isAudited) return;
    call.isAudited = true;
    const audited = auditedCall(request, reply.statusCode);
    if (audited !== null) this.options.audit(audited);
  }

  /** An operator who hangs up before an answer's end has read the rest of it, and `onResponse` never comes. */
  private auditCutOff(request: CallRequest, reply: FastifyReply): void {
    if (request.call?.principal?.plane !== 'admin') return;
    reply.raw.once('close', () => this.audit(request, reply));
  }

  private prepare(route: RouteOptions): void {
    const { operation } = (route.config ?? {}) as Partial<OperationRoute>;
    // Fastify adds a HEAD route for each GET; it has the GET's configuration.
    if (operation === undefined) throw new TypeError(`${String(route.method)} ${route.url} is no operation`);
    const { maxBytes, body } = operationOf(operation);
    route.bodyLimit = maxBytes ?? MAX_BODY_BYTES;
    if (body !== undefined && !this.options.bodyChecks.has(body)) throw new TypeError(`no class is named ${body}`);
  }

  private parse(call: Call, bytes: Buffer): unknown {
    if (bytes.length === 0 && call.operation?.bodyOptional === true) return undefined;
    return parseJsonBody(bytes, call.operation?.maxMembers);
  }

  /** Gives the request its id and version and finds out who calls. */
  private enter(request: CallRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
    const call = new Call(newRequestId(), reply, clientAddress(request), NEWEST_API_VERSION);
    request.call = call;
    const asked = request.headers[this.versionHeader];
    call.version = this.versions.named(asked) ?? NEWEST_API_VERSION;
    this.introduce(reply, call);
    const fault = headFault(request.raw);
    if (fault !== null) return this.refuse(reply, call, new Problem(fault));

    const { operation: name } = request.routeOptions.config as unknown as Partial<OperationRoute>;
    // Now, and not once the body was read: what is wrong with that is of no interest here.
    if (name === undefined) {
      // Who looks where it was said to run, finds what it is.
      if (request.method === 'GET' && request.url === '/') return void reply.redirect('/docs', 302);
      return done(NO_ROUTE);
    }
    const operation = operationOf(name);
    call.operation = operation;
    call.operationName = name;
    if (operation.plane === 'open') return done();
    if (operation.plane === 'auth' && !operation.user) {
      const refusal = this.versions.refusal(call, asked) ?? unreadable(operation, request);
      return refusal ? this.refuse(reply, call, refusal) : done();
    }

    this.options.access
      .authenticate(request.headers, request.raw.rawHeaders)
      .then((found) => this.admit(call, operation, found, asked))
      .then(
        (refusal) => {
          const fault = refusal ?? unreadable(operation, request);
          if (fault) return this.refuse(reply, call, fault);
          done();
        },
        (error: unknown) => done(error as Error),
      );
  }

  /** The headers of every answer. */
  introduce(reply: FastifyReply, call: Call): void {
    void reply.header('request-id', call.requestId);
    void reply.header('vary', this.vary);
    this.versions.tell(reply, call);
  }

  /** Null: let in. The tenant's status is the writer's to judge. */
  private admit(
    call: Call,
    operation: Operation,
    found: Principal | AuthFailure,
    askedVersion: string | string[] | undefined,
  ): Problem | null | Promise<Problem | null> {
    if ('code' in found) {
      call.known = found.known ?? null;
      const retryAfterMs = this.options.access.countStranger(call.ip);
      if (retryAfterMs !== null) return new Problem('key_limit', { retryAfterMs });
      return new Problem(found.code, { message: found.message });
    }
    call.principal = found;
    if (found.plane !== 'tenant') return this.judge(call, operation, found, askedVersion);
    // Whatever comes of it is told in the tenant's version.
    if (askedVersion !== undefined) return this.count(call, operation, found, askedVersion);
    const version = this.options.versionOf(found.tenantId);
    if (typeof version === 'string') return this.countIn(version, call, operation, found);
    return version.then((known) => this.countIn(known, call, operation, found));
  }

  private countIn(version: string, call: Call, operation: Operation, found: TenantPrincipal) {
    call.version = version;
    this.versions.tell(call.reply, call);
    return this.count(call, operation, found, undefined);
  }

  private count(
    call: Call,
    operation: Operation,
    found: TenantPrincipal,
    askedVersion: string | string[] | undefined,
  ): Problem | null | Promise<Problem | null> {
    // Before anything else that it may ask for in vain: a call that is refused for its rights is a call.
    const verdict = this.options.access.count(found);
    return verdict instanceof Promise
      ? verdict.then((told) => this.limit(call, told) ?? this.judge(call, operation, found, askedVersion))
      : (this.limit(call, verdict) ?? this.judge(call, operation, found, askedVersion));
  }

  private limit({ reply }: Call, verdict: RateVerdict | null): Problem | null {
    if (verdict === null) return null;
    const { policy, state, nearest, refused } = verdict;
    void reply.header('ratelimit-policy', policy);
    void reply.header('ratelimit', state);
    void reply.header('x-ratelimit-limit', nearest.limit);
    void reply.header('x-ratelimit-remaining', nearest.remaining);
    void reply.header('x-ratelimit-reset', Math.ceil((Date.now() + nearest.resetMs) / 1000));
    void reply.header('x-ratelimit-resource', nearest.resource);
    return refused && new Problem(refused.code, { retryAfterMs: refused.retryAfterMs });
  }

  private judge(
    call: Call,
    operation: Operation,
    found: Principal,
    askedVersion: string | string[] | undefined,
  ): Problem | null | Promise<Problem | null> {
    if (isElsewhere(operation, found)) return new Problem('route_not_found');
    const missing = this.options.access.missingRight(found, operation);
    if (missing) return new Problem(missing.code, { rule: missing.right });
    if (found.plane !== 'tenant') return this.versions.refusal(call, askedVersion);
    const lacking = this.lacking(operation, found);
    return lacking instanceof Promise
      ? lacking.then((told) => told ?? this.versions.refusal(call, askedVersion))
      : (lacking ?? this.versions.refusal(call, askedVersion));
  }

  /** What a tenant must be entitled to for a read; a write is judged where it is decided, in its order among others. */
  private lacking(operation: Operation, { tenantId }: TenantPrincipal): Problem | null | Promise<Problem | null> {
    if (operation.plane !== 'tenant' || operation.writes || operation.entitlement === null) return null;
    const key = operation.entitlement;
    const problem = (isEntitled: boolean): Problem | null =>
      isEntitled
        ? null
        : new Problem('entitlement_required', { rule: key, message: `The tenant is not entitled to ${key}.` });
    const isEntitled = this.options.access.isEntitled(tenantId, key);
    return isEntitled instanceof Promise ? isEntitled.then(problem) : problem(isEntitled);
  }

  /** Path, query, body and idempotency key, in this order, then lifted; the body has been read by now. */
  private check(request: CallRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
    const { call } = request;
    const { operation } = call;
    if (operation === null) return done();
    call.params = request.params as Readonly<Record<string, string>>;
    if (operation.plane === 'open') return done();
    const failed = (error: unknown): void =>
      error instanceof Problem ? this.refuse(reply, call, error) : done(error as Error);
    try {
      for (const name in call.params) {
        if (!isPathId(name, call.params[name] as string)) throw new Problem(notFoundCode(name));
      }
      checkEncoding(request.url);
      const view = (call.view = this.versions.view(call));
      call.query = parseQuery(request.query as Readonly<Record<string, unknown>>, view.query);
      call.minRevision = minRevisionIn(request.headers['min-ledger-revision']);
      call.ifLastChangedAt = ifMatchIn(call, request.headers['if-match']);
      this.checkKey(call, view, request.headers['idempotency-key']);
      if (operation.body !== undefined) {
        // A body of null is one that was sent.
        call.body = request.body === null ? null : (request.body ?? EMPTY);
        this.versions.checkBody(call, operation.body, call.body);
      }
      // Of what was sent, whatever the version makes of it.
      this.stamp(request, request.headers['idempotency-key'] as string | undefined);
      const lifted = this.versions.lift(call, view);
      const judged = (): void | Promise<void> => this.judgeExpansions(call, operation);
      const lifting = lifted === undefined ? judged() : lifted.then(judged);
      if (lifting !== undefined) return void lifting.then(() => done(), failed);
    } catch (error) {
      return failed(error);
    }
    done();
  }

  /** What is shown in full within an answer takes the rights of its own read. Rejects with a `Problem`. */
  private judgeExpansions({ query, principal }: Call, { answers }: Operation): void | Promise<void> {
    const names = expandIn(query);
    if (names.length > 0 && answers !== null && principal?.plane === 'tenant')
      return this.mayRead(readsFor(tagOf(answers), names), principal);
  }

  private async mayRead(names: ReadonlySet<OperationName>, caller: TenantPrincipal): Promise<void> {
    const reads = [...names].map(operationOf);
    for (const operation of reads) {
      const missing = this.options.access.missingRight(caller, operation);
      if (missing) throw new Problem(missing.code, { rule: missing.right });
    }
    for (const operation of reads) {
      const lacking = await this.lacking(operation, caller);
      if (lacking) throw lacking;
    }
  }

  private checkKey(call: Call, view: OperationView, sent: string | string[] | undefined): void {
    if (sent === undefined) {
      if (view.requiresKey) throw new Problem('missing_field', { param: 'Idempotency-Key' });
      if (view.keyChange !== null) this.versions.note(call, new Set([view.keyChange]));
    } else if (typeof sent !== 'string' || !isIdempotencyKey(sent)) {
      throw new Problem('pattern_mismatch', { param: 'Idempotency-Key' });
    }
  }

  private stamp(request: CallRequest, sentKey: string | undefined): void {
    const { call } = request;
    if (sentKey === undefined || !(call.operation as Operation).writes) return;
    const principal = call.principal as Principal;
    const owner = principal.plane === 'tenant' ? principal.tenantId : principal.operatorId;
    const scope = principal.plane === 'tenant' ? owner : operatorsScope(owner, call.params.tenant_id);
    const { url } = request;
    const end = url.indexOf('?');
    const path = end === -1 ? url : url.slice(0, end);
    call.idempotency = stampOf(
      principal.plane,
      scope,
      sentKey,
      this.options.secretOf(owner),
      request.method,
      path,
      call.body,
    );
  }

  private refuse(reply: FastifyReply, call: Call, problem: Problem): void {
    sendProblem(reply, call, problem, this.options.baseUrl());
  }
}

/** Routes for tests are not there for live tenants. */
const isElsewhere = (operation: Operation, caller: Principal): boolean =>
  operation.plane === 'tenant' &&
  operation.sandboxOnly === true &&
  caller.plane === 'tenant' &&
  caller.environment !== 'sandbox';

const minRevisionIn = (sent: string | string[] | undefined): number | null => {
  if (sent === undefined) return null;
  if (typeof sent !== 'string' || !/^\d{1,15}$/.test(sent))
    throw new Problem('pattern_mismatch', { param: 'Min-Ledger-Revision' });
  return Number(sent);
};

/** Asked for where nothing can be made of it, it would be passed over in silence. */
const ifMatchIn = ({ operation, operationName }: Call, sent: string | undefined): readonly number[] | null => {
  if (sent === undefined || operation?.writes !== true) return null;
  if (!isConditional(operationName as OperationName)) {
    throw new Problem('invalid_parameter', { param: 'If-Match', message: 'If-Match is not taken here.' });
  }
  const times = timesIn(sent);
  if (times === undefined) throw new Problem('pattern_mismatch', { param: 'If-Match' });
  return times;
};

/**
 * Whose keys an operator's are: their own at one tenant. Outcomes are remembered in the tenant's stream, so the same key at
 * another tenant is another key, and its hash says so.
 */
const operatorsScope = (operatorId: string, tenantId: string | undefined): string =>
  tenantId === undefined ? operatorId : `${operatorId}@${tenantId}`;

const unreadable = ({ body }: Operation, request: FastifyRequest): Problem | null =>
  body === undefined || isReadable(request.raw) ? null : new Problem('unsupported_media_type');

const EMPTY = Object.freeze({});

/** The filter says of it what the path does take. */
const NO_ROUTE = Object.assign(new Error('no route'), { statusCode: 404 });

const notFoundCode = (parameter: string): ErrorCode => {
  const code = `${nounOf(parameter)}_not_found`;
  if (!isErrorCode(code)) throw new TypeError(`no error says that ${parameter} is not found`);
  return code;
};

/** For routes that are answered outside an operation: what a request without a call is known by. */
export const callOf = (request: FastifyRequest, reply: FastifyReply): Call => {
  const { call } = request as Partial<CallRequest>;
  return call ?? new Call(newRequestId(), reply, null, NEWEST_API_VERSION);
};
