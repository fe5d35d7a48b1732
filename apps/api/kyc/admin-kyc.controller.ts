import { Controller, Inject, Req } from '@nestjs/common';
import type { CustomerKind } from '#domain/customers/customers.js';
import type { Clock } from '#engine/ports.js';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { Call, CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { kycTold } from '../rendering.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import { CLOCK } from '../tokens.js';
import type { ApproveKycBody, RejectKycBody } from './kyc.dto.js';

/** KYC of a tenant's customers, for those who decide it. */
@Controller()
export class AdminKycController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Operation('getKycSummary')
  async summary(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    await this.reading.await(call, tenantId, `${tenantId}/kyc`);
    const one = await this.reading.reads.kycSummary(tenantId, this.clock.now());
    return this.reading.answer(call, one, 'tenant_not_found');
  }

  @Operation('listTenantKycSubmissions')
  async list(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    const { resources, pagination } = await this.reading.adminList(call, tenantId, (request) =>
      this.reading.reads.kycCounted(tenantId, request),
    );
    return JSON.stringify({ kyc_submissions: resources, pagination });
  }

  @Operation('getTenantKycSubmission')
  async get(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    const id = call.param('kyc_submission_id');
    return this.reading.one(call, tenantId, 'kyc_submissions', id, 'kyc_submission_not_found');
  }

  @Operation('reviewKyc')
  review(@Req() { call }: CallRequest): Promise<string> {
    const data = { kyc_submission_id: call.param('kyc_submission_id') };
    return this.commands.run(call, call.param('tenant_id'), { type: 'ReviewKyc', data }, kycTold);
  }

  @Operation('approveKyc')
  approve(@Req() { call }: CallRequest): Promise<string> {
    const data = { kyc_submission_id: call.param('kyc_submission_id'), ...(call.body as ApproveKycBody) };
    return this.commands.run(call, call.param('tenant_id'), { type: 'ApproveKyc', data }, kycTold);
  }

  @Operation('rejectKyc')
  reject(@Req() { call }: CallRequest): Promise<string> {
    const data = { kyc_submission_id: call.param('kyc_submission_id'), ...(call.body as RejectKycBody) };
    return this.commands.run(call, call.param('tenant_id'), { type: 'RejectKyc', data }, kycTold);
  }

  @Operation('expireKyc')
  expire(@Req() { call }: CallRequest): Promise<string> {
    const data = { kyc_submission_id: call.param('kyc_submission_id') };
    return this.commands.run(call, call.param('tenant_id'), { type: 'ExpireKyc', data }, kycTold);
  }

  @Operation('listKycCustomers')
  async customers(@Req() { call }: CallRequest): Promise<string> {
    return this.profiles(call, 'person', 'customers');
  }

  @Operation('listKycBusinesses')
  async businesses(@Req() { call }: CallRequest): Promise<string> {
    return this.profiles(call, 'business', 'businesses');
  }

  private async profiles(call: Call, kind: CustomerKind, name: string): Promise<string> {
    const { resources, pagination } = await this.reading.adminList(call, null, (request) =>
      this.reading.reads.kycProfilesCounted(kind, request),
    );
    void call.reply.header('content-type', JSON_TYPE);
    return JSON.stringify({ [name]: resources, pagination });
  }
}
