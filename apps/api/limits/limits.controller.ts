import { Controller, Inject, Req } from '@nestjs/common';
import { renderLimitEvaluation } from '#contract/resources/limit-evaluation.js';
import { calendarOf } from '#engine/calendar.js';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import type { EvaluateLimitsBody } from './limits.dto.js';

@Controller()
export class LimitsController {
  constructor(@Inject(Commands) private readonly commands: Commands) {}

  /** Asked of the tenant's writer, because that alone knows what the next posting would be judged by. */
  @Operation('evaluateLimits')
  async evaluate(@Req() { call }: CallRequest): Promise<string> {
    const data = call.body as EvaluateLimitsBody;
    const answer = await this.commands.ask(call, call.tenant.tenantId, { type: 'EvaluateLimits', data });
    const { timezone } = answer;
    return JSON.stringify(renderLimitEvaluation(data, answer, (day) => calendarOf(timezone).startOf(day)));
  }
}
