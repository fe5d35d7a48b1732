import { LedgerInconsistent } from '../entries.js';
import { add, ZERO, type Minor } from '../money.js';
import type { Journal } from '../state.js';
import type { LocalDate } from '../time.js';
import type { LimitDirection, LimitWindow } from './limits.js';

/** What one owner has used in one currency in the latest month; minor units, none below zero. */
export type CounterRow = readonly [
  key: string,
  /** Day of the month that the daily sums are of. */
  day: number,
  dailyInbound: number,
  dailyOutbound: number,
  monthlyInbound: number,
  monthlyOutbound: number,
];

const FIELDS = 5;
const ROWS_PER_BLOCK = 256;
const DAY = 0;
const DAILY: { readonly [D in LimitDirection]: number } = { inbound: 1, outbound: 2 };
const MONTHLY: { readonly [D in LimitDirection]: number } = { inbound: 3, outbound: 4 };

/** A date taken apart; commands are decided in batches on one day. */
class Day {
  month = '';
  day = 0;
  private date: LocalDate = '';

  set(date: LocalDate): this {
    if (date === this.date) return this;
    this.date = date;
    this.month = date.slice(0, 7);
    this.day = Number(date.slice(8));
    return this;
  }
}

/**
 * What owners have used of their limits on the latest day and in the latest month that anything was counted in. The first
 * use in a later month drops all rows, so there are never more of them than owners who moved money in one month. Their
 * numbers lie side by side in blocks: a million accounts may count.
 */
export class LimitCounters {
  /** `YYYY-MM`; empty before the first use. */
  month = '';
  /** No monthly sum exceeds it; what fits on top of it fits on top of any. Not lowered by what is given or taken back. */
  ceiling = 0;
  private slots = new Map<string, number>();
  private blocks: Float64Array[] = [];
  private readonly asked = new Day();
  private readonly counted = new Day();

  constructor(private readonly journal: Journal) {}

  get size(): number {
    return this.slots.size;
  }

  /** Minor units used in that direction on a day, or in its month; zero for any but the latest. */
  used(key: string, direction: LimitDirection, window: LimitWindow, on: LocalDate): Minor {
    const { month, day } = this.asked.set(on);
    const slot = month === this.month ? this.slots.get(key) : undefined;
    if (slot === undefined) return ZERO;
    const block = this.blockOf(slot);
    const at = startOf(slot);
    if (window === 'monthly') return block[at + MONTHLY[direction]] as Minor;
    return block[at + DAY] === day ? (block[at + DAILY[direction]] as Minor) : ZERO;
  }

  /**
   * Counts (above zero) or gives back (below zero) what was counted on `on`, as of `today`, which is never before the day of
   * an earlier call. Of a day but today only the month changes, of an earlier month nothing.
   */
  change(key: string, direction: LimitDirection, amount: Minor, on: LocalDate, today: LocalDate): void {
    const { month, day } = this.asked.set(today);
    if (month > this.month) this.begin(month);
    const counted = this.counted.set(on);
    if (counted.month !== this.month) return;
    const slot = this.slots.get(key) ?? this.made(key, day);
    const block = this.blockOf(slot);
    const at = startOf(slot);
    const daily = at + DAILY[direction];
    const monthly = at + MONTHLY[direction];
    if (this.journal.isRecording) this.noteRow(block, at, monthly);
    if (block[at + DAY] !== day) {
      block[at + DAY] = day;
      block[at + DAILY.inbound] = 0;
      block[at + DAILY.outbound] = 0;
    }
    if (counted.day === day) block[daily] = changed(block[daily] as Minor, amount);
    const sum = changed(block[monthly] as Minor, amount);
    block[monthly] = sum;
    if (sum > this.ceiling) this.ceiling = sum;
  }

  *rows(): IterableIterator<CounterRow> {
    for (const [key, slot] of this.slots) {
      const at = startOf(slot);
      const [day, ...sums] = this.blockOf(slot).subarray(at, at + FIELDS) as unknown as [
        number,
        number,
        number,
        number,
        number,
      ];
      yield [key, day, ...sums];
    }
  }

  /** Puts back what `month` and `rows` said. */
  restore(month: string, rows: readonly CounterRow[]): void {
    this.month = month;
    for (const [key, day, ...sums] of rows) {
      const slot = this.made(key, day);
      this.blockOf(slot).set(sums, startOf(slot) + 1);
      this.ceiling = Math.max(this.ceiling, sums[2], sums[3]);
    }
  }

  private begin(month: string): void {
    const { month: before, ceiling, slots, blocks } = this;
    this.journal.note(() => {
      Object.assign(this, { month: before, ceiling, slots, blocks });
    });
    this.month = month;
    this.ceiling = 0;
    this.slots = new Map();
    this.blocks = [];
  }

  /** A new row of zeros. Slots are given in order and taken back in the reverse order. */
  private made(key: string, day: number): number {
    const { slots } = this;
    const slot = slots.size;
    if (slot === this.blocks.length * ROWS_PER_BLOCK) this.blocks.push(new Float64Array(ROWS_PER_BLOCK * FIELDS));
    this.journal.note(() => slots.delete(key));
    slots.set(key, slot);
    // Its sums are zero: what an earlier row of this place had was taken back before the row was.
    this.blockOf(slot)[startOf(slot) + DAY] = day;
    return slot;
  }

  private blockOf(slot: number): Float64Array {
    return this.blocks[Math.floor(slot / ROWS_PER_BLOCK)] as Float64Array;
  }

  private noteRow(block: Float64Array, at: number, monthly: number): void {
    const day = block[at + DAY] as number;
    const inbound = block[at + DAILY.inbound] as number;
    const outbound = block[at + DAILY.outbound] as number;
    const sum = block[monthly] as number;
    this.journal.note(() => {
      block[at + DAY] = day;
      block[at + DAILY.inbound] = inbound;
      block[at + DAILY.outbound] = outbound;
      block[monthly] = sum;
    });
  }
}

const startOf = (slot: number): number => (slot % ROWS_PER_BLOCK) * FIELDS;

const changed = (sum: Minor, amount: Minor): Minor => {
  const after = add(sum, amount);
  if (after < 0) throw new LedgerInconsistent(`more of a limit is given back than was used: ${after}`);
  return after;
};
