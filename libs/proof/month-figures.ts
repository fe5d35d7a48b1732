/** What a book's closed months come to, added up from what its events state. */
import { createHash } from 'node:crypto';
import type { WalletType } from '#domain/accounts/accounts.js';
import { canonicalJson, type Json } from '#domain/canonical.js';
import type { LedgerEvent } from '#domain/ledger.js';
import {
  controlCode,
  monthReport,
  type MonthFacts,
  type MonthReport,
  type MonthSettlement,
} from '#domain/periods/month-report.js';
import type { ClosedMonth } from '#domain/periods/periods.js';
import type { SettlementFacts } from '#domain/settlements/settlements.js';

/** Since the year 2000 every time zone's months begin on a full quarter of an hour. */
const BUCKET_MS = 900_000;

/** Accounts of one kind and currency: what they moved, by quarter of an hour; debits above zero. */
class Control {
  private readonly sums = new Map<number, bigint>();
  private bucket = Number.NaN;
  private sum = 0;

  constructor(
    readonly type: WalletType,
    readonly code: string | null,
    readonly currency: string,
  ) {}

  move(bucket: number, amount: number): void {
    const sum = this.sum + amount;
    if (bucket === this.bucket && Number.isSafeInteger(sum)) {
      this.sum = sum;
      return;
    }
    this.settle();
    this.bucket = bucket;
    this.sum = amount;
  }

  /** Of all that takes effect before a bucket begins. */
  before(bucket: number): bigint {
    this.settle();
    let total = 0n;
    for (const [one, sum] of this.sums) if (one < bucket) total += sum;
    return total;
  }

  private settle(): void {
    if (this.sum !== 0) this.sums.set(this.bucket, (this.sums.get(this.bucket) ?? 0n) + BigInt(this.sum));
    this.sum = 0;
  }
}

const settlementOf = (facts: SettlementFacts): MonthSettlement => ({
  settlement_id: facts.settlement_id,
  business_date: facts.business_date,
  currency: facts.currency,
  gross: facts.gross,
  refunds: facts.refunds,
  fees: facts.fees,
  adjustments: facts.adjustments,
  net: facts.net,
  line_count: facts.line_count,
  paid_amount: facts.paid_amount,
  difference: facts.difference,
});

/** Days of a month in the words of settlements. */
const isOfMonth = (businessDate: string, { month }: ClosedMonth): boolean => businessDate.startsWith(`${month}-`);

/** What is hashed and signed: RFC 8785. */
export const reportBytes = (report: MonthReport): Buffer => Buffer.from(canonicalJson(report as unknown as Json));

/** Hex: SHA-256 of a report's bytes. */
export const reportDigest = (report: MonthReport): string =>
  createHash('sha256').update(reportBytes(report)).digest('hex');

export interface MonthDigest {
  /** `YYYY-MM`. */
  readonly month: string;
  /** Of the event that closed it. */
  readonly revision: number;
  /** Hex; null where a sum is beyond what a number of JSON holds, so that there is no report. */
  readonly sha256: string | null;
}

class SumTooLarge extends RangeError {}

const exactly = (sum: bigint): number => {
  if (!Number.isSafeInteger(Number(sum))) throw new SumTooLarge();
  return Number(sum);
};

/** The digest of the report that facts make; null where a sum is beyond ±(2^53 − 1), so that there is none. */
export const digestOfMonth = (facts: MonthFacts): string | null => {
  try {
    return reportDigest(monthReport(facts, exactly));
  } catch (error) {
    if (error instanceof SumTooLarge) return null;
    throw error;
  }
};

/** Takes a stream's events in order and knows, at each that closes a month, what its report is made of. */
export class MonthFigures {
  private readonly accounts = new Map<string, Control>();
  private readonly controls = new Map<string, Control>();
  private readonly settlements = new Map<string, MonthSettlement>();

  /** `hash`: hex, the event's own. Null where it closes no month. */
  take(event: LedgerEvent, hash: string): MonthFacts | null {
    const { data } = event;
    if (event.type === 'AccountOpened' || event.type === 'SystemAccountOpened') this.open(event.data.account);
    if ('entries' in data) {
      const bucket = Math.floor(Date.parse(data.transaction.effective_at) / BUCKET_MS);
      for (const { account_id, direction, amount } of data.entries) {
        this.accounts.get(account_id)?.move(bucket, direction === 'debit' ? amount : -amount);
      }
    }
    if ('settlement' in data) this.settlements.set(data.settlement.settlement_id, settlementOf(data.settlement));
    if (event.type !== 'PeriodClosed' || event.data.month === undefined) return null;
    return this.facts(event, event.data.month, hash);
  }

  private open(facts: { account_id: string; account_code: string; wallet_type: WalletType; currency: string }): void {
    const code = controlCode(facts.wallet_type, facts.account_code);
    const name = `${facts.wallet_type}|${code}|${facts.currency}`;
    const control = this.controls.get(name) ?? new Control(facts.wallet_type, code, facts.currency);
    this.controls.set(name, control);
    this.accounts.set(facts.account_id, control);
  }

  private facts({ revision, at, meta }: LedgerEvent, month: ClosedMonth, hash: string): MonthFacts {
    const first = Math.floor(Date.parse(month.from) / BUCKET_MS);
    const next = Math.floor((Date.parse(month.through) + 1) / BUCKET_MS);
    return {
      ...month,
      tenant_id: meta.tenant_id,
      closed_at: new Date(at).toISOString(),
      revision,
      head_hash: hash,
      accounts: [...this.controls.values()].map((control) => ({
        type: control.type,
        code: control.code,
        currency: control.currency,
        opening: control.before(first),
        closing: control.before(next),
      })),
      settlements: [...this.settlements.values()].filter(({ business_date }) => isOfMonth(business_date, month)),
    };
  }
}
