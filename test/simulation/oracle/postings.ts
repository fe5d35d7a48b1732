/** Transactions that clients post, one, many, and back again. */
import {
  accountOf,
  balanceOf,
  emptyBooks,
  nextName,
  OutOfRange,
  type Account,
  type Books,
  type CardTransaction,
  type Entry,
  type Transaction,
  type Use,
  sum,
} from './books.js';
import { fraction, nearest, share } from './fees.js';
import { Slip } from './slip.js';
import type { DataOf, Leg, Now, PostBody, Verdict } from './terms.js';

/** A posting on its way: what it would come to, and the first rule that stops it. */
interface Draft {
  slip: Slip;
  why: string | null;
  from: Account | null;
  to: Account | null;
  amount: number;
  currency: string;
}

const amountFault = (amount: number): string | null => {
  if (!Number.isInteger(amount)) return 'refused: invalid_parameter';
  if (amount <= 0) return 'refused: amount_not_positive';
  return Number.isSafeInteger(amount) ? null : 'refused: amount_out_of_range';
};

/** What the rate makes of an amount must be what is said to arrive. */
const rateFault = ({ amount = 0, rate = '', destination_amount = 0 }: PostBody): string | null => {
  const [units, scale] = fraction(rate);
  return nearest(BigInt(amount) * units, scale) === BigInt(destination_amount) ? null : 'refused: invalid_parameter';
};

const malformed = (data: PostBody): string | null => {
  if (data.type !== 'journal') {
    const fault = amountFault(data.amount ?? 0);
    if (fault !== null) return fault;
    return data.type === 'exchange' ? (amountFault(data.destination_amount ?? 0) ?? rateFault(data)) : null;
  }
  for (const { amount } of data.entries ?? []) {
    const fault = amountFault(amount);
    if (fault !== null) return fault;
  }
  return null;
};

/** An account that a request can't name there: unknown, the ledger's own, or none of the tenant's money. */
const unusable = (books: Books, name: string | undefined, mustBeFloat: boolean): string | null => {
  if (name === undefined) return null;
  const account = books.accounts.get(name);
  if (!account) return 'refused: account_not_found';
  if (account.wallet === 'system') return 'refused: invalid_parameter';
  return mustBeFloat && account.wallet !== 'float' ? 'refused: invalid_parameter' : null;
};

const unnameable = (books: Books, data: PostBody): string | null => {
  for (const { account } of data.entries ?? []) {
    const fault = unusable(books, account, false);
    if (fault !== null) return fault;
  }
  return (
    unusable(books, data.source, data.type === 'deposit') ??
    unusable(books, data.destination, data.type === 'withdrawal')
  );
};

/** What the rules about one amount at once allow, by the entitlement's configuration. */
export const aboveSingle = (books: Books, amount: number, currency: string): string | null => {
  const bound = books.entitlements['transactions.write']?.config.max_single_transaction;
  if (bound === undefined) return null;
  const most = typeof bound === 'number' ? (currency === books.defaultCurrency ? bound : undefined) : bound[currency];
  return most !== undefined && amount > most ? 'max_single_transaction_exceeded by transactions.write' : null;
};

export const effectiveFault = (books: Books, at: string | undefined, now: Now): string | null => {
  if (at === undefined) return null;
  const time = Date.parse(at);
  return time > now.at || (books.closedThrough !== null && time <= books.closedThrough)
    ? 'effective_at_out_of_range'
    : null;
};

/** Money from one account to another: the one has less by it and the other more, whatever their normal sides. */
const move = (slip: Slip, from: Account, to: Account, amount: number, currency: string): string | null => {
  const swapped = from.side === 'debit' && to.side === 'debit';
  return (
    slip.ruled(from, swapped ? 'credit' : 'debit', amount, currency) ??
    slip.ruled(to, swapped ? 'debit' : 'credit', amount, currency)
  );
};

const exchange = (slip: Slip, data: PostBody, from: Account, to: Account): string | null => {
  const { amount = 0, currency = '', destination_amount: arrives = 0 } = data;
  if (to.currency === currency) return 'currency_mismatch';
  const pair = `exchange:${[currency, to.currency].sort().join('-')}`;
  const why = slip.ruled(from, 'debit', amount, currency);
  if (why !== null) return why;
  slip.leg(slip.system(pair, currency), 'credit', amount);
  slip.leg(slip.system(pair, to.currency), 'debit', arrives);
  return slip.ruled(to, 'credit', arrives, to.currency);
};

/** Who pays a fee: the customer of a deposit is who gets it, of the rest who sends. */
const payerOf =
  (slip: Slip, { type, currency = '' }: PostBody, from: Account, to: Account) =>
  (who: string): Account | null => {
    const customer = type === 'deposit' ? to : from;
    if (who === 'customer') return customer.side === 'credit' ? customer : null;
    if (who !== 'merchant') return slip.system('fee_expense', currency);
    return (to.wallet === 'merchant' || to.wallet === 'business') && to.currency === currency ? to : null;
  };

const moved = (books: Books, slip: Slip, data: PostBody, now: Now): Draft => {
  const { type, amount = 0, currency = '', channel } = data;
  const named = (name: string | undefined): Account =>
    name === undefined ? slip.mainFloat(currency) : accountOf(books, name);
  const from = named(data.source);
  const to = named(data.destination);
  const ends = { slip, from, to, amount, currency };
  if (data.source === data.destination) return { ...ends, why: 'same_account' };
  const early = effectiveFault(books, data.effective_at, now) ?? aboveSingle(books, amount, currency);
  if (early !== null) return { ...ends, why: early };
  const legs = type === 'exchange' ? exchange(slip, data, from, to) : move(slip, from, to, amount, currency);
  if (legs !== null) return { ...ends, why: legs };
  const before = [...slip.entries];
  const fee = slip.charge(channel, currency, amount, payerOf(slip, data, from, to), (payer, due) =>
    slip.ruled(payer, 'debit', due, currency),
  );
  if (fee !== null) return { ...ends, why: fee };
  const arrives = type === 'exchange' ? (data.destination_amount ?? 0) : amount;
  const limit = slip.pass(from, to, amount, arrives) ?? slip.overBalance();
  if (limit !== null) return { ...ends, why: limit };
  const short = slip.short();
  if (!short) return { ...ends, why: null };
  // It is the fee's doing only where the account could have paid without it.
  const rule = slip.lacks(short, before) ? '' : ` by ${slip.fees[0]?.rule ?? ''}`;
  return { ...ends, why: `insufficient_funds${rule}` };
};

const journal = (books: Books, slip: Slip, data: PostBody, now: Now): Draft => {
  const entries = data.entries ?? [];
  const currency = data.currency ?? entries[0]?.currency ?? '';
  const net = new Map<string, bigint>();
  let amount = 0;
  for (const leg of entries) {
    net.set(leg.currency, (net.get(leg.currency) ?? 0n) + BigInt(leg.direction === 'debit' ? leg.amount : -leg.amount));
    if (leg.direction === 'debit' && leg.currency === currency) amount += leg.amount;
  }
  if (amount > Number.MAX_SAFE_INTEGER) throw new OutOfRange();
  const ends = { slip, from: null, to: null, amount, currency };
  const effective = effectiveFault(books, data.effective_at, now);
  if (effective !== null) return { ...ends, why: effective };
  if ([...net.values()].some((rest) => rest !== 0n)) return { ...ends, why: 'unbalanced_entries' };
  const why = legsOf(books, slip, entries) ?? slip.overBalance() ?? (slip.short() ? 'insufficient_funds' : null);
  return { ...ends, why };
};

const legsOf = (books: Books, slip: Slip, entries: readonly Leg[]): string | null => {
  for (const { account, direction, amount, currency } of entries) {
    const why = slip.ruled(accountOf(books, account), direction, amount, currency);
    if (why !== null) return why;
  }
  return null;
};

/** Keeps what was posted or failed. */
const SETTLED_AS: Readonly<Record<string, string>> = {
  card_capture: 'gross',
  card_refund: 'refunds',
  card_credit: 'refunds',
};

/** Adds what moved the debt to the network to the sum that it belongs to, which has to stay an amount too. */
const settle = (books: Books, type: string, { entries }: Slip): void => {
  for (const { account, side, amount, currency } of entries) {
    if (!account.startsWith('network_payable|')) continue;
    const key = `${SETTLED_AS[type] ?? 'adjustments'} ${currency}`;
    const amounts = books.settled.get(key) ?? [];
    amounts.push(side === 'credit' ? amount : -amount);
    sum(amounts);
    books.settled.set(key, amounts);
  }
};

export const record = (
  books: Books,
  slip: Slip | null,
  terms: Pick<Transaction, 'type' | 'amount' | 'currency'> & Partial<Transaction>,
): Transaction => {
  slip?.enter();
  if (slip) settle(books, terms.type, slip);
  const transaction: Transaction = {
    name: nextName(books, 'ltx'),
    status: slip ? 'completed' : 'failed',
    entries: slip?.entries ?? [],
    uses: slip?.uses ?? [],
    fees: slip?.fees ?? [],
    reference: null,
    reversed: 0,
    cardTransaction: null,
    why: null,
    ...terms,
  };
  books.transactions.set(transaction.name, transaction);
  return transaction;
};

/** Posts one transaction; what can't be posted fails, is kept as that, or is refused. */
export const post = (books: Books, data: PostBody, now: Now): Verdict => {
  const fault = malformed(data) ?? unnameable(books, data);
  if (fault !== null) return fault;
  if (data.reference !== undefined && books.references.has(data.reference)) return 'refused: duplicate_reference';
  const slip = new Slip(books, now);
  const draft = data.type === 'journal' ? journal(books, slip, data, now) : moved(books, slip, data, now);
  const terms = { type: data.type, amount: draft.amount, currency: draft.currency, reference: data.reference ?? null };
  record(books, draft.why === null ? slip : null, { ...terms, why: draft.why });
  if (draft.why !== null) return `failed: ${draft.why}`;
  if (data.reference !== undefined) books.references.add(data.reference);
  return 'done';
};

/** All or none, each on what the ones before it leave. */
export const postBatch = (books: Books, { transactions }: DataOf<'PostBatch'>, now: Now): Verdict => {
  const before = structuredClone(books);
  for (const one of transactions) {
    const verdict = post(books, one, now);
    if (verdict === 'done') continue;
    Object.assign(books, emptyBooks(before.defaultCurrency), before);
    return verdict.replace('failed: ', 'refused: ');
  }
  return 'done';
};

/** How much of each entry a part takes back: rounded for all that is taken back so far, less what came back before. */
const sharesOf = ({ type, entries, amount, reversed }: Transaction, part: number): number[] => {
  if (type !== 'journal') {
    return entries.map((one) => share(one.amount, reversed + part, amount) - share(one.amount, reversed, amount));
  }
  const shares = new Array<number>(entries.length).fill(0);
  for (const group of groupsOf(entries)) {
    const amounts = group.map((i) => (entries[i] as Entry).amount);
    const whole = amounts.reduce((a, b) => a + b, 0);
    const after = seats(amounts, share(whole, reversed + part, amount));
    const earlier = seats(amounts, share(whole, reversed, amount));
    for (const [k, i] of group.entries()) shares[i] = (after[k] as number) - (earlier[k] as number);
  }
  return shares;
};

const groupsOf = (entries: readonly Entry[]): number[][] => {
  const groups = new Map<string, number[]>();
  for (const [i, { side, currency }] of entries.entries()) {
    const key = `${side} ${currency}`;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  return [...groups.values()];
};

/** Webster's method, seat by seat: the next goes to whoever has most for each of its seats and a half; ties to the first. */
const seats = (votes: readonly number[], total: number): number[] => {
  const given = votes.map(() => 0);
  for (let n = 0; n < total; n++) {
    let best = 0;
    for (let i = 1; i < votes.length; i++) {
      const mine = (votes[i] as number) * (2 * (given[best] as number) + 1);
      if (mine > (votes[best] as number) * (2 * (given[i] as number) + 1)) best = i;
    }
    given[best] = (given[best] as number) + 1;
  }
  return given;
};

/** Types of transactions that can be taken back by reversing them. */
const REVERSIBLE = ['transfer', 'deposit', 'withdrawal', 'journal', 'exchange', 'reservation_capture', 'card_refund'];

/** Mirrors a transaction, whole or in part, effective now, and gives back what it counted. */
export const reverse = (books: Books, data: DataOf<'ReverseTransaction'>, now: Now): Verdict => {
  const fault = data.amount === undefined ? null : amountFault(data.amount);
  if (fault !== null) return fault;
  const original = books.transactions.get(data.transaction_id);
  if (!original) return 'refused: transaction_not_found';
  if (original.status === 'failed' || !REVERSIBLE.includes(original.type)) return 'refused: not_reversible';
  const left = original.amount - original.reversed;
  const part = data.amount ?? left;
  if (left === 0 || part > left) return 'refused: already_reversed';
  const slip = new Slip(books, now);
  const why = mirror(books, slip, original, part);
  const { amount, reversed } = original;
  const given: Use[] = original.uses.map((use) => ({
    ...use,
    amount: share(use.amount, reversed, amount) - share(use.amount, reversed + part, amount),
  }));
  slip.uses.push(...given.filter((use) => use.amount !== 0));
  const fees = original.fees
    .map((fee) => ({
      ...fee,
      amount: share(fee.amount, reversed + part, amount) - share(fee.amount, reversed, amount),
    }))
    .filter((fee) => fee.amount > 0);
  const terms = {
    type: 'reversal',
    amount: part,
    currency: original.currency,
    cardTransaction: original.cardTransaction,
  };
  record(books, why === null ? slip : null, { ...terms, why, fees });
  if (why !== null) return `failed: ${why}`;
  original.reversed += part;
  original.status = original.reversed === original.amount ? 'reversed' : 'partially_reversed';
  if (original.type === 'card_refund') takeBackRefund(books, original, part);
  return 'done';
};

const mirror = (books: Books, slip: Slip, original: Transaction, part: number): string | null => {
  const shares = sharesOf(original, part);
  for (const [i, { account: name, side }] of original.entries.entries()) {
    if (shares[i] === 0) continue;
    const account = accountOf(books, name);
    const other = side === 'debit' ? 'credit' : 'debit';
    const why = slip.refusal(account, other, account.currency);
    if (why !== null) return why;
    slip.leg(account, other, shares[i] as number);
  }
  // Whoever got money back pays first what it owes by now.
  for (const name of new Set(slip.entries.map((one) => one.account))) {
    const account = accountOf(books, name);
    const gained = slip.balance(account) - balanceOf(books, account);
    if (gained > 0 && account.wallet !== 'system') slip.repay(account, gained);
  }
  return slip.short() ? 'insufficient_funds' : null;
};

const takeBackRefund = (books: Books, { cardTransaction }: Transaction, part: number): void => {
  const purchase = books.cardTransactions.get(cardTransaction ?? '');
  if (!purchase) return;
  purchase.amounts.refunded -= part;
  purchase.elements.push('refund_reversal');
  purchase.status = purchaseStatus(purchase);
};

/** How a purchase stands by its sums, in whatever order they came about. */
export const purchaseStatus = ({ direction, amounts }: CardTransaction): string => {
  const { authorized, captured, refunded, held, expired } = amounts;
  if (refunded > 0) return refunded >= captured ? 'refunded' : 'partially_refunded';
  if (captured > 0) return held > 0 ? 'partially_captured' : 'captured';
  if (held > 0) return 'authorized';
  if (expired > 0) return 'expired';
  return authorized > 0 || direction === 'credit' ? 'reversed' : 'declined';
};
