import { StreamUnreadable, type Books } from './books.js';
import { Attempt, missingSubject } from './attempt.js';
import type { Committer } from './committer.js';
import type { Counters } from './counters.js';
import { sameHash } from './hash-chain.js';
import { UlidSequence } from './identifiers.js';
import {
  NotTaken,
  type Clock,
  type CommandRequest,
  type Receipt,
  type SealingSession,
  type SubjectVault,
} from './ports.js';
import type { Recall } from './recall.js';
import { roughBytes, Waiting } from './waiting.js';
import { AppendRefused, NO_STREAM, type EventStore, type StreamAppend } from '#event-store/event-store.js';

/**
 * What an operator must hear of. `tenant_parked`: the tenant takes no writes; `trouble`: commands were sent away, or wait
 * for a store that does not say what became of them.
 */
export interface Alarm {
  readonly kind: 'tenant_parked' | 'trouble';
  readonly tenantId: string;
  readonly cause: unknown;
}

/** How much one tenant may ask for at once, and how long it may take. */
export interface WriterBounds {
  /** Commands that may wait; beyond them `queue_full`. */
  readonly queuedCommands: number;
  /** Bytes (roughly) that may wait. */
  readonly queuedBytes: number;
  /** A command that waits longer (ms) in the queue is sent away. */
  readonly queuedMs: number;
  /** Commands decided together. */
  readonly batchCommands: number;
  /** Bytes (roughly) of commands decided together. */
  readonly batchBytes: number;
  /** A caller whose append has no known outcome for so long (ms) gets `OutcomePending`. */
  readonly pendingMs: number;
  /** How long (ms) a tenant that could not be read stays parked before it is tried again. */
  readonly parkedMs: number;
}

export const WRITER_BOUNDS: WriterBounds = {
  queuedCommands: 10_000,
  queuedBytes: 64_000_000,
  queuedMs: 10_000,
  batchCommands: 500,
  batchBytes: 4_000_000,
  pendingMs: 10_000,
  parkedMs: 60_000,
};

/** What the writers of a process share. */
export interface WriterSurroundings {
  readonly store: EventStore;
  readonly committer: Committer;
  readonly recall: Recall;
  readonly vault: SubjectVault;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly bounds: WriterBounds;
  readonly load: (tenantId: string) => Promise<Books>;
  readonly onAlarm: (alarm: Alarm) => void;
}

/** Conflicts in a row after which the writer lets its rivals finish first. */
const CONFLICTS_AT_ONCE = 3;
/** Batches that are decided again for a key not in memory, in a row; more means that the vault does not keep its word. */
const KEY_ROUNDS = 10;
const RESEND_MIN_MS = 20;
const RESEND_MAX_MS = 2_000;
/** Pauses between alarms about one append: it is sent again for as long as it takes, and somebody must know why. */
const ALARM_MIN_MS = 1_000;
const ALARM_MAX_MS = 60_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const jittered = (ms: number): number => ms * (0.5 + Math.random() / 2);

/**
 * The one place where a tenant's commands are decided: in order, on its whole state, in batches of one append each.
 *
 * Several instances may have a writer for the same tenant. The explicit revision of each append keeps them correct: the
 * one that loses reads what the other wrote and decides again.
 */
export class TenantWriter {
  readonly #queue: Waiting[] = [];
  #queuedBytes = 0;
  #batch: Waiting[] = [];
  #running = false;
  /** An append of the batch may be on its way: from then on nobody may be told that nothing was done. */
  #appending = false;
  #abandoned = false;
  #books: Books | null = null;
  #parked: { readonly until: number; readonly cause: unknown } | null = null;
  #ids = new UlidSequence();
  #whenIdle: (() => void)[] = [];
  /** When it last had something to do: ms of the monotonic clock. */
  lastUsed = performance.now();

  constructor(
    readonly tenantId: string,
    private readonly around: WriterSurroundings,
  ) {}

  get queued(): number {
    return this.#queue.length + this.#batch.length;
  }

  get idle(): boolean {
    return !this.#running && this.#queue.length === 0;
  }

  get parked(): boolean {
    return this.#parked !== null && performance.now() < this.#parked.until;
  }

  /** True only while no append is under way and nothing is being decided. */
  get books(): Books | null {
    return this.#books;
  }

  /** The answer comes when what it says is durable. Rejects with `NotTaken`, `OutcomePending` or a defect of the command. */
  submit(request: CommandRequest): Promise<Receipt> {
    const { bounds, counters } = this.around;
    if (this.parked) return this.#sendAway('tenant_parked', bounds.parkedMs);
    const bytes = roughBytes(request.command);
    const full = this.#queue.length >= bounds.queuedCommands || this.#queuedBytes + bytes > bounds.queuedBytes;
    // A single command may be as large as it likes: whether it fits into an append is seen when it is encoded.
    if (full && this.#queue.length > 0) return this.#sendAway('queue_full', 1000);
    counters.commands += 1;
    return new Promise((resolve, reject) => {
      this.#queue.push(new Waiting(request, performance.now(), bytes, resolve, reject));
      this.#queuedBytes += bytes;
      if (this.#running) return;
      this.#running = true;
      // After this turn of the event loop: what came in with this command goes with it.
      setImmediate(() => void this.#run());
    });
  }

  /** Sends away what has waited too long. `now`: ms of the monotonic clock. */
  tick(now: number): void {
    const { queuedMs, pendingMs } = this.around.bounds;
    let late = 0;
    while (late < this.#queue.length && now - this.#queue[late]!.since > queuedMs) late += 1;
    for (const waiting of this.#queue.splice(0, late)) {
      this.#queuedBytes -= waiting.bytes;
      this.#giveUp(waiting, false, this.#appending ? 'store_unavailable' : 'queue_full');
    }
    for (const waiting of this.#batch) {
      if (now - waiting.since > pendingMs) this.#giveUp(waiting, this.#appending, 'store_unavailable');
    }
  }

  /** Resolves when all that was queued is answered. */
  whenIdle(): Promise<void> {
    return this.idle ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** The process ends: nothing is decided or sent any more, and whoever still waits is told what is known. */
  abandon(): void {
    this.#abandoned = true;
    for (const waiting of this.#batch) this.#giveUp(waiting, this.#appending, 'draining');
    for (const waiting of this.#queue.splice(0)) this.#giveUp(waiting, false, 'draining');
    this.#queuedBytes = 0;
  }

  #giveUp(waiting: Waiting, appending: boolean, reason: NotTaken['reason']): void {
    if (waiting.settled) return;
    this.around.counters[appending ? 'pending' : 'notTaken'] += 1;
    waiting.giveUp(appending, reason);
  }

  #sendAway(reason: NotTaken['reason'], retryAfterMs: number): Promise<Receipt> {
    this.around.counters.notTaken += 1;
    return Promise.reject(new NotTaken(reason, retryAfterMs));
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 && !this.#abandoned) {
      this.#batch = this.#take();
      try {
        await this.#serve();
      } catch (error) {
        this.#failed(error);
      }
      this.#batch = [];
      // A tenant that does not exist yet is looked for again the next time: it may be made elsewhere.
      if (this.#books?.revision === NO_STREAM) this.#books = null;
    }
    this.#running = false;
    this.lastUsed = performance.now();
    for (const tell of this.#whenIdle.splice(0)) tell();
  }

  #take(): Waiting[] {
    const { batchCommands, batchBytes } = this.around.bounds;
    let count = 0;
    let bytes = 0;
    while (count < this.#queue.length && count < batchCommands) {
      bytes += this.#queue[count]!.bytes;
      if (count > 0 && bytes > batchBytes) break;
      count += 1;
    }
    const batch = this.#queue.splice(0, count);
    for (const waiting of batch) this.#queuedBytes -= waiting.bytes;
    return batch;
  }

  /** Brings the batch to its end. Throws where nothing of it was written and it can't go on. */
  async #serve(): Promise<void> {
    for (let conflicts = 0, rounds = 0; ;) {
      const books = (this.#books ??= await this.#load());
      const batch = this.#open();
      if (batch.length === 0 || !this.#exists(books, batch)) return;
      await this.around.recall.recall(books, batch);
      const session = this.around.vault.session(this.tenantId, this.#newSince(books));
      const attempt = this.#attempt(books, session);
      if (attempt.missing.size > 0) {
        attempt.undo();
        if (++rounds > KEY_ROUNDS) throw new Error(`keys stay missing: ${[...attempt.missing.keys()].join(' ')}`);
        await this.#loadKeys(attempt.missing);
      } else if (attempt.written.length === 0) {
        if (await this.#upToDate(books)) return this.#conclude();
      } else {
        const end = await this.#append(books, attempt, session);
        if (end === 'written') return;
        if (end === 'conflict') await this.#afterConflict(books, ++conflicts);
      }
    }
  }

  #open(): Waiting[] {
    this.#batch = this.#batch.filter((waiting) => !waiting.settled);
    for (const waiting of this.#batch) waiting.reset();
    return this.#batch;
  }

  async #load(): Promise<Books> {
    const started = performance.now();
    const books = await this.around.load(this.tenantId);
    this.around.counters.loads += 1;
    this.around.counters.loadMs += performance.now() - started;
    this.#parked = null;
    return books;
  }

  /** Only its creation finds a tenant that has no event yet. Nothing is kept of one that does not exist. */
  #exists(books: Books, batch: readonly Waiting[]): boolean {
    if (books.revision !== NO_STREAM || batch.some(({ request }) => request.command.type === 'CreateTenant'))
      return true;
    this.#books = null;
    for (const waiting of batch) {
      waiting.answer({ kind: 'refused', revision: NO_STREAM, refusal: { kind: 'refused', code: 'tenant_not_found' } });
    }
    return false;
  }

  /** Subjects that this attempt makes are named by ids that it makes; only their keys may be made on the way. */
  #newSince(books: Books): (subject: string) => boolean {
    this.#ids.follow(books.state.head.value.lastId);
    const before = this.#ids.last;
    return (subject) => {
      const ulid = subject.slice(subject.lastIndexOf('_') + 1);
      return before !== '' && ulid > before && ulid <= this.#ids.last;
    };
  }

  #attempt(books: Books, session: SealingSession): Attempt {
    const at = Math.max(Math.floor(this.around.clock.now()), books.state.head.value.at, this.#ids.time);
    const attempt = new Attempt(books, this.#ids, session.seal, at);
    if (!attempt.expireDue(this.#batch)) {
      if (attempt.missing.size === 0) this.#putBack(0);
      return attempt;
    }
    for (const [i, waiting] of this.#batch.entries()) {
      if (waiting.settled || waiting.failure !== undefined || attempt.take(waiting)) continue;
      this.#putBack(i);
      break;
    }
    return attempt;
  }

  /** There is no room left in this append: the rest of the batch, from there on, goes first into the next one. */
  #putBack(from: number): void {
    const rest = this.#batch.splice(from);
    this.#queue.unshift(...rest);
    for (const { bytes } of rest) this.#queuedBytes += bytes;
  }

  async #loadKeys(missing: ReadonlyMap<string, readonly Waiting[]>): Promise<void> {
    this.around.counters.missingKeys += 1;
    const { vault } = this.around;
    try {
      await vault.load(this.tenantId, [...missing.keys()]);
    } catch {
      // One subject's trouble is not the others': each alone, and what still fails takes only its own commands with it.
      for (const [subject, met] of missing) {
        await vault.load(this.tenantId, [subject]).catch((error: unknown) => {
          this.around.onAlarm({ kind: 'trouble', tenantId: this.tenantId, cause: error });
          for (const waiting of met) waiting.fail(new NotTaken('store_unavailable', 1000, error));
        });
      }
    }
  }

  /**
   * `written`: the batch is in the stream and answered. `conflict`: another writer was first. `again`: a key has to be
   * loaded first. Unless it was written, all of the attempt is undone.
   */
  async #append(books: Books, attempt: Attempt, session: SealingSession): Promise<'written' | 'conflict' | 'again'> {
    const { counters } = this.around;
    // Whoever was given up on since it was decided is written now all the same, so from here on nobody is told otherwise.
    this.#appending = true;
    try {
      await session.persist();
      const written = await this.#appendUntilKnown({
        stream: books.stream,
        expectedRevision: attempt.written[0]!.event.revision - 1,
        expectedHash: books.hash,
        events: attempt.written,
      });
      if (!written) {
        attempt.undo();
        return 'conflict';
      }
    } catch (error) {
      attempt.undo();
      const subject = missingSubject(error);
      if (subject === null) throw error;
      // Another instance made the key first.
      await this.#loadKeys(new Map([[subject, []]]));
      return 'again';
    } finally {
      this.#appending = false;
    }
    attempt.commit();
    counters.batches += 1;
    counters.events += attempt.written.length;
    counters.largestBatch = Math.max(counters.largestBatch, this.#batch.length);
    this.#conclude();
    return 'written';
  }

  /**
   * True: appended; false: it never will be, because another event stands there. As long as neither is known the same
   * events are sent again at the same revision, and nothing else is decided: the queue is frozen.
   */
  async #appendUntilKnown(append: StreamAppend): Promise<boolean> {
    let nextAlarm = { at: 0, pause: ALARM_MIN_MS };
    for (let pause = RESEND_MIN_MS; ; pause = Math.min(pause * 2, RESEND_MAX_MS)) {
      const result = await this.around.committer.append(append);
      if (result.outcome === 'appended') return true;
      if (result.outcome === 'conflict') return false;
      this.around.counters.unknowns += 1;
      const now = performance.now();
      if (now >= nextAlarm.at) {
        const cause = new Error(`an append's outcome is unknown, it is sent again: ${result.cause}`);
        this.around.onAlarm({ kind: 'trouble', tenantId: this.tenantId, cause });
        nextAlarm = { at: now + nextAlarm.pause, pause: Math.min(nextAlarm.pause * 2, ALARM_MAX_MS) };
      }
      await sleep(jittered(pause));
      if (this.#abandoned) throw new NotTaken('draining', 1000, result.cause);
    }
  }

  async #afterConflict(books: Books, inARow: number): Promise<void> {
    this.around.counters.conflicts += 1;
    if (inARow >= CONFLICTS_AT_ONCE) await sleep(jittered(Math.min(5 * 2 ** inARow, 1000)));
    const before = books.revision;
    await books.catchUp(this.around.store);
    if (books.revision > before) return;
    await this.#upToDate(books);
  }

  /**
   * What was decided without writing anything is only as true as the books are: whether they are is asked before it is
   * said. False: they were not, and are now. Throws `StreamUnreadable` where the stream is not the one that they know.
   */
  async #upToDate(books: Books): Promise<boolean> {
    // Everyone may have been answered from the stream itself by now.
    if (this.#batch.every(({ settled, failure }) => settled || failure !== undefined)) return true;
    const head = await this.around.store.head(books.stream);
    const revision = head?.revision ?? NO_STREAM;
    if (revision > books.revision) {
      await books.catchUp(this.around.store);
      return false;
    }
    const same = revision === books.revision && (head === null || sameHash(head.hash, books.hash));
    if (!same) throw new StreamUnreadable(books.stream, revision, 'it has parted from what was written');
    return true;
  }

  #conclude(): void {
    const { counters } = this.around;
    for (const waiting of this.#batch) {
      waiting.conclude();
      if (waiting.twin !== null) counters.replayed += 1;
      else if (waiting.failure instanceof NotTaken) counters.notTaken += 1;
      else if (waiting.receipt?.kind === 'committed') counters.committed += 1;
    }
    this.#batch = [];
  }

  /** Nothing of the batch was written, and it is not tried again. */
  #failed(error: unknown): void {
    const { onAlarm, counters, bounds } = this.around;
    this.#books?.state.journal.rollbackTo(0);
    const { tenantId } = this;
    if (error instanceof StreamUnreadable) {
      this.#books = null;
      this.#parked = { until: performance.now() + bounds.parkedMs, cause: error };
      onAlarm({ kind: 'tenant_parked', tenantId, cause: error });
      this.#batch.push(...this.#queue.splice(0));
      this.#queuedBytes = 0;
    } else if (!(error instanceof NotTaken)) {
      onAlarm({ kind: 'trouble', tenantId, cause: error });
    }
    for (const waiting of this.#batch) {
      if (waiting.settled) continue;
      counters.notTaken += 1;
      waiting.fail(this.#reasonFor(error));
    }
  }

  #reasonFor(error: unknown): unknown {
    if (error instanceof StreamUnreadable) return new NotTaken('tenant_parked', this.around.bounds.parkedMs, error);
    // A defect of this code, not a condition that passes.
    if (error instanceof NotTaken || error instanceof AppendRefused) return error;
    return new NotTaken('store_unavailable', 1000, error);
  }
}
