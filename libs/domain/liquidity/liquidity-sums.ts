import type { WalletType } from '../accounts/accounts.js';
import type { Journal } from '../state.js';

/** What counts for liquidity, in this order: what is owed to customers, and last what there is to pay it with. */
export const LIQUIDITY_KINDS = ['customer', 'business', 'merchant', 'agent', 'float'] as const;
export type LiquidityKind = (typeof LIQUIDITY_KINDS)[number];

/** The place of each kind of account among the sums; below zero: it does not count. */
const PLACE: { readonly [W in WalletType]: number } = {
  customer: 0,
  business: 1,
  merchant: 2,
  agent: 3,
  float: 4,
  general: -1,
  system: -1,
};

/** A sum of balances may leave the range of safe integers, so it is kept in two digits of this base. */
const BASE = 2 ** 50;
const FIELDS = 2 * LIQUIDITY_KINDS.length;

interface Row {
  readonly currency: string;
  readonly sums: Float64Array;
  /** Since somebody asked which currencies moved. */
  moved: boolean;
}

/**
 * The balances of each kind of wallet, per currency, kept by one addition an entry. Made again from the accounts
 * themselves, so not part of a snapshot. Changes are taken back by the journal, as those of tables are.
 */
export class LiquiditySums {
  private readonly rows = new Map<string, Row>();
  /** Currencies that may have crossed a threshold since they were asked about last. */
  private moved: string[] = [];
  /** Entries of one event are of one currency, nearly always. */
  private latest: Row | undefined;

  constructor(private readonly journal: Journal) {}

  /** `change`: minor units on the account's normal side. */
  move(walletType: WalletType, currency: string, change: number): void {
    const place = PLACE[walletType];
    if (place < 0) return;
    const row = this.latest?.currency === currency ? this.latest : this.rowOf(currency);
    const { sums } = row;
    const at = 2 * place;
    const high = sums[at] as number;
    const low = sums[at + 1] as number;
    const carried = Math.floor(change / BASE);
    const sum = low + (change - carried * BASE);
    const over = sum >= BASE ? 1 : 0;
    sums[at] = high + carried + over;
    sums[at + 1] = sum - over * BASE;
    if (!row.moved) this.mark(row);
    if (this.journal.isRecording) this.note(sums, at, high, low);
  }

  /** Exact; zero where nothing was ever moved. */
  of(currency: string, kind: LiquidityKind): bigint {
    const sums = this.rows.get(currency)?.sums;
    const at = 2 * PLACE[kind];
    return sums ? BigInt(sums[at] as number) * BigInt(BASE) + BigInt(sums[at + 1] as number) : 0n;
  }

  /** About how much is owed and how much is there, to some fifteen digits: enough to see that no mark is near. */
  roughly(currency: string): { readonly liabilities: number; readonly liquidity: number } {
    const sums = this.rows.get(currency)?.sums ?? new Float64Array(FIELDS);
    const sumAt = (place: number): number => (sums[2 * place] as number) * BASE + (sums[2 * place + 1] as number);
    return { liabilities: sumAt(0) + sumAt(1) + sumAt(2) + sumAt(3), liquidity: sumAt(PLACE.float) };
  }

  /** The currencies to look at, in the order of their codes; none of them again until something moves. */
  takeMoved(): readonly string[] {
    if (this.moved.length === 0) return NONE;
    const currencies = this.moved;
    this.moved = [];
    for (const currency of currencies) (this.rows.get(currency) as Row).moved = false;
    return currencies.length === 1 ? currencies : currencies.sort();
  }

  /** All are to be looked at again: a threshold is another one, or what was found could not be told. */
  touch(): void {
    for (const row of this.rows.values()) if (!row.moved) this.mark(row);
  }

  private rowOf(currency: string): Row {
    let row = this.rows.get(currency);
    if (!row) this.rows.set(currency, (row = { currency, sums: new Float64Array(FIELDS), moved: false }));
    this.latest = row;
    return row;
  }

  private mark(row: Row): void {
    row.moved = true;
    this.moved.push(row.currency);
  }

  private note(sums: Float64Array, at: number, high: number, low: number): void {
    this.journal.note(() => {
      sums[at] = high;
      sums[at + 1] = low;
    });
  }
}

const NONE: readonly string[] = [];
