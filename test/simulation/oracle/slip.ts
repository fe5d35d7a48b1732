/** A posting in the making: legs one after the other, and the rules that each and all of them must keep. */
import { dueFee } from './fees.js';
import {
  accountOf,
  availableOf,
  balanceOf,
  debtOf,
  isBlocked,
  isOneOwner,
  isWallet,
  mainFloatOf,
  nextName,
  systemAccountOf,
  tierOf,
  use,
  usedOf,
  type Account,
  type Books,
  type Charged,
  type Entry,
  type Use,
} from './books.js';
import type { Direction, Now, Side } from './terms.js';

/** Accounts of the ledger itself whose balance counts on the debit side. */
const DEBIT_SIDED = /^(processor_receivable|receivable:|fee_expense|settlement_clearing|dispute_receivable)/;

export class Slip {
  readonly entries: Entry[] = [];
  readonly uses: Use[] = [];
  readonly fees: Charged[] = [];
  private readonly opened: Account[] = [];

  constructor(
    private readonly books: Books,
    private readonly now: Now,
  ) {}

  /** The ledger's own account of this code, made when it is first used. */
  system(code: string, currency: string): Account {
    const known =
      systemAccountOf(this.books, code, currency) ??
      this.opened.find((one) => one.wallet === 'system' && one.code === code && one.currency === currency);
    if (known) return known;
    const side = DEBIT_SIDED.test(code) ? 'debit' : 'credit';
    return this.open({ name: `${code}|${currency}`, code, wallet: 'system', currency, side, mayBeNegative: true });
  }

  mainFloat(currency: string): Account {
    const known =
      mainFloatOf(this.books, currency) ??
      this.opened.find((one) => one.wallet === 'float' && one.currency === currency);
    if (known) return known;
    return this.open({ name: 'to be named', code: '', wallet: 'float', currency, side: 'debit', mayBeNegative: false });
  }

  private open(terms: Pick<Account, 'name' | 'code' | 'wallet' | 'currency' | 'side' | 'mayBeNegative'>): Account {
    const account: Account = {
      ...terms,
      overdraft: 0,
      tier: 'tier1',
      parent: null,
      customer: null,
      blocks: [],
      closed: false,
    };
    this.opened.push(account);
    return account;
  }

  /** A leg that no rule refuses. */
  leg(account: Account, side: Side, amount: number): void {
    this.entries.push({ account: account.name, side, amount, currency: account.currency });
    this.balance(account);
  }

  balance(account: Account): number {
    return balanceOf(this.books, account, this.entries);
  }

  available(account: Account): number {
    return availableOf(this.books, account, this.entries);
  }

  /** Why a leg can't be made, in the order of the contract. */
  refusal(account: Account, side: Side, currency: string): string | null {
    if (account.currency !== currency) return 'currency_mismatch';
    if (account.closed) return 'account_closed';
    return isBlocked(this.books, account, side) ? 'account_frozen' : null;
  }

  /** A leg that rules may refuse. A credit repays first what the account's owner owes. */
  ruled(account: Account, side: Side, amount: number, currency: string): string | null {
    const why = this.refusal(account, side, currency);
    if (why !== null) return why;
    this.leg(account, side, amount);
    if (side === 'credit') this.repay(account, amount);
    return null;
  }

  repay(account: Account, amount: number): void {
    if (account.side === 'debit') return;
    const owed = debtOf(this.books, account, this.entries);
    const repaid = Math.min(owed, amount);
    if (repaid <= 0) return;
    this.leg(account, 'debit', repaid);
    this.leg(this.system(`receivable:${account.name}`, account.currency), 'credit', repaid);
  }

  /** The fee of a channel beside the amount; `payer` says who bears it, null where nobody can. */
  charge(
    channel: string | undefined,
    currency: string,
    amount: number,
    payer: (who: Charged['payer']) => Account | null,
    take: (from: Account, fee: number) => string | null,
  ): string | null {
    const due = dueFee(this.books, channel, currency, amount, this.now);
    if (due === null) return null;
    const from = payer(due.payer);
    if (from === null) return `fee_payer_missing by ${due.rule}`;
    const why = take(from, due.amount);
    if (why !== null) return `${why} by ${due.rule}`;
    this.leg(this.system(`fees:${due.payee}`, currency), 'credit', due.amount);
    this.fees.push(due);
    return null;
  }

  /** Counts towards the limits of the account's owner; limits are about wallets alone. */
  count(account: Account, direction: Direction, amount: number, day = this.now.today): void {
    if (amount !== 0 && isWallet(account)) this.uses.push({ account: account.name, direction, amount, day });
  }

  /** The daily, then the monthly limit of the account's tier, with what is counted here. */
  overLimit(account: Account, direction: Direction, amount: number): string | null {
    if (!isWallet(account)) return null;
    for (const window of ['daily', 'monthly'] as const) {
      const rule = this.books.limits.find(
        ({ terms }) =>
          terms.kyc_level === tierOf(this.books, account) &&
          terms.currency === account.currency &&
          terms.direction === direction &&
          terms.window === window,
      );
      if (!rule) continue;
      const used = usedOf(this.books, account, direction, window, this.now.today);
      if (BigInt(used) + BigInt(amount) > BigInt(rule.terms.amount)) return `limit_exceeded by ${rule.name}`;
    }
    return null;
  }

  /** Judges and counts money on its way; nothing where it stays with one owner. */
  pass(from: Account, to: Account, leaves: number, arrives: number): string | null {
    if (isOneOwner(from, to)) return null;
    const why = this.overLimit(from, 'outbound', leaves) ?? this.overLimit(to, 'inbound', arrives);
    this.count(from, 'outbound', leaves);
    this.count(to, 'inbound', arrives);
    return why;
  }

  /** The first account whose balance these legs raised above what its tier may have. */
  overBalance(): string | null {
    for (const name of new Set(this.entries.map(({ account }) => account))) {
      const account = this.find(name);
      if (!isWallet(account) || this.balance(account) <= balanceOf(this.books, account)) continue;
      const rule = this.books.limits.find(
        ({ terms }) =>
          terms.kyc_level === tierOf(this.books, account) &&
          terms.currency === account.currency &&
          terms.max_balance !== undefined,
      );
      if (rule && this.balance(account) > (rule.terms.max_balance as number)) {
        return `max_balance_exceeded by ${rule.name}`;
      }
    }
    return null;
  }

  /**
   * The first account that the legs leave with less than nothing, and with less than before. What a hold gives up for them
   * is `released`.
   */
  short(released?: { account: Account; amount: number }): Account | null {
    const extra = (account: Account): number => (released?.account === account ? released.amount : 0);
    for (const name of new Set(this.entries.map(({ account }) => account))) {
      const account = this.find(name);
      if (!account.mayBeNegative && this.lacks(account, this.entries, extra(account))) return account;
    }
    return null;
  }

  /** Whether these legs leave it with less than nothing, and with less than before. */
  lacks(account: Account, legs: readonly Entry[], extra = 0): boolean {
    const free = availableOf(this.books, account, legs) + extra;
    return free < 0 && free < availableOf(this.books, account);
  }

  /** Enters the legs, the counts and the accounts that they needed. */
  enter(): void {
    this.balanced();
    for (const account of this.opened) {
      const named = account.wallet === 'float' ? nextName(this.books, 'acc') : account.name;
      for (const entry of this.entries) if (entry.account === account.name) entry.account = named;
      account.name = named;
      this.books.accounts.set(named, account);
    }
    for (const { account: name, side, amount } of this.entries) {
      const account = accountOf(this.books, name);
      const amounts = this.books.entries.get(name) ?? [];
      amounts.push(side === account.side ? amount : -amount);
      this.books.entries.set(name, amounts);
    }
    use(this.books, this.uses);
  }

  private balanced(): void {
    for (const currency of new Set(this.entries.map((one) => one.currency))) {
      const legs = this.entries.filter((one) => one.currency === currency);
      if (legs.reduce((total, { side, amount }) => total + BigInt(side === 'debit' ? amount : -amount), 0n) !== 0n) {
        throw new RangeError('the oracle posted what does not balance');
      }
    }
  }

  private find(name: string): Account {
    return this.opened.find((one) => one.name === name) ?? accountOf(this.books, name);
  }
}
