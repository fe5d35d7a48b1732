import { Controller, Inject, Req } from '@nestjs/common';
import { scheduleTag } from '#domain/settings-tags.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { limitsTold } from '../rendering.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import { MAX_LIMITS, type ReplaceLimitsBody } from './limits.dto.js';

@Controller()
export class AdminLimitsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
  ) {}

  @Operation('getLimits')
  async get(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    await this.reading.await(call, tenantId, `${tenantId}/limits`);
    const all = { filters: {}, limit: MAX_LIMITS, order: 'asc' } as const;
    const { revision, data } = await this.reading.reads.list(tenantId, 'limits', all);
    call.atRevision(revision);
    call.tag(scheduleTag(data.map(({ id }) => String(id))));
    void call.reply.header('content-type', JSON_TYPE);
    return JSON.stringify({ limits: data });
  }

  @Operation('replaceLimits')
  replace(@Req() { call }: CallRequest): Promise<string> {
    const { limits } = call.body as ReplaceLimitsBody;
    return this.commands.run(call, call.param('tenant_id'), { type: 'ReplaceLimits', data: { limits } }, limitsTold);
  }
}
