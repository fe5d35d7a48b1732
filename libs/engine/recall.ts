import { coldKeys } from '#domain/cold-keys.js';
import { furtherNeeds, leadsFurther, needs } from '#domain/commands.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { EventStore } from '#event-store/event-store.js';
import { isUniqueKey, outcomeKey, readStored, type Books } from './books.js';
import type { Counters } from './counters.js';
import { NotTaken, type ColdIndex, type IdempotencyIndex } from './ports.js';
import type { Waiting } from './waiting.js';

const READS_AT_ONCE = 8;
/** Revisions that are no further apart are read in one go. */
const GAP = 16;
const RUN_EVENTS = 500;
const IMPATIENT_MS = 1000;

interface Answer<F> {
  readonly revision: number;
  readonly found: ReadonlyMap<string, F>;
}

/** The index lags behind the window of keys in memory: whether a key was used can't be told. */
const BEHIND = Symbol('behind');
/** The index knows more than these books: somebody else writes to this stream too. */
const AHEAD = Symbol('ahead');

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Recalls for a batch what is not in the tenant's memory: outcomes of keys, and the events under cold keys. */
export class Recall {
  /** Until when (ms, monotonic) nobody waits for a tenant's index again. */
  readonly #impatient = new Map<string, number>();

  constructor(
    private readonly store: EventStore,
    private readonly coldIndex: ColdIndex,
    private readonly idempotencyIndex: IdempotencyIndex,
    /** How long (ms) to wait for an index that lags behind before commands are sent away. */
    private readonly patienceMs: number,
    private readonly counters: Counters,
  ) {}

  /**
   * Answers what was done already, fails what can't be told yet, and loads into `state.cold` what the others need. May
   * catch up with the stream, so nothing undecided may be in the state. Throws what the store and the indexes throw.
   */
  async recall(books: Books, batch: readonly Waiting[]): Promise<void> {
    for (let last = -2; ;) {
      // An index that is ahead of the very stream knows all of it: that much is all that is asked.
      const current = books.revision === last;
      if ((await this.#outcomes(books, batch, current)) && (await this.#needs(books, batch, current))) return;
      last = books.revision;
      await books.catchUp(this.store);
    }
  }

  /** False: the books are not up to date. */
  async #outcomes(books: Books, batch: readonly Waiting[], current: boolean): Promise<boolean> {
    const known = new Map<string, number>();
    const asked = new Set<string>();
    const suspects: Waiting[] = [];
    for (const waiting of batch) {
      const { idempotency, dryRun } = waiting.request;
      if (idempotency === null || dryRun === true || waiting.settled) continue;
      let suspect = this.#locate(books, idempotency.key, known, asked);
      if (idempotency.part !== null && this.#locate(books, outcomeKey(idempotency), known, asked)) suspect = true;
      if (!suspect) continue;
      suspects.push(waiting);
      // An index has no row for the bare key of a batch in parts, but for its first part.
      if (asked.has(idempotency.key)) asked.add(`${idempotency.key}#0`);
    }
    if (suspects.length === 0) return true;
    const found = await this.#ask(books, asked, current, (keys) => this.idempotencyIndex.lookUp(books.tenantId, keys));
    if (found === AHEAD) return false;
    if (found !== BEHIND) for (const [key, { revision }] of found) known.set(key, revision);
    await this.#replay(books, suspects, known, found === BEHIND ? asked : new Set());
    return true;
  }

  /** Whether the key was used, as far as memory tells: then its revision is `known`, or it has to be `asked` for. */
  #locate(books: Books, key: string, known: Map<string, number>, asked: Set<string>): boolean {
    const revision = books.locate(key, true);
    if (revision === 'asked') asked.add(key);
    else if (revision !== undefined) known.set(key, revision);
    return revision !== undefined;
  }

  async #replay(books: Books, suspects: Waiting[], known: Map<string, number>, untold: Set<string>): Promise<void> {
    const firsts = await this.#eventsAt(books, known.values());
    for (const waiting of suspects) {
      const record = waiting.request.idempotency!;
      const own = outcomeKey(record);
      if (untold.has(own) || (untold.has(record.key) && !known.has(own))) {
        waiting.failure = new NotTaken('index_behind', 1000);
        continue;
      }
      const revision = known.get(own) ?? known.get(record.key) ?? known.get(`${record.key}#0`);
      if (revision === undefined) continue;
      const stored = firsts.get(revision)!.meta.idempotency;
      if (stored?.key !== record.key) waiting.failure = misplaced(books, revision);
      else if (stored.request !== record.request) waiting.answer({ kind: 'key_reused', revision: books.revision });
      else if (outcomeKey(stored) === own) await this.#repeat(books, waiting, revision, stored.events);
    }
  }

  /** Answers as the first time, from the events of that time. */
  async #repeat(books: Books, waiting: Waiting, first: number, count: number): Promise<void> {
    const revisions = Array.from({ length: count }, (_, i) => first + i);
    const byRevision = await this.#eventsAt(books, revisions);
    const events = revisions.map((revision) => byRevision.get(revision)!);
    this.counters.replayed += 1;
    waiting.answer({ kind: 'committed', revision: first + count - 1, events, replayed: true });
  }

  /** False: the books are not up to date. */
  async #needs(books: Books, batch: readonly Waiting[], current: boolean): Promise<boolean> {
    books.state.cold.clear();
    if (!(await this.#load(books, batch, current, needsOf))) return false;
    // What failed before is no command that could lead anywhere.
    const leading = batch.filter(({ failure, request }) => failure === undefined && leadsFurther(request.command));
    return leading.length === 0 || this.#load(books, leading, current, (waiting) => furtherNeedsOf(books, waiting));
  }

  async #load(
    books: Books,
    batch: readonly Waiting[],
    current: boolean,
    keysOf: (waiting: Waiting) => readonly string[],
  ): Promise<boolean> {
    const { cold } = books.state;
    const read = new Map<string, number>();
    const asked = new Set<string>();
    for (const waiting of batch) {
      if (waiting.settled || waiting.failure !== undefined) continue;
      for (const key of keysOf(waiting)) if (!cold.has(key)) this.#place(books, key, read, asked);
    }
    if (asked.size > 0) {
      const found = await this.#ask(books, asked, current, (keys) => this.coldIndex.lookUp(books.tenantId, keys));
      if (found === AHEAD) return false;
      if (found === BEHIND) sendAway(batch, asked, keysOf, new NotTaken('index_behind', 1000));
      else for (const key of asked) place(found.get(key), key, cold, read);
    }
    if (read.size === 0) return true;
    const events = await this.#eventsAt(books, read.values());
    for (const [key, revision] of read) {
      const event = events.get(revision)!;
      if (coldKeys(event).includes(key)) cold.set(key, event);
      else sendAway(batch, new Set([key]), keysOf, misplaced(books, revision));
    }
    return true;
  }

  #place(books: Books, key: string, read: Map<string, number>, asked: Set<string>): void {
    const revision = books.locate(key, isUniqueKey(key));
    if (revision === 'asked') asked.add(key);
    else if (revision === undefined) books.state.cold.set(key, null);
    else read.set(key, revision);
  }

  async #ask<F>(
    books: Books,
    keys: ReadonlySet<string>,
    current: boolean,
    lookUp: (keys: readonly string[]) => Promise<Answer<F>>,
  ): Promise<ReadonlyMap<string, F> | typeof BEHIND | typeof AHEAD> {
    if (keys.size === 0) return new Map();
    // Whoever has just waited in vain need not do so again with every batch.
    const { tenantId } = books;
    const impatient = performance.now() < (this.#impatient.get(tenantId) ?? 0);
    const until = impatient ? 0 : performance.now() + this.patienceMs;
    for (let pause = 5; ; pause *= 2) {
      const { revision, found } = await lookUp([...keys]);
      if (revision > books.revision && !current) return AHEAD;
      if (revision >= books.window.start - 1) {
        this.#impatient.delete(tenantId);
        return found;
      }
      if (performance.now() + pause > until) break;
      await sleep(pause);
    }
    this.#impatient.set(tenantId, performance.now() + IMPATIENT_MS);
    return BEHIND;
  }

  /** Events by revision, from memory or in as few reads as there are runs. Throws where one is not in the stream. */
  async #eventsAt(books: Books, revisions: Iterable<number>): Promise<Map<number, LedgerEvent>> {
    const events = new Map<number, LedgerEvent>();
    const wanted = new Set<number>();
    for (const revision of revisions) {
      const event = books.recentEvent(revision);
      if (event) events.set(revision, event);
      else wanted.add(revision);
    }
    const runs = runsOf([...wanted].sort((a, b) => a - b));
    for (let i = 0; i < runs.length; i += READS_AT_ONCE) {
      await Promise.all(runs.slice(i, i + READS_AT_ONCE).map((run) => this.#readRun(books, run, wanted, events)));
    }
    for (const revision of wanted) if (!events.has(revision)) throw new Error(`${books.stream} has no ${revision}`);
    return events;
  }

  async #readRun(
    books: Books,
    [first, last]: readonly [number, number],
    wanted: ReadonlySet<number>,
    events: Map<number, LedgerEvent>,
  ): Promise<void> {
    for await (const page of this.store.read(books.stream, first, last - first + 1)) {
      for (const recorded of page) {
        if (wanted.has(recorded.revision)) events.set(recorded.revision, readStored(recorded, books.tenantId));
      }
      return;
    }
  }
}

const needsOf = (waiting: Waiting): readonly string[] => {
  try {
    return needs(waiting.request.command);
  } catch (error) {
    waiting.failure = error;
    return [];
  }
};

const furtherNeedsOf = ({ state }: Books, waiting: Waiting): readonly string[] => {
  try {
    return furtherNeeds(waiting.request.command, state);
  } catch (error) {
    waiting.failure = error;
    return [];
  }
};

const place = (
  revision: number | undefined,
  key: string,
  cold: Map<string, LedgerEvent | null>,
  read: Map<string, number>,
): void => {
  if (revision === undefined) cold.set(key, null);
  else read.set(key, revision);
};

/** An index is wrong, or two keys have the same hash: better no answer than a wrong one. */
const misplaced = (books: Books, revision: number): Error =>
  new Error(`the event at ${books.stream} ${revision} does not have the key that led to it`);

const sendAway = (
  batch: readonly Waiting[],
  untold: ReadonlySet<string>,
  keysOf: (waiting: Waiting) => readonly string[],
  failure: Error,
): void => {
  for (const waiting of batch) {
    if (waiting.settled || waiting.failure !== undefined) continue;
    if (keysOf(waiting).some((key) => untold.has(key))) waiting.failure = failure;
  }
};

const runsOf = (revisions: readonly number[]): [first: number, last: number][] => {
  const runs: [number, number][] = [];
  for (const revision of revisions) {
    const run = runs.at(-1);
    if (run && revision - run[1] <= GAP && revision - run[0] < RUN_EVENTS) run[1] = revision;
    else runs.push([revision, revision]);
  }
  return runs;
};
