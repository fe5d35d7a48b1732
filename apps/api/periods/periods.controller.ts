import { Controller, Inject, Req } from '@nestjs/common';
import { renderClosedPeriod } from '#contract/resources/closed-period.js';
import type { CloseMonth } from '#domain/periods/close-month.js';
import { isMonth, nextMonth } from '#domain/periods/periods.js';
import { formatInstant } from '#domain/time.js';
import { calendarOf } from '#engine/calendar.js';
import { written } from '#platform/http/answer.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import { Commands, type Told } from '../commands.js';
import { Reading } from '../reading.js';
import { UnexpectedFact } from '../rendering.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import { MonthReports } from './month-reports.js';
import type { ClosePeriodBody } from './periods.dto.js';

const REFUSED_WAIT_MS = 1_000;

const closedPeriodTold = ({ fact }: Told) => {
  if (fact.type !== 'PeriodClosed') throw new UnexpectedFact(fact.type);
  return renderClosedPeriod(fact.data);
};

@Controller()
export class PeriodsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
    @Inject(MonthReports) private readonly reports: MonthReports,
  ) {}

  @Operation('closePeriod')
  async close(@Req() { call }: CallRequest): Promise<string> {
    const { through, month } = call.body as ClosePeriodBody;
    if (through !== undefined && month !== undefined) {
      throw new Problem('invalid_parameter', { param: 'month', message: 'Name through or month, not both.' });
    }
    if (month !== undefined) return this.closeMonth(call, month);
    if (through === undefined) throw new Problem('missing_field', { param: 'through' });
    const command = { type: 'ClosePeriod', data: { through } } as const;
    return this.commands.run(call, call.tenant.tenantId, command, closedPeriodTold);
  }

  @Operation('listClosedMonths')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'closed_months');
  }

  @Operation('getMonthReport')
  async report(@Req() { call, headers }: CallRequest): Promise<string | Buffer> {
    const month = call.param('month');
    if (!isMonth(month)) throw new Problem('month_not_found');
    return this.reports.answer(call, month, headers.accept);
  }

  private async closeMonth(call: Call, month: string): Promise<string> {
    const { tenantId } = call.tenant;
    const command = await this.closing(tenantId, month);
    let receipt = await this.commands.execute(call, tenantId, command);
    if (receipt.kind === 'refused' && receipt.refusal.code === 'invalid_state') {
      // What was read of the tenant may have been older than what the writer knew.
      await this.reading.reads.waitFor(tenantId, receipt.revision, REFUSED_WAIT_MS);
      const again = await this.closing(tenantId, month);
      if (again.data.timezone !== command.data.timezone) {
        receipt = await this.commands.execute(call, tenantId, again);
      }
    }
    return written(call, closedPeriodTold(await this.commands.told(call, tenantId, receipt)));
  }

  /** With the month's bounds in the tenant's time zone as the read model has it. */
  private async closing(tenantId: string, month: string): Promise<CloseMonth> {
    const { timezone } = (await this.tenants.mustExist(tenantId)) as unknown as { readonly timezone: string };
    const calendar = calendarOf(timezone);
    const from = formatInstant(calendar.startOf(`${month}-01`));
    const through = formatInstant(calendar.startOf(`${nextMonth(month)}-01`) - 1);
    return { type: 'CloseMonth', data: { month, timezone, from, through } };
  }
}
