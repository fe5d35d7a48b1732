import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { FOLD_VERSION, makeSnapshot } from '#engine/snapshots.js';
import type { Installation } from '#installation/installation.js';
import { PostgresSnapshots, tenantsAhead } from '#projections/snapshots/snapshots.queries.js';

/** How often tenants are looked through, in milliseconds. */
const ROUND_MS = 15_000;

/**
 * A round folds what the projector has just read once more, so while rows have to keep up with a load it waits: for so long
 * (ms) at most, because a start folds again all that came since the newest snapshot.
 */
const LONGEST_PUT_OFF_MS = 120_000;

/** A tail of so many events is read in about a tenth of a second; a snapshot for less is not worth its writing. */
const MINIMUM_EVENTS = 20_000;

export interface SnapshotRoundsOptions {
  /** How far a stream has to have grown; 20,000 unless given. */
  readonly minimumEvents?: number;
  /** Whether this projector has better to do; never unless given. */
  readonly isLoaded?: () => boolean;
  /** Milliseconds between rounds; 15,000 unless given. */
  readonly everyMs?: number;
}

/** Makes a snapshot of each tenant whose stream has grown, here because nobody waits for the projector's event loop. */
export class SnapshotRounds {
  private lastRound = performance.now();

  /** `leads`: whether this projector is the one that works; folding the same streams in several would be for nothing. */
  constructor(
    private readonly installation: Pick<Installation, 'store'> & { pools: Pick<Installation['pools'], 'projector'> },
    private readonly logger: Logger,
    private readonly leads: () => boolean,
    private readonly options: SnapshotRoundsOptions = {},
  ) {}

  private get minimumEvents(): number {
    return this.options.minimumEvents ?? MINIMUM_EVENTS;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.options.everyMs ?? ROUND_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (this.options.isLoaded?.() === true && performance.now() - this.lastRound < LONGEST_PUT_OFF_MS) continue;
      await this.round(signal);
      this.lastRound = performance.now();
    }
  }

  /** Never rejects: a snapshot only saves time, and the next round tries again. */
  async round(signal: AbortSignal): Promise<void> {
    if (signal.aborted || !this.leads()) return;
    const { projector } = this.installation.pools;
    try {
      for (const tenantId of await tenantsAhead(projector, FOLD_VERSION, this.minimumEvents)) {
        if (signal.aborted || !this.leads()) return;
        await this.one(tenantId, new PostgresSnapshots(projector));
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'tenants that need a snapshot could not be looked through');
    }
  }

  /** A tenant that can't be folded must not keep those after it from theirs. */
  private async one(tenantId: string, snapshots: PostgresSnapshots): Promise<void> {
    try {
      await makeSnapshot(this.installation.store, snapshots, tenantId, this.minimumEvents);
    } catch (error) {
      this.logger.warn({ err: error, tenant_id: tenantId }, 'a snapshot could not be made');
    }
  }
}
