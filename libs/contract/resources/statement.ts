import type { Side } from '#domain/entries.js';
import { entryId, ulidOf } from '#domain/ids.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { exactly } from '../exact.js';

/** One entry of an account, where it takes effect. Amounts and balances are minor units, balances on the account's normal side. */
export interface StatementLine {
  readonly entry_id: string;
  readonly transaction_id: string;
  readonly type: string | null;
  readonly reference: string | null;
  readonly narration: string | null;
  readonly effective_at: string;
  /** When it was recorded: later, where it was back-dated. */
  readonly recorded_at: string;
  readonly direction: Side;
  readonly amount: number;
  /** After this line, in the order of this statement. */
  readonly balance: number;
}

/**
 * What took effect on an account in a period, as it was known at a revision. It says nothing that may change later, so that it
 * is the same whenever it is asked for at that revision; only an erased subject's texts go.
 */
export interface StatementResource {
  readonly object: 'statement';
  readonly tenant_id: string;
  readonly account_id: string;
  readonly account_code: string;
  readonly currency: string;
  readonly normal_side: Side;
  /** Both ends are included. */
  readonly from: string;
  readonly to: string;
  readonly revision: number;
  readonly opening_balance: number;
  readonly total_debits: number;
  readonly total_credits: number;
  readonly closing_balance: number;
  readonly line_count: number;
  readonly lines: readonly StatementLine[];
}

export interface StatementAccount {
  readonly id: string;
  readonly account_code: string;
  readonly currency: string;
  readonly normal_side: Side;
}

export interface StatementPeriod {
  readonly from: Instant;
  readonly to: Instant;
  readonly revision: number;
}

/** An entry as it is read, in the order in which it takes effect. */
export interface StatementEntry {
  readonly index: number;
  readonly transactionId: string;
  readonly type: string | null;
  readonly reference: string | null;
  readonly narration: string | null;
  readonly effectiveAt: Instant;
  readonly recordedAt: Instant;
  readonly direction: Side;
  readonly amount: number;
}

/** Throws `NotExact` where back-dating makes a balance that no number of JSON holds. */
export const renderStatement = (
  tenantId: string,
  account: StatementAccount,
  { from, to, revision }: StatementPeriod,
  opening: bigint,
  entries: readonly StatementEntry[],
): StatementResource => {
  let balance = opening;
  let debits = 0n;
  let credits = 0n;
  const lines = entries.map((entry): StatementLine => {
    const amount = BigInt(entry.amount);
    balance += entry.direction === account.normal_side ? amount : -amount;
    if (entry.direction === 'debit') debits += amount;
    else credits += amount;
    return {
      entry_id: entryId(ulidOf(entry.transactionId), entry.index),
      transaction_id: entry.transactionId,
      type: entry.type,
      reference: entry.reference,
      narration: entry.narration,
      effective_at: formatInstant(entry.effectiveAt),
      recorded_at: formatInstant(entry.recordedAt),
      direction: entry.direction,
      amount: entry.amount,
      balance: exactly(balance),
    };
  });
  return {
    object: 'statement',
    tenant_id: tenantId,
    account_id: account.id,
    account_code: account.account_code,
    currency: account.currency,
    normal_side: account.normal_side,
    from: formatInstant(from),
    to: formatInstant(to),
    revision,
    opening_balance: exactly(opening),
    total_debits: exactly(debits),
    total_credits: exactly(credits),
    closing_balance: exactly(balance),
    line_count: lines.length,
    lines,
  };
};
