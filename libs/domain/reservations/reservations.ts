import type { PersonalMetadata } from '../decision.js';
import type { Entry, HoldChange } from '../entries.js';
import type { Counted } from '../limits/limit-uses.js';
import { cold, type TenantState } from '../state.js';
import type { RecordedDays, TransactionFacts } from '../transactions/transactions.js';

/**
 * `partially_captured` while more may come; `captured` after a final capture or when nothing is left; `released` or
 * `expired` when the rest went back, whatever was captured before (DECISIONS 47).
 */
export const RESERVATION_STATUSES = ['active', 'partially_captured', 'captured', 'released', 'expired'] as const;
export type ReservationStatus = (typeof RESERVATION_STATUSES)[number];

/** Sums in minor units; together they are the reservation's amount. */
export interface ReservationAmounts {
  readonly held: number;
  readonly captured: number;
  /** Given back on request, or by a final capture of less than was held. */
  readonly released: number;
  readonly expired: number;
}

/** The whole reservation as an event leaves it, enough to render the resource. */
export interface ReservationFacts {
  readonly reservation_id: string;
  readonly account_id: string;
  readonly amount: number;
  readonly currency: string;
  /** Where captures go that name no destination; null: to the main float. */
  readonly destination: string | null;
  readonly status: ReservationStatus;
  readonly amounts: ReservationAmounts;
  readonly reference: string | null;
  /** Of the latest capture. */
  readonly transaction_id: string | null;
  /** RFC 3339. */
  readonly expires_at: string;
  /** The tenant's local day on which the hold was counted towards outbound limits. */
  readonly counted_on: string;
  readonly metadata: PersonalMetadata;
}

/** What an update replaced. */
export interface Previous {
  readonly previous: Pick<ReservationFacts, 'status' | 'amounts' | 'transaction_id'>;
}

interface ReservationFact extends RecordedDays, Counted {
  readonly reservation: ReservationFacts;
  readonly holds: readonly HoldChange[];
}

export type ReservationEvent =
  | { readonly type: 'FundsReserved'; readonly data: ReservationFact }
  | {
      readonly type: 'ReservationCaptured';
      readonly data: ReservationFact &
        Previous & {
          /** The ledger transaction that it posted, of type `reservation_capture`; `entries` are its. */
          readonly transaction: TransactionFacts;
          readonly entries: readonly Entry[];
        };
    }
  | { readonly type: 'ReservationReleased'; readonly data: ReservationFact & Previous }
  | { readonly type: 'ReservationExpired'; readonly data: ReservationFact & Previous };

/** What deciding needs of a reservation is all of it. */
export type Reservation = ReservationFacts;

export const previousOf = ({ status, amounts, transaction_id }: Reservation): Previous['previous'] => ({
  status,
  amounts,
  transaction_id,
});

export const isOpen = ({ status }: Reservation): boolean => status === 'active' || status === 'partially_captured';

/** In memory only while it is open: what is captured, released or expired is cold. */
export const evolveReservation = (state: TenantState, event: ReservationEvent): void => {
  const { reservation } = event.data;
  if (isOpen(reservation)) state.reservations.set(reservation.reservation_id, reservation);
  else state.reservations.delete(reservation.reservation_id);
};

export const reservationKey = (reservationId: string): string => `rsv:${reservationId}`;

/** A reservation by its id, from memory while it is open, else as its latest event left it; null: unknown. */
export const reservationOf = (state: TenantState, reservationId: string): Reservation | null => {
  const open = state.reservations.get(reservationId);
  if (open) return open;
  const event = cold(state, reservationKey(reservationId));
  return event !== null && 'reservation' in event.data ? event.data.reservation : null;
};
