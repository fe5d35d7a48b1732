import { Controller, Inject, Req } from '@nestjs/common';
import { formatInstant } from '#domain/time.js';
import { expireDueHolds } from '#engine/due-holds-waker.js';
import type { Engine } from '#engine/ports.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import type { SettableClock } from '../dependencies.js';
import type { Reads } from '../reads.js';
import { ENGINE, READS, SETTABLE_CLOCK } from '../tokens.js';
import type { SetClockBody } from './clock.dto.js';

/** How long (ms) it waits for the caller's own lists to show what has ended by then. */
const SHOWN_WAIT_MS = 2_000;

@Controller()
export class ClockController {
  constructor(
    @Inject(SETTABLE_CLOCK) private readonly clock: SettableClock | null,
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(READS) private readonly reads: Reads,
  ) {}

  /** What is due of the caller's tenant has ended when this answers; of the others it does so within a second or two. */
  @Operation('setClock')
  async set(@Req() { call }: CallRequest): Promise<string> {
    if (this.clock === null) throw new Problem('route_not_found');
    const { tenantId } = call.tenant;
    const { advance_ms } = call.body as SetClockBody;
    const moved = await this.clock.advance(advance_ms, call.idempotency);
    if (moved.kind !== 'moved') {
      throw moved.kind === 'key_reused'
        ? new Problem('key_reused')
        : new Problem('out_of_range', { param: 'advance_ms' });
    }
    if (moved.replayed) void call.reply.header('idempotent-replayed', 'true');
    const receipt = await this.engine.execute(expireDueHolds(tenantId)).catch(() => null);
    if (receipt !== null) {
      call.atRevision(receipt.revision);
      await this.reads.waitFor(tenantId, receipt.revision, SHOWN_WAIT_MS);
    }
    void call.reply.header('content-type', JSON_TYPE);
    const { offsetMs: offset_ms, nowMs } = moved;
    return JSON.stringify({ object: 'clock', now: formatInstant(nowMs), offset_ms });
  }
}
