import { Controller, Inject, Req } from '@nestjs/common';
import { renderFeePreview } from '#contract/resources/fee-preview.js';
import type { FeeRuleResource } from '#contract/resources/fee-rule.js';
import { AmountOutOfRange } from '#domain/money.js';
import type { Clock } from '#engine/ports.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import { Reading } from '../reading.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import { CLOCK } from '../tokens.js';
import { MAX_FEE_RULES, type PreviewFeeBody } from './fees.dto.js';

@Controller()
export class FeesController {
  constructor(
    @Inject(Reading) private readonly reading: Reading,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
  ) {}

  @Operation('previewFee')
  preview(@Req() { call }: CallRequest): Promise<string> {
    return this.previewed(call, call.tenant.tenantId);
  }

  @Operation('previewTenantFee')
  async previewOfTenant(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    return this.previewed(call, tenantId);
  }

  private async previewed(call: Call, tenantId: string): Promise<string> {
    await this.reading.await(call, tenantId, `${tenantId}/fees`);
    const all = { filters: {}, limit: MAX_FEE_RULES, order: 'asc' } as const;
    const { revision, data } = await this.reading.reads.list(tenantId, 'fee_rules', all);
    call.atRevision(revision);
    void call.reply.header('content-type', JSON_TYPE);
    return JSON.stringify(this.rendered(call, data as unknown as readonly FeeRuleResource[]));
  }

  private rendered(call: Call, rules: readonly FeeRuleResource[]): object {
    try {
      return renderFeePreview(rules, call.body as PreviewFeeBody, this.clock.now());
    } catch (error) {
      if (error instanceof AmountOutOfRange) throw new Problem('amount_out_of_range', { param: 'amount' });
      throw error;
    }
  }
}
