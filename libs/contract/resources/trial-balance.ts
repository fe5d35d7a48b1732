import type { Side } from '#domain/entries.js';
import { exactly } from '../exact.js';

/** Sums of the accounts of a currency that stand on the debit side, and of those that stand on the credit side. */
export interface TrialBalanceLine {
  readonly currency: string;
  /** Minor units. In a ledger that is right both are the same. */
  readonly debits: number;
  readonly credits: number;
}

/** Accounts of one currency and normal side, added up: those above zero and those below it apart. Decimal strings. */
export interface BalanceSum {
  readonly currency: string;
  readonly normal_side: Side;
  readonly positive: string;
  readonly negative: string;
}

/** By currency. Throws `NotExact` where a sum is beyond ±(2^53 − 1): it would be told rounded. */
export const renderTrialBalance = (sums: readonly BalanceSum[]): TrialBalanceLine[] =>
  [...new Set(sums.map(({ currency }) => currency))].sort().map((currency) => {
    let debits = 0n;
    let credits = 0n;
    for (const sum of sums) {
      if (sum.currency !== currency) continue;
      const isDebit = sum.normal_side === 'debit';
      debits += isDebit ? BigInt(sum.positive) : -BigInt(sum.negative);
      credits += isDebit ? -BigInt(sum.negative) : BigInt(sum.positive);
    }
    return { currency, debits: exactly(debits), credits: exactly(credits) };
  });

/** One account of a trial balance: its balance on its normal side, and on which side of the ledger that stands. */
export interface TrialBalanceAccount {
  readonly account_id: string;
  readonly account_code: string;
  readonly wallet_type: string;
  readonly currency: string;
  readonly normal_side: Side;
  readonly balance: number;
  readonly debits: number;
  readonly credits: number;
}

/** Throws `NotExact` where the balance is beyond ±(2^53 − 1). `balance`: a decimal string. */
export const renderAccountLine = (
  row: Omit<TrialBalanceAccount, 'balance' | 'debits' | 'credits'> & { readonly balance: string },
): TrialBalanceAccount => {
  const balance = exactly(BigInt(row.balance));
  const onDebit = (row.normal_side === 'debit') === balance >= 0;
  const size = Math.abs(balance);
  const { account_id, account_code, wallet_type, currency, normal_side } = row;
  const debits = onDebit ? size : 0;
  return { account_id, account_code, wallet_type, currency, normal_side, balance, debits, credits: size - debits };
};
