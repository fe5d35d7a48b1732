import type { Account, AccountExtras, AccountTerms } from '#domain/accounts/accounts.js';
import { ledgerStream } from '#domain/codec.js';
import { scheduleAllHolds } from '#domain/holds/due-holds.js';
import type { CounterRow } from '#domain/limits/limit-counters.js';
import { sumAllAccounts } from '#domain/liquidity/liquidity.js';
import { emptyState, type Cell, type Table, type TenantState } from '#domain/state.js';
import { NO_STREAM, type EventStore } from '#event-store/event-store.js';
import { Books, nothingYet, type Standing, StreamUnreadable } from './books.js';
import { sameHash } from './hash-chain.js';
import { KeyFilter, layerBytes, type StoredLayer } from './key-filter.js';
import { KeyWindow } from './key-window.js';
import type { Snapshots, StoredSnapshot } from './ports.js';
import type { RecentEvents } from './recent-events.js';

/**
 * Raised with every change of what is folded or of how it is stored here. A snapshot of another version is never read and
 * never migrated: the stream is folded again.
 */
export const FOLD_VERSION = 3;

/** Revisions before the snapshot's own whose keys go with it, for the indexes to lag behind. */
const STORED_WINDOW = 20_000;
const ROWS_PER_PART = 10_000;
const BYTES_PER_PART = 1 << 20;

type TableName = Exclude<
  { [K in keyof TenantState]: TenantState[K] extends Table<infer _V> ? K : never }[keyof TenantState],
  'accounts'
>;
type CellName = { [K in keyof TenantState]: TenantState[K] extends Cell<infer _V> ? K : never }[keyof TenantState];

// A table or cell that is new in the state fails to compile until it stands here.
const TABLES: { readonly [T in TableName]: true } = {
  systemAccounts: true,
  openChildren: true,
  cards: true,
  cardTransactions: true,
  reservations: true,
  customers: true,
  apiKeys: true,
  webhookEndpoints: true,
  users: true,
  settlements: true,
  liquidityAlerts: true,
  healthAlerts: true,
};
const CELLS: { readonly [C in CellName]: true } = {
  head: true,
  tenant: true,
  feeSchedule: true,
  entitlements: true,
  closedThrough: true,
  limitRules: true,
  localDate: true,
  nettedThrough: true,
  businessCalendar: true,
  financeSettings: true,
};

type Part =
  | {
      readonly part: 'head';
      readonly tenantId: string;
      readonly windowStart: number;
      readonly cells: Record<string, unknown>;
    }
  | { readonly part: 'rows'; readonly table: TableName; readonly rows: readonly (readonly [string, unknown])[] }
  /** Terms and extras are what many accounts share: written once for each part, shared again when read. */
  | {
      readonly part: 'accounts';
      readonly terms: readonly AccountTerms[];
      readonly extras: readonly AccountExtras[];
      readonly rows: readonly (readonly [id: string, balance: number, held: number, terms: number, extras: number])[];
    }
  | { readonly part: 'limit_counters'; readonly month: string; readonly rows: readonly CounterRow[] }
  | { readonly part: 'window'; readonly keys: string }
  | {
      readonly part: 'filter';
      readonly capacity: number;
      readonly count: number;
      readonly offset: number;
      readonly bits: string;
    };

const encoded = (part: Part): Uint8Array => Buffer.from(JSON.stringify(part));

/** A tenant's books as parts of at most some megabytes, each one line of JSON. */
export function* snapshotParts(books: Books): Generator<Uint8Array> {
  const { state, window, filter, revision, tenantId } = books;
  const windowStart = Math.max(window.start, revision - STORED_WINDOW + 1);
  const cells = Object.fromEntries((Object.keys(CELLS) as CellName[]).map((cell) => [cell, state[cell].value]));
  yield encoded({ part: 'head', tenantId, windowStart, cells });
  for (const rows of chunks(state.accounts.values(), ROWS_PER_PART)) yield encoded(accountsPart(rows));
  for (const table of Object.keys(TABLES) as TableName[]) {
    const entries = (state[table] as Table<unknown>).entries();
    for (const rows of chunks(entries, ROWS_PER_PART)) yield encoded({ part: 'rows', table, rows });
  }
  const { month } = state.limitCounters;
  for (const rows of chunks(state.limitCounters.rows(), ROWS_PER_PART))
    yield encoded({ part: 'limit_counters', month, rows });
  for (const { buffer } of window.stored(windowStart, ROWS_PER_PART)) {
    yield encoded({ part: 'window', keys: Buffer.from(buffer).toString('base64') });
  }
  for (const { capacity, count, bits } of filter.layers) {
    for (let offset = 0; offset < bits.length; offset += BYTES_PER_PART) {
      const piece = Buffer.from(bits.subarray(offset, offset + BYTES_PER_PART)).toString('base64');
      yield encoded({ part: 'filter', capacity, count, offset, bits: piece });
    }
  }
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

// Fails to compile when an account gets a field that is not stored below.
const _storedWhole: Exclude<keyof Account, 'id' | 'balance' | 'held' | 'terms' | 'extras'> extends never
  ? true
  : never = true;

const accountsPart = (accounts: readonly Account[]): Part => {
  const terms = new Numbering<AccountTerms>();
  const extras = new Numbering<AccountExtras>();
  const rows = accounts.map(
    (one) => [one.id, one.balance, one.held, terms.of(one.terms), extras.of(one.extras)] as const,
  );
  return { part: 'accounts', terms: terms.values, extras: extras.values, rows };
};

/** Equal values have one number, whether they are one object or not: a snapshot and its restoration are told alike. */
class Numbering<T> {
  readonly values: T[] = [];
  readonly #numbers = new Map<T, number>();
  readonly #byText = new Map<string, number>();

  of(value: T): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const text = JSON.stringify(value);
    const number = this.#byText.get(text) ?? this.values.push(value) - 1;
    this.#byText.set(text, number);
    this.#numbers.set(value, number);
    return number;
  }
}

/** One object for all equal values, whatever part they come in. */
class Shared<T> {
  readonly #values = new Map<string, T>();

  of(value: T): T {
    const text = JSON.stringify(value);
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    this.#values.set(text, value);
    return value;
  }
}

/** Reads a snapshot back. Throws for one that is incomplete or no snapshot at all. */
export async function restoreSnapshot(tenantId: string, stored: StoredSnapshot): Promise<Standing> {
  const state = emptyState();
  const layers: { capacity: number; count: number; bits: Uint8Array }[] = [];
  const terms = new Shared<AccountTerms>();
  const extras = new Shared<AccountExtras>();
  let window: KeyWindow | null = null;
  for await (const bytes of stored.parts) {
    const part = JSON.parse(Buffer.from(bytes).toString()) as Part;
    switch (part.part) {
      case 'head':
        if (part.tenantId !== tenantId) throw new RangeError('a snapshot of another tenant');
        for (const cell of Object.keys(CELLS) as CellName[]) (state[cell] as Cell<unknown>).set(part.cells[cell]);
        window = new KeyWindow(part.windowStart);
        break;
      case 'accounts':
        restoreAccounts(state, part, terms, extras);
        break;
      case 'rows':
        for (const [id, row] of part.rows) (state[part.table] as Table<unknown>).set(id, row);
        break;
      case 'limit_counters':
        state.limitCounters.restore(part.month, part.rows);
        break;
      case 'window':
        window?.restore(new Float64Array(Uint8Array.from(Buffer.from(part.keys, 'base64')).buffer));
        break;
      case 'filter':
        restorePiece(layers, part);
        break;
    }
  }
  if (window === null || state.head.value.revision !== stored.revision)
    throw new RangeError('a snapshot without a head');
  scheduleAllHolds(state);
  sumAllAccounts(state);
  return { state, hash: Uint8Array.from(stored.hash), filter: KeyFilter.restore(layers), window };
}

const restoreAccounts = (
  state: TenantState,
  part: Extract<Part, { part: 'accounts' }>,
  terms: Shared<AccountTerms>,
  extras: Shared<AccountExtras>,
): void => {
  const sharedTerms = part.terms.map((one) => terms.of(one));
  const sharedExtras = part.extras.map((one) => extras.of(one));
  for (const [id, balance, held, term, extra] of part.rows) {
    const row = { id, terms: sharedTerms[term], balance, held, extras: sharedExtras[extra] } as Account;
    state.accounts.set(id, row);
  }
};

const restorePiece = (layers: StoredLayer[], part: Extract<Part, { part: 'filter' }>): void => {
  if (part.offset === 0) {
    layers.push({ capacity: part.capacity, count: part.count, bits: new Uint8Array(layerBytes(part.capacity)) });
  }
  layers.at(-1)!.bits.set(Buffer.from(part.bits, 'base64'), part.offset);
};

export interface LoadOptions {
  /** How many of the last revisions the key window covers. */
  readonly windowRevisions: number;
  readonly recent: RecentEvents | null;
}

/**
 * A tenant's books at the stream's head: newest snapshot and the tail behind it. A snapshot that is broken, or that does
 * not lie on this stream, is left aside and the whole stream is folded. Throws `StreamUnreadable`, or the store's error.
 */
export async function loadBooks(
  store: EventStore,
  snapshots: Snapshots,
  tenantId: string,
  options: LoadOptions,
): Promise<Books> {
  const head = await store.head(ledgerStream(tenantId));
  if (head === null) return ready(new Books(tenantId, nothingYet()), options);
  const snapshot = await snapshots.latest(tenantId, FOLD_VERSION);
  if (snapshot !== null && snapshot.revision <= head.revision) {
    const books = await fromSnapshot(store, tenantId, snapshot, options);
    if (books !== null && (books.revision !== head.revision || sameHash(books.hash, head.hash))) return books;
  }
  const start = Math.max(0, head.revision - options.windowRevisions + 1);
  const books = new Books(tenantId, nothingYet(start));
  await books.catchUp(store);
  return ready(books, options);
}

const fromSnapshot = async (
  store: EventStore,
  tenantId: string,
  snapshot: StoredSnapshot,
  options: LoadOptions,
): Promise<Books | null> => {
  let standing: Standing;
  try {
    standing = await restoreSnapshot(tenantId, snapshot);
  } catch {
    // Snapshots are disposable; whatever is wrong with this one, the stream has it all.
    return null;
  }
  const books = new Books(tenantId, standing);
  try {
    await books.catchUp(store);
  } catch (error) {
    if (error instanceof StreamUnreadable) return null;
    throw error;
  }
  return ready(books, options);
};

const ready = (books: Books, { windowRevisions, recent }: LoadOptions): Books => {
  books.recent = recent;
  books.windowRevisions = windowRevisions;
  books.trim();
  // From here on decisions are tried on the state and may be taken back.
  books.state.journal.record(true);
  return books;
};

export interface SnapshotMade {
  readonly revision: number;
  /** False: there was nothing newer to save. */
  readonly saved: boolean;
}

/**
 * Saves a snapshot at the stream's head, unless the newest one is less than `minimumEvents` behind. It folds by itself, so
 * it belongs where nobody waits (the projector), never on the API's event loop. Throws `StreamUnreadable`.
 */
export async function makeSnapshot(
  store: EventStore,
  snapshots: Snapshots,
  tenantId: string,
  minimumEvents = 1,
): Promise<SnapshotMade> {
  const before = (await snapshots.latest(tenantId, FOLD_VERSION))?.revision ?? NO_STREAM;
  const books = await loadBooks(store, snapshots, tenantId, { windowRevisions: STORED_WINDOW, recent: null });
  if (books.revision - before < minimumEvents) return { revision: before, saved: false };
  await snapshots.save(tenantId, FOLD_VERSION, books.revision, books.hash, snapshotParts(books));
  return { revision: books.revision, saved: true };
}
