import { Controller, Inject, Req } from '@nestjs/common';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Reading } from '../reading.js';
import { WebhookEndpoints } from './webhook-endpoints.js';
import type {
  CreateWebhookEndpointBody,
  RotateWebhookSecretBody,
  UpdateWebhookEndpointBody,
} from './webhook-endpoints.dto.js';

@Controller()
export class WebhookEndpointsController {
  constructor(
    @Inject(WebhookEndpoints) private readonly endpoints: WebhookEndpoints,
    @Inject(Reading) private readonly reading: Reading,
  ) {}

  @Operation('createWebhookEndpoint')
  create(@Req() { call }: CallRequest): Promise<string> {
    return this.endpoints.create(call, call.tenant.tenantId, call.body as CreateWebhookEndpointBody);
  }

  @Operation('listWebhookEndpoints')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'webhook_endpoints', {}, (rows) => this.endpoints.shown(call.tenant.tenantId, rows));
  }

  @Operation('getWebhookEndpoint')
  async get(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId } = call.tenant;
    const endpointId = call.param('endpoint_id');
    await this.reading.await(call, tenantId, endpointId);
    const { revision, resource } = await this.reading.reads.one(tenantId, 'webhook_endpoints', endpointId);
    const [shown = null] = resource === null ? [] : await this.endpoints.shown(tenantId, [resource]);
    return this.reading.answer(call, { revision, resource: shown }, 'webhook_endpoint_not_found');
  }

  @Operation('updateWebhookEndpoint')
  update(@Req() { call }: CallRequest): Promise<string> {
    const body = call.body as UpdateWebhookEndpointBody;
    return this.endpoints.update(call, call.tenant.tenantId, call.param('endpoint_id'), body);
  }

  @Operation('rotateWebhookSecret')
  rotate(@Req() { call }: CallRequest): Promise<string> {
    const body = call.body as RotateWebhookSecretBody;
    return this.endpoints.rotate(call, call.tenant.tenantId, call.param('endpoint_id'), body);
  }

  @Operation('enableWebhookEndpoint')
  enable(@Req() { call }: CallRequest): Promise<string> {
    return this.endpoints.enable(call, call.tenant.tenantId, call.param('endpoint_id'));
  }

  @Operation('disableWebhookEndpoint')
  disable(@Req() { call }: CallRequest): Promise<string> {
    return this.endpoints.disable(call, call.tenant.tenantId, call.param('endpoint_id'));
  }

  @Operation('deleteWebhookEndpoint')
  delete(@Req() { call }: CallRequest): Promise<void> {
    return this.endpoints.delete(call, call.tenant.tenantId, call.param('endpoint_id'));
  }
}
