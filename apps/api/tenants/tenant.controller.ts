import { Controller, Inject, Req } from '@nestjs/common';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Reading } from '../reading.js';

/** The tenant as its own keys see it. */
@Controller()
export class TenantController {
  constructor(@Inject(Reading) private readonly reading: Reading) {}

  @Operation('getTenant')
  async get(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId } = call.tenant;
    await this.reading.await(call, tenantId, tenantId);
    return this.reading.answer(call, await this.reading.reads.tenant(tenantId), 'tenant_not_found');
  }
}
