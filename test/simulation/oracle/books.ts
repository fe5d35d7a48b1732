/**
 * The oracle's books: everything that ever happened, kept as lists. Nothing is carried along that could be counted again:
 * a balance is the sum of an account's entries, what is used of a limit the sum of what was counted on its days.
 */
import type {
  Controls,
  Direction,
  Entitled,
  FeeTerms,
  Interval,
  LimitTerms,
  Party,
  Side,
  TenantStatus,
  Tier,
  Wallet,
} from './terms.js';

const LARGEST = Number.MAX_SAFE_INTEGER;

/** A sum left the range of amounts: it is refused, never rounded. */
export class OutOfRange extends Error {}

export const sum = (amounts: readonly number[]): number => {
  let total = 0;
  for (const amount of amounts) {
    total += amount;
    if (Math.abs(total) > LARGEST) throw new OutOfRange();
  }
  return total;
};

export interface Block {
  source: string;
  debits: boolean;
  credits: boolean;
}

export interface Account {
  name: string;
  /** Client's code, or the ledger's own: `network_payable`, `receivable:acc1`. */
  code: string;
  wallet: Wallet;
  currency: string;
  side: Side;
  overdraft: number;
  mayBeNegative: boolean;
  tier: Tier;
  parent: string | null;
  customer: string | null;
  blocks: Block[];
  closed: boolean;
}

export interface Entry {
  account: string;
  side: Side;
  amount: number;
  currency: string;
}

/** What was counted towards limits, or given back (below zero), and on which day it was counted. */
export interface Use {
  account: string;
  direction: Direction;
  amount: number;
  day: string;
}

/** The same for a card's spending controls. */
export interface CardUse {
  card: string;
  amount: number;
  day: string;
}

export interface Charged {
  rule: string;
  amount: number;
  payer: Party;
  payee: Party;
}

export interface Transaction {
  name: string;
  type: string;
  status: 'completed' | 'failed' | 'reversed' | 'partially_reversed';
  amount: number;
  currency: string;
  entries: Entry[];
  uses: Use[];
  fees: Charged[];
  reference: string | null;
  reversed: number;
  cardTransaction: string | null;
  why: string | null;
}

/** What a hold still has of what it counted: newest last. */
export interface Count {
  amount: number;
  day: string;
}

export interface Card {
  name: string;
  account: string;
  type: 'virtual' | 'physical' | 'nfc';
  status: 'inactive' | 'active' | 'suspended' | 'terminated';
  controls: Controls;
  expires: { month: number; year: number } | null;
}

export interface CardAmounts {
  authorized: number;
  incremented: number;
  reversed: number;
  expired: number;
  released: number;
  captured: number;
  over_captured: number;
  refunded: number;
  held: number;
  receivable: number;
}

export interface CardTransaction {
  name: string;
  card: string;
  account: string;
  direction: Side;
  status: string;
  amount: number;
  requested: number;
  currency: string;
  category: string;
  amounts: CardAmounts;
  counts: Count[];
  /** What of the hold there was money for when it was made or made more. */
  covered: number;
  elements: string[];
  expiresAt: number | null;
}

export interface Reservation {
  name: string;
  account: string;
  destination: string | null;
  currency: string;
  status: string;
  amount: number;
  captured: number;
  held: number;
  counts: Count[];
  expiresAt: number;
}

export interface Rule<T> {
  name: string;
  terms: T;
}

export interface Books {
  status: TenantStatus;
  inactiveSince: number;
  defaultCurrency: string;
  closedThrough: number | null;
  entitlements: Record<string, { enabled: boolean; config: Entitled }>;
  accounts: Map<string, Account>;
  customers: Map<string, { tier: Tier }>;
  /** What was entered on each account, one after the other, on its normal side. */
  entries: Map<string, number[]>;
  uses: Use[];
  cardUses: CardUse[];
  transactions: Map<string, Transaction>;
  references: Set<string>;
  cards: Map<string, Card>;
  cardTransactions: Map<string, CardTransaction>;
  reservations: Map<string, Reservation>;
  /** What is to be settled with the network, by currency and sort: the sums of a business day that never ends here. */
  settled: Map<string, number[]>;
  /** Network messages by kind and reference: what the first one said. */
  messages: Map<string, object>;
  fees: Rule<FeeTerms & { from: number }>[];
  limits: Rule<LimitTerms>[];
  made: Record<string, number>;
}

export const emptyBooks = (defaultCurrency: string): Books => ({
  status: 'active',
  inactiveSince: 0,
  defaultCurrency,
  closedThrough: null,
  entitlements: {},
  accounts: new Map(),
  customers: new Map(),
  entries: new Map(),
  uses: [],
  cardUses: [],
  transactions: new Map(),
  references: new Set(),
  cards: new Map(),
  cardTransactions: new Map(),
  reservations: new Map(),
  settled: new Map(),
  messages: new Map(),
  fees: [],
  limits: [],
  made: {},
});

/** The next name of a kind: `acc4` after three accounts. */
export const nextName = (books: Books, kind: string): string => {
  const n = (books.made[kind] ?? 0) + 1;
  books.made[kind] = n;
  return `${kind}${n}`;
};

export const accountOf = (books: Books, name: string): Account => {
  const account = books.accounts.get(name);
  if (account === undefined) throw new RangeError(`the oracle knows no account ${name}`);
  return account;
};

export const systemAccountOf = (books: Books, code: string, currency: string): Account | undefined =>
  books.accounts.get(`${code}|${currency}`);

/** Where nothing is named, deposits come from and withdrawals go to the oldest open float of the currency. */
export const mainFloatOf = (books: Books, currency: string): Account | undefined =>
  [...books.accounts.values()].find((one) => one.wallet === 'float' && one.currency === currency && !one.closed);

/** On the account's normal side, with legs that are not entered yet. */
export const balanceOf = (books: Books, account: Account, further: readonly Entry[] = []): number => {
  const amounts = [sum(books.entries.get(account.name) ?? [])];
  for (const { account: name, side, amount } of further) {
    if (name === account.name) amounts.push(side === account.side ? amount : -amount);
  }
  return sum(amounts);
};

export const heldOf = (books: Books, account: Account): number => {
  const holds: number[] = [];
  for (const one of books.cardTransactions.values()) if (one.account === account.name) holds.push(one.amounts.held);
  for (const one of books.reservations.values()) if (one.account === account.name) holds.push(one.held);
  return sum(holds);
};

/** What may leave the account: its balance less what is held, a sum like any other, and its overdraft limit. It stops at the largest amount. */
export const availableOf = (books: Books, account: Account, further: readonly Entry[] = []): number => {
  const free = BigInt(sum([balanceOf(books, account, further), -heldOf(books, account)])) + BigInt(account.overdraft);
  return free > BigInt(LARGEST) ? LARGEST : Number(free);
};

/** What the account's owner owes after clearings beyond its balance. */
export const debtOf = (books: Books, account: Account, further: readonly Entry[] = []): number => {
  const debt = systemAccountOf(books, `receivable:${account.name}`, account.currency);
  return debt === undefined ? 0 : balanceOf(books, debt, further);
};

/** The account and all above it. */
export const lineageOf = (books: Books, account: Account): Account[] =>
  account.parent === null ? [account] : [account, ...lineageOf(books, accountOf(books, account.parent))];

export const isBlocked = (books: Books, account: Account, side: Side): boolean =>
  lineageOf(books, account).some(({ blocks }) => blocks.some((one) => (side === 'debit' ? one.debits : one.credits)));

export const statusOf = (books: Books, account: Account): string => {
  if (account.closed) return 'closed';
  return isBlocked(books, account, 'debit') && isBlocked(books, account, 'credit') ? 'frozen' : 'active';
};

export const tierOf = (books: Books, account: Account): Tier =>
  account.customer === null ? account.tier : (books.customers.get(account.customer)?.tier ?? account.tier);

/** Whether limits are about it: a wallet is somebody's, the rest is the tenant's own money. */
export const isWallet = ({ wallet }: Account): boolean =>
  wallet === 'customer' || wallet === 'business' || wallet === 'merchant' || wallet === 'agent';

const ownerOf = (account: Account): string => `${account.customer ?? account.name} ${account.currency}`;

/** Whether both count for one customer, or are one account. */
export const isOneOwner = (a: Account, b: Account): boolean =>
  a.name === b.name || (a.customer !== null && a.customer === b.customer);

/** What an account's owner has used, recounted over all that was ever counted. */
export const usedOf = (
  books: Books,
  account: Account,
  direction: Direction,
  window: 'daily' | 'monthly',
  today: string,
): number => {
  const length = window === 'daily' ? 10 : 7;
  return sum(
    books.uses
      .filter((one) => one.direction === direction && one.day.slice(0, length) === today.slice(0, length))
      .filter((one) => ownerOf(accountOf(books, one.account)) === ownerOf(account))
      .map(({ amount }) => amount),
  );
};

/** Counts what is used. What its owner has used in a month must stay in the range of amounts, whether or not it is limited. */
export const use = (books: Books, uses: readonly Use[]): void => {
  books.uses.push(...uses);
  for (const one of uses) {
    if (one.amount > 0) usedOf(books, accountOf(books, one.account), one.direction, 'monthly', one.day);
  }
};

/** What a card has used of a spending control's interval. */
export const cardUsedOf = (books: Books, card: string, interval: Interval, today: string): number => {
  const length = { per_authorization: 99, daily: 10, monthly: 7, all_time: 0 }[interval];
  return sum(
    books.cardUses
      .filter((one) => one.card === card && one.day.slice(0, length) === today.slice(0, length))
      .map(({ amount }) => amount),
  );
};

/** Takes `amount` off what a hold counted, newest first; answers what came off, of which day. */
export const takeNewest = (counts: Count[], amount: number): Count[] => {
  const taken: Count[] = [];
  let rest = amount;
  while (rest > 0) {
    const newest = counts.at(-1);
    if (newest === undefined) break;
    const part = Math.min(rest, newest.amount);
    taken.push({ amount: part, day: newest.day });
    newest.amount -= part;
    if (newest.amount === 0) counts.pop();
    rest -= part;
  }
  return taken;
};
