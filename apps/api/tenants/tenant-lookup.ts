import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '#platform/http/problem.js';
import { RecentWrites } from '../recent-writes.js';
import type { Reads, Resource } from '../reads.js';
import { READS } from '../tokens.js';

const OWN_WRITES_WAIT_MS = 1_000;

@Injectable()
export class TenantLookup {
  constructor(
    @Inject(READS) private readonly reads: Reads,
    @Inject(RecentWrites) private readonly recent: RecentWrites,
  ) {}

  /** The tenant, as the read model has it. Throws `Problem` where there is none. */
  async mustExist(tenantId: string): Promise<Resource> {
    const written = this.recent.of(tenantId);
    if (written >= 0) await this.reads.waitFor(tenantId, written, OWN_WRITES_WAIT_MS);
    const { resource } = await this.reads.tenant(tenantId);
    if (resource === null) throw new Problem('tenant_not_found');
    return resource;
  }
}
