import { Controller, Inject, Req } from '@nestjs/common';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Reading } from '../reading.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import { Deliveries } from './deliveries.js';
import type { CreateReplayBody, TestWebhookBody } from './deliveries.dto.js';

@Controller()
export class DeliveriesController {
  constructor(
    @Inject(Deliveries) private readonly deliveries: Deliveries,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
  ) {}

  @Operation('getWebhookStats')
  stats(@Req() { call }: CallRequest): Promise<string> {
    return this.deliveries.stats(call, call.tenant.tenantId, call.param('endpoint_id'));
  }

  @Operation('testWebhookEndpoint')
  test(@Req() { call }: CallRequest): Promise<string> {
    const body = call.body as TestWebhookBody;
    return this.deliveries.test(call, call.tenant.tenantId, call.param('endpoint_id'), body);
  }

  @Operation('listDeliveries')
  list(@Req() { call }: CallRequest): Promise<string> {
    return this.deliveries.list(call, call.param('endpoint_id'));
  }

  @Operation('getDelivery')
  get(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId } = call.tenant;
    return this.reading.one(call, tenantId, 'deliveries', call.param('delivery_id'), 'delivery_not_found');
  }

  @Operation('retryDelivery')
  retry(@Req() { call }: CallRequest): Promise<string> {
    return this.deliveries.retry(call, call.tenant.tenantId, call.param('delivery_id'));
  }

  @Operation('createReplay')
  replay(@Req() { call }: CallRequest): Promise<string> {
    const body = call.body as CreateReplayBody;
    return this.deliveries.replay(call, call.tenant.tenantId, call.param('endpoint_id'), body);
  }

  @Operation('listReplays')
  replays(@Req() { call }: CallRequest): Promise<string> {
    return this.reading.list(call, 'webhook_replays', { endpoint_id: call.param('endpoint_id') });
  }

  @Operation('getReplay')
  getReplay(@Req() { call }: CallRequest): Promise<string> {
    const { tenantId } = call.tenant;
    return this.reading.one(call, tenantId, 'webhook_replays', call.param('replay_id'), 'replay_not_found');
  }

  @Operation('cancelReplay')
  cancel(@Req() { call }: CallRequest): Promise<string> {
    return this.deliveries.cancel(call, call.tenant.tenantId, call.param('replay_id'));
  }

  @Operation('getTenantWebhookStats')
  async tenantStats(@Req() { call }: CallRequest): Promise<string> {
    const { id } = await this.tenants.mustExist(call.param('tenant_id'));
    return this.deliveries.stats(call, id as string, call.param('endpoint_id'));
  }

  @Operation('testTenantWebhookEndpoint')
  async testTenant(@Req() { call }: CallRequest): Promise<string> {
    const { id } = await this.tenants.mustExist(call.param('tenant_id'));
    return this.deliveries.test(call, id as string, call.param('endpoint_id'), call.body as TestWebhookBody);
  }
}
