/** Reservations: what each event leaves of one follows from how it was and from what the event moves (DECISIONS 47). */
import type { LedgerEvent } from '#domain/ledger.js';
import type { ReservationEvent, ReservationFacts } from '#domain/reservations/reservations.js';
import { accountOf, type Standing } from './standing.js';
import { must } from './wrong.js';

const OPEN: readonly string[] = ['active', 'partially_captured'];

const checkSums = ({ reservation_id: id, amount, amounts, status }: ReservationFacts): void => {
  const { held, captured, released, expired } = amounts;
  for (const sum of [held, captured, released, expired])
    must(Number.isSafeInteger(sum) && sum >= 0, () => `a sum of ${id} is ${sum}`);
  must(
    held + captured + released + expired === amount,
    () => `the sums of ${id} come to ${held + captured + released + expired}, it is of ${amount}`,
  );
  must(OPEN.includes(status) === held > 0, () => `${id} is called ${status} and holds ${held}`);
};

const expected = (before: ReservationFacts, event: ReservationEvent, back: number): ReservationFacts => {
  const { amounts } = before;
  const rest = amounts.held - back;
  switch (event.type) {
    case 'FundsReserved':
      return before;
    case 'ReservationCaptured': {
      const { transaction } = event.data;
      return {
        ...before,
        status: rest > 0 ? 'partially_captured' : 'captured',
        transaction_id: transaction.transaction_id,
        amounts: {
          ...amounts,
          held: rest,
          captured: amounts.captured + transaction.amount,
          released: amounts.released + back - transaction.amount,
        },
      };
    }
    case 'ReservationReleased':
      return { ...before, status: 'released', amounts: { ...amounts, held: rest, released: amounts.released + back } };
    case 'ReservationExpired':
      return { ...before, status: 'expired', amounts: { ...amounts, held: rest, expired: amounts.expired + back } };
  }
};

const isSame = (a: ReservationFacts, b: ReservationFacts): boolean =>
  (Object.keys(a) as (keyof ReservationFacts)[]).every((name) => {
    if (name !== 'amounts') return JSON.stringify(a[name]) === JSON.stringify(b[name]);
    const { held, captured, released, expired } = b.amounts;
    return (
      a.amounts.held === held &&
      a.amounts.captured === captured &&
      a.amounts.released === released &&
      a.amounts.expired === expired
    );
  });

const begin = (standing: Standing, event: LedgerEvent & ReservationEvent, held: number): void => {
  const { reservation } = event.data;
  const { reservation_id: id, account_id, amount, currency, status, counted_on } = reservation;
  must(id === `rsv_${event.id}`, () => `its reservation is called ${id}, not by its event's id`);
  must(held === amount && status === 'active', () => `${id} is of ${amount}, its event holds ${held}`);
  must(currency === accountOf(standing, account_id).currency, () => `${id} is in another currency than its account`);
  must(
    counted_on === event.data.local_date,
    () => `${id} is counted on ${counted_on}, not on the day on which it was made`,
  );
};

export const checkReservation = (standing: Standing, event: LedgerEvent): void => {
  switch (event.type) {
    case 'FundsReserved':
    case 'ReservationCaptured':
    case 'ReservationReleased':
    case 'ReservationExpired':
      break;
    default:
      return;
  }
  const { reservation, holds } = event.data;
  const { reservation_id: id } = reservation;
  must(
    holds.length === 1 && holds[0]!.account_id === reservation.account_id,
    () => `it does not change what is held for ${id}`,
  );
  const held = holds[0]!.amount;
  checkSums(reservation);
  if (event.type === 'FundsReserved') begin(standing, event, held);
  else {
    const before = standing.reservations.get(id);
    must(before !== undefined, () => `${id} holds nothing any more, or never did`);
    must(isSame(reservation, expected(before!, event, -held)), () => `${id} is not what this event makes of it`);
  }
  if (reservation.amounts.held > 0) standing.reservations.set(id, reservation);
  else standing.reservations.delete(id);
};
