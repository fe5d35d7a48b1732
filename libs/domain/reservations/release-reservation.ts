import type { Account } from '../accounts/accounts.js';
import { subjectOf } from '../accounts/standing.js';
import { accept, refuse, type Decision, type Moment } from '../decision.js';
import type { HoldChange } from '../entries.js';
import type { LedgerDraft } from '../ledger.js';
import type { Counted } from '../limits/limit-uses.js';
import { add, subtract, ZERO, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import {
  isOpen,
  previousOf,
  reservationOf,
  type Previous,
  type Reservation,
  type ReservationFacts,
} from './reservations.js';

export interface ReleaseReservation {
  readonly type: 'ReleaseReservation';
  readonly data: { readonly reservation_id: string };
}

/**
 * Gives all that a reservation still holds back to its account, and to its owner's limits. Whatever the tenant's status and
 * blocks: it takes nothing from anybody.
 *
 * Refused, in this order, with nothing appended: `reservation_not_found`; `invalid_state`, where it is captured, released
 * or expired.
 */
export const releaseReservation = (
  { data }: ReleaseReservation,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const reservation = reservationOf(state, data.reservation_id);
  if (reservation === null) return refuse('reservation_not_found');
  if (!isOpen(reservation)) return refuse('invalid_state', undefined, `The reservation is ${reservation.status}.`);
  const id = moment.nextUlid();
  const { data: given, subject } = givenBack(state, reservation, 'released', moment);
  return accept<LedgerDraft>({ id, type: 'ReservationReleased', data: given, subject });
};

/** A reservation whose rest went back: what the event says of it, and whose it is. */
export interface GivenBack {
  readonly data: Counted &
    Previous & {
      readonly local_date: string;
      readonly business_date: string;
      readonly reservation: ReservationFacts;
      readonly holds: readonly HoldChange[];
    };
  readonly subject: string;
}

/** All that is held goes back, and what was counted of it. */
export const givenBack = (
  state: TenantState,
  before: Reservation,
  how: 'released' | 'expired',
  moment: Moment,
): GivenBack => {
  const account = state.accounts.get(before.account_id) as Account;
  const held = before.amounts.held as Minor;
  const posting = new Posting(state, moment);
  posting.hold(account, subtract(ZERO, held));
  posting.count(account, 'outbound', subtract(ZERO, held), before.counted_on);
  const { localDate: local_date, businessDate: business_date } = moment;
  const reservation: ReservationFacts = {
    ...before,
    status: how,
    amounts: { ...before.amounts, held: 0, [how]: add(before.amounts[how] as Minor, held) },
  };
  return {
    data: {
      local_date,
      business_date,
      reservation,
      previous: previousOf(before),
      holds: posting.holds,
      ...posting.counted(),
    },
    subject: subjectOf(account),
  };
};
