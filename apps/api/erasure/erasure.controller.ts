import { Controller, Inject, Req } from '@nestjs/common';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { ERASING } from '../tokens.js';
import type { ErasingPort } from './erasures.js';

/** Personal data is erased: of a tenant's customers by the tenant, of anybody by operators. */
@Controller()
export class ErasureController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(ERASING) private readonly erasing: ErasingPort,
  ) {}

  @Operation('eraseCustomer')
  customer(@Req() { call }: CallRequest): Promise<void> {
    return this.erased(call, call.tenant.tenantId, call.param('customer_id'));
  }

  @Operation('eraseSubject')
  subject(@Req() { call }: CallRequest): Promise<void> {
    return this.erased(call, call.param('tenant_id'), call.param('subject_id'));
  }

  /** The event first: from then on it is true, and what breaks off here is completed behind the request. */
  private async erased(call: Call, tenantId: string, subject_id: string): Promise<void> {
    const receipt = await this.commands.execute(call, tenantId, { type: 'EraseSubject', data: { subject_id } });
    await this.commands.told(call, tenantId, receipt);
    await this.commands.afterCommit(call, () => this.erasing.erase(tenantId, subject_id));
  }
}
