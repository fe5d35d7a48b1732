import { decodeEvent, ledgerStream } from '#domain/codec.js';
import { decodeForFold } from '#domain/decode-for-fold.js';
import { LedgerInconsistent } from '#domain/entries.js';
import { coldKeys } from '#domain/cold-keys.js';
import { evolve, type IdempotencyRecord, type LedgerEvent } from '#domain/ledger.js';
import { emptyState, type TenantState } from '#domain/state.js';
import type { EventStore, RecordedEvent } from '#event-store/event-store.js';
import { chained, NO_HASH, sameHash } from './hash-chain.js';
import { hashKey } from './key-hash.js';
import { KeyFilter } from './key-filter.js';
import { KeyWindow } from './key-window.js';
import { Shelf, type RecentEvents } from './recent-events.js';

const PAGE_EVENTS = 500;

/** The stream can't be folded by this version of the code: it was altered, or the code has a defect. */
export class StreamUnreadable extends Error {
  override readonly name = 'StreamUnreadable';
  constructor(stream: string, revision: number, cause: unknown) {
    super(
      `${stream} can't be followed at revision ${revision}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
}

/** What a load starts from: a snapshot, or nothing. */
export interface Standing {
  readonly state: TenantState;
  readonly hash: Uint8Array;
  readonly filter: KeyFilter;
  readonly window: KeyWindow;
}

export const nothingYet = (windowStart = 0): Standing => ({
  state: emptyState(),
  hash: NO_HASH,
  filter: new KeyFilter(),
  window: new KeyWindow(windowStart),
});

/**
 * Cold keys that a command must find unused. Only these are worth a place in the filter: the others name what is there,
 * so that asking is the rule for them.
 */
export const isUniqueKey = (key: string): boolean =>
  key.startsWith('ref:') || key.startsWith('code:') || key.startsWith('net:');

/** Key of this very outcome: a part of a batch has one of its own. */
export const outcomeKey = ({ key, part }: Omit<IdempotencyRecord, 'events'>): string =>
  part === null ? key : `${key}#${part.i}`;

/** Everything that a writer holds in memory of one tenant, true at the stream's last known event. */
export class Books {
  readonly stream: string;
  readonly state: TenantState;
  readonly filter: KeyFilter;
  readonly window: KeyWindow;
  /** Payloads by revision; whichever `RecentEvents` still has room for. */
  readonly shelf = new Shelf();
  /** Null while loading: what is folded then is rarely asked for. */
  recent: RecentEvents | null = null;
  /** How many of the last revisions the window of keys covers, once it is trimmed. */
  windowRevisions = Infinity;
  #hash: Uint8Array;

  constructor(
    readonly tenantId: string,
    standing: Standing,
  ) {
    this.stream = ledgerStream(tenantId);
    this.state = standing.state;
    this.filter = standing.filter;
    this.window = standing.window;
    this.#hash = standing.hash;
  }

  /** Of the last event; −1 where there is none. */
  get revision(): number {
    return this.state.head.value.revision;
  }

  /** Hash of the last event; 32 zero bytes where there is none. */
  get hash(): Uint8Array {
    return this.#hash;
  }

  /** Memory that it takes, roughly: measured at a million accounts. */
  get approximateBytes(): number {
    const { accounts, cards, cardTransactions, reservations, dueTimes } = this.state;
    const holds = cardTransactions.size * 2_000 + reservations.size * 1_500 + dueTimes.size * 200;
    const rows = accounts.size * 170 + cards.size * 400 + holds;
    return 50_000 + rows + this.window.bytes + this.filter.bytes;
  }

  /**
   * Reads and folds what stands in the stream behind the last known event. Nothing undecided may be in the state.
   * Throws `StreamUnreadable` (these books are then of no use any more) or the store's own error (they stay good).
   */
  async catchUp(store: EventStore): Promise<void> {
    for await (const page of store.read(this.stream, this.revision + 1, PAGE_EVENTS)) {
      for (const event of page) this.follow(event);
      this.state.journal.commit();
      this.trim();
      await breath();
    }
  }

  /** Folds one stored event, after checking that it is the next one and that the chain holds. */
  follow(recorded: RecordedEvent): void {
    try {
      if (recorded.revision !== this.revision + 1) throw new LedgerInconsistent(`${this.revision + 1} is missing`);
      const { payload } = recorded;
      const hash = chained(this.#hash, payload);
      if (!sameHash(hash, recorded.hash)) throw new LedgerInconsistent('the hash chain is broken');
      const event = checked(decodeForFold(recorded.text), recorded, this.tenantId);
      evolve(this.state, event);
      this.written(event, coldKeys(event), hash, payload);
    } catch (error) {
      throw new StreamUnreadable(this.stream, recorded.revision, error);
    }
  }

  /** Remembers an event that is in the stream for good and already folded. */
  written(event: LedgerEvent, keys: readonly string[], hash: Uint8Array, payload: Uint8Array): void {
    this.#hash = hash;
    const { revision } = event;
    const inWindow = revision >= this.window.start;
    for (const key of keys) this.#remember(key, revision, inWindow, isUniqueKey(key));
    const { idempotency } = event.meta;
    if (idempotency !== null) {
      // A part is also found under the bare key: whoever uses that for another request is told so.
      this.#remember(idempotency.key, revision, inWindow, true);
      if (idempotency.part !== null) this.#remember(outcomeKey(idempotency), revision, inWindow, true);
    }
    if (inWindow) this.recent?.keep(this.shelf, revision, payload);
  }

  #remember(key: string, revision: number, inWindow: boolean, filtered: boolean): void {
    if (!inWindow && !filtered) return;
    const hash = hashKey(key);
    if (inWindow) this.window.set(hash, revision);
    if (filtered) this.filter.add(hash);
  }

  /** Revision of the latest event under a key; `asked`: only an index can tell; undefined: there is none. */
  locate(key: string, filtered: boolean): number | 'asked' | undefined {
    const hash = hashKey(key);
    const revision = this.window.get(hash);
    if (revision !== undefined) return revision;
    return filtered && !this.filter.mayHave(hash) ? undefined : 'asked';
  }

  /** The event at a revision, where it is still in memory. */
  recentEvent(revision: number): LedgerEvent | undefined {
    const payload = this.shelf.get(revision);
    return payload && decodeEvent(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
  }

  /** Lets go of keys that are older than the window. */
  trim(): void {
    this.window.keepLast(this.windowRevisions, this.revision);
  }
}

/** Decodes a stored event and checks that it is what the store says it is. */
export const readStored = (recorded: RecordedEvent, tenantId: string): LedgerEvent =>
  checked(decodeEvent(recorded.text), recorded, tenantId);

const checked = (event: LedgerEvent, recorded: RecordedEvent, tenantId: string): LedgerEvent => {
  if (event.revision !== recorded.revision || event.id !== recorded.id || event.type !== recorded.type) {
    throw new LedgerInconsistent(`event ${recorded.id} says of itself that it is another`);
  }
  if (event.meta.tenant_id !== tenantId) throw new LedgerInconsistent(`event ${recorded.id} is another tenant's`);
  return event;
};

/** Lets the event loop turn: folding a long stream must not silence everything else in the process. */
const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
