import { Controller, Inject, Req } from '@nestjs/common';
import type { Call, CallRequest } from '#platform/http/call.js';
import { MOST_WEBHOOK_ENDPOINTS } from '#platform/configuration.js';
import { Operation } from '#platform/http/operation.js';
import { Reading } from '../reading.js';
import { writerOf } from '../recent-writes.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import { jsonAnswer, WebhookEndpoints } from './webhook-endpoints.js';
import type {
  CreateWebhookEndpointBody,
  RotateWebhookSecretBody,
  UpdateWebhookEndpointBody,
} from './webhook-endpoints.dto.js';

@Controller()
export class AdminWebhookEndpointsController {
  constructor(
    @Inject(WebhookEndpoints) private readonly endpoints: WebhookEndpoints,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
  ) {}

  @Operation('createTenantWebhookEndpoint')
  async create(@Req() { call }: CallRequest): Promise<string> {
    return this.endpoints.create(call, await this.tenantOf(call), call.body as CreateWebhookEndpointBody);
  }

  @Operation('listTenantWebhookEndpoints')
  async list(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = await this.tenantOf(call);
    await this.reading.await(call, tenantId, writerOf(call, tenantId));
    const request = { filters: {}, limit: MOST_WEBHOOK_ENDPOINTS, order: 'desc' } as const;
    const { revision, data } = await this.reading.reads.list(tenantId, 'webhook_endpoints', request);
    call.atRevision(revision);
    return jsonAnswer(call, { endpoints: await this.endpoints.shown(tenantId, data) });
  }

  @Operation('getTenantWebhookEndpoint')
  async get(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = await this.tenantOf(call);
    const endpointId = call.param('endpoint_id');
    await this.reading.await(call, tenantId, endpointId);
    const { revision, resource } = await this.reading.reads.one(tenantId, 'webhook_endpoints', endpointId);
    const [shown = null] = resource === null ? [] : await this.endpoints.shown(tenantId, [resource]);
    return this.reading.answer(call, { revision, resource: shown }, 'webhook_endpoint_not_found');
  }

  @Operation('updateTenantWebhookEndpoint')
  update(@Req() { call }: CallRequest): Promise<string> {
    const body = call.body as UpdateWebhookEndpointBody;
    return this.endpoints.update(call, call.param('tenant_id'), call.param('endpoint_id'), body);
  }

  @Operation('rotateTenantWebhookSecret')
  rotate(@Req() { call }: CallRequest): Promise<string> {
    const body = call.body as RotateWebhookSecretBody;
    return this.endpoints.rotate(call, call.param('tenant_id'), call.param('endpoint_id'), body);
  }

  @Operation('enableTenantWebhookEndpoint')
  enable(@Req() { call }: CallRequest): Promise<string> {
    return this.endpoints.enable(call, call.param('tenant_id'), call.param('endpoint_id'));
  }

  @Operation('disableTenantWebhookEndpoint')
  disable(@Req() { call }: CallRequest): Promise<string> {
    return this.endpoints.disable(call, call.param('tenant_id'), call.param('endpoint_id'));
  }

  @Operation('deleteTenantWebhookEndpoint')
  delete(@Req() { call }: CallRequest): Promise<void> {
    return this.endpoints.delete(call, call.param('tenant_id'), call.param('endpoint_id'));
  }

  private async tenantOf(call: Call): Promise<string> {
    return (await this.tenants.mustExist(call.param('tenant_id'))).id as string;
  }
}
