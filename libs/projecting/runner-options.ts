import type pg from 'pg';
import type { EventStore } from '#event-store/event-store.js';
import type { Reading } from './feed.js';
import type { Parked } from './positions.js';
import type { Occurrence, ProjectionGroup } from './projection.js';

export const DEFAULT_LOOK_MS = 500;
export const DEFAULT_RUNNER_NAME = 'read-models';

export interface RunnerOptions<E extends Occurrence> {
  readonly store: EventStore;
  /** Connects as the role that writes read models. The runner keeps two connections while it leads, one as a standby. */
  readonly connection: pg.ClientConfig;
  readonly reading: Reading<E>;
  readonly groups: readonly ProjectionGroup<E>[];
  /** Of the checkpoint; runners of one name follow one another. */
  readonly name?: string;
  /** The most events in a transaction: 2,000 unless given. */
  readonly batchSize?: number;
  /** How often a standby tries to lead, and how often a leader looks whether a tenant was unparked: 500 unless given. */
  readonly lookMs?: number;
  /** Milliseconds since 1970, on the clock that events are recorded by. */
  readonly now?: () => number;
  /**
   * How long (ms) nothing is read after a batch with events of these tenants, once everything is read: what comes meanwhile
   * is one batch. 0 unless given.
   */
  readonly restMs?: (tenantIds: Iterable<string>) => number;
  /** After each commit: the revisions that core read models stand at now, of the tenants in it. */
  readonly onCommit?: (revisions: ReadonlyMap<string, number>) => void;
  /** A tenant has stopped: somebody must be called. */
  readonly onParked?: (parked: Parked) => void;
  /** The runner could not go on, and will try again. */
  readonly onFailure?: (error: unknown) => void;
}
