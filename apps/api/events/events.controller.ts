import { Controller, Inject, Req } from '@nestjs/common';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Reading } from '../reading.js';

@Controller()
export class EventsController {
  constructor(@Inject(Reading) private readonly reading: Reading) {}

  @Operation('listEvents')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'events');
  }

  @Operation('getEvent')
  get(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.one(call, call.tenant.tenantId, 'events', call.param('event_id'), 'event_not_found');
  }
}
