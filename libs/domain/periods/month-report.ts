/**
 * What is told of a closed month. It says nothing that can still change: nothing takes effect in a closed month any more, and of
 * settlements it tells what was known when the month was closed. So it is the same to the byte whenever and by whomever it is made.
 */
import type { WalletType } from '../accounts/accounts.js';
import type { SettlementFacts } from '../settlements/settlements.js';
import type { ClosedMonth } from './periods.js';

export const MONTH_REPORT_FORMAT = 'daybook.month_report/1';

/** Accounts of one kind and currency, told as one. Sums are minor units, debits above zero. */
export interface ControlAccount {
  readonly type: WalletType;
  /** Of the ledger's own accounts: which; all receivables are one. */
  readonly code: string | null;
  readonly currency: string;
  readonly opening: bigint;
  readonly closing: bigint;
}

/** A settlement as it stood when the month was closed. */
export interface MonthSettlement extends Pick<
  SettlementFacts,
  'settlement_id' | 'business_date' | 'currency' | 'gross' | 'refunds' | 'fees' | 'adjustments' | 'net' | 'line_count'
> {
  /** Null: not paid by then. */
  readonly paid_amount: number | null;
  readonly difference: number | null;
}

export interface MonthFacts extends ClosedMonth {
  readonly tenant_id: string;
  /** When, and by which event of the stream, it was closed. */
  readonly closed_at: string;
  readonly revision: number;
  /** Hex: that event's hash, which binds all before it. */
  readonly head_hash: string;
  readonly accounts: readonly ControlAccount[];
  readonly settlements: readonly MonthSettlement[];
}

interface Sums {
  readonly opening_debits: number;
  readonly opening_credits: number;
  readonly closing_debits: number;
  readonly closing_credits: number;
}

export interface MonthReport extends Omit<MonthFacts, 'accounts' | 'settlements'> {
  readonly format: typeof MONTH_REPORT_FORMAT;
  readonly trial_balance: readonly ({ readonly currency: string } & Sums)[];
  readonly accounts: readonly (Pick<ControlAccount, 'type' | 'code' | 'currency'> & Sums)[];
  readonly settlements: readonly (MonthSettlement & { readonly status: 'completed' | 'unpaid' })[];
  /** What the payments of the month's settlements brought into `suspense`, and what stood in it: debits above zero. */
  readonly differences: readonly {
    readonly currency: string;
    readonly settlements: number;
    readonly amount: number;
    readonly suspense_opening: number;
    readonly suspense_closing: number;
  }[];
}

/** The code that an account of the ledger's own is told under; null: it is a client's. */
export const controlCode = (walletType: string, code: string): string | null => {
  if (walletType !== 'system') return null;
  return code.startsWith('receivable:') ? 'receivable' : code;
};

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const currenciesOf = (all: readonly { readonly currency: string }[]): string[] =>
  [...new Set(all.map(({ currency }) => currency))].sort();

const total = (numbers: readonly bigint[]): bigint => numbers.reduce((sum, one) => sum + one, 0n);
const debit = (sum: bigint): bigint => (sum > 0n ? sum : 0n);
const credit = (sum: bigint): bigint => (sum < 0n ? -sum : 0n);

/** `exactly` throws where a sum is beyond what an amount can say. */
export const monthReport = (facts: MonthFacts, exactly: (sum: bigint) => number): MonthReport => {
  const { tenant_id, month, timezone, from, through, closed_at, revision, head_hash } = facts;
  const sumsOf = (accounts: readonly ControlAccount[]): Sums => ({
    opening_debits: exactly(total(accounts.map(({ opening }) => debit(opening)))),
    opening_credits: exactly(total(accounts.map(({ opening }) => credit(opening)))),
    closing_debits: exactly(total(accounts.map(({ closing }) => debit(closing)))),
    closing_credits: exactly(total(accounts.map(({ closing }) => credit(closing)))),
  });
  const accounts = facts.accounts
    .filter(({ opening, closing }) => opening !== 0n || closing !== 0n)
    .sort((a, b) => inOrder(a.currency, b.currency) || inOrder(a.type, b.type) || inOrder(a.code ?? '', b.code ?? ''));
  const settlements = [...facts.settlements].sort(
    (a, b) => inOrder(a.business_date, b.business_date) || inOrder(a.currency, b.currency),
  );
  return {
    format: MONTH_REPORT_FORMAT,
    ...{ tenant_id, month, timezone, from, through, closed_at, revision, head_hash },
    trial_balance: currenciesOf(accounts).map((currency) => ({
      currency,
      ...sumsOf(accounts.filter((one) => one.currency === currency)),
    })),
    accounts: accounts.map((one) => ({ type: one.type, code: one.code, currency: one.currency, ...sumsOf([one]) })),
    settlements: settlements.map((one) => ({ ...one, status: one.paid_amount === null ? 'unpaid' : 'completed' })),
    differences: differencesOf(accounts, settlements, exactly),
  };
};

const differencesOf = (
  accounts: readonly ControlAccount[],
  settlements: readonly MonthSettlement[],
  exactly: (sum: bigint) => number,
): MonthReport['differences'] => {
  const inSuspense = accounts.filter(({ code }) => code === 'suspense');
  const differing = settlements.filter(({ difference }) => difference !== null && difference !== 0);
  return currenciesOf([...inSuspense, ...differing]).map((currency) => {
    const own = differing.filter((one) => one.currency === currency);
    const suspense = inSuspense.find((one) => one.currency === currency);
    return {
      currency,
      settlements: own.length,
      amount: exactly(total(own.map(({ net, difference }) => BigInt(net < 0 ? -difference! : difference!)))),
      suspense_opening: exactly(suspense?.opening ?? 0n),
      suspense_closing: exactly(suspense?.closing ?? 0n),
    };
  });
};
