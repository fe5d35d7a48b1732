/**
 * What a projection is: a name, tables, and a pure function from a batch of events to set-based statements. The runner
 * decides which events those are, and commits the statements with the progress they stand for.
 */

/** What the runtime itself needs to know of an event. */
export interface Occurrence {
  /** Place in the tenant's stream, from 0, without gaps. */
  readonly revision: number;
  /** Milliseconds since 1970 at which it was recorded. */
  readonly at: number;
}

/** Opens a text that was sealed under a subject's key; null once the subject is erased. */
export type Open = (sealed: string) => string | null;

export interface TenantEvent<E> {
  readonly tenantId: string;
  readonly event: E;
}

export interface Batch<E> {
  /** In the order of the store; of one tenant in the order of its stream, following what was projected before. */
  readonly events: readonly TenantEvent<E>[];
  /** Opens sealed texts of these events. */
  open(tenantId: string): Open;
}

/** One statement of a projection. It is prepared once for a connection under its name, so a name has one text, for good. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A step of the schema, as the runner of migrations takes it. Table names in it are not qualified: a rebuild runs it in a schema of its own. */
export interface Step {
  readonly name: string;
  readonly sql: string;
}

export interface Projection<E> {
  /** Name of its folder, and what `rebuild` takes. */
  readonly name: string;
  /** Raised when what it writes changes: until it is rebuilt, `staleProjections` names it. */
  readonly version: number;
  /** All its tables. Only the projection writes to them. */
  readonly tables: readonly string[];
  readonly migrations: readonly Step[];
  /**
   * What the batch changes, to be run in this order. Pure. What it throws counts against the tenant whose event it is.
   * A statement finds the rows as the batch before left them.
   */
  statements(batch: Batch<E>): readonly Statement[];
}

/**
 * Projections that stand at one revision of a tenant together. A poison event stops a tenant's group, and no other.
 */
export interface ProjectionGroup<E> {
  readonly name: string;
  /** `envelopes`: its projections read nothing of what an event says, so an event that can't be decoded does not stop it. */
  readonly reads: 'events' | 'envelopes';
  readonly projections: readonly Projection<E>[];
}
