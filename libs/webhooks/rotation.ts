import type { Lane } from './delivery-store.js';

/**
 * Endpoints that wait for their turn: one of each tenant after the other, so that a tenant with a thousand of them gets no
 * more turns than one with a single one.
 */
export class Rotation {
  private readonly tenants = new Map<string, Map<string, Lane>>();
  private waiting = 0;

  get size(): number {
    return this.waiting;
  }

  has({ tenantId, endpointId }: Lane): boolean {
    return this.tenants.get(tenantId)?.has(endpointId) === true;
  }

  /** How many have their turn before one of this tenant that comes now, of those of its own and of tenants that may have one. */
  ahead(tenantId: string, mayHave: (tenantId: string) => boolean): number {
    const own = this.tenants.get(tenantId)?.size ?? 0;
    let count = own;
    for (const [other, lanes] of this.tenants) {
      if (other !== tenantId && mayHave(other)) count += Math.min(lanes.size, own + 1);
    }
    return count;
  }

  /** One that waits already keeps its place. */
  add(lane: Lane): void {
    const own = this.tenants.get(lane.tenantId) ?? new Map<string, Lane>();
    if (own.has(lane.endpointId)) return;
    own.set(lane.endpointId, lane);
    this.tenants.set(lane.tenantId, own);
    this.waiting += 1;
  }

  /** Whose turn it is, of tenants that may have one; null: nobody's. */
  next(mayHave: (tenantId: string) => boolean): Lane | null {
    for (const [tenantId, own] of this.tenants) {
      if (!mayHave(tenantId)) continue;
      const [lane] = own.values();
      own.delete((lane as Lane).endpointId);
      this.waiting -= 1;
      // To the end of the row.
      this.tenants.delete(tenantId);
      if (own.size > 0) this.tenants.set(tenantId, own);
      return lane as Lane;
    }
    return null;
  }
}
