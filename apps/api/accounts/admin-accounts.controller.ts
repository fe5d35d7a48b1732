import { Controller, Inject, Req } from '@nestjs/common';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { accountTold, blockingTold } from '../rendering.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import { blockAccount, closeAccount, unblockAccount } from './account-commands.js';
import type { BlockAccountBody, CloseAccountBody, UnblockAccountBody } from './accounts.dto.js';

/** What operators do with a tenant's accounts. */
@Controller()
export class AdminAccountsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
  ) {}

  @Operation('listTenantAccounts')
  async list(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    const { reads } = this.reading;
    const { resources, pagination } = await this.reading.adminList(call, tenantId, (request) =>
      reads.accountsCounted(tenantId, request),
    );
    return JSON.stringify({ accounts: resources, pagination });
  }

  @Operation('getTenantAccount')
  async get(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    return this.reading.one(call, tenantId, 'accounts', call.param('account_id'), 'account_not_found');
  }

  @Operation('blockTenantAccount')
  block(@Req() { call }: CallRequest): Promise<string> {
    const command = blockAccount(call.param('account_id'), call.body as BlockAccountBody);
    return this.commands.run(call, call.param('tenant_id'), command, blockingTold);
  }

  @Operation('unblockTenantAccount')
  unblock(@Req() { call }: CallRequest): Promise<string> {
    const command = unblockAccount(call.param('account_id'), call.body as UnblockAccountBody);
    return this.commands.run(call, call.param('tenant_id'), command, blockingTold);
  }

  @Operation('closeTenantAccount')
  close(@Req() { call }: CallRequest): Promise<string> {
    const command = closeAccount(call.param('account_id'), call.body as CloseAccountBody);
    return this.commands.run(call, call.param('tenant_id'), command, accountTold);
  }
}
