import type { Logger } from 'pino';
import type { LedgerEvent } from '#domain/ledger.js';
import type { Installation } from '#installation/installation.js';
import { Runner } from '#projecting/runner.js';
import type { RunnerStatus } from '#projecting/runner-gauge.js';
import { GROUPS, ledgerReading } from '#projections/registry.js';
import { PostgresSubjectVault } from '#vault/subject-vault.js';
import { SnapshotRounds } from './snapshot-rounds.js';

export interface Projector {
  status(): RunnerStatus;
  /** Finishes the transaction under way and ends. */
  stop(): Promise<void>;
}

/** From so many on, snapshots would take time that rows need to keep up. */
const LOAD_EVENTS_PER_SECOND = 500;

/**
 * Follows the event store and keeps every read model, and makes the writers' snapshots meanwhile. Any number may run: one
 * leads, the others stand by.
 */
export const startProjector = (installation: Installation, logger: Logger): Projector => {
  const { store, pools, masterKeys } = installation;
  const vault = new PostgresSubjectVault(pools.projector, masterKeys);
  const runner = new Runner<LedgerEvent>({
    store,
    connection: { connectionString: pools.projector.options.connectionString as string },
    reading: ledgerReading((tenantId, sealed) => vault.opener(tenantId, sealed)),
    groups: GROUPS,
    onParked: (parked) =>
      logger.error({ parked }, 'a tenant was parked: its read models stand still until it is mended'),
    onFailure: (error) => logger.warn({ err: error }, 'the projector could not go on and tries again'),
  });
  const ending = new AbortController();
  const running = runner.run(ending.signal);
  const leads = (): boolean => runner.status().state === 'leading';
  const isLoaded = (): boolean => runner.status().eventsPerSecond > LOAD_EVENTS_PER_SECOND;
  const rounds = new SnapshotRounds(installation, logger, leads, { isLoaded });
  const snapshotting = rounds.run(ending.signal);
  return {
    status: () => runner.status(),
    stop: async () => {
      ending.abort();
      await Promise.all([running, snapshotting]);
    },
  };
};
