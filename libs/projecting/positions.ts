import type { Arrival } from './feed.js';
import type { Batch, Occurrence, Open, ProjectionGroup, TenantEvent } from './projection.js';

/** Why and where a tenant's group stands still. */
export interface Parked {
  readonly tenantId: string;
  readonly group: string;
  /** Of the event that could not be projected. */
  readonly revision: number;
  readonly eventId: string;
  readonly eventType: string;
  readonly reason: string;
}

export interface Accepted<E> extends TenantEvent<E> {
  readonly arrival: Arrival<E>;
}

/** What one group is to do with a batch. */
export interface GroupWork<E extends Occurrence> {
  readonly group: ProjectionGroup<E>;
  readonly events: readonly Accepted<E>[];
  /** Tenants that stop here, because their next event can't be decoded. */
  readonly parks: readonly Parked[];
}

export const batchOf = <E>(events: readonly TenantEvent<E>[], openers: ReadonlyMap<string, Open>): Batch<E> => ({
  events,
  open: (tenantId) => openers.get(tenantId) ?? (() => null),
});

/** Where a group stands with each tenant, as the last transaction left it or as the one under way will. */
export class GroupPositions<E extends Occurrence> {
  private readonly revisions = new Map<string, number>();
  private readonly parked = new Set<string>();

  constructor(readonly group: ProjectionGroup<E>) {}

  get parkedTenants(): ReadonlySet<string> {
    return this.parked;
  }

  revisionOf(tenantId: string): number {
    return this.revisions.get(tenantId) ?? -1;
  }

  stand(tenantId: string, revision: number): void {
    this.revisions.set(tenantId, revision);
  }

  park(tenantId: string): void {
    this.parked.add(tenantId);
  }

  unpark(tenantId: string): void {
    this.parked.delete(tenantId);
  }

  forget(): void {
    this.revisions.clear();
  }

  /**
   * The events that follow what the group has; what it has already is left out. Tenants whose next event is missing are
   * added to `gaps`, and nothing of theirs is taken.
   */
  accept(arrivals: readonly Arrival<E>[], gaps: Set<string>): GroupWork<E> {
    const events: Accepted<E>[] = [];
    const parks: Parked[] = [];
    const stopped = new Set<string>();
    for (const arrival of arrivals) {
      const { tenantId, revision } = arrival;
      const last = this.revisionOf(tenantId);
      if (revision <= last || this.parked.has(tenantId) || stopped.has(tenantId)) continue;
      if (revision > last + 1) {
        gaps.add(tenantId);
        stopped.add(tenantId);
      } else if (arrival.decoded === null && this.group.reads === 'events') {
        parks.push(parkedAt(this.group.name, arrival, arrival.fault ?? 'can not be decoded'));
        stopped.add(tenantId);
      } else {
        events.push({ tenantId, event: arrival.envelope, arrival });
        this.stand(tenantId, revision);
      }
    }
    return { group: this.group, events, parks };
  }
}

export const parkedAt = <E>(group: string, { tenantId, revision, recorded }: Arrival<E>, reason: string): Parked => ({
  tenantId,
  group,
  revision,
  eventId: recorded.id,
  eventType: recorded.type,
  reason: reason.slice(0, 2000),
});
