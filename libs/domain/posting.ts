/**
 * The one way to build a fact that moves money: legs and holds over the state as it stands, each seeing what the ones
 * before it left. Nothing is changed in the state; the fact's own fold does that.
 */
import { accountOf, systemKey, type Account } from './accounts/accounts.js';
import { availableOf, effectiveBlock, receivableCode, spendable } from './accounts/standing.js';
import { systemAccount } from './accounts/system-accounts.js';
import type { Moment } from './decision.js';
import { isBalanced, LedgerInconsistent, type Entry, type HoldChange, type Side } from './entries.js';
import type { LedgerDraft } from './ledger.js';
import { isCounted, mustFit, roomOf, type Counted, type LimitUse } from './limits/limit-uses.js';
import type { LimitDirection } from './limits/limits.js';
import { add, larger, smaller, subtract, ZERO, type Minor } from './money.js';
import type { RefusalCode } from './refusals.js';
import type { TenantState } from './state.js';

/** An account as the legs so far leave it. */
interface Working {
  /** As it was before the first leg. */
  readonly account: Account;
  balance: Minor;
  held: Minor;
}

/** What a clearing's own hold does for it; minor units. */
export interface ClearedHold {
  /** What it held for this clearing with money behind it: nobody else's hold has a claim to that. */
  readonly own: Minor;
  /** What the purchase goes on holding: that keeps nothing from its own clearing. */
  readonly remaining: Minor;
}

const NOTHING_COUNTED: Counted = {};

/** What may leave it. */
const freeOf = ({ account, balance, held }: Working): Minor => spendable(balance, held, account.extras.overdraftLimit);

/**
 * A posting in the making. All its functions throw `AmountOutOfRange` where a balance would leave the range of safe
 * integers; deciders turn that into a refusal.
 */
export class Posting {
  readonly entries: Entry[] = [];
  readonly holds: HoldChange[] = [];
  /** What counts towards limits, for the record. */
  readonly limitUses: LimitUse[] = [];
  /** Events that open the accounts that the ledger makes itself; they stand before the one whose entries name them. */
  readonly opened: LedgerDraft[] = [];
  // A handful of accounts: searching them is quicker than hashing their ids.
  private readonly touched: Working[] = [];

  constructor(
    private readonly state: TenantState,
    private readonly moment: Moment,
  ) {}

  /**
   * The system account of this code (`float`: the tenant's main float), opened at zero by this posting where the tenant
   * has none yet.
   */
  system(code: string, currency: string): Account {
    const id = systemAccount(this.state, this.moment, this.opened, code, currency);
    return this.state.accounts.get(id) ?? this.openedHere(id);
  }

  /**
   * A debit that rules may refuse, in this order: `currency_mismatch`, `account_closed`, `account_frozen` (also where
   * only debits are blocked). Null where it was made. Whether the funds suffice is known when all legs are: `short`.
   */
  debit(account: Account, amount: Minor, currency: string): RefusalCode | null {
    const refusal = this.refusalOf(account, 'debit', currency);
    if (refusal === null) this.leg(this.workingOf(account), 'debit', amount);
    return refusal;
  }

  /** A credit that rules may refuse, in the same order. What the account's owner owes is paid back out of it first. */
  credit(account: Account, amount: Minor, currency: string): RefusalCode | null {
    const refusal = this.refusalOf(account, 'credit', currency);
    if (refusal === null) {
      this.leg(this.workingOf(account), 'credit', amount);
      this.repay(account, amount);
    }
    return refusal;
  }

  /** A leg that no rule refuses: of a system account, a mirror or a clearing. Repays nothing by itself. */
  post(account: Account, direction: Side, amount: Minor): void {
    this.leg(this.workingOf(account), direction, amount);
  }

  /** A credit that no block refuses, as clearings make them; what is owed is paid back out of it first. */
  creditCleared(account: Account, amount: Minor): void {
    this.leg(this.workingOf(account), 'credit', amount);
    this.repay(account, amount);
  }

  /**
   * A debit of a wallet that the network has already paid: takes what its own hold had money for, and beyond that what is
   * available (the hold is given back by this posting first), whatever blocks the account; what is lacking is debited to its
   * receivable. A closed account gives nothing. Answers what was lacking.
   */
  debitCleared(account: Account, amount: Minor, { own, remaining }: ClearedHold): Minor {
    const working = this.workingOf(account);
    const { closed, overdraftLimit } = account.extras;
    const kept = smaller(own, larger(spendable(working.balance, ZERO, overdraftLimit), ZERO));
    const free = spendable(working.balance, subtract(working.held, remaining), overdraftLimit);
    const paid = closed ? ZERO : larger(kept, smaller(amount, larger(free, ZERO)));
    if (paid > 0) this.leg(working, 'debit', paid);
    const lacking = subtract(amount, paid);
    if (lacking > 0) this.post(this.system(receivableCode(account.id), account.terms.currency), 'debit', lacking);
    return lacking;
  }

  /** Pays back what the account's owner owes, at most `amount`, as entries of its own (DECISIONS 24); below zero nothing. */
  repay(account: Account, amount: Minor): void {
    const { currency } = account.terms;
    const id = this.state.systemAccounts.get(systemKey(receivableCode(account.id), currency));
    if (id === undefined) return;
    const receivable = this.workingOf(this.state.accounts.get(id) as Account);
    const repaid = smaller(amount, receivable.balance);
    if (repaid <= 0) return;
    this.leg(this.workingOf(account), 'debit', repaid);
    this.leg(receivable, 'credit', repaid);
  }

  /** Holds more (above zero) or gives back (below zero). */
  hold(account: Account, amount: Minor): void {
    const working = this.workingOf(account);
    working.held = add(working.held, amount);
    if (working.held < 0) throw new LedgerInconsistent(`${account.id} would hold ${working.held}`);
    this.holds.push({ account_id: account.id, amount, held_after: working.held });
  }

  /**
   * Counts towards the limits of the account's owner (above zero) or gives back what was counted on `day` (below zero).
   * Judges nothing; does nothing for accounts that limits are not about.
   */
  count(account: Account, direction: LimitDirection, amount: Minor, day: string = this.moment.localDate): void {
    if (amount === 0 || !isCounted(account)) return;
    this.limitUses.push({ account_id: account.id, direction, amount, counted_on: day });
  }

  /** Counts as outbound what nothing may refuse: of an amount that the counter can't add up, as much as it has room for. */
  countCleared(account: Account, amount: Minor): void {
    const room = roomOf(this.state, account, 'outbound', this.moment.localDate);
    this.count(account, 'outbound', smaller(amount, room));
  }

  /** `limit_uses` as a fact says it: left out where there are none. */
  counted(): Counted {
    if (this.limitUses.length === 0) return NOTHING_COUNTED;
    mustFit(this.state, this.limitUses);
    return { limit_uses: this.limitUses };
  }

  /** What may leave the account after the legs so far; says nothing about `allow_negative`. */
  availableOf(account: Account): Minor {
    return freeOf(this.workingOf(account));
  }

  /** The account's balance after the legs so far, on its normal side. */
  balanceOf(account: Account): Minor {
    return this.workingOf(account).balance;
  }

  /** By how much the legs so far raised the account's balance on its normal side; below zero where they lowered it. */
  changeOf(account: Account): Minor {
    return subtract(this.workingOf(account).balance, account.balance);
  }

  /**
   * The first account, in the order of the legs, that is left with less than nothing available and with less than before:
   * `insufficient_funds`. To be asked when all legs are made.
   */
  short(): Account | null {
    for (const working of this.touched) {
      const { account } = working;
      if (account.terms.allowNegative) continue;
      const free = freeOf(working);
      if (free < 0 && free < availableOf(account)) return account;
    }
    return null;
  }

  /** The accounts that it touches, as they were before. */
  accounts(): readonly Account[] {
    return this.touched.map(({ account }) => account);
  }

  /** The entries, checked: what does not balance is a defect of the decider and never leaves it. */
  balanced(): readonly Entry[] {
    if (!isBalanced(this.entries)) throw new LedgerInconsistent('debits and credits of a posting differ');
    return this.entries;
  }

  /** Why a leg would be refused, in the order given at `debit`; null where it would not. */
  refusalOf(account: Account, direction: Side, currency: string): RefusalCode | null {
    if (account.terms.currency !== currency) return 'currency_mismatch';
    const { closed, parentId, blocks } = account.extras;
    if (closed) return 'account_closed';
    if (parentId === null && blocks.length === 0) return null;
    const { debits, credits } = effectiveBlock(this.state, account);
    return (direction === 'debit' ? debits : credits) ? 'account_frozen' : null;
  }

  private leg(working: Working, direction: Side, amount: Minor): void {
    const { id, terms } = working.account;
    working.balance = direction === terms.normalSide ? add(working.balance, amount) : subtract(working.balance, amount);
    this.entries.push({
      account_id: id,
      direction,
      amount,
      currency: terms.currency,
      balance_after: working.balance,
    });
  }

  private workingOf(account: Account): Working {
    for (const working of this.touched) if (working.account.id === account.id) return working;
    const working = { account, balance: account.balance, held: account.held };
    this.touched.push(working);
    return working;
  }

  private openedHere(id: string): Account {
    for (const { data } of this.opened) {
      if ('account' in data && data.account.account_id === id) return accountOf(data.account);
    }
    throw new LedgerInconsistent(`${id} is a system account that was never opened`);
  }
}
