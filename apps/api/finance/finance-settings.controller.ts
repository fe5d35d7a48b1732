import { Controller, Inject, Req } from '@nestjs/common';
import { financeSettingsTag } from '#domain/settings-tags.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { writerOf } from '../recent-writes.js';
import { financeSettingsTold } from '../rendering.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import type { UpdateFinanceSettingsBody } from './finance.dto.js';

/** A tenant's own settings of its finance, for itself and for operators. */
@Controller()
export class FinanceSettingsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
  ) {}

  @Operation('getFinanceSettings')
  get(@Req() { call }: CallRequest): Promise<string> {
    return this.read(call, call.tenant.tenantId);
  }

  @Operation('updateFinanceSettings')
  update(@Req() { call }: CallRequest): Promise<string> {
    return this.change(call, call.tenant.tenantId);
  }

  @Operation('getTenantFinanceSettings')
  async getOfTenant(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    return this.read(call, tenantId);
  }

  @Operation('updateTenantFinanceSettings')
  updateOfTenant(@Req() { call }: CallRequest): Promise<string> {
    return this.change(call, call.param('tenant_id'));
  }

  private async read(call: Call, tenantId: string): Promise<string> {
    await this.reading.await(call, tenantId, writerOf(call, tenantId));
    const read = await this.reading.reads.finance.settings(tenantId);
    if (read.resource !== null) {
      const { object: _, ...settings } = read.resource;
      call.tag(financeSettingsTag(settings));
    }
    return this.reading.answer(call, read, 'tenant_not_found');
  }

  private change(call: Call, tenantId: string): Promise<string> {
    const data = call.body as UpdateFinanceSettingsBody;
    return this.commands.run(call, tenantId, { type: 'ChangeFinanceSettings', data }, financeSettingsTold);
  }
}
