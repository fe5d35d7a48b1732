/** From a request to a question to the read model and back. */
import { Inject, Injectable } from '@nestjs/common';
import { EXPAND, expandIn } from '#contract/expansions.js';
import { ADMIN_PAGE_SIZE, PAGE_SIZE, type QueryValue } from '#contract/query-parameters.js';
import type { ErrorCode } from '#contract/problems.js';
import { JSON_TYPE, written } from '#platform/http/answer.js';
import type { Call } from '#platform/http/call.js';
import { Cursors } from '#platform/http/cursors.js';
import { Problem } from '#platform/http/problem.js';
import { RecentWrites, writerOf } from './recent-writes.js';
import type { Collection, Counted, ListRequest, Many, One, Reads, Resource } from './reads.js';
import { READS } from './tokens.js';

/** How long a read waits for what the same key wrote a moment ago, and for what it asks for by name (DECISIONS 36). */
const OWN_WRITES_WAIT_MS = 250;
const ASKED_WAIT_MS = 2_000;
const BEHIND_RETRY_MS = 1_000;

/** Parameters that page a list, or say how it is shown; the others filter it. */
const PAGING: ReadonlySet<string> = new Set([
  'limit',
  'starting_after',
  'ending_before',
  'order',
  'offset',
  'cursor',
  EXPAND,
]);

/** A list of the admin plane, before its resource's name is put on it. */
export interface AdminPage {
  readonly resources: readonly Resource[];
  readonly pagination: {
    readonly limit: number;
    readonly offset: number;
    readonly total_count: number;
    /** Of the next page; null at the end. */
    readonly cursor: string | null;
  };
}

const filtersOf = (call: Call): Record<string, QueryValue> =>
  Object.fromEntries(Object.entries(call.query).filter(([name]) => !PAGING.has(name)));

/** What a cursor is bound to. */
const listOf = (call: Call, tenantId: string, order: string, filters: Readonly<Record<string, QueryValue>>): string =>
  JSON.stringify([tenantId, call.operationName, call.params, order, Object.entries(filters).sort()]);

@Injectable()
export class Reading {
  constructor(
    @Inject(READS) readonly reads: Reads,
    @Inject(Cursors) private readonly cursors: Cursors,
    @Inject(RecentWrites) private readonly recent: RecentWrites,
  ) {}

  /** Waits for the revision that the caller must see. Throws `Problem` only where it asked for one by header. */
  async await(call: Call, tenantId: string, id: string): Promise<void> {
    const { minRevision } = call;
    if (minRevision !== null && !(await this.reads.waitFor(tenantId, minRevision, ASKED_WAIT_MS))) {
      call.atRevision(await this.reads.revision(tenantId));
      throw new Problem('read_model_behind', { retryAfterMs: BEHIND_RETRY_MS });
    }
    const written = id.startsWith('acc_') ? this.recent.ofAccount(tenantId, id) : this.recent.of(id);
    if (written > (minRevision ?? -1)) await this.reads.waitFor(tenantId, written, OWN_WRITES_WAIT_MS);
  }

  /** Throws `Problem` where a revision that is asked about lies ahead of the stream. */
  async mustBeReached(call: Call, tenantId: string, revision: number, param = 'as_of'): Promise<void> {
    if (await this.reads.waitFor(tenantId, revision, OWN_WRITES_WAIT_MS)) return;
    call.atRevision(await this.reads.revision(tenantId));
    throw new Problem('out_of_range', { param });
  }

  /** One resource as JSON. */
  async one(call: Call, tenantId: string, collection: Collection, id: string, missing: ErrorCode): Promise<string> {
    await this.await(call, tenantId, id);
    const expand = expandIn(call.query);
    // What stands beside it may be what the caller wrote last.
    if (expand.length > 0) await this.await(call, tenantId, writerOf(call, tenantId));
    return this.answer(call, await this.reads.one(tenantId, collection, id, expand), missing);
  }

  answer(call: Call, { revision, resource }: One, missing: ErrorCode): string {
    call.atRevision(revision);
    if (resource === null) throw new Problem(missing);
    if (typeof resource.updated_at === 'string') call.tag(Date.parse(resource.updated_at));
    void call.reply.header('content-type', JSON_TYPE);
    return written(call, resource);
  }

  /**
   * A list of the tenant plane as JSON: `{data, has_more, next_cursor}`. `within`: filters that the path gives; `shown`:
   * puts into rows what no read model knows.
   */
  async list(
    call: Call,
    collection: Collection,
    within: Readonly<Record<string, QueryValue>> = {},
    shown: (rows: readonly Resource[]) => Promise<readonly Resource[]> = (rows) => Promise.resolve(rows),
  ): Promise<string> {
    const { tenantId, callerId } = call.tenant;
    await this.await(call, tenantId, callerId);
    const ask = async (request: ListRequest): Promise<Many> => {
      const found = await this.reads.list(tenantId, collection, request);
      return { ...found, data: await shown(found.data) };
    };
    return this.pageOf(call, tenantId, ask, within);
  }

  /** The same of whatever else is asked page by page; `revision` null: what is not read from a tenant's stream. */
  async pageOf(
    call: Call,
    tenantId: string,
    ask: (request: ListRequest) => Promise<Asked>,
    within: Readonly<Record<string, QueryValue>> = {},
  ): Promise<string> {
    const { limit = PAGE_SIZE, order = 'desc', starting_after, ending_before } = call.query as ListQuery;
    const filters = { ...filtersOf(call), ...within };
    const list = listOf(call, tenantId, order, filters);
    const { revision, data, hasMore, last } = await ask({
      filters,
      limit,
      order,
      expand: expandIn(call.query),
      startingAfter: this.position(list, 'starting_after', starting_after),
      endingBefore: this.position(list, 'ending_before', ending_before),
    });
    if (revision !== null) call.atRevision(revision);
    // Behind a page that ends before a cursor there is always what the cursor names.
    const hasNext = last !== null && (hasMore || ending_before !== undefined);
    void call.reply.header('content-type', JSON_TYPE);
    const next_cursor = hasNext ? this.cursors.seal(list, last) : null;
    return written(call, { object: 'list', data, has_more: hasMore, next_cursor });
  }

  /** A list of the admin plane. An offset is counted off; a cursor goes where it names. */
  async adminList(
    call: Call,
    tenantId: string | null,
    ask: (request: ListRequest) => Promise<Counted>,
  ): Promise<AdminPage> {
    if (tenantId !== null) await this.await(call, tenantId, writerOf(call, tenantId));
    const { limit = ADMIN_PAGE_SIZE, offset = 0, order = 'desc', cursor } = call.query as AdminQuery;
    const filters = filtersOf(call);
    const list = listOf(call, tenantId ?? '', order, filters);
    const startingAfter = this.position(list, 'cursor', cursor);
    const { revision, page, total } = await ask({ filters, limit: offset + limit, order, startingAfter });
    if (revision !== null) call.atRevision(revision);
    void call.reply.header('content-type', JSON_TYPE);
    const next = page.hasMore && page.last !== null ? this.cursors.seal(list, page.last) : null;
    return { resources: page.data.slice(offset), pagination: { limit, offset, total_count: total, cursor: next } };
  }

  private position(list: string, param: string, cursor: string | undefined): string | null {
    if (cursor === undefined) return null;
    const position = this.cursors.open(list, cursor);
    if (position === null) throw new Problem('invalid_cursor', { param });
    return position;
  }
}

/** A page of whatever can be written as JSON. */
interface Asked {
  readonly data: readonly object[];
  readonly hasMore: boolean;
  readonly last: string | null;
  readonly revision: number | null;
}

interface ListQuery {
  readonly limit?: number;
  readonly order?: 'asc' | 'desc';
  readonly starting_after?: string;
  readonly ending_before?: string;
}

interface AdminQuery {
  readonly order?: 'asc' | 'desc';
  readonly limit?: number;
  readonly offset?: number;
  readonly cursor?: string;
}
