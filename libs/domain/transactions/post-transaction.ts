import type { Account } from '../accounts/accounts.js';
import {
  clear,
  personalMetadata,
  refuse,
  type Decision,
  type Metadata,
  type Moment,
  type PersonalMetadata,
  type Refusal,
} from '../decision.js';
import { exceededSingle } from '../entitlements/single-transaction.js';
import type { Side } from '../entries.js';
import { creditFee, dueFee, feePayer } from '../fees/charge-fee.js';
import { FEE_CHANNELS, type ChargedFee, type FeeChannel } from '../fees/fees.js';
import { idOf, type Ulid } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import { exceededBalance, exceededLimit } from '../limits/judge-limits.js';
import { add, isCurrency, larger, ZERO, type Minor } from '../money.js';
import { isClosed } from '../periods/periods.js';
import { Posting } from '../posting.js';
import type { RefusalCode } from '../refusals.js';
import type { TenantState } from '../state.js';
import { formatInstant, parseInstant, type Instant } from '../time.js';
import { areAssets, give, take, unusable } from './between-accounts.js';
import { exchangeCode, exchanged } from './exchange-rate.js';
import {
  amountRefusal,
  failed,
  failure,
  isUsed,
  posted,
  postingSubject,
  withinRange,
  type Failure,
} from './recording.js';
import type { PostableType, TransactionFacts } from './transactions.js';

/** One leg of a journal. */
export interface JournalLeg {
  readonly account: string;
  readonly direction: Side;
  /** Minor units, above zero. */
  readonly amount: number;
  readonly currency: string;
}

export interface PostTransactionData {
  readonly type: PostableType;
  /** Which fee rule applies (one of `FEE_CHANNELS`); none, no fee. */
  readonly channel?: string;
  /** Minor units. Only a journal may leave it out: it is what its debits come to. */
  readonly amount?: number;
  /** Only a journal may leave it out: it is that of its first entry. */
  readonly currency?: string;
  readonly source?: string;
  readonly destination?: string;
  /** Of an exchange, minor units of the destination's currency. */
  readonly destination_amount?: number;
  /** Of an exchange, a decimal: minor units of the destination's currency for one of the source's. */
  readonly rate?: string;
  readonly entries?: readonly JournalLeg[];
  readonly reference?: string;
  readonly narration?: string;
  /** RFC 3339; now, where it is left out. */
  readonly effective_at?: string;
  readonly metadata?: Metadata;
}

export interface PostTransaction {
  readonly type: 'PostTransaction';
  readonly data: PostTransactionData;
}

type Field = keyof PostTransactionData;

export const MIN_JOURNAL_ENTRIES = 2;
export const MAX_JOURNAL_ENTRIES = 100;

/** What each type must state, and what it can't. */
const FIELDS: {
  readonly [T in PostableType]: { readonly needed: readonly Field[]; readonly barred: readonly Field[] };
} = {
  transfer: {
    needed: ['amount', 'currency', 'source', 'destination'],
    barred: ['destination_amount', 'rate', 'entries'],
  },
  deposit: { needed: ['amount', 'currency', 'destination'], barred: ['destination_amount', 'rate', 'entries'] },
  withdrawal: { needed: ['amount', 'currency', 'source'], barred: ['destination_amount', 'rate', 'entries'] },
  journal: { needed: ['entries'], barred: ['source', 'destination', 'destination_amount', 'rate'] },
  exchange: {
    needed: ['amount', 'currency', 'source', 'destination', 'destination_amount', 'rate'],
    barred: ['entries'],
  },
};

const NO_FEES: readonly ChargedFee[] = [];
const NO_METADATA: PersonalMetadata = [];

/**
 * Posts a transfer, deposit, withdrawal, journal or exchange (DECISIONS 23, 27, 28).
 *
 * Money goes from `source` to `destination` by a debit of the one and a credit of the other; where both have debit as
 * their normal side (two floats) the other way round, so that the source always is the one that has less. A fee is
 * debited beside the amount, in the same event.
 *
 * Refused, in this order, with nothing appended:
 *  1. `missing_field`, `invalid_parameter` (a field that the type does not have)
 *  2. `amount_not_positive`, `amount_out_of_range`, `invalid_currency`, `invalid_parameter` (channel, rate,
 *     destination_amount that is not half-even(amount × rate), number of entries)
 *  3. `invalid_parameter` (effective_at)
 *  4. `account_not_found`, `invalid_parameter` (a system account; an account that should be a float and is none)
 *  5. `duplicate_reference`
 *
 * Refused, in this order, as a TransactionFailed (`amount_out_of_range` where a leg would leave the range of numbers):
 *  6. `same_account`
 *  7. `effective_at_out_of_range`
 *  8. `unbalanced_entries`; but for journals `max_single_transaction_exceeded`, naming the entitlement
 *  9. leg by leg `currency_mismatch`, `account_closed`, `account_frozen`
 * 10. `fee_payer_missing`, then the fee's own leg as in 9, naming the rule
 * 11. but for journals `limit_exceeded`: what the source may send, then what the destination may get, naming the limit
 * 12. `max_balance_exceeded`, naming the limit
 * 13. `insufficient_funds`, naming the rule where the account could have paid but for the fee
 */
export const postTransaction = (
  { data }: PostTransaction,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const malformed = malformedIn(data);
  if (malformed !== null) return malformed;
  const effectiveAt = data.effective_at === undefined ? moment.at : parseInstant(data.effective_at);
  if (effectiveAt === undefined) return refuse('invalid_parameter', 'effective_at');
  return withinRange(() =>
    data.type === 'journal'
      ? postJournal(data, effectiveAt, state, moment)
      : postBetween(data, effectiveAt, state, moment),
  );
};

const malformedIn = (data: PostTransactionData): Refusal | null => {
  const { needed, barred } = FIELDS[data.type];
  for (const field of needed) if (data[field] === undefined) return refuse('missing_field', field);
  for (const field of barred) {
    if (data[field] !== undefined) return refuse('invalid_parameter', field, `A ${data.type} has no ${field}.`);
  }
  const amounts = data.amount === undefined ? null : amountRefusal(data.amount, 'amount');
  if (amounts !== null) return amounts;
  if (data.currency !== undefined && !isCurrency(data.currency)) return refuse('invalid_currency', 'currency');
  if (data.channel !== undefined && !FEE_CHANNELS.includes(data.channel as FeeChannel)) {
    return refuse('invalid_parameter', 'channel');
  }
  if (data.entries !== undefined) return malformedEntries(data.entries);
  return data.rate === undefined
    ? null
    : malformedExchange(data.amount as number, data.destination_amount as number, data.rate);
};

const malformedExchange = (amount: number, destinationAmount: number, rate: string): Refusal | null => {
  const refusal = amountRefusal(destinationAmount, 'destination_amount');
  if (refusal !== null) return refusal;
  const result = exchanged(amount, rate);
  if (result === undefined) return refuse('invalid_parameter', 'rate');
  if (result === BigInt(destinationAmount)) return null;
  return refuse('invalid_parameter', 'destination_amount', `The amount at this rate comes to ${result}.`);
};

const malformedEntries = (entries: readonly JournalLeg[]): Refusal | null => {
  if (entries.length < MIN_JOURNAL_ENTRIES || entries.length > MAX_JOURNAL_ENTRIES) {
    return refuse('invalid_parameter', 'entries', `A journal has 2 to ${MAX_JOURNAL_ENTRIES} entries.`);
  }
  for (const [i, { amount, currency }] of entries.entries()) {
    const refusal = amountRefusal(amount, `entries[${i}].amount`);
    if (refusal !== null) return refusal;
    if (!isCurrency(currency)) return refuse('invalid_currency', `entries[${i}].currency`);
  }
  return null;
};

/** Never ahead of now, never in a period that is closed (DECISIONS 20, 55). */
const isOutOfRange = (effectiveAt: Instant, state: TenantState, moment: Moment): boolean =>
  effectiveAt > moment.at || isClosed(state, effectiveAt);

/** Where a posting ended: what it came to between whom, or what stopped it. */
interface Ending {
  readonly amount: Minor;
  readonly currency: string;
  readonly source: string | null;
  readonly destination: string | null;
  readonly fees: readonly ChargedFee[];
  readonly stopped: Failure | null;
  /** Whose key seals what is said in it. */
  readonly subject: string;
}

// One literal: this is the path of every posting, and spreading costs more than all the rest of it.
const transactionOf = (
  id: Ulid,
  data: PostTransactionData,
  { amount, currency, source, destination, fees, stopped }: Ending,
  effectiveAt: Instant,
): TransactionFacts => ({
  transaction_id: idOf('transaction', id),
  type: data.type,
  status: stopped === null ? 'completed' : 'failed',
  channel: data.channel ?? null,
  amount,
  currency,
  destination_amount: data.destination_amount ?? null,
  rate: data.rate ?? null,
  source,
  destination,
  reference: data.reference ?? null,
  narration: data.narration === undefined ? null : clear(data.narration),
  metadata: data.metadata === undefined ? NO_METADATA : personalMetadata(data.metadata),
  fees: stopped === null ? fees : NO_FEES,
  failure_code: stopped === null ? null : stopped.code,
  failure_rule: stopped === null ? null : stopped.rule,
  reversal_of: null,
  reversed_amount: 0,
  card_transaction_id: null,
  effective_at: formatInstant(effectiveAt),
});

const conclude = (
  data: PostTransactionData,
  effectiveAt: Instant,
  posting: Posting,
  ending: Ending,
  moment: Moment,
): Decision<LedgerDraft> => {
  // Taken last, so that the accounts opened for it have earlier ids.
  const id = moment.nextUlid();
  const transaction = transactionOf(id, data, ending, effectiveAt);
  return ending.stopped === null
    ? posted(id, transaction, posting, moment, ending.subject)
    : failed(id, transaction, moment, ending.subject);
};

const postBetween = (
  data: PostTransactionData,
  effectiveAt: Instant,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const amount = data.amount as Minor;
  const currency = data.currency as string;
  const posting = new Posting(state, moment);
  let source: Account | undefined;
  let destination: Account | undefined;
  if (data.source !== undefined) {
    source = state.accounts.get(data.source);
    const refusal = unusable(source, 'source', data.type === 'deposit');
    if (refusal !== null) return refusal;
  }
  if (data.destination !== undefined) {
    destination = state.accounts.get(data.destination);
    const refusal = unusable(destination, 'destination', data.type === 'withdrawal');
    if (refusal !== null) return refusal;
  }
  if (isUsed(data.reference, state)) return refuse('duplicate_reference', 'reference');

  const from = source ?? posting.system('float', currency);
  const to = destination ?? posting.system('float', currency);
  const fees: ChargedFee[] = [];
  const stopped =
    (from.id === to.id ? failure('same_account') : null) ??
    (isOutOfRange(effectiveAt, state, moment) ? failure('effective_at_out_of_range') : null) ??
    exceededSingle(state, amount, currency) ??
    move(posting, data, from, to) ??
    charge(posting, data, from, to, fees, state, moment) ??
    count(posting, data, from, to, state, moment) ??
    exceededBalance(state, posting) ??
    unpayable(posting, fees);
  // A deposit is about the account that gets it; the float is nobody's.
  const subject = data.type === 'deposit' ? postingSubject(state, to, from) : postingSubject(state, from, to);
  // A main float that a failed posting would have opened is not there to be named.
  const named = (account: Account): string | null =>
    stopped === null || state.accounts.has(account.id) ? account.id : null;
  const ending = { amount, currency, source: named(from), destination: named(to), fees, stopped, subject };
  return conclude(data, effectiveAt, posting, ending, moment);
};

const move = (posting: Posting, data: PostTransactionData, from: Account, to: Account): Failure | null => {
  const amount = data.amount as Minor;
  const currency = data.currency as string;
  const code =
    data.type === 'exchange'
      ? exchange(posting, data, from, to)
      : (give(posting, from, to, amount, currency) ?? take(posting, from, to, amount, currency));
  return code === null ? null : failure(code);
};

/** Both currencies go through the tenant's position in the pair. */
const exchange = (posting: Posting, data: PostTransactionData, from: Account, to: Account): RefusalCode | null => {
  const leaving = data.amount as Minor;
  const arriving = data.destination_amount as Minor;
  const currency = data.currency as string;
  const other = to.terms.currency;
  if (other === currency) return 'currency_mismatch';
  const refusal = give(posting, from, to, leaving, currency);
  if (refusal !== null) return refusal;
  const pair = exchangeCode(currency, other);
  const assets = areAssets(from, to);
  posting.post(posting.system(pair, currency), assets ? 'debit' : 'credit', leaving);
  posting.post(posting.system(pair, other), assets ? 'credit' : 'debit', arriving);
  return take(posting, from, to, arriving, other);
};

/** The fee beside the amount, by channel. The customer of a deposit is who gets it, of the rest who sends. */
const charge = (
  posting: Posting,
  data: PostTransactionData,
  from: Account,
  to: Account,
  fees: ChargedFee[],
  state: TenantState,
  moment: Moment,
): Failure | null => {
  const due = dueFee(state, moment, data.channel, data.amount as Minor, data.currency as string);
  if (due === null) return null;
  const payer = feePayer(posting, due.rule, data.type === 'deposit' ? to : from, to);
  if (payer === null) return failure('fee_payer_missing', due.rule.rule_id);
  const code = posting.debit(payer, due.amount, due.rule.currency);
  if (code !== null) return failure(code, due.rule.rule_id);
  fees.push(creditFee(posting, due, payer));
  return null;
};

/** The amount alone, towards the limits of both sides; what stays with one customer uses nothing (DECISIONS 43). */
const count = (
  posting: Posting,
  data: PostTransactionData,
  from: Account,
  to: Account,
  state: TenantState,
  moment: Moment,
): Failure | null => {
  if (from.extras.customerId !== null && from.extras.customerId === to.extras.customerId) return null;
  const leaving = data.amount as Minor;
  const arriving = (data.destination_amount ?? data.amount) as Minor;
  const exceeded =
    exceededLimit(state, from, 'outbound', leaving, moment) ?? exceededLimit(state, to, 'inbound', arriving, moment);
  if (exceeded !== null) return exceeded;
  posting.count(from, 'outbound', leaving);
  posting.count(to, 'inbound', arriving);
  return null;
};

const unpayable = (posting: Posting, [fee]: readonly ChargedFee[]): Failure | null => {
  const account = posting.short();
  if (account === null) return null;
  const forTheFee =
    fee !== undefined && fee.account_id === account.id && posting.availableOf(account) + fee.amount >= 0;
  return failure('insufficient_funds', forTheFee ? fee.rule_id : null);
};

/** Whether debits equal credits in each currency, and what the journal comes to in its own. */
const sumsOf = (
  entries: readonly JournalLeg[],
  currency: string,
): { readonly balanced: boolean; readonly amount: Minor } => {
  const debits = new Map<string, Minor>();
  const credits = new Map<string, Minor>();
  for (const entry of entries) {
    const sums = entry.direction === 'debit' ? debits : credits;
    sums.set(entry.currency, add(sums.get(entry.currency) ?? ZERO, entry.amount as Minor));
  }
  let balanced = debits.size === credits.size;
  for (const [key, sum] of debits) balanced &&= credits.get(key) === sum;
  return { balanced, amount: larger(debits.get(currency) ?? ZERO, credits.get(currency) ?? ZERO) };
};

const postJournal = (
  data: PostTransactionData,
  effectiveAt: Instant,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const entries = data.entries as readonly JournalLeg[];
  const first = entries[0] as JournalLeg;
  const currency = data.currency ?? first.currency;
  const { balanced, amount } = sumsOf(entries, currency);
  if (amount === 0) return refuse('invalid_parameter', 'currency', 'No entry is in this currency.');
  if (balanced && data.amount !== undefined && data.amount !== amount) {
    return refuse('invalid_parameter', 'amount', `The debits come to ${amount}.`);
  }
  for (const [i, { account }] of entries.entries()) {
    const refusal = unusable(state.accounts.get(account), `entries[${i}].account`, false);
    if (refusal !== null) return refusal;
  }
  if (isUsed(data.reference, state)) return refuse('duplicate_reference', 'reference');

  const posting = new Posting(state, moment);
  const stopped =
    (isOutOfRange(effectiveAt, state, moment) ? failure('effective_at_out_of_range') : null) ??
    (balanced ? null : failure('unbalanced_entries')) ??
    moveEach(posting, entries, state) ??
    exceededBalance(state, posting) ??
    unpayable(posting, NO_FEES);
  const subject = postingSubject(state, state.accounts.get(first.account));
  const ending = { amount, currency, source: null, destination: null, fees: NO_FEES, stopped, subject };
  return conclude(data, effectiveAt, posting, ending, moment);
};

const moveEach = (posting: Posting, entries: readonly JournalLeg[], state: TenantState): Failure | null => {
  for (const { account, direction, amount, currency } of entries) {
    const named = state.accounts.get(account) as Account;
    const code =
      direction === 'debit'
        ? posting.debit(named, amount as Minor, currency)
        : posting.credit(named, amount as Minor, currency);
    if (code !== null) return failure(code);
  }
  return null;
};
