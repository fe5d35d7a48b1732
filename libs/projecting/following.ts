import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { FeedBatch } from '#event-store/event-store.js';
import { noteBuilt } from './built.js';
import { arrivalOf, type Arrival } from './feed.js';
import { dropParked, readParked } from './parked.js';
import { openersFor } from './openers.js';
import { GroupPositions } from './positions.js';
import type { Occurrence } from './projection.js';
import type { RunnerGauge } from './runner-gauge.js';
import { DEFAULT_LOOK_MS, type RunnerOptions } from './runner-options.js';
import { commitWork, prepare, type Checkpoint, type Prepared } from './transaction.js';

/** From so many events in a batch on there is more to come, and the next one waits (ms) for it. */
const BUSY_EVENTS = 16;
const GATHER_MS = 25;

/** A batch of the feed with what it comes to. */
interface Readied<E extends Occurrence> {
  readonly raw: RawBatch<E>;
  readonly prepared: Prepared<E>;
  /** Tenants of which something is missing before the batch: nothing of theirs is prepared. */
  readonly gaps: ReadonlySet<string>;
  /** Which memory of positions it stands on; worthless once that is another. */
  readonly memory: number;
}

interface RawBatch<E> {
  readonly arrivals: readonly Arrival<E>[];
  /** Null: catching up a tenant, which leaves the checkpoint where it is. */
  readonly position: string | null;
  readonly caughtUp: boolean;
}

/**
 * One leader's work, from when it has the lead until it fails or ends. All that it remembers goes with it, so that nothing
 * which an earlier lead left under way can touch what a later one knows.
 */
export class Following<E extends Occurrence> {
  private readonly positions: readonly GroupPositions<E>[];
  private readonly batchSize: number;
  private readonly lookMs: number;
  private checkpoint: Checkpoint;
  /** Tenants whose positions are in memory. */
  private readonly known = new Set<string>();
  private memory = 0;
  private last: Promise<unknown> = Promise.resolve();
  /** When (ms, monotonic) the next batch may be read. */
  private nextRead = 0;

  /** `writer` pipelines and has the lead; `reader` answers while a transaction of the other is under way. */
  constructor(
    private readonly options: RunnerOptions<E>,
    name: string,
    private readonly gauge: RunnerGauge,
    private readonly writer: pg.Client,
    private readonly reader: pg.Client,
  ) {
    this.positions = options.groups.map((group) => new GroupPositions(group));
    this.batchSize = options.batchSize ?? 2_000;
    this.lookMs = options.lookMs ?? DEFAULT_LOOK_MS;
    this.checkpoint = { name, position: null, commits: 0 };
  }

  get parked(): number {
    return this.positions.reduce((sum, { parkedTenants }) => sum + parkedTenants.size, 0);
  }

  /** Follows the store until the signal aborts. Rejects when it can't go on; then nothing of it may be used again. */
  async follow(signal: AbortSignal): Promise<void> {
    await this.load();
    await this.options.reading.begin?.();
    await this.exclusively(() => this.retryParked(true));
    this.gauge.enter('leading');
    const { store, reading } = this.options;
    const streamPrefixes = [reading.streamPrefix];
    const batches = store.subscribe(this.checkpoint.position, { signal, streamPrefixes, batchSize: this.batchSize });
    const feed = batches[Symbol.asyncIterator]();
    const next = (): Promise<Readied<E> | null> => settled(this.readNext(feed, signal));
    let pending = next();
    for (;;) {
      const readied = await this.whileLooking(pending);
      if (readied === null) return;
      const whole = await this.whole(readied);
      // The next batch is read and rendered while this one is written.
      pending = next();
      await this.commit(whole);
    }
  }

  /** Waits for a batch and meanwhile looks now and then whether a parked tenant may go on. */
  private async whileLooking<T>(pending: Promise<T>): Promise<T> {
    for (;;) {
      if (this.positions.every(({ parkedTenants }) => parkedTenants.size === 0)) return pending;
      const waiting = Symbol('waiting');
      const timer = new AbortController();
      const look = sleep(this.lookMs, waiting, { signal: timer.signal }).catch(() => waiting);
      const first = await Promise.race([pending, look]);
      timer.abort();
      if (first !== waiting) return first as T;
      await this.exclusively(() => this.retryParked(false));
    }
  }

  private async readNext(feed: AsyncIterator<FeedBatch>, signal: AbortSignal): Promise<Readied<E> | null> {
    const pause = this.nextRead - performance.now();
    if (pause > 0) await sleep(pause, undefined, { signal }).catch(() => undefined);
    const { done, value } = await feed.next();
    if (done === true) return null;
    // A transaction costs as much as dozens of rows: of many events, those of some milliseconds are taken together.
    const arrivals = value.events.map((recorded) => arrivalOf(this.options.reading, recorded));
    const gatherMs = value.events.length >= BUSY_EVENTS ? GATHER_MS : 0;
    const restMs = this.options.restMs?.(arrivals.map(({ tenantId }) => tenantId)) ?? 0;
    this.nextRead = value.caughtUp ? performance.now() + Math.max(gatherMs, restMs) : 0;
    this.gauge.arrived(arrivals.map(({ envelope }) => envelope.at));
    const raw = { arrivals, position: value.position, caughtUp: value.caughtUp };
    return this.exclusively(() => this.ready(raw));
  }

  /**
   * One at a time: what reads and moves the positions in memory. While a batch is prepared nobody catches up a tenant, or
   * an event could be taken by one of them, dropped with its batch, and missed by the other.
   */
  private async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const before = this.last;
    const done = before.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  /** What a batch comes to, as far as nothing is missing before it. */
  private async ready(raw: RawBatch<E>): Promise<Readied<E>> {
    let memory: number;
    do {
      memory = this.memory;
      await this.loadProgress(raw.arrivals);
    } while (memory !== this.memory);
    const gaps = new Set<string>();
    const groups = this.positions.map((positions) => positions.accept(raw.arrivals, gaps));
    return {
      raw,
      gaps,
      memory,
      prepared: prepare({ groups, openers: await openersFor(this.options.reading, groups) }),
    };
  }

  /** The batch as it can be committed: prepared again where its memory is gone, and with what was missing before it. */
  private async whole(readied: Readied<E>): Promise<Readied<E>> {
    if (readied.memory === this.memory && readied.gaps.size === 0) return readied;
    return this.exclusively(async () => {
      this.forget();
      const again = await this.ready(readied.raw);
      if (again.gaps.size === 0) return again;
      this.forget();
      for (const tenantId of again.gaps) {
        this.gauge.healing();
        await this.catchUp(tenantId);
      }
      this.forget();
      const healed = await this.ready(readied.raw);
      if (healed.gaps.size === 0) return healed;
      throw new Error(`of ${[...healed.gaps].join(', ')} events are missing in the store`);
    });
  }

  private async commit({ prepared, raw }: Readied<E>): Promise<void> {
    const started = performance.now();
    const position = raw.position ?? this.checkpoint.position;
    const { checkpoint, parked } = await commitWork(this.writer, prepared, this.checkpoint, position);
    this.checkpoint = checkpoint;
    if (raw.position !== null) this.gauge.committed(raw.arrivals.length, performance.now() - started, raw.caughtUp);
    for (const one of parked) {
      this.groupNamed(one.group)?.park(one.tenantId);
      this.options.onParked?.(one);
    }
    // A tenant that was parked did not come as far as is remembered.
    if (parked.length > 0) this.forget();
    else this.options.onCommit?.(revisionsIn(prepared));
  }

  /** Projects the rest of a tenant's own stream, for the groups that are not parked. */
  private async catchUp(tenantId: string): Promise<void> {
    const { store, reading } = this.options;
    await this.loadRevisions([tenantId]);
    const open = this.positions.filter(({ parkedTenants }) => !parkedTenants.has(tenantId));
    if (open.length === 0) return;
    const from = Math.min(...open.map((positions) => positions.revisionOf(tenantId))) + 1;
    for await (const page of store.read(reading.streamOf(tenantId), from, this.batchSize)) {
      const arrivals = page.map((recorded) => arrivalOf(reading, recorded));
      const readied = await this.ready({ arrivals, position: null, caughtUp: true });
      if (readied.gaps.size > 0) throw new Error(`the stream of ${tenantId} has a gap`);
      await this.commit(readied);
    }
  }

  /** Tries parked tenants again: those that somebody asked for, and at the start, when the code may be another, all. */
  private async retryParked(all: boolean): Promise<void> {
    const rows = await readParked(this.reader);
    const due = rows.filter((row) => all || row.retry);
    for (const row of rows) if (!due.includes(row)) this.groupNamed(row.group)?.park(row.tenantId);
    if (due.length === 0) return;
    this.forget();
    for (const { group, tenantId } of due) this.groupNamed(group)?.unpark(tenantId);
    for (const tenantId of new Set(due.map((row) => row.tenantId))) await this.catchUp(tenantId);
    for (const positions of this.positions) {
      const { name } = positions.group;
      const tried = due.filter((row) => row.group === name).map((row) => row.tenantId);
      await dropParked(
        this.reader,
        name,
        tried.filter((tenantId) => !positions.parkedTenants.has(tenantId)),
      );
    }
    this.forget();
  }

  private groupNamed(name: string): GroupPositions<E> | undefined {
    return this.positions.find(({ group }) => group.name === name);
  }

  private async load(): Promise<void> {
    this.forget();
    const { rows } = await this.writer.query<{ position: string | null; commits: string }>(
      `INSERT INTO projection_checkpoints (name) VALUES ($1)
       ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name RETURNING position, commits`,
      [this.checkpoint.name],
    );
    const [row] = rows;
    // From the beginning of the store everything is built by this version.
    if (row?.position === null) await noteBuilt(this.writer, this.options.groups);
    this.checkpoint = {
      name: this.checkpoint.name,
      position: row?.position ?? null,
      commits: Number(row?.commits ?? 0),
    };
  }

  private forget(): void {
    this.memory += 1;
    this.known.clear();
    for (const positions of this.positions) positions.forget();
  }

  private async loadProgress(arrivals: readonly Arrival<E>[]): Promise<void> {
    const unknown = new Set<string>();
    for (const { tenantId } of arrivals) if (!this.known.has(tenantId)) unknown.add(tenantId);
    if (unknown.size > 0) await this.loadRevisions([...unknown]);
  }

  private async loadRevisions(tenantIds: readonly string[]): Promise<void> {
    const { rows } = await this.reader.query<{ tenant_id: string; projection_group: string; revision: string }>({
      name: 'tenant_progress.load',
      text: 'SELECT tenant_id, projection_group, revision FROM tenant_progress WHERE tenant_id = ANY($1)',
      values: [tenantIds],
    });
    for (const tenantId of tenantIds) this.known.add(tenantId);
    for (const row of rows) {
      this.groupNamed(row.projection_group)?.stand(row.tenant_id, Number(row.revision));
    }
  }
}

const revisionsIn = <E extends Occurrence>({ work }: Prepared<E>): Map<string, number> => {
  const revisions = new Map<string, number>();
  for (const { tenantId, event } of work.groups[0]?.events ?? []) revisions.set(tenantId, event.revision);
  return revisions;
};

/** A promise that may be awaited late: its rejection is not unhandled meanwhile. */
const settled = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined);
  return promise;
};
