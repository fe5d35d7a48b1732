import { Controller, Inject, Req } from '@nestjs/common';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { closedPeriodTold } from '../rendering.js';
import type { ClosePeriodBody } from './periods.dto.js';

@Controller()
export class PeriodsController {
  constructor(@Inject(Commands) private readonly commands: Commands) {}

  @Operation('closePeriod')
  close(@Req() { call }: CallRequest): Promise<string> {
    const data = call.body as ClosePeriodBody;
    return this.commands.run(call, call.tenant.tenantId, { type: 'ClosePeriod', data }, closedPeriodTold);
  }
}
