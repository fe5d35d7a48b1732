/**
 * Where versions meet HTTP, and nowhere else: which one a request is in, what is told of it, the body lifted before the
 * handler and the answer lowered after it. Handlers know the newest alone.
 */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { apiVersion, NEWEST_API_VERSION, successorOf } from '#contract/api-versions.js';
import { startOf, statusAt } from '#contract/versions/lifecycle.js';
import type { OperationView, VersionedContract } from '#contract/versions/versioned-contract.js';
import { faultOf } from '../validation/body-problems.js';
import { compileSchemas, type BodyCheck } from '../validation/body-schemas.js';
import type { Call, CallRequest } from './call.js';
import type { RequestHeaders } from './principal.js';
import { Problem } from './problem.js';

export interface VersionPorts {
  readonly contract: VersionedContract;
  /** Checks of the newest version's bodies, by name. */
  readonly bodyChecks: ReadonlyMap<string, BodyCheck>;
  /** The resource that a call is about to change, as the newest version shows it; null where there is none. */
  readonly currentOf: (call: Call) => Promise<Record<string, unknown> | null>;
  /** Told which changes had anything to do in a tenant's call. */
  readonly noteChanges: (tenantId: string, operation: string, changes: ReadonlySet<string>) => void;
  /** Told of reads of sandbox tenants that were answered, so that they can be asked again in another version. */
  readonly noteRead: (tenantId: string, read: { readonly operation: string; readonly path: string }) => void;
  /** Whether a request is such a read asked again: it is neither remembered nor counted. */
  readonly isRehearsal: (headers: RequestHeaders) => boolean;
  /** Business time, in milliseconds: a version ends by it. */
  readonly now: () => number;
  readonly versionHeader: string;
  readonly baseUrl: () => string;
}

type Asked = string | string[] | undefined;

export class VersionEdge {
  /** Checks of bodies that older versions take otherwise. */
  private readonly olderChecks: ReadonlyMap<string, ReadonlyMap<string, BodyCheck>>;
  private readonly header: string;

  constructor(private readonly ports: VersionPorts) {
    const { contract } = ports;
    this.header = ports.versionHeader.toLowerCase();
    this.olderChecks = new Map(
      contract.versions
        .filter(({ date }) => date !== NEWEST_API_VERSION)
        .map(({ date }) => [date, compileSchemas(contract.otherBodiesAt(date))]),
    );
  }

  /** The version that a header names; undefined where it names none. */
  named(asked: Asked): string | undefined {
    return typeof asked === 'string' && this.isKnown(asked) ? asked : undefined;
  }

  private isKnown(date: string): boolean {
    return this.ports.contract.versions.some((one) => one.date === date);
  }

  /** Why a call can't be answered in the version that it asked for, or that its tenant is pinned to. */
  refusal(call: Call, asked: Asked): Problem | null {
    if (asked !== undefined && this.named(asked) === undefined) {
      const known = this.ports.contract.versions.map(({ date }) => date).join(', ');
      return new Problem('api_version_unknown', {
        param: this.ports.versionHeader,
        message: `There is no such API version. Known: ${known}.`,
      });
    }
    return this.isRetired(call.version) ? this.retirement(call.version) : null;
  }

  private isRetired(version: string): boolean {
    const terms = apiVersion(version);
    return terms !== undefined && statusAt(terms, version === NEWEST_API_VERSION, this.ports.now()) === 'retired';
  }

  /** Of a version that is no longer served: where to go from it. */
  retirement(version: string): Problem {
    const next = successorOf(version)?.date ?? NEWEST_API_VERSION;
    return new Problem('version_retired', {
      message:
        `Version ${version} is no longer served. What to change: ${this.ports.baseUrl()}/docs/migrations/${next}. ` +
        `Send ${this.ports.versionHeader}: ${NEWEST_API_VERSION}, or pin it with PUT /v1/tenant/api_version.`,
    });
  }

  /** Headers that every answer has: its version, and what becomes of that. */
  tell(reply: FastifyReply, { version }: Call): void {
    void reply.header(this.header, version);
    const terms = apiVersion(version);
    const deprecated = terms?.deprecated ?? null;
    if (terms === undefined || deprecated === null || this.ports.now() < startOf(deprecated)) {
      if (reply.hasHeader('deprecation')) for (const name of DEPRECATION) void reply.removeHeader(name);
      return;
    }
    const base = this.ports.baseUrl();
    const next = successorOf(version)?.date ?? NEWEST_API_VERSION;
    void reply.header('deprecation', `@${startOf(deprecated) / 1000}`);
    if (terms.ends !== null) void reply.header('sunset', new Date(startOf(terms.ends)).toUTCString());
    void reply.header(
      'link',
      `<${base}/docs/migrations/${next}>; rel="deprecation"; type="text/html", ` +
        `<${base}/v1/changelog>; rel="sunset"; type="application/json", ` +
        `<${base}/v1/api_versions/${next}>; rel="successor-version"; type="application/json"`,
    );
  }

  view(call: Call): OperationView {
    return this.ports.contract.view(call.operationName as string, call.version);
  }

  /** Throws `Problem` where a body is not what the caller's version takes. */
  checkBody(call: Call, name: string, body: unknown): void {
    const check = this.olderChecks.get(call.version)?.get(name) ?? this.ports.bodyChecks.get(name);
    refuseFault(check as BodyCheck, body);
  }

  /**
   * Makes a checked request the newest version's. Throws `Problem`, or rejects with one, where the newest has no room for
   * what was asked.
   */
  lift(call: Call, view: OperationView): void | Promise<void> {
    if (view.liftQuery !== null) call.query = view.liftQuery(call.query);
    if (view.lift === null || call.operation?.body === undefined) {
      call.isLifted = true;
      return;
    }
    if (!view.needsCurrent) return this.liftBody(call, view, null);
    return this.ports.currentOf(call).then((current) => this.liftBody(call, view, current));
  }

  private liftBody(call: Call, view: OperationView, current: Record<string, unknown> | null): void {
    // What was left out is no object that may be written to.
    if (Object.isFrozen(call.body)) call.body = {};
    const fired = view.lift?.(call.body, current);
    call.isLifted = true;
    if (fired !== undefined) this.note(call, fired);
    const name = call.operation?.body;
    if (name !== undefined) refuseFault(this.ports.bodyChecks.get(name) as BodyCheck, call.body);
  }

  note(call: Call, fired: ReadonlySet<string>): void {
    const { principal, operationName } = call;
    if (fired.size === 0 || principal?.plane !== 'tenant' || operationName === null) return;
    this.ports.noteChanges(principal.tenantId, operationName, fired);
  }

  /** Remembers what a sandbox tenant read. */
  remember({ call, headers, url }: CallRequest, reply: FastifyReply): void {
    const { operation, operationName, principal } = call ?? NOBODY;
    if (operation?.method !== 'GET' || principal?.plane !== 'tenant' || principal.environment !== 'sandbox') return;
    if (reply.statusCode !== 200 || operationName === null || this.ports.isRehearsal(headers)) return;
    if (!String(reply.getHeader('content-type')).startsWith('application/json')) return;
    // Fifty calls that wait for events would be a rehearsal of half an hour.
    if (call.query.wait_ms !== undefined) return;
    this.ports.noteRead(principal.tenantId, { operation: operationName, path: url });
  }

  /** An answer as the caller's version has it; undefined: as it is. */
  lower({ call, headers }: CallRequest, reply: FastifyReply, payload: unknown): string | undefined {
    if (!isOlder(call)) return undefined;
    if (call.fired !== null && reply.statusCode < 400) {
      this.noteAnswer(call, headers, call.fired, payload);
      return undefined;
    }
    if (typeof payload !== 'string') return undefined;
    const isRefusal = reply.statusCode >= 400;
    const view = call.view ?? this.view(call);
    if ((isRefusal ? view.lowerError : view.lower) === null || payload === '') return undefined;
    if (!String(reply.getHeader('content-type')).startsWith('application/json')) return undefined;
    const answer = JSON.parse(payload) as unknown;
    if (isRefusal) return JSON.stringify(view.lowerError?.(answer, call.isLifted));
    if (view.lower === null) return undefined;
    const told = view.lower(answer);
    this.noteAnswer(call, headers, told.fired, payload);
    return JSON.stringify(told.answer);
  }

  /** Of a stream, what fired is known at its end. */
  private noteAnswer(call: Call, headers: RequestHeaders, fired: ReadonlySet<string>, payload: unknown): void {
    if (this.ports.isRehearsal(headers)) return;
    if (payload instanceof Readable) payload.once('end', () => this.note(call, fired));
    else this.note(call, fired);
  }
}

/** A request that the router refused before any hook ran has no call. */
const isOlder = (call: Call | undefined): call is Call =>
  call !== undefined && call.operationName !== null && call.version !== NEWEST_API_VERSION;

const NOBODY = { operation: null, operationName: null, principal: null };

const DEPRECATION = ['deprecation', 'sunset', 'link'];

const refuseFault = (check: BodyCheck, body: unknown): void => {
  if (check(body)) return;
  const { code, ...details } = faultOf(check.errors);
  throw new Problem(code, details);
};
