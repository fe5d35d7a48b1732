import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { makeSnapshot } from '#engine/snapshots.js';
import type { Installation } from '#installation/installation.js';
import { PostgresSnapshots, tenantsAhead } from '#projections/snapshots/snapshots.queries.js';

/** How often tenants are looked through, in milliseconds. */
const ROUND_MS = 15_000;

/** A tail of so many events is read in about a tenth of a second; a snapshot for less is not worth its writing. */
const MINIMUM_EVENTS = 20_000;

/** Makes a snapshot of each tenant whose stream has grown, here because nobody waits for the projector's event loop. */
export class SnapshotRounds {
  constructor(
    private readonly installation: Installation,
    private readonly logger: Logger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(ROUND_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.round(signal);
    }
  }

  private async round(signal: AbortSignal): Promise<void> {
    const { pools, store } = this.installation;
    const snapshots = new PostgresSnapshots(pools.projector);
    try {
      for (const tenantId of await tenantsAhead(pools.projector, MINIMUM_EVENTS)) {
        if (signal.aborted) return;
        await makeSnapshot(store, snapshots, tenantId, MINIMUM_EVENTS);
      }
    } catch (error) {
      // A snapshot only saves time; the next round tries again.
      this.logger.warn({ err: error }, 'a snapshot could not be made');
    }
  }
}
