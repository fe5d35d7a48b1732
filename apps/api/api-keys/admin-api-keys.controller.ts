import { Controller, Inject, Req } from '@nestjs/common';
import { JSON_TYPE } from '#platform/http/answer.js';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Problem } from '#platform/http/problem.js';
import { Reading } from '../reading.js';
import { writerOf } from '../recent-writes.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import { ApiKeys } from './api-keys.js';
import type { CreateApiKeyBody, RotateApiKeyBody, UpdateApiKeyBody } from './api-keys.dto.js';

const MAX_KEYS = 1_000;

@Controller()
export class AdminApiKeysController {
  constructor(
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
  ) {}

  @Operation('createApiKey')
  async create(@Req() { call }: CallRequest): Promise<string> {
    const tenant = await this.tenants.mustExist(call.param('tenant_id'));
    return this.keys.create(call, tenant, call.body as CreateApiKeyBody);
  }

  @Operation('listApiKeys')
  async list(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    await this.reading.await(call, tenantId, writerOf(call, tenantId));
    const filters = call.query;
    const { revision, data } = await this.reading.reads.list(tenantId, 'api_keys', {
      filters,
      limit: MAX_KEYS,
      order: 'desc',
    });
    call.atRevision(revision);
    void call.reply.header('content-type', JSON_TYPE);
    return JSON.stringify({ keys: await this.keys.withLastUse(tenantId, data) });
  }

  @Operation('getApiKey')
  async get(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    const keyId = call.param('key_id');
    await this.tenants.mustExist(tenantId);
    await this.reading.await(call, tenantId, keyId);
    const { revision, resource } = await this.reading.reads.one(tenantId, 'api_keys', keyId);
    const [shown = null] = resource === null ? [] : await this.keys.withLastUse(tenantId, [resource]);
    return this.reading.answer(call, { revision, resource: shown }, 'api_key_not_found');
  }

  @Operation('rotateApiKey')
  async rotate(@Req() { call }: CallRequest): Promise<string> {
    const tenant = await this.tenants.mustExist(call.param('tenant_id'));
    return this.keys.rotate(call, tenant, call.param('key_id'), call.body as RotateApiKeyBody);
  }

  @Operation('deleteApiKey')
  delete(@Req() { call }: CallRequest): Promise<void> {
    return this.keys.delete(call, call.param('tenant_id'), call.param('key_id'));
  }

  @Operation('updateApiKey')
  update(@Req() { call }: CallRequest): Promise<string> {
    const { scopes, ...body } = call.body as UpdateApiKeyBody;
    if (scopes !== undefined) throw new Problem('immutable_field', { param: 'scopes' });
    return this.keys.update(call, call.param('tenant_id'), call.param('key_id'), body);
  }
}
