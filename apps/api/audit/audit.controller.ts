import { Controller, Inject, Req } from '@nestjs/common';
import type { Readable } from 'node:stream';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import { AuditLogAnswers } from './audit-log.js';
import { RawEvents } from './raw-events.js';
import { StreamProofs } from './stream-proofs.js';

/** Who did what, and the stream itself: for a tenant, and for operators. */
@Controller()
export class AuditController {
  constructor(
    @Inject(AuditLogAnswers) private readonly log: AuditLogAnswers,
    @Inject(RawEvents) private readonly events: RawEvents,
    @Inject(StreamProofs) private readonly proofs: StreamProofs,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
  ) {}

  @Operation('listAuditLog')
  async list(@Req() request: CallRequest): Promise<string | Readable> {
    return this.log.answer(request, request.call.tenant.tenantId);
  }

  @Operation('listTenantAuditLog')
  async listOfTenant(@Req() request: CallRequest): Promise<string | Readable> {
    const tenantId = request.call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    return this.log.answer(request, tenantId);
  }

  @Operation('listPlatformAuditLog')
  async listOfPlatform(@Req() request: CallRequest): Promise<string | Readable> {
    return this.log.answer(request, null);
  }

  @Operation('streamLedgerEvents')
  stream(@Req() request: CallRequest): Promise<Readable> {
    return this.events.answer(request, request.call.tenant.tenantId);
  }

  @Operation('getCheckpoint')
  checkpoint(@Req() { call }: CallRequest): Promise<string> {
    return this.proofs.checkpoint(call, call.tenant.tenantId);
  }

  @Operation('getReceipt')
  receipt(@Req() { call }: CallRequest): Promise<string> {
    return this.proofs.receipt(call, call.tenant.tenantId);
  }

  @Operation('streamTenantEvents')
  async streamOfTenant(@Req() request: CallRequest): Promise<Readable> {
    const tenantId = request.call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    return this.events.answer(request, tenantId);
  }
}
