import type { DeliveryStore, Lane } from './delivery-store.js';
import type { WakeQueue } from './wake-queue.js';

/** So long (ms) an endpoint that was queued is taken to be queued, if nobody here takes it up: another worker may have. */
const QUEUED_FOR_MS = 50;

export interface WakerOptions {
  readonly store: Pick<DeliveryStore, 'dueOf'>;
  readonly queue: Pick<WakeQueue, 'wake'>;
  /** Business time. */
  readonly now: () => number;
  /** Gives an endpoint a turn in this process; false where too many wait here already. */
  readonly takeUp: (lane: Lane) => boolean;
  /** Whoever sweeps wakes them then. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Sees that endpoints with something to be sent get a turn: here at once, as long as there is room, else by the queue wherever
 * there is some. Events are committed a hundred times a second, each for every endpoint of a busy tenant: an endpoint that is
 * queued already is not queued again, or the queue would grow faster than it can be worked off, and everybody would wait behind
 * what is in vain.
 */
export class Waker {
  private readonly queued = new Map<string, number>();
  private readonly changed = new Set<string>();
  /** To be looked after once more. */
  private readonly later = new Set<string>();
  private isTelling = false;
  private isQueueing = false;
  private again: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(private readonly options: WakerOptions) {}

  /** What these tenants' endpoints have waiting gets a turn, soon. */
  committed(tenantIds: Iterable<string>): void {
    for (const tenantId of tenantIds) this.changed.add(tenantId);
    if (this.changed.size > 0 && !this.isTelling && !this.isStopped) void this.tellChanged();
  }

  private async tellChanged(): Promise<void> {
    const { store, now, onFailure } = this.options;
    this.isTelling = true;
    try {
      while (this.changed.size > 0) {
        const asked = [...this.changed];
        this.changed.clear();
        this.tell(await store.dueOf(now(), asked));
      }
    } catch (error) {
      onFailure(error);
    } finally {
      this.isTelling = false;
    }
  }

  /** Queues those that have no room here and are not queued, and looks after these once more in a moment. */
  tell(lanes: readonly Lane[]): void {
    const others = lanes.filter((lane) => !this.options.takeUp(lane));
    if (others.length === 0) return;
    const at = performance.now();
    for (const [key, since] of this.queued) if (since <= at - QUEUED_FOR_MS) this.queued.delete(key);
    const fresh = this.isQueueing ? [] : others.filter((lane) => !this.queued.has(keyOf(lane)));
    for (const lane of fresh) this.queued.set(keyOf(lane), at);
    if (fresh.length < others.length) this.lookAgain(others.map(({ tenantId }) => tenantId));
    if (fresh.length > 0) void this.queue(fresh);
  }

  /** Somebody here looks after it now: what comes from now on is queued again. */
  taken(lane: Lane): void {
    this.queued.delete(keyOf(lane));
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.again);
    this.later.clear();
    this.changed.clear();
  }

  /** A queue that is away may take as long as it likes to say so: nobody waits for it, and nothing is piled up before it. */
  private async queue(lanes: readonly Lane[]): Promise<void> {
    this.isQueueing = true;
    try {
      await this.options.queue.wake(lanes);
    } catch (error) {
      this.options.onFailure(error);
    } finally {
      this.isQueueing = false;
    }
  }

  private lookAgain(tenantIds: readonly string[]): void {
    for (const tenantId of tenantIds) this.later.add(tenantId);
    if (this.isStopped) return;
    this.again ??= setTimeout(() => {
      this.again = undefined;
      const tenants = [...this.later];
      this.later.clear();
      this.committed(tenants);
    }, QUEUED_FOR_MS);
  }
}

const keyOf = ({ tenantId, endpointId }: Lane): string => `${tenantId}/${endpointId}`;
