import { systemKey, type Account } from '../accounts/accounts.js';
import { refundTakenBack } from '../card-transactions/take-back-refund.js';
import { clear, refuse, type Decision, type Moment, type Refusal } from '../decision.js';
import type { Entry, Side } from '../entries.js';
import type { ChargedFee } from '../fees/fees.js';
import { idOf } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import type { LimitUse } from '../limits/limit-uses.js';
import { add, shareOf, subtract, ZERO, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import { captureUses } from '../reservations/capture-reservation.js';
import { accrue } from '../settlements/accrue.js';
import { NETWORK_PAYABLE, type Accrued } from '../settlements/settlements.js';
import { cold, type TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { apportion } from './apportion.js';
import { amountRefusal, failed, failure, postingSubject, withinRange, type Failure } from './recording.js';
import type { TransactionFacts } from './transactions.js';

export interface ReverseTransaction {
  readonly type: 'ReverseTransaction';
  readonly data: {
    readonly transaction_id: string;
    /** Minor units of the transaction's own amount; all that is left, where it is left out. */
    readonly amount?: number;
    readonly reason?: string;
  };
}

/** What is to be reversed, as the latest event about it says. */
interface Original {
  readonly facts: TransactionFacts;
  readonly entries: readonly Entry[];
  readonly limitUses: readonly LimitUse[];
  readonly eventId: string;
  readonly revision: number;
}

/** How much of the original's amount is taken back before and after this. */
interface Part {
  readonly before: Minor;
  readonly after: Minor;
  readonly whole: Minor;
}

/**
 * Takes a transaction back, whole or in parts, effective now: its entries mirrored, its fees pro rata (DECISIONS 24). The
 * share of each entry is what it comes to for all that is taken back so far, rounded half-even, less what earlier parts
 * returned; of a journal each side is apportioned as a whole, so that every part balances. An account that gets
 * money back repays what its owner owes first; a repayment that is mirrored opens the debt again. What it had counted
 * towards limits is given back in the same shares, on the days on which it was counted; nothing is judged by limits.
 *
 * Refused, in this order, with nothing appended:
 * 1. `invalid_parameter`, `amount_not_positive`, `amount_out_of_range`
 * 2. `transaction_not_found`
 * 3. `not_reversible`: it failed, is itself a reversal, or is what a card transaction captured or credited
 * 4. `already_reversed`: less of it is left than that
 *
 * Refused, in this order, as a TransactionFailed of type `reversal`: entry by entry `account_closed`, `account_frozen`;
 * then `insufficient_funds`.
 */
export const reverseTransaction = (
  { data }: ReverseTransaction,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const malformed = data.amount === undefined ? null : amountRefusal(data.amount, 'amount');
  if (malformed !== null) return malformed;
  const original = originalOf(state, data.transaction_id);
  if ('kind' in original) return original;
  const whole = original.facts.amount as Minor;
  const before = original.facts.reversed_amount as Minor;
  const left = subtract(whole, before);
  const amount = (data.amount ?? left) as Minor;
  if (left === 0 || amount > left) return refuse('already_reversed', left === 0 ? undefined : 'amount');
  return withinRange(() =>
    reverse(original, { before, after: add(before, amount), whole }, data.reason, state, moment),
  );
};

const NO_USES: readonly LimitUse[] = [];

const originalOf = (state: TenantState, id: string): Original | Refusal => {
  const event = cold(state, `ltx:${id}`);
  if (event === null) return refuse('transaction_not_found');
  if (event.type === 'TransactionPosted') {
    const { transaction, entries, limit_uses = NO_USES } = event.data;
    return { facts: transaction, entries, limitUses: limit_uses, eventId: event.id, revision: event.revision };
  }
  if (event.type === 'TransactionReversed' && event.data.original.transaction_id === id) {
    const { original, original_entries, original_limit_uses, original_event_id, original_revision } = event.data;
    return {
      facts: original,
      entries: original_entries,
      limitUses: original_limit_uses ?? NO_USES,
      eventId: original_event_id,
      revision: original_revision,
    };
  }
  if (event.type === 'CardTransactionRefunded' && event.data.transaction.transaction_id === id) {
    const { transaction, entries } = event.data;
    return { facts: transaction, entries, limitUses: NO_USES, eventId: event.id, revision: event.revision };
  }
  if (event.type === 'ReservationCaptured') {
    const { transaction, entries } = event.data;
    return {
      facts: transaction,
      entries,
      limitUses: captureUses(event.data),
      eventId: event.id,
      revision: event.revision,
    };
  }
  // What a card took is given back by the network's own messages.
  return refuse('not_reversible');
};

/** A part's share of an amount: rounded for all so far, less what earlier parts returned. */
const shareIn = (amount: Minor, { before, after, whole }: Part): Minor =>
  subtract(shareOf(amount, after, whole), shareOf(amount, before, whole));

/** What each entry gives back, in their order. */
const sharesOf = ({ facts, entries }: Original, part: Part): readonly Minor[] => {
  // All but a journal consist of pairs of equal amounts, whose shares are equal too.
  if (facts.type !== 'journal') return entries.map(({ amount }) => shareIn(amount as Minor, part));
  const shares = entries.map(() => ZERO);
  for (const places of sidesOf(entries)) {
    const amounts = places.map((place) => (entries[place] as Entry).amount as Minor);
    const after = apportion(amounts, part.after, part.whole);
    const before = apportion(amounts, part.before, part.whole);
    for (const [i, place] of places.entries()) shares[place] = subtract(after[i] as Minor, before[i] as Minor);
  }
  return shares;
};

/** The places of the entries of each side of each currency. */
const sidesOf = (entries: readonly Entry[]): Iterable<readonly number[]> => {
  const sides = new Map<string, number[]>();
  for (const [place, { direction, currency }] of entries.entries()) {
    const side = `${direction}|${currency}`;
    const places = sides.get(side);
    if (places) places.push(place);
    else sides.set(side, [place]);
  }
  return sides.values();
};

const OPPOSITE: { readonly [S in Side]: Side } = { debit: 'credit', credit: 'debit' };

const mirror = (posting: Posting, original: Original, part: Part, state: TenantState): Failure | null => {
  const shares = sharesOf(original, part);
  const touched = new Map<string, Account>();
  for (const [i, entry] of original.entries.entries()) {
    const share = shares[i] as Minor;
    if (share === 0) continue;
    const account = state.accounts.get(entry.account_id) as Account;
    touched.set(account.id, account);
    const direction = OPPOSITE[entry.direction];
    const refusal = posting.refusalOf(account, direction, entry.currency);
    if (refusal !== null) return failure(refusal);
    posting.post(account, direction, share);
  }
  // By what an account comes out with, not leg by leg: else a debt that the mirror opens again would be repaid at once.
  for (const account of touched.values()) posting.repay(account, posting.changeOf(account));
  return posting.short() === null ? null : failure('insufficient_funds');
};

const giveBack = (posting: Posting, { limitUses }: Original, part: Part, state: TenantState): void => {
  for (const { account_id, direction, amount, counted_on } of limitUses) {
    const share = shareIn(amount as Minor, part);
    posting.count(state.accounts.get(account_id) as Account, direction, subtract(ZERO, share), counted_on);
  }
};

/** What it gives back of what is settled with the network is a correction, on the day of the reversal. */
const accruedBy = (posting: Posting, { facts, entries }: Original, state: TenantState, moment: Moment): Accrued => {
  const { currency } = facts;
  const id = state.systemAccounts.get(systemKey(NETWORK_PAYABLE, currency));
  if (id === undefined || !entries.some((entry) => entry.account_id === id)) return {};
  const amount = posting.changeOf(state.accounts.get(id) as Account);
  return amount === 0
    ? {}
    : { settlement_line: accrue(state, moment, posting.opened, { type: 'adjustment', amount, currency }) };
};

const returnedFees = (fees: readonly ChargedFee[], part: Part): readonly ChargedFee[] =>
  fees.map((fee) => ({ ...fee, amount: shareIn(fee.amount as Minor, part) })).filter(({ amount }) => amount > 0);

const reverse = (
  original: Original,
  part: Part,
  reason: string | undefined,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const { facts } = original;
  const accountOf = (id: string | null): Account | undefined =>
    state.accounts.get(id ?? (original.entries[0] as Entry).account_id);
  const [source, destination] = [accountOf(facts.source), accountOf(facts.destination)];
  const subject =
    facts.type === 'deposit' ? postingSubject(state, destination, source) : postingSubject(state, source, destination);

  const posting = new Posting(state, moment);
  const stopped = mirror(posting, original, part, state);
  const accrued = stopped === null ? accruedBy(posting, original, state, moment) : {};
  const id = moment.nextUlid();
  const said = reason === undefined ? null : clear(reason);
  const transaction: TransactionFacts = {
    transaction_id: idOf('transaction', id),
    type: 'reversal',
    status: stopped === null ? 'completed' : 'failed',
    channel: facts.channel,
    amount: subtract(part.after, part.before),
    currency: facts.currency,
    destination_amount: null,
    rate: null,
    source: facts.destination,
    destination: facts.source,
    reference: null,
    narration: said,
    metadata: [],
    fees: stopped === null ? returnedFees(facts.fees, part) : [],
    failure_code: stopped === null ? null : stopped.code,
    failure_rule: null,
    reversal_of: facts.transaction_id,
    reversed_amount: 0,
    card_transaction_id: null,
    effective_at: formatInstant(moment.at),
  };
  if (stopped !== null) return failed(id, transaction, moment, subject);
  giveBack(posting, original, part, state);
  const draft: LedgerDraft = {
    id,
    type: 'TransactionReversed',
    data: {
      local_date: moment.localDate,
      business_date: moment.businessDate,
      transaction,
      entries: posting.balanced(),
      reason: said,
      original: {
        ...facts,
        status: part.after === part.whole ? 'reversed' : 'partially_reversed',
        reversed_amount: part.after,
      },
      original_event_id: original.eventId,
      original_revision: original.revision,
      original_entries: original.entries,
      ...(original.limitUses.length === 0 ? {} : { original_limit_uses: original.limitUses }),
      ...posting.counted(),
      ...accrued,
      ...refundTakenBack(state, facts, transaction.amount as Minor, transaction.transaction_id, moment),
    },
    subject,
  };
  return { kind: 'accepted', events: [...posting.opened, draft] };
};
