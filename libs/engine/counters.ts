/** What the writers of a process have done so far: plain numbers, for metrics. */
export class Counters {
  /** Commands taken. */
  commands = 0;
  /** Commands that wrote something. */
  committed = 0;
  /** Events written. */
  events = 0;
  /** Commands answered from the stream, because their key was used before. */
  replayed = 0;
  /** Commands sent away with `NotTaken`. */
  notTaken = 0;
  /** Commands answered with `OutcomePending`. */
  pending = 0;
  /** Appends that were made. */
  batches = 0;
  /** Commands of the largest of them. */
  largestBatch = 0;
  /** Appends that lost against another writer. */
  conflicts = 0;
  /** Appends whose outcome was not known at first. */
  unknowns = 0;
  /** Batches that were decided again because a subject's key was not in memory. */
  missingKeys = 0;
  /** Tenants that were loaded, and that were let go again. */
  loads = 0;
  unloads = 0;
  /** Milliseconds that the loads took in all. */
  loadMs = 0;
}
