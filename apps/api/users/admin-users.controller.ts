import { Controller, Inject, Req } from '@nestjs/common';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Reading } from '../reading.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import { Users } from './users.js';
import type { InviteUserBody, UpdateUserBody } from './users.dto.js';

/** A tenant's users, for operators. */
@Controller()
export class AdminUsersController {
  constructor(
    @Inject(Users) private readonly users: Users,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
  ) {}

  @Operation('inviteUser')
  async invite(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    return this.users.invite(call, tenantId, call.body as InviteUserBody);
  }

  @Operation('revokeInvitation')
  revoke(@Req() { call }: CallRequest): Promise<void> {
    return this.users.revokeInvitation(call, call.param('tenant_id'), call.param('user_id'));
  }

  @Operation('listUsers')
  async list(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    const { reads } = this.reading;
    const { resources, pagination } = await this.reading.adminList(call, tenantId, (request) =>
      reads.usersCounted(tenantId, request),
    );
    return JSON.stringify({ users: await this.users.withLastLogin(tenantId, resources), pagination });
  }

  @Operation('getUser')
  async get(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    const userId = call.param('user_id');
    await this.tenants.mustExist(tenantId);
    await this.reading.await(call, tenantId, userId);
    const { revision, resource } = await this.reading.reads.one(tenantId, 'users', userId);
    const [shown = null] = resource === null ? [] : await this.users.withLastLogin(tenantId, [resource]);
    return this.reading.answer(call, { revision, resource: shown }, 'user_not_found');
  }

  @Operation('updateUser')
  async update(@Req() { call }: CallRequest): Promise<string> {
    const [tenantId, userId] = [call.param('tenant_id'), call.param('user_id')];
    return JSON.stringify(await this.users.update(call, tenantId, userId, call.body as UpdateUserBody));
  }

  @Operation('resendInvitation')
  resend(@Req() { call }: CallRequest): Promise<string> {
    return this.users.resend(call, call.param('tenant_id'), call.param('user_id'));
  }
}
