import { Controller, Inject, Req } from '@nestjs/common';
import type { EntitlementMap } from '#domain/entitlements/entitlements.js';
import { entitlementsTag } from '#domain/settings-tags.js';
import type { CallRequest } from '#platform/http/call.js';
import { Operation } from '#platform/http/operation.js';
import { Commands } from '../commands.js';
import { Reading } from '../reading.js';
import { entitlementsTold, UnexpectedFact } from '../rendering.js';
import { TenantLookup } from '../tenants/tenant-lookup.js';
import { NOTE_ENTITLEMENTS } from '../tokens.js';
import type { UpdateEntitlementsBody } from './entitlements.dto.js';

/** How long an answer waits so that other instances, which go by the read model, know of a change when it is given. */
const READ_MODEL_WAIT_MS = 2_000;

@Controller()
export class AdminEntitlementsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Reading) private readonly reading: Reading,
    @Inject(TenantLookup) private readonly tenants: TenantLookup,
    @Inject(NOTE_ENTITLEMENTS)
    private readonly note: (tenantId: string, map: EntitlementMap, revision: number) => void,
  ) {}

  @Operation('getEntitlements')
  async get(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    await this.tenants.mustExist(tenantId);
    await this.reading.await(call, tenantId, `${tenantId}/entitlements`);
    const read = await this.reading.reads.entitlements(tenantId);
    if (read.resource !== null) call.tag(entitlementsTag(read.resource.entitlements as EntitlementMap));
    return this.reading.answer(call, read, 'tenant_not_found');
  }

  @Operation('updateEntitlements')
  async update(@Req() { call }: CallRequest): Promise<string> {
    const tenantId = call.param('tenant_id');
    const { entitlements } = call.body as UpdateEntitlementsBody;
    let changedAt = -1;
    const answer = await this.commands.run(
      call,
      tenantId,
      { type: 'ChangeEntitlements', data: { entitlements } },
      (told) => {
        const { fact, revision } = told;
        if (fact.type !== 'EntitlementsChanged') throw new UnexpectedFact(fact.type);
        // An answer that is given again may be an old one: what holds now is what the newest says.
        this.note(tenantId, fact.data.entitlements, revision);
        changedAt = revision;
        return entitlementsTold(told);
      },
    );
    await this.reading.reads.waitFor(tenantId, changedAt, READ_MODEL_WAIT_MS);
    return answer;
  }
}
