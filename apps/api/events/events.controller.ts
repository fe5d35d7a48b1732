import { Readable } from 'node:stream';
import { Controller, Inject, Req } from '@nestjs/common';
import { EVENT_STREAM } from '#contract/event-operations.js';
import type { PublicEvent } from '#contract/public-events.js';
import { PAGE_SIZE } from '#contract/query-parameters.js';
import { renderEvent } from '#contract/versions/webhooks.js';
import { JSON_TYPE, written } from '#platform/http/answer.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import type { Resource } from '../reads.js';
import { Reading } from '../reading.js';
import type { Published } from '../installation/published.js';
import { DOCUMENT } from '../tokens.js';
import { Following } from './following.js';

/** What `after_sequence` may stand beside. */
const BESIDE: ReadonlySet<string> = new Set(['after_sequence', 'wait_ms', 'limit']);

@Controller()
export class EventsController {
  constructor(
    @Inject(Reading) private readonly reading: Reading,
    @Inject(Following) private readonly following: Following,
    @Inject(DOCUMENT) private readonly published: Published,
  ) {}

  @Operation('listEvents')
  list(@Req() request: CallRequest): Promise<string> {
    const { call } = request;
    const { after_sequence: after, wait_ms: waitMs } = call.query as { after_sequence?: number; wait_ms?: number };
    if (after !== undefined) return this.after(request, after, waitMs ?? 0);
    if (waitMs !== undefined) throw new Problem('missing_field', { param: 'after_sequence' });
    return this.reading.list(call, 'events');
  }

  private async after(request: CallRequest, after: number, waitMs: number): Promise<string> {
    const { call } = request;
    const other = Object.keys(call.query).find((name) => !BESIDE.has(name));
    if (other !== undefined) throw new Problem('mutually_exclusive', { param: other });
    const { tenantId, callerId } = call.tenant;
    await this.reading.await(call, tenantId, callerId);
    const { limit = PAGE_SIZE } = call.query as { limit?: number };
    const { revision, events, hasMore } = await this.following.page(request, after, limit, waitMs);
    call.atRevision(revision);
    void call.reply.header('content-type', JSON_TYPE);
    return written(call, { object: 'list', data: events, has_more: hasMore, next_cursor: null });
  }

  @Operation('streamEvents')
  async stream(@Req() request: CallRequest): Promise<Readable> {
    const { call } = request;
    const { tenantId, callerId } = call.tenant;
    await this.reading.await(call, tenantId, callerId);
    const after = lastEventId(request) ?? (call.query.after_sequence as number | undefined);
    const from = after ?? (await this.newest(call));
    // The answer is no JSON, so that nothing lowers it on its way out.
    const told = (event: Resource): Resource =>
      renderEvent(event as unknown as PublicEvent, call.version) as unknown as Resource;
    const messages = this.following.messages(request, from, told);
    // A proxy that gathers what is sent would hold events back.
    void call.reply
      .header('content-type', EVENT_STREAM)
      .header('cache-control', 'no-cache, no-transform')
      .header('x-accel-buffering', 'no');
    return Readable.from(messages, { highWaterMark: 1 });
  }

  /** The sequence of the newest event; 0 where there is none. */
  private async newest(call: Call): Promise<number> {
    const { data, revision } = await this.reading.reads.list(call.tenant.tenantId, 'events', {
      filters: {},
      limit: 1,
      order: 'desc',
    });
    call.atRevision(revision);
    return (data[0]?.sequence as number | undefined) ?? 0;
  }

  @Operation('listEventTypes')
  types(@Req() { call }: CallRequest): string {
    void call.reply.header('content-type', JSON_TYPE);
    return this.published.eventTypes(call.version);
  }

  @Operation('getEvent')
  get(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.one(call, call.tenant.tenantId, 'events', call.param('event_id'), 'event_not_found');
  }
}

/** Null where none was sent; an empty one is how clients say that nothing has come yet. Throws `Problem`. */
const lastEventId = ({ headers }: CallRequest): number | null => {
  const sent = headers['last-event-id'];
  if (sent === undefined || sent === '') return null;
  if (typeof sent !== 'string' || !/^\d{1,15}$/.test(sent)) {
    throw new Problem('pattern_mismatch', { param: 'Last-Event-ID' });
  }
  return Number(sent);
};
