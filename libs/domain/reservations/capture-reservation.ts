import type { Account } from '../accounts/accounts.js';
import { accept, refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { exceededBalance, exceededLimit } from '../limits/judge-limits.js';
import type { LimitUse } from '../limits/limit-uses.js';
import { add, subtract, ZERO, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { give, take, unusable } from '../transactions/between-accounts.js';
import {
  amountRefusal,
  failed,
  failure,
  postingSubject,
  withinRange,
  type Failure,
} from '../transactions/recording.js';
import { transactionOf } from './reservation-transaction.js';
import { isOpen, previousOf, reservationOf, type Reservation, type ReservationEvent } from './reservations.js';

export interface CaptureReservation {
  readonly type: 'CaptureReservation';
  readonly data: {
    readonly reservation_id: string;
    /** Minor units; all that is held, where it is left out. */
    readonly amount?: number;
    /** The reservation's own, else the main float, where it is left out. */
    readonly destination?: string;
    /** Whether nothing more is to come, so that the rest of the hold is given back; true where it is left out. */
    readonly final?: boolean;
  };
}

type Captured = Extract<ReservationEvent, { type: 'ReservationCaptured' }>['data'];

/**
 * Takes what a reservation holds, all or in parts, to where it names: a ledger transaction of type `reservation_capture`,
 * whose money comes out of the hold in the same event (DECISIONS 47). The hold was counted when it was made; only the
 * destination's inbound is counted now.
 *
 * Refused, in this order, with nothing appended: `invalid_parameter`, `amount_not_positive`, `amount_out_of_range`;
 * `reservation_not_found`; `account_not_found`, `invalid_parameter` (the destination that is named); `invalid_state`, where
 * it is captured, released or expired.
 *
 * Refused, in this order, as a TransactionFailed of type `reservation_capture`: `amount_exceeds_reservation`,
 * `same_account`; `account_frozen` (also where only that side is blocked); of the destination `currency_mismatch`,
 * `account_closed`, `account_frozen`; `limit_exceeded`, `max_balance_exceeded`, `insufficient_funds`.
 */
export const captureReservation = (
  { data }: CaptureReservation,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const malformed = data.amount === undefined ? null : amountRefusal(data.amount, 'amount');
  if (malformed !== null) return malformed;
  const reservation = reservationOf(state, data.reservation_id);
  if (reservation === null) return refuse('reservation_not_found');
  const named = data.destination === undefined ? undefined : state.accounts.get(data.destination);
  const refusal = data.destination === undefined ? null : unusable(named, 'destination', false);
  if (refusal !== null) return refusal;
  if (!isOpen(reservation)) return refuse('invalid_state', undefined, `The reservation is ${reservation.status}.`);
  return withinRange(() => capture(reservation, data, named, state, moment));
};

const capture = (
  before: Reservation,
  { amount: asked, final = true }: CaptureReservation['data'],
  named: Account | undefined,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const held = before.amounts.held as Minor;
  const amount = (asked ?? held) as Minor;
  const posting = new Posting(state, moment);
  const from = state.accounts.get(before.account_id) as Account;
  const to =
    named ??
    (before.destination === null
      ? posting.system('float', before.currency)
      : (state.accounts.get(before.destination) as Account));
  const rest = final ? subtract(held, amount) : ZERO;
  const stopped =
    (amount > held ? failure('amount_exceeds_reservation') : null) ??
    (from.id === to.id ? failure('same_account') : null) ??
    move(posting, before, from, to, amount, rest, state, moment);
  const { reservation_id, currency } = before;
  const subject = postingSubject(state, from, to);
  // Taken last, so that the accounts opened for it have earlier ids.
  const id = moment.nextUlid();
  // A main float that a failed capture would have opened is not there to be named.
  const destination = stopped === null || state.accounts.has(to.id) ? to.id : null;
  const movement = { amount, currency, source: from.id, destination, stopped, reservation_id };
  const transaction = transactionOf(id, 'reservation_capture', moment, movement);
  if (stopped !== null) return failed(id, transaction, moment, subject);
  return accept<LedgerDraft>(...posting.opened, {
    id,
    type: 'ReservationCaptured',
    data: {
      local_date: moment.localDate,
      business_date: moment.businessDate,
      reservation: afterCapture(before, amount, rest, transaction.transaction_id),
      previous: previousOf(before),
      transaction,
      entries: posting.balanced(),
      holds: posting.holds,
      ...posting.counted(),
    },
    subject,
  });
};

/**
 * What a capture used of limits, all told: the destination's inbound with it, and the source's outbound when the hold was
 * made. A reversal gives both back.
 */
export const captureUses = ({ reservation, transaction, limit_uses = [] }: Captured): readonly LimitUse[] => [
  {
    account_id: reservation.account_id,
    direction: 'outbound',
    amount: transaction.amount,
    counted_on: reservation.counted_on,
  },
  ...limit_uses.filter(({ direction }) => direction === 'inbound'),
];

/** The hold is given up first, so that its own money pays. */
const move = (
  posting: Posting,
  { currency, counted_on }: Reservation,
  from: Account,
  to: Account,
  amount: Minor,
  rest: Minor,
  state: TenantState,
  moment: Moment,
): Failure | null => {
  posting.hold(from, subtract(ZERO, add(amount, rest)));
  const code = give(posting, from, to, amount, currency) ?? take(posting, from, to, amount, currency);
  if (code !== null) return failure(code);
  const limit = exceededLimit(state, to, 'inbound', amount, moment);
  if (limit !== null) return limit;
  posting.count(to, 'inbound', amount);
  posting.count(from, 'outbound', subtract(ZERO, rest), counted_on);
  return exceededBalance(state, posting) ?? (posting.short() === null ? null : failure('insufficient_funds'));
};

const afterCapture = (before: Reservation, amount: Minor, rest: Minor, transaction_id: string): Reservation => {
  const held = subtract(subtract(before.amounts.held as Minor, amount), rest);
  return {
    ...before,
    transaction_id,
    status: held > 0 ? 'partially_captured' : 'captured',
    amounts: {
      ...before.amounts,
      held,
      captured: add(before.amounts.captured as Minor, amount),
      released: add(before.amounts.released as Minor, rest),
    },
  };
};
