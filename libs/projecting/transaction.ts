import type pg from 'pg';
import { setStatement, type RowOf } from './columns.js';
import { reasonOf } from './feed.js';
import { batchOf, parkedAt, type Accepted, type GroupWork, type Parked } from './positions.js';
import type { Occurrence, Open, Projection, ProjectionGroup, Statement } from './projection.js';

/** Another runner has committed since: this one no longer leads. */
export class LeadLost extends Error {
  override readonly name = 'LeadLost';
}

/** A projection threw. It counts against the tenant whose event it is. */
class ProjectionFault extends Error {
  override readonly name = 'ProjectionFault';
}

/** Where a runner stands: CAS on both, because catching up a tenant commits without moving the position. */
export interface Checkpoint {
  readonly name: string;
  readonly position: string | null;
  readonly commits: number;
}

/** What one transaction does. */
export interface Work<E extends Occurrence> {
  readonly groups: readonly GroupWork<E>[];
  readonly openers: ReadonlyMap<string, Open>;
}

export interface Committed {
  readonly checkpoint: Checkpoint;
  readonly parked: readonly Parked[];
}

/**
 * SQLSTATE classes in which a statement fails for what is in its rows; every other failure is the database's or ours, and
 * stops all tenants until it is mended: 21 cardinality, 22 data, 23 integrity, 54 too large for an index.
 */
const ROW_FAULTS = new Set(['21', '22', '23', '54']);

const faultOf = (error: unknown): string => (error instanceof ProjectionFault ? error.message : reasonOf(error));

const isRowFault = (error: unknown): boolean =>
  error instanceof ProjectionFault || ROW_FAULTS.has(((error as { code?: unknown }).code ?? '').toString().slice(0, 2));

const PROGRESS = { tenant_id: 'text', projection_group: 'text', revision: 'bigint', at: 'timestamptz' } as const;

const advance = setStatement(
  'tenant_progress.advance',
  PROGRESS,
  (rows) =>
    `INSERT INTO tenant_progress (tenant_id, projection_group, revision, at) SELECT * FROM ${rows}
     ON CONFLICT (tenant_id, projection_group) DO UPDATE SET revision = EXCLUDED.revision, at = EXCLUDED.at`,
);

const PARKED = {
  tenant_id: 'text',
  projection_group: 'text',
  revision: 'bigint',
  event_id: 'text',
  event_type: 'text',
  reason: 'text',
} as const;

const park = setStatement(
  'parked_tenants.park',
  PARKED,
  (rows) =>
    `INSERT INTO parked_tenants (${Object.keys(PARKED).join(', ')}) SELECT * FROM ${rows}
     ON CONFLICT (tenant_id, projection_group) DO UPDATE SET revision = EXCLUDED.revision,
       event_id = EXCLUDED.event_id, event_type = EXCLUDED.event_type, reason = EXCLUDED.reason, retry = false, parked_at = now()`,
);

const MOVE = `UPDATE projection_checkpoints SET position = $2, commits = commits + 1, updated_at = now()
  WHERE name = $1 AND position IS NOT DISTINCT FROM $3 AND commits = $4`;

const statementsOf = <E extends Occurrence>(
  projections: readonly Projection<E>[],
  events: readonly Accepted<E>[],
  openers: ReadonlyMap<string, Open>,
): Statement[] => {
  if (events.length === 0) return [];
  const batch = batchOf(events, openers);
  try {
    return projections.flatMap((projection) => projection.statements(batch));
  } catch (error) {
    throw new ProjectionFault(reasonOf(error), { cause: error });
  }
};

const progressRows = <E extends Occurrence>(
  group: string,
  events: readonly Accepted<E>[],
): RowOf<typeof PROGRESS>[] => {
  const last = new Map<string, RowOf<typeof PROGRESS>>();
  for (const { tenantId, event } of events) {
    last.set(tenantId, { tenant_id: tenantId, projection_group: group, revision: event.revision, at: event.at });
  }
  return [...last.values()];
};

const parkStatements = (parked: readonly Parked[]): readonly Statement[] =>
  park(
    parked.map((one) => ({
      tenant_id: one.tenantId,
      projection_group: one.group,
      revision: one.revision,
      event_id: one.eventId,
      event_type: one.eventType,
      reason: one.reason,
    })),
  );

/** A transaction's statements, made before it begins so that nothing is computed while it holds its locks. */
export interface Prepared<E extends Occurrence> {
  readonly work: Work<E>;
  /** Null where a projection threw: then the tenant whose event it is must be found. */
  readonly statements: readonly Statement[] | null;
}

export const prepare = <E extends Occurrence>(work: Work<E>): Prepared<E> => {
  try {
    const rows = work.groups.flatMap(({ group, events }) => progressRows(group.name, events));
    const parks = work.groups.flatMap(({ parks: ofGroup }) => ofGroup);
    const projected = work.groups.flatMap(({ group, events }) => statementsOf(group.projections, events, work.openers));
    return { work, statements: [...projected, ...advance(rows), ...parkStatements(parks)] };
  } catch (error) {
    if (!isRowFault(error)) throw error;
    return { work, statements: null };
  }
};

const run = (writer: pg.Client, { name, text, values }: Statement): Promise<pg.QueryResult> =>
  writer.query({ name, text, values: [...values] });

/** Sends all at once, in a connection that pipelines, and waits for all. The first failure is the one to know of. */
const runAll = async (sent: readonly Promise<pg.QueryResult>[]): Promise<pg.QueryResult[]> => {
  const settled = await Promise.allSettled(sent);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason as Error;
    return one.value;
  });
};

/** Begins, and takes the checkpoint's row first: it is the lock that runners and rebuilds meet at. */
const begin = async (writer: pg.Client, from: Checkpoint, position: string | null): Promise<Checkpoint> => {
  const [, moved] = await runAll([
    writer.query('BEGIN'),
    run(writer, { name: 'checkpoint.move', text: MOVE, values: [from.name, position, from.position, from.commits] }),
  ]);
  if (moved?.rowCount === 1) return { name: from.name, position, commits: from.commits + 1 };
  await writer.query('ROLLBACK');
  throw new LeadLost(`another runner has moved ${from.name} on from ${from.position ?? 'the beginning'}`);
};

const commit = async (sent: Promise<pg.QueryResult>): Promise<void> => {
  // A transaction in which a statement failed answers COMMIT with a rollback, and no error.
  const { command } = await sent;
  if (command !== 'COMMIT') throw new Error(`the transaction was answered with ${command}`);
};

/**
 * Commits rows, progress and checkpoint in one transaction. Where rows are at fault, the same again in two: first the
 * tenants that have no part in it, then the others bit by bit, until the events are found that they are parked at. Throws
 * `LeadLost`, or what the database says; then the position stands where it stood, and no tenant between two events.
 */
export const commitWork = async <E extends Occurrence>(
  writer: pg.Client,
  prepared: Prepared<E>,
  from: Checkpoint,
  position: string | null,
): Promise<Committed> => {
  const parked = prepared.work.groups.flatMap(({ parks }) => parks);
  if (prepared.statements !== null) {
    const checkpoint = await begin(writer, from, position);
    const sent = prepared.statements.map((statement) => run(writer, statement));
    const end = writer.query('COMMIT');
    try {
      await runAll([...sent, end]);
      await commit(end);
      return { checkpoint, parked };
    } catch (error) {
      // The COMMIT that was sent along has ended the transaction, whichever way.
      if (!isRowFault(error)) throw error;
    }
  }
  return commitPiecewise(writer, prepared.work, from, position);
};

const commitPiecewise = async <E extends Occurrence>(
  writer: pg.Client,
  work: Work<E>,
  from: Checkpoint,
  position: string | null,
): Promise<Committed> => {
  // First all tenants that nothing is wrong with, and for good: only who is at fault waits for the search of the event.
  const isOfMany = work.groups.some(({ events }) => tenantsOf(events).length > 1);
  const [before, groups] = isOfMany ? await commitInnocent(writer, work, from) : [from, work.groups];
  return inTransaction(writer, before, position, async (checkpoint) => {
    const parked: Parked[] = [];
    for (const { group, events, parks } of groups) {
      const atFault: Parked[] = [];
      for (const tenantId of tenantsOf(events)) {
        const own = events.filter((one) => one.tenantId === tenantId);
        await applyUpToFault(writer, group, own, work.openers, atFault);
      }
      const stoppedBefore = new Set(atFault.map(({ tenantId }) => tenantId));
      parked.push(...atFault, ...parks.filter(({ tenantId }) => !stoppedBefore.has(tenantId)));
    }
    for (const statement of parkStatements(parked)) await run(writer, statement);
    return { checkpoint, parked };
  });
};

/** Commits what can be of whole tenants, and leaves the position where it is. Answers the work that is left. */
const commitInnocent = <E extends Occurrence>(
  writer: pg.Client,
  work: Work<E>,
  from: Checkpoint,
): Promise<[Checkpoint, GroupWork<E>[]]> =>
  inTransaction(writer, from, from.position, async (checkpoint) => {
    const left: GroupWork<E>[] = [];
    for (const one of work.groups) {
      left.push({ ...one, events: await applyInnocent(writer, one.group, one.events, work.openers) });
    }
    return [checkpoint, left];
  });

const inTransaction = async <T>(
  writer: pg.Client,
  from: Checkpoint,
  position: string | null,
  work: (checkpoint: Checkpoint) => Promise<T>,
): Promise<T> => {
  const checkpoint = await begin(writer, from, position);
  try {
    const done = await work(checkpoint);
    await commit(writer.query('COMMIT'));
    return done;
  } catch (error) {
    await writer.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
};

/** Applies all of these events or none; answers why none, null where all were applied. */
const applyPiece = async <E extends Occurrence>(
  writer: pg.Client,
  group: ProjectionGroup<E>,
  events: readonly Accepted<E>[],
  openers: ReadonlyMap<string, Open>,
): Promise<string | null> => {
  await writer.query('SAVEPOINT piece');
  try {
    const projected = statementsOf(group.projections, events, openers);
    // One after the other and unnamed: a statement that fails must not leave a name half prepared.
    for (const { text, values } of [...projected, ...advance(progressRows(group.name, events))]) {
      await writer.query({ text, values: [...values] });
    }
    await writer.query('RELEASE SAVEPOINT piece');
    return null;
  } catch (error) {
    if (!isRowFault(error)) throw error;
    await writer.query('ROLLBACK TO SAVEPOINT piece');
    return faultOf(error);
  }
};

/** Applies the events, or those of half the tenants where that fails. Answers those of the tenants at fault. */
const applyInnocent = async <E extends Occurrence>(
  writer: pg.Client,
  group: ProjectionGroup<E>,
  events: readonly Accepted<E>[],
  openers: ReadonlyMap<string, Open>,
): Promise<readonly Accepted<E>[]> => {
  if (events.length === 0 || (await applyPiece(writer, group, events, openers)) === null) return [];
  const tenants = tenantsOf(events);
  if (tenants.length === 1) return events;
  const first = new Set(tenants.slice(0, tenants.length >> 1));
  const earlier = events.filter(({ tenantId }) => first.has(tenantId));
  const later = events.filter(({ tenantId }) => !first.has(tenantId));
  return [
    ...(await applyInnocent(writer, group, earlier, openers)),
    ...(await applyInnocent(writer, group, later, openers)),
  ];
};

/** Applies one tenant's events, or halves of them where that fails, down to the one event that it is parked at. */
const applyUpToFault = async <E extends Occurrence>(
  writer: pg.Client,
  group: ProjectionGroup<E>,
  events: readonly Accepted<E>[],
  openers: ReadonlyMap<string, Open>,
  parked: Parked[],
): Promise<void> => {
  const [only, another] = events;
  if (only === undefined || parked.some(({ tenantId }) => tenantId === only.tenantId)) return;
  const fault = await applyPiece(writer, group, events, openers);
  if (fault === null) return;
  if (another === undefined) {
    parked.push(parkedAt(group.name, only.arrival, fault));
    return;
  }
  const middle = events.length >> 1;
  await applyUpToFault(writer, group, events.slice(0, middle), openers, parked);
  await applyUpToFault(writer, group, events.slice(middle), openers, parked);
};

const tenantsOf = <E extends Occurrence>(events: readonly Accepted<E>[]): string[] => [
  ...new Set(events.map(({ tenantId }) => tenantId)),
];
