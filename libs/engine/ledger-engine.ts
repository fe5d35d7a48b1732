import type { EventStore } from '#event-store/event-store.js';
import { Committer } from './committer.js';
import { Counters } from './counters.js';
import {
  NotTaken,
  type Clock,
  type ColdIndex,
  type CommandRequest,
  type Engine,
  type IdempotencyIndex,
  type Receipt,
  type Snapshots,
  type SubjectVault,
} from './ports.js';
import { Recall } from './recall.js';
import { RecentEvents } from './recent-events.js';
import { loadBooks } from './snapshots.js';
import {
  TenantWriter,
  WRITER_BOUNDS,
  type Alarm,
  type WriterBounds,
  type WriterSurroundings,
} from './tenant-writer.js';

/** What the engine needs of the outside. Only apps put it together. */
export interface EnginePorts {
  readonly store: EventStore;
  readonly snapshots: Snapshots;
  readonly coldIndex: ColdIndex;
  readonly idempotencyIndex: IdempotencyIndex;
  readonly vault: SubjectVault;
  readonly clock: Clock;
  /** True while this machine's clock runs ahead of the database's by more than it may: nothing is written (DECISIONS 19). */
  readonly clockAhead?: () => boolean;
  readonly onAlarm?: (alarm: Alarm) => void;
}

export interface EngineSettings {
  readonly bounds: WriterBounds;
  /** Revisions whose keys are held in memory; the indexes may lag behind by as many. */
  readonly windowRevisions: number;
  /** How long (ms) a batch waits for an index that lags behind further. */
  readonly indexPatienceMs: number;
  /** Memory (bytes, roughly) for decoded recent events of all tenants. */
  readonly recentBytes: number;
  /** Memory (bytes, roughly) for all tenants; beyond it the longest unused are let go. */
  readonly memoryBytes: number;
  /** A tenant unused for so long (ms) is let go. */
  readonly unusedMs: number;
  /** How often (ms) it is looked which tenants to let go. */
  readonly sweepMs: number;
}

export const ENGINE_SETTINGS: EngineSettings = {
  bounds: WRITER_BOUNDS,
  windowRevisions: 100_000,
  indexPatienceMs: 200,
  recentBytes: 64 * 1024 * 1024,
  memoryBytes: 1024 * 1024 * 1024,
  unusedMs: 15 * 60_000,
  sweepMs: 5_000,
};

/** How things stand at this moment. */
export interface EngineGauges {
  readonly loadedTenants: number;
  readonly parkedTenants: number;
  /** Commands taken and not answered, all tenants. */
  readonly queued: number;
  /** The longest of the tenants' queues. */
  readonly longestQueue: number;
  /** Appends waiting for a call of the store. */
  readonly gathered: number;
  readonly approximateBytes: number;
}

/** A tenant as its writer holds it, for tests and operators. */
export interface TenantDescription {
  readonly revision: number;
  /** Hex, of the last event. */
  readonly hash: string;
  readonly accounts: number;
  readonly queued: number;
  readonly parked: boolean;
  readonly windowStart: number;
}

const TICK_MS = 100;

/** Commands of all tenants: each tenant's go to its writer, which is loaded when it is first used. */
export class LedgerEngine implements Engine {
  readonly counters = new Counters();
  readonly #writers = new Map<string, TenantWriter>();
  readonly #settings: EngineSettings;
  readonly #around: WriterSurroundings;
  readonly #committer: Committer;
  readonly #recent: RecentEvents;
  readonly #clockAhead: () => boolean;
  readonly #timer: NodeJS.Timeout;
  #swept = performance.now();
  #draining = false;

  constructor(ports: EnginePorts, settings: Partial<EngineSettings> = {}) {
    this.#settings = { ...ENGINE_SETTINGS, ...settings };
    const { bounds, windowRevisions, indexPatienceMs, recentBytes } = this.#settings;
    const { store, snapshots, vault, clock } = ports;
    this.#committer = new Committer(store);
    this.#recent = new RecentEvents(recentBytes);
    this.#clockAhead = ports.clockAhead ?? (() => false);
    this.#around = {
      store,
      vault,
      clock,
      bounds,
      committer: this.#committer,
      recall: new Recall(store, ports.coldIndex, ports.idempotencyIndex, indexPatienceMs, this.counters),
      counters: this.counters,
      load: (tenantId) => loadBooks(store, snapshots, tenantId, { windowRevisions, recent: this.#recent }),
      onAlarm: ports.onAlarm ?? (() => {}),
    };
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /**
   * Decides the command and answers when that is durable. Rejects with `NotTaken` (nothing was or will be done),
   * `OutcomePending` (it may still be done), or whatever a defect of the command's decision threw (nothing was done).
   */
  execute(request: CommandRequest): Promise<Receipt> {
    if (this.#draining) return this.#sendAway('draining');
    if (this.#clockAhead()) return this.#sendAway('clock_ahead');
    let writer = this.#writers.get(request.tenantId);
    if (!writer) {
      writer = new TenantWriter(request.tenantId, this.#around);
      this.#writers.set(request.tenantId, writer);
    }
    return writer.submit(request);
  }

  /** Takes nothing more, finishes what is queued; after `timeoutMs` whoever still waits is told what is known. */
  async drain(timeoutMs = 10_000): Promise<void> {
    this.#draining = true;
    const writers = [...this.#writers.values()];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([Promise.all(writers.map((writer) => writer.whenIdle())), late]);
    clearTimeout(timer);
    clearInterval(this.#timer);
    for (const writer of writers) writer.abandon();
    this.#writers.clear();
  }

  gauges(): EngineGauges {
    let loadedTenants = 0;
    let parkedTenants = 0;
    let queued = 0;
    let longestQueue = 0;
    let approximateBytes = this.#recent.bytes;
    for (const writer of this.#writers.values()) {
      if (writer.books) loadedTenants += 1;
      if (writer.parked) parkedTenants += 1;
      queued += writer.queued;
      longestQueue = Math.max(longestQueue, writer.queued);
      approximateBytes += writer.books?.approximateBytes ?? 0;
    }
    return { loadedTenants, parkedTenants, queued, longestQueue, approximateBytes, gathered: this.#committer.gathered };
  }

  /** Null where the tenant is not loaded. */
  describe(tenantId: string): TenantDescription | null {
    const writer = this.#writers.get(tenantId);
    if (!writer) return null;
    const { books, queued, parked } = writer;
    if (!books && !parked) return null;
    return {
      revision: books?.revision ?? -1,
      hash: books ? Buffer.from(books.hash).toString('hex') : '',
      accounts: books?.state.accounts.size ?? 0,
      queued,
      parked,
      windowStart: books?.window.start ?? 0,
    };
  }

  #sendAway(reason: NotTaken['reason']): Promise<Receipt> {
    this.counters.notTaken += 1;
    return Promise.reject(new NotTaken(reason, 1000));
  }

  #tick(): void {
    const now = performance.now();
    for (const writer of this.#writers.values()) if (!writer.idle) writer.tick(now);
    if (now - this.#swept < this.#settings.sweepMs) return;
    this.#swept = now;
    this.#sweep(now);
  }

  /** Lets go of tenants that nobody used for long, and of the longest unused while all together take too much memory. */
  #sweep(now: number): void {
    const idle = [...this.#writers.values()].filter((writer) => writer.idle && !writer.parked);
    idle.sort((a, b) => a.lastUsed - b.lastUsed);
    let { approximateBytes } = this.gauges();
    for (const writer of idle) {
      const unused = now - writer.lastUsed > this.#settings.unusedMs;
      if (writer.books && !unused && approximateBytes <= this.#settings.memoryBytes) continue;
      approximateBytes -= writer.books?.approximateBytes ?? 0;
      this.#letGo(writer);
    }
  }

  #letGo(writer: TenantWriter): void {
    // Its events may stay in `RecentEvents` for a while; they must not keep the books alive.
    writer.books?.shelf.clear();
    if (writer.books) this.counters.unloads += 1;
    this.#writers.delete(writer.tenantId);
  }
}
