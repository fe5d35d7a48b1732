import { Controller, Inject, Req } from '@nestjs/common';
import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import type { Clock } from '#engine/ports.js';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands, problemOfEngine } from '../commands.js';
import { Reading } from '../reading.js';
import { tenantTold } from '../rendering.js';
import type { AuditReading } from '../audit/audit-reading.js';
import { writerOf } from '../recent-writes.js';
import { AUDIT, CLOCK, TENANTS } from '../tokens.js';
import type { TenantRegistration } from './tenant-registration.js';
import type { ChangeTenantStatusBody, CreateTenantBody, UpdateTenantBody } from './tenants.dto.js';

/** Tenants, for operators. */
@Controller()
export class AdminTenantsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(TENANTS) private readonly registration: TenantRegistration,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(AUDIT) private readonly audit: AuditReading,
  ) {}

  @Operation('createTenant')
  async create(@Req() { call }: CallRequest): Promise<string> {
    const { partner, environment = 'live', timezone = 'UTC', ...body } = call.body as CreateTenantBody;
    const terms = {
      ...body,
      environment,
      timezone,
      api_version: NEWEST_API_VERSION,
      partner: { ...partner, tier: partner.tier ?? 'free' },
    } as const;
    const { tenantId, receipt } = await this.registration.register(call, terms).catch((error: unknown) => {
      throw problemOfEngine(error, call.idempotency !== null);
    });
    return JSON.stringify(tenantTold(await this.commands.told(call, tenantId, receipt)));
  }

  @Operation('listTenants')
  async list(@Req() { call }: CallRequest): Promise<string> {
    const { reads } = this.reading;
    const { resources, pagination } = await this.reading.adminList(call, null, (request) =>
      reads.tenantsCounted(request),
    );
    return JSON.stringify({ tenants: resources, pagination });
  }

  @Operation('getTenantById')
  async get(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.reading.await(call, tenantId, tenantId);
    return this.reading.answer(call, await this.reading.reads.tenant(tenantId), 'tenant_not_found');
  }

  @Operation('getTenantHealth')
  async health(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.reading.await(call, tenantId, writerOf(call, tenantId));
    await this.audit.written();
    const at = { now: Date.now(), business: this.clock.now() };
    return this.reading.answer(call, await this.reading.reads.health(tenantId, at), 'tenant_not_found');
  }

  @Operation('updateTenant')
  update(@Req() { call }: CallRequest): Promise<string> {
    const data = call.body as UpdateTenantBody;
    return this.commands.run(call, call.param('tenant_id'), { type: 'UpdateTenant', data }, tenantTold);
  }

  @Operation('changeTenantStatus')
  changeStatus(@Req() { call }: CallRequest): Promise<string> {
    const data = call.body as ChangeTenantStatusBody;
    return this.commands.run(call, call.param('tenant_id'), { type: 'ChangeTenantStatus', data }, tenantTold);
  }
}
