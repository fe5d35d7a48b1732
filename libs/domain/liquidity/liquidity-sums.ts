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

/**
 * The balances of each kind of wallet, per currency, kept by one addition an entry. Made again from the accounts
 * themselves, so not part of a snapshot. Changes are taken back by the journal, as those of tables are.
 */
export class LiquiditySums {
  private readonly rows = new Map<string, Float64Array>();
  /** Currencies that may have crossed a threshold since they were asked about last. */
  private readonly moved = new Set<string>();

  constructor(private readonly journal: Journal) {}

  /** `change`: minor units on the account's normal side. */
  move(walletType: WalletType, currency: string, change: number): void {
    const place = PLACE[walletType];
    if (place < 0) return;
    let row = this.rows.get(currency);
    if (!row) this.rows.set(currency, (row = new Float64Array(FIELDS)));
    const at = 2 * place;
    const [high, low] = [row[at] as number, row[at + 1] as number];
    const carried = Math.floor(change / BASE);
    const sum = low + (change - carried * BASE);
    const over = sum >= BASE ? 1 : 0;
    row[at] = high + carried + over;
    row[at + 1] = sum - over * BASE;
    this.moved.add(currency);
    if (this.journal.isRecording) this.note(row, at, high, low);
  }

  /** Exact; zero where nothing was ever moved. */
  of(currency: string, kind: LiquidityKind): bigint {
    const row = this.rows.get(currency);
    const at = 2 * PLACE[kind];
    return row ? BigInt(row[at] as number) * BigInt(BASE) + BigInt(row[at + 1] as number) : 0n;
  }

  /** The currencies to look at, in the order of their codes; none of them again until something moves. */
  takeMoved(): readonly string[] {
    if (this.moved.size === 0) return NONE;
    const currencies = [...this.moved].sort();
    this.moved.clear();
    return currencies;
  }

  /** All are to be looked at again: a threshold is another one, or what was found could not be told. */
  touch(currencies: Iterable<string> = this.rows.keys()): void {
    for (const currency of currencies) this.moved.add(currency);
  }

  private note(row: Float64Array, at: number, high: number, low: number): void {
    this.journal.note(() => {
      row[at] = high;
      row[at + 1] = low;
    });
  }
}

const NONE: readonly string[] = [];
