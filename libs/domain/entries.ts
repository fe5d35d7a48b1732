import type { Account } from './accounts/accounts.js';
import { add, subtract, ZERO, type Minor } from './money.js';
import type { TenantState } from './state.js';

export type Side = 'debit' | 'credit';

/** One leg of a fact that moves money. Nothing else changes a balance. */
export interface Entry {
  readonly account_id: string;
  readonly direction: Side;
  /** Minor units, above zero. */
  readonly amount: number;
  readonly currency: string;
  /** The account's balance after this entry, on its normal side. */
  readonly balance_after: number;
}

/** A change of what is held on an account: `available = balance − held + overdraft limit`. */
export interface HoldChange {
  readonly account_id: string;
  /** Minor units: above zero holds more, below zero gives back. */
  readonly amount: number;
  readonly held_after: number;
}

/** The stream says something that can't be: it was tampered with, or this code has a defect. Never a client's fault. */
export class LedgerInconsistent extends Error {
  override readonly name = 'LedgerInconsistent';
}

/** Σ debits = Σ credits, for each currency. The first invariant of the ledger. */
export const isBalanced = (entries: readonly Pick<Entry, 'direction' | 'amount' | 'currency'>[]): boolean => {
  if (entries.length === 2) {
    const [a, b] = entries as [Entry, Entry];
    return a.direction !== b.direction && a.amount === b.amount && a.currency === b.currency;
  }
  const sums = new Map<string, Minor>();
  for (const { direction, amount, currency } of entries) {
    const sum = sums.get(currency) ?? ZERO;
    sums.set(currency, direction === 'debit' ? add(sum, amount as Minor) : subtract(sum, amount as Minor));
  }
  for (const sum of sums.values()) if (sum !== 0) return false;
  return true;
};

// Member by member: a copy by `...account` takes five times as long, and the fold is made of these.
const standing = ({ id, terms, extras }: Account, balance: Minor, held: Minor): Account => ({
  id,
  terms,
  balance,
  held,
  extras,
});

/** Applies entries to balances, and checks on the way what must hold of them. */
export const applyEntries = (state: TenantState, entries: readonly Entry[]): void => {
  if (!isBalanced(entries)) throw new LedgerInconsistent('debits and credits of an event differ');
  for (const entry of entries) {
    const account = state.accounts.get(entry.account_id);
    if (!account) throw new LedgerInconsistent(`an entry names ${entry.account_id}, which was never opened`);
    if (account.terms.currency !== entry.currency || !(entry.amount > 0)) {
      throw new LedgerInconsistent(`an entry on ${entry.account_id} has another currency or no positive amount`);
    }
    const { walletType, currency, normalSide } = account.terms;
    const change = entry.direction === normalSide ? entry.amount : -entry.amount;
    const balance = add(account.balance, change as Minor);
    if (balance !== entry.balance_after) {
      throw new LedgerInconsistent(
        `${entry.account_id} has ${balance} after an entry that says ${entry.balance_after}`,
      );
    }
    state.accounts.set(account.id, standing(account, balance, account.held));
    state.liquidity.move(walletType, currency, change);
  }
};

export const applyHolds = (state: TenantState, holds: readonly HoldChange[]): void => {
  for (const hold of holds) {
    const account = state.accounts.get(hold.account_id);
    if (!account) throw new LedgerInconsistent(`a hold names ${hold.account_id}, which was never opened`);
    const held = add(account.held, hold.amount as Minor);
    if (held !== hold.held_after || held < 0) {
      throw new LedgerInconsistent(`${hold.account_id} holds ${held} after a change that says ${hold.held_after}`);
    }
    state.accounts.set(account.id, standing(account, account.balance, held));
  }
};
