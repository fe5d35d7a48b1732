import { Controller, Inject, Req } from '@nestjs/common';
import { rateText } from '#contract/resources/fee-preview.js';
import type { FeeTerms } from '#domain/fees/replace-fee-rules.js';
import { scheduleTag } from '#domain/settings-tags.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { feesTold } from '../rendering.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import { MAX_FEE_RULES, type FeeRuleBody, type ReplaceFeesBody } from './fees.dto.js';

/** Before every event: a rule without a time of its own holds from now on (DECISIONS 23). */
const AT_ONCE = '1970-01-01T00:00:00.000Z';

const termsOf = ({
  percentage_rate,
  effective_from = AT_ONCE,
  who_gets_paid = 'platform',
  ...rule
}: FeeRuleBody): FeeTerms => ({
  ...rule,
  percentage_rate: rateText(percentage_rate),
  who_gets_paid,
  effective_from,
});

@Controller()
export class AdminFeesController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
  ) {}

  @Operation('getFees')
  async get(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    await this.reading.await(call, tenantId, `${tenantId}/fees`);
    const all = { filters: call.query, limit: MAX_FEE_RULES, order: 'asc' } as const;
    const { revision, data } = await this.reading.reads.list(tenantId, 'fee_rules', all);
    call.atRevision(revision);
    // What stood once is not what can be replaced.
    if (call.query.as_of === undefined) call.tag(scheduleTag(data.map(({ id }) => String(id))));
    void call.reply.header('content-type', JSON_TYPE);
    return JSON.stringify({ fees: data });
  }

  @Operation('replaceFees')
  replace(@Req() { call }: CallRequest): Promise<string> {
    const rules = (call.body as ReplaceFeesBody).rules.map(termsOf);
    return this.commands.run(call, call.param('tenant_id'), { type: 'ReplaceFeeRules', data: { rules } }, feesTold);
  }
}
