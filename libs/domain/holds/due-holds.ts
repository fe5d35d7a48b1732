/** Every hold and business day ends by itself: which are open, when each is due, and what then becomes of it (DECISIONS 16, 48). */
import type { CardTransaction } from '../card-transactions/card-transactions.js';
import { expireHold } from '../card-transactions/expire-card-transaction.js';
import type { Moment } from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import type { LedgerDraft, LedgerFact } from '../ledger.js';
import { netSettlement } from '../settlements/net-settlement.js';
import type { SettlementFacts } from '../settlements/settlements.js';
import { expireReservation } from '../reservations/expire-reservation.js';
import { isOpen, type Reservation } from '../reservations/reservations.js';
import type { TenantState } from '../state.js';
import { parseInstant, type Instant } from '../time.js';

/** How a fact leaves a hold. */
export interface HoldStanding {
  /** Of a reservation, a card transaction or a settlement. */
  readonly id: string;
  /** Null: nothing is held any more, or the day is netted. */
  readonly dueAt: Instant | null;
}

const instantOf = (id: string, text: string | null): Instant => {
  const at = text === null ? undefined : parseInstant(text);
  if (at === undefined) throw new LedgerInconsistent(`${id} holds money without an end`);
  return at;
};

const ofReservation = (reservation: Reservation): HoldStanding => {
  const { reservation_id: id, expires_at } = reservation;
  return { id, dueAt: isOpen(reservation) ? instantOf(id, expires_at) : null };
};

const ofCardTransaction = ({ card_transaction_id: id, amounts, expires_at }: CardTransaction): HoldStanding => ({
  id,
  dueAt: amounts.held > 0 ? instantOf(id, expires_at) : null,
});

const ofSettlement = ({ settlement_id: id, status, cut_off_at }: SettlementFacts): HoldStanding => ({
  id,
  dueAt: status === 'accruing' ? instantOf(id, cut_off_at) : null,
});

/** The hold or business day that a fact is about; null where it is about none. */
export const holdStandingOf = ({ data }: LedgerFact): HoldStanding | null => {
  if ('reservation' in data) return ofReservation(data.reservation);
  if ('settlement' in data) return ofSettlement(data.settlement);
  if (!('card_transaction' in data) || data.card_transaction === undefined) return null;
  return ofCardTransaction(data.card_transaction);
};

const schedule = (state: TenantState, { id, dueAt }: HoldStanding): void => {
  if (dueAt === null) state.dueTimes.delete(id);
  else state.dueTimes.set(id, dueAt);
};

/** Keeps in mind when the hold is due that a fact made, changed or ended. */
export const scheduleHold = (state: TenantState, fact: LedgerFact): void => {
  const standing = holdStandingOf(fact);
  if (standing !== null) schedule(state, standing);
  if (fact.type === 'SettlementCompleted') retryNetting(state, fact.data.settlement.currency);
};

/** A day that `settlement_clearing` had no room for is tried again once something was paid out of it. */
const retryNetting = (state: TenantState, currency: string): void => {
  const settlement = state.settlements.get(currency);
  if (settlement !== undefined) schedule(state, ofSettlement(settlement));
};

/** Finds the due times of a state that came from a snapshot: they are what its open holds say. */
export const scheduleAllHolds = (state: TenantState): void => {
  for (const reservation of state.reservations.values()) schedule(state, ofReservation(reservation));
  for (const cardTransaction of state.cardTransactions.values()) schedule(state, ofCardTransaction(cardTransaction));
  for (const settlement of state.settlements.values()) schedule(state, ofSettlement(settlement));
};

/**
 * The events that end the hold or the business day which has been due longest; null where none is due. Once they are folded,
 * the next ones can be asked for. Throws `AmountOutOfRange` where a day can't be netted.
 */
export const expireFirstDue = (state: TenantState, moment: Moment): readonly LedgerDraft[] | null => {
  const due = state.dueTimes.first();
  if (due === undefined || due.at > moment.at) return null;
  const reservation = state.reservations.get(due.id);
  if (reservation !== undefined) return [expireReservation(state, reservation, moment)];
  const cardTransaction = state.cardTransactions.get(due.id);
  if (cardTransaction !== undefined) return [expireHold(state, cardTransaction, moment)];
  for (const settlement of state.settlements.values()) {
    if (settlement.settlement_id === due.id) return netSettlement(state, settlement, moment);
  }
  throw new LedgerInconsistent(`${due.id} is due and holds nothing`);
};
