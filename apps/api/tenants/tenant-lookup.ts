import { Inject, Injectable } from '@nestjs/common';
import { ledgerStream } from '#domain/codec.js';
import type { EventStore } from '#event-store/event-store.js';
import { Problem } from '#platform/http/problem.js';
import { RecentWrites } from '../recent-writes.js';
import type { Reads, Resource } from '../reads.js';
import { EVENT_STORE, READS } from '../tokens.js';

const OWN_WRITES_WAIT_MS = 1_000;
const OTHERS_WRITES_WAIT_MS = 2_000;
const BEHIND_RETRY_MS = 1_000;

@Injectable()
export class TenantLookup {
  constructor(
    @Inject(READS) private readonly reads: Reads,
    @Inject(RecentWrites) private readonly recent: RecentWrites,
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'head'>,
  ) {}

  /**
   * The tenant, as the read model has it. Throws `Problem` where there is none, and another where there is one that cannot be
   * read yet: another instance has just made it.
   */
  async mustExist(tenantId: string): Promise<Resource> {
    const written = this.recent.of(tenantId);
    if (written >= 0) await this.reads.waitFor(tenantId, written, OWN_WRITES_WAIT_MS);
    const { resource } = await this.reads.tenant(tenantId);
    if (resource !== null) return resource;
    if (!(await this.isInStore(tenantId))) throw new Problem('tenant_not_found');
    await this.reads.waitFor(tenantId, 0, OTHERS_WRITES_WAIT_MS);
    const { resource: later } = await this.reads.tenant(tenantId);
    if (later === null) throw new Problem('read_model_behind', { retryAfterMs: BEHIND_RETRY_MS });
    return later;
  }

  private async isInStore(tenantId: string): Promise<boolean> {
    return (await this.store.head(ledgerStream(tenantId))) !== null;
  }
}
