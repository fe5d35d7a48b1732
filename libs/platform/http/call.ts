import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Operation } from '#contract/operation-terms.js';
import type { OperationName } from '#contract/operations.js';
import { entityTag } from '#contract/preconditions.js';
import type { QueryValue } from '#contract/query-parameters.js';
import type { Fired, OperationView } from '#contract/versions/versioned-contract.js';
import type { AdminPrincipal, Principal, TenantPrincipal } from './principal.js';
import type { IdempotencyStamp } from './idempotency.js';

export type Query = Readonly<Record<string, QueryValue>>;

/** What is known of a request besides its transport: filled in on its way to the handler, in this order. */
export class Call {
  /** Null: there is nothing at this path. */
  operation: Operation | null = null;
  operationName: OperationName | null = null;
  principal: Principal | null = null;
  /** The version that the request is read in and the answer is written in. */
  version: string;
  /** The operation as that version has it; null until the request's parts are looked at. */
  view: OperationView | null = null;
  /** Changes that had anything to do in the answer, of a stream so far; null: it is still the newest version's. */
  fired: Fired | null = null;
  /** Whether query and body are the newest version's by now. */
  isLifted = false;
  params: Readonly<Record<string, string>> = {};
  query: Query = {};
  /** Checked: what the operation's body class declares. */
  body: unknown = undefined;
  idempotency: IdempotencyStamp | null = null;
  /** What a read must have seen at least: `Min-Ledger-Revision`. */
  minRevision: number | null = null;
  /** Times (ms since 1970) of which the resource's last change must be one: `If-Match`. */
  ifLastChangedAt: readonly number[] | null = null;
  /** The code it was refused with. */
  refused: string | null = null;
  /** Who it was from, where they got no further, or have only signed in by it. */
  known: { readonly tenantId: string; readonly callerId: string } | null = null;
  /** The tenant to whose stream it appended. */
  recordedIn: string | null = null;
  /** Whether what the audit log tells of it was told. */
  isAudited = false;
  constructor(
    readonly requestId: string,
    readonly reply: FastifyReply,
    /** The caller's address, where its connection comes from; null where there is none. */
    readonly ip: string | null,
    newestVersion: string,
  ) {
    this.version = newestVersion;
  }

  get tenant(): TenantPrincipal {
    if (this.principal?.plane !== 'tenant') throw new TypeError('not a call of the tenant plane');
    return this.principal;
  }

  get operator(): AdminPrincipal {
    if (this.principal?.plane !== 'admin') throw new TypeError('not a call of the admin plane');
    return this.principal;
  }

  /** When the resource that is answered was last changed, ms since 1970. */
  tag(changedAt: number): void {
    void this.reply.header('etag', entityTag(changedAt));
  }

  /** The revision of the tenant's stream that an answer is true at, or that holds what was written. */
  atRevision(revision: number): void {
    void this.reply.header('ledger-revision', revision);
  }

  /** A parameter of the path; its form was checked. */
  param(name: string): string {
    return this.params[name] as string;
  }
}

/** A request that has passed the door. */
export type CallRequest = FastifyRequest & { call: Call };
