/** Waiting for events: what long polls and streams have in common. */
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { ErrorCode } from '#contract/problems.js';
import type { CallRequest } from '#platform/http/call.js';
import { Problem } from '#platform/http/problem.js';
import type { Reads, Resource } from '../reads.js';
import { FOLLOWING_TERMS, READS, REFUSAL_OF } from '../tokens.js';

export interface FollowingTerms {
  /** How long a call waits at most. */
  readonly maxWaitMs: number;
  /** How often a stream says that it is there. */
  readonly heartbeatMs: number;
  /** How long a stream lasts; then the client connects again, perhaps to another instance. */
  readonly streamMs: number;
  /** How long a client may take nothing of what it is sent; then it is cut off. */
  readonly stallMs: number;
  /** How many of a tenant's callers may wait or follow at this instance. */
  readonly perTenant: number;
}

export const FOLLOWING: FollowingTerms = {
  maxWaitMs: 20_000,
  heartbeatMs: 15_000,
  streamMs: 15 * 60_000,
  stallMs: 30_000,
  perTenant: 50,
};

/** Why whoever made a call may not make it any more; null: they may. */
export type RefusalOf = (request: CallRequest) => Promise<ErrorCode | null>;

/** Events after a sequence, in order. `revision`: how far they were looked for. */
export interface Followed {
  readonly revision: number;
  readonly events: readonly Resource[];
  readonly hasMore: boolean;
}

/** When those who are refused may ask again. */
const RETRY_MS = 5_000;
const PAGE = 100;

@Injectable()
export class Following implements OnModuleDestroy {
  private readonly open = new Map<string, number>();
  private readonly ending = new AbortController();

  constructor(
    @Inject(READS) private readonly reads: Reads,
    @Inject(REFUSAL_OF) private readonly refusalOf: RefusalOf,
    @Inject(FOLLOWING_TERMS) private readonly terms: FollowingTerms,
  ) {}

  /** Nobody is waited for when the process ends. */
  onModuleDestroy(): void {
    this.ending.abort();
  }

  /** One page. Throws `Problem` where too many wait already, or the caller lost its right meanwhile. */
  async page(request: CallRequest, after: number, limit: number, waitMs: number): Promise<Followed> {
    const { tenantId } = request.call.tenant;
    const found = await this.after(tenantId, after, limit);
    if (found.events.length > 0 || waitMs === 0) return found;
    const seat = this.take(request);
    try {
      const later = await this.next(tenantId, found, after, limit, Math.min(waitMs, this.terms.maxWaitMs), seat.signal);
      const refusal = await this.refusalOf(request);
      if (refusal !== null) throw new Problem(refusal);
      return later;
    } finally {
      seat.leave();
    }
  }

  /** Messages of a stream of server-sent events. Throws `Problem`, at once, where too many follow already. */
  messages(request: CallRequest, after: number, told: (event: Resource) => Resource): AsyncIterable<string> {
    const seat = this.take(request);
    const { raw } = request.call.reply;
    // Also what is sent last must be taken some time.
    const late = setTimeout(() => raw.destroy(), this.terms.streamMs + this.terms.stallMs).unref();
    raw.once('close', () => clearTimeout(late));
    return this.stream(request, after, told, seat);
  }

  private async *stream(
    request: CallRequest,
    from: number,
    told: (event: Resource) => Resource,
    { signal, leave }: Seat,
  ): AsyncGenerator<string> {
    const { tenantId } = request.call.tenant;
    const until = performance.now() + this.terms.streamMs;
    let after = from;
    try {
      yield 'retry: 2000\n\n';
      for (let left = this.terms.streamMs; left > 0 && !signal.aborted; left = until - performance.now()) {
        const now = await this.after(tenantId, after, PAGE);
        const waitMs = Math.min(this.terms.heartbeatMs, left);
        const found = now.events.length > 0 ? now : await this.next(tenantId, now, after, PAGE, waitMs, signal);
        if (signal.aborted || (await this.refusalOf(request)) !== null) return;
        const stalled = setTimeout(() => request.call.reply.raw.destroy(), this.terms.stallMs).unref();
        yield found.events.length === 0 ? ': nothing new\n\n' : found.events.map((one) => message(told(one))).join('');
        clearTimeout(stalled);
        after = (found.events.at(-1)?.sequence as number | undefined) ?? after;
      }
    } finally {
      leave();
    }
  }

  private async after(tenantId: string, after: number, limit: number): Promise<Followed> {
    const { revision, data, hasMore } = await this.reads.eventsAfter(tenantId, after, limit);
    return { revision, events: data, hasMore };
  }

  /** The first events after a sequence, once there are any; none where that takes longer. */
  private async next(
    tenantId: string,
    seen: Followed,
    after: number,
    limit: number,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<Followed> {
    const until = performance.now() + waitMs;
    let found = seen;
    for (
      let left = waitMs;
      left > 0 && found.events.length === 0 && !signal.aborted;
      left = until - performance.now()
    ) {
      await this.reads.arrival(tenantId, found.revision + 1, left, signal);
      found = await this.after(tenantId, after, limit);
    }
    return found;
  }

  /** Until `leave`, or until the client goes, the caller counts as one of its tenant's. */
  private take({ call }: CallRequest): Seat {
    const { tenantId } = call.tenant;
    const taken = this.open.get(tenantId) ?? 0;
    if (taken >= this.terms.perTenant) throw new Problem('too_many_followers', { retryAfterMs: RETRY_MS });
    this.open.set(tenantId, taken + 1);
    const gone = new AbortController();
    let isTaken = true;
    const leave = (): void => {
      if (!isTaken) return;
      isTaken = false;
      const others = (this.open.get(tenantId) as number) - 1;
      if (others > 0) this.open.set(tenantId, others);
      else this.open.delete(tenantId);
    };
    const { raw } = call.reply;
    const closed = (): void => {
      leave();
      gone.abort();
    };
    // Who has gone while the call was on its way here is told of no more.
    if (raw.closed) closed();
    else raw.once('close', closed);
    return { signal: AbortSignal.any([gone.signal, this.ending.signal]), leave };
  }
}

interface Seat {
  readonly signal: AbortSignal;
  readonly leave: () => void;
}

const message = (event: Resource): string => `id: ${event.sequence as number}\ndata: ${JSON.stringify(event)}\n\n`;
