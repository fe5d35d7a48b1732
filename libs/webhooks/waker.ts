import type { DeliveryStore, Lane } from './delivery-store.js';
import type { WakeQueue } from './wake-queue.js';

/** So long (ms) an endpoint that was queued is taken to be queued, if nobody here takes it up: another worker may have. */
const QUEUED_FOR_MS = 50;

/**
 * Tells the queue who has something to be sent. Events are committed a hundred times a second, each for every endpoint of a
 * busy tenant: an endpoint that is queued already is not queued again, or the queue would grow faster than it can be worked
 * off, and everybody would wait behind what is in vain.
 */
export class Waker {
  private readonly queued = new Map<string, number>();
  private readonly changed = new Set<string>();
  /** To be looked after once more. */
  private readonly later = new Set<string>();
  private isTelling = false;
  private again: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly store: Pick<DeliveryStore, 'due'>,
    private readonly queue: Pick<WakeQueue, 'wake'>,
    private readonly now: () => number,
    /** Whoever sweeps wakes them then. */
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** What these tenants' endpoints have waiting is told to the queue, soon. */
  committed(tenantIds: Iterable<string>): void {
    for (const tenantId of tenantIds) this.changed.add(tenantId);
    if (!this.isTelling && !this.isStopped) void this.tellChanged();
  }

  private async tellChanged(): Promise<void> {
    this.isTelling = true;
    try {
      while (this.changed.size > 0) {
        const asked = [...this.changed];
        this.changed.clear();
        await this.tell(await this.store.due(this.now(), asked));
      }
    } catch (error) {
      this.onFailure(error);
    } finally {
      this.isTelling = false;
    }
  }

  /** Queues those that are not queued, and looks after the others once more in a moment. */
  async tell(lanes: readonly Lane[]): Promise<void> {
    const at = performance.now();
    for (const [key, since] of this.queued) if (since <= at - QUEUED_FOR_MS) this.queued.delete(key);
    const fresh = lanes.filter((lane) => !this.queued.has(keyOf(lane)));
    for (const lane of fresh) this.queued.set(keyOf(lane), at);
    if (fresh.length < lanes.length) this.lookAgain(lanes.map(({ tenantId }) => tenantId));
    await this.queue.wake(fresh);
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
