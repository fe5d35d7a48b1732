import { randomBytes } from 'node:crypto';

const PER_TENANT = 50;
const TENANTS = 1_000;

export interface RecentRead {
  readonly operation: string;
  /** With its query. */
  readonly path: string;
}

/**
 * The reads that sandbox tenants made last on this instance, so that they can be asked again in another version. In memory
 * alone: a restart forgets them.
 */
export class RecentReads {
  /** Marks the requests of a rehearsal: they are neither remembered nor counted. Nobody outside this process knows it. */
  readonly token = randomBytes(18).toString('base64url');
  private readonly byTenant = new Map<string, Map<string, RecentRead>>();

  note(tenantId: string, read: RecentRead): void {
    const known = this.byTenant.get(tenantId) ?? new Map<string, RecentRead>();
    if (!this.byTenant.has(tenantId)) {
      if (this.byTenant.size >= TENANTS) this.byTenant.clear();
      this.byTenant.set(tenantId, known);
    }
    known.delete(read.path);
    known.set(read.path, read);
    if (known.size > PER_TENANT) known.delete(known.keys().next().value as string);
  }

  /** Newest first. */
  of(tenantId: string): readonly RecentRead[] {
    return [...(this.byTenant.get(tenantId)?.values() ?? [])].reverse();
  }
}
