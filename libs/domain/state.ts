import type { Account, KycTier } from './accounts/accounts.js';
import type { ApiKey } from './api-keys/api-keys.js';
import type { CardTransaction } from './card-transactions/card-transactions.js';
import type { Card } from './cards/cards.js';
import type { EntitlementMap } from './entitlements/entitlements.js';
import type { FeeSchedule } from './fees/fees.js';
import { DEFAULT_FINANCE_SETTINGS, type FinanceSettings } from './finance-settings/finance-settings.js';
import { DueTimes } from './holds/due-times.js';
import type { LedgerEvent } from './ledger.js';
import { LimitCounters } from './limits/limit-counters.js';
import type { LimitSchedule } from './limits/limits.js';
import { LiquiditySums } from './liquidity/liquidity-sums.js';
import type { Reservation } from './reservations/reservations.js';
import type { BusinessCalendar, SettlementFacts } from './settlements/settlements.js';
import type { Tenant } from './tenants/tenants.js';
import type { User } from './users/users.js';
import type { Ulid } from './ids.js';
import type { Instant, LocalDate } from './time.js';

/**
 * What was overwritten since the last commit, so that a decision, a batch or both can be taken back. Values are
 * immutable; only tables and cells change, and they change through this journal alone.
 */
export class Journal {
  private readonly undo: (() => void)[] = [];
  private recording = false;

  /** Whether anything is kept at all: whoever asks first saves a long load a closure for every change. */
  get isRecording(): boolean {
    return this.recording;
  }

  /** While not recording (a load, a replay) nothing can be taken back and nothing is kept. */
  record(on: boolean): void {
    this.recording = on;
    this.undo.length = 0;
  }

  note(restore: () => void): void {
    if (this.recording) this.undo.push(restore);
  }

  savepoint(): number {
    return this.undo.length;
  }

  rollbackTo(savepoint: number): void {
    while (this.undo.length > savepoint) (this.undo.pop() as () => void)();
  }

  commit(): void {
    this.undo.length = 0;
  }

  /** Does some work and takes back what it changed, recording or not; what was recorded before it stays. */
  tentatively<T>(work: () => T): T {
    const before = this.recording;
    const savepoint = this.undo.length;
    this.recording = true;
    try {
      return work();
    } finally {
      this.rollbackTo(savepoint);
      this.recording = before;
    }
  }
}

/** Rows by id. Their order says nothing: a row that was deleted and taken back comes last. */
export class Table<V> {
  private readonly rows = new Map<string, V>();

  constructor(private readonly journal: Journal) {}

  get size(): number {
    return this.rows.size;
  }

  get(id: string): V | undefined {
    return this.rows.get(id);
  }

  has(id: string): boolean {
    return this.rows.has(id);
  }

  set(id: string, row: V): void {
    if (this.journal.isRecording) this.noteRow(id);
    this.rows.set(id, row);
  }

  delete(id: string): void {
    if (!this.rows.has(id)) return;
    if (this.journal.isRecording) this.noteRow(id);
    this.rows.delete(id);
  }

  entries(): IterableIterator<[string, V]> {
    return this.rows.entries();
  }

  values(): IterableIterator<V> {
    return this.rows.values();
  }

  private noteRow(id: string): void {
    const before = this.rows.get(id);
    this.journal.note(() => (before === undefined ? this.rows.delete(id) : this.rows.set(id, before)));
  }
}

export class Cell<V> {
  constructor(
    private readonly journal: Journal,
    private current: V,
  ) {}

  get value(): V {
    return this.current;
  }

  set(value: V): void {
    if (this.journal.isRecording) this.noteValue();
    this.current = value;
  }

  private noteValue(): void {
    const before = this.current;
    this.journal.note(() => {
      this.current = before;
    });
  }
}

/** Where a tenant's stream stands. */
export interface Head {
  /** Revision of the last event; −1 before the first. */
  readonly revision: number;
  readonly at: Instant;
  /** Id of the last event, which every later id exceeds. */
  readonly lastId: Ulid | null;
  /** Public events so far; the next one's `sequence` is one more. */
  readonly sequence: number;
}

/**
 * A tenant's whole decidable state. What is not in it (old transactions, references, names) is cold: a command declares
 * with `needs` what it wants of that, the engine loads it into `cold` before deciding.
 */
export interface TenantState {
  readonly journal: Journal;
  readonly head: Cell<Head>;
  readonly tenant: Cell<Tenant | null>;
  readonly accounts: Table<Account>;
  /** `<code>|<currency>` of a system account, or `float|<currency>` for the main float, to the account's id. */
  readonly systemAccounts: Table<string>;
  /** How many children of an account are not closed. */
  readonly openChildren: Table<number>;
  readonly cards: Table<Card>;
  /** Only those that still hold money. */
  readonly cardTransactions: Table<CardTransaction>;
  /** Only those that still hold money. */
  readonly reservations: Table<Reservation>;
  /** By currency, the settlement that takes lines. Those that are over are cold. */
  readonly settlements: Table<SettlementFacts>;
  /** The last business day that was netted; none is opened again. */
  readonly nettedThrough: Cell<LocalDate>;
  /** Null: as the tenant's time zone has it, from midnight to midnight. */
  readonly businessCalendar: Cell<BusinessCalendar | null>;
  readonly financeSettings: Cell<FinanceSettings>;
  readonly liquidity: LiquiditySums;
  /** By currency, the mark (hundredths of a percent) that its coverage fell below and has not come back from. */
  readonly liquidityAlerts: Table<number>;
  /** By indicator, the threshold that it is beyond and has not come back from. */
  readonly healthAlerts: Table<number>;
  /** When each open hold and business day ends. Made again from themselves, so not part of a snapshot. */
  readonly dueTimes: DueTimes;
  readonly feeSchedule: Cell<FeeSchedule>;
  readonly entitlements: Cell<EntitlementMap>;
  /** The last instant that is closed to what takes effect; null: none is. */
  readonly closedThrough: Cell<Instant | null>;
  readonly limitRules: Cell<LimitSchedule>;
  readonly limitCounters: LimitCounters;
  /** The tenant's local day on which money was last moved or held; none that is recorded later is before it. */
  readonly localDate: Cell<LocalDate>;
  /** By id, the tier: all that deciding needs of a customer. */
  readonly customers: Table<KycTier>;
  readonly apiKeys: Table<ApiKey>;
  /** Ids of those that were not deleted. What they are is cold. */
  readonly webhookEndpoints: Table<true>;
  readonly users: Table<User>;
  /** Loaded for the batch at hand: the latest event under each cold key, null where there is none. Not part of a snapshot. */
  readonly cold: Map<string, LedgerEvent | null>;
}

export const emptyState = (): TenantState => {
  const journal = new Journal();
  return {
    journal,
    head: new Cell<Head>(journal, { revision: -1, at: 0, lastId: null, sequence: 0 }),
    tenant: new Cell<Tenant | null>(journal, null),
    accounts: new Table(journal),
    systemAccounts: new Table(journal),
    openChildren: new Table(journal),
    cards: new Table(journal),
    cardTransactions: new Table(journal),
    reservations: new Table(journal),
    settlements: new Table(journal),
    nettedThrough: new Cell<LocalDate>(journal, ''),
    businessCalendar: new Cell<BusinessCalendar | null>(journal, null),
    financeSettings: new Cell<FinanceSettings>(journal, DEFAULT_FINANCE_SETTINGS),
    liquidity: new LiquiditySums(journal),
    liquidityAlerts: new Table(journal),
    healthAlerts: new Table(journal),
    dueTimes: new DueTimes(journal),
    feeSchedule: new Cell<FeeSchedule>(journal, { rules: [] }),
    entitlements: new Cell<EntitlementMap>(journal, {}),
    closedThrough: new Cell<Instant | null>(journal, null),
    limitRules: new Cell<LimitSchedule>(journal, { rules: [] }),
    limitCounters: new LimitCounters(journal),
    localDate: new Cell<LocalDate>(journal, ''),
    customers: new Table(journal),
    apiKeys: new Table(journal),
    webhookEndpoints: new Table(journal),
    users: new Table(journal),
    cold: new Map(),
  };
};

/** A command decided on something it did not declare in `needs`: a defect of this code, never of a request. */
export class UndeclaredNeed extends Error {
  override readonly name = 'UndeclaredNeed';
}

/** The latest event under a cold key, null where there never was one. */
export const cold = (state: TenantState, key: string): LedgerEvent | null => {
  const event = state.cold.get(key);
  if (event === undefined) throw new UndeclaredNeed(`the command did not declare that it needs ${key}`);
  return event;
};
