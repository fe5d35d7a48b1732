import type { ReservationAmounts, ReservationFacts, ReservationStatus } from '#domain/reservations/reservations.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { createdAt, openedMetadata, type MetadataResource, type Open } from './personal.js';

/** Money that is held on an account for later captures. Amounts are minor units of `currency`. */
export interface ReservationResource {
  readonly object: 'reservation';
  readonly id: string;
  readonly account_id: string;
  readonly amount: number;
  readonly currency: string;
  /** Where captures go that name no destination; null: to the main float. */
  readonly destination: string | null;
  readonly status: ReservationStatus;
  readonly amounts: ReservationAmounts;
  readonly reference: string | null;
  /** Of the latest capture; null before the first. */
  readonly transaction_id: string | null;
  readonly expires_at: string;
  readonly metadata: MetadataResource;
  readonly created_at: string;
  readonly updated_at: string;
}

/** `updatedAt`: time of the reservation's last event. */
export const renderReservation = (
  facts: ReservationFacts,
  { updatedAt }: { readonly updatedAt: Instant },
  open: Open,
): ReservationResource => ({
  object: 'reservation',
  id: facts.reservation_id,
  account_id: facts.account_id,
  amount: facts.amount,
  currency: facts.currency,
  destination: facts.destination,
  status: facts.status,
  amounts: {
    held: facts.amounts.held,
    captured: facts.amounts.captured,
    released: facts.amounts.released,
    expired: facts.amounts.expired,
  },
  reference: facts.reference,
  transaction_id: facts.transaction_id,
  expires_at: facts.expires_at,
  metadata: openedMetadata(facts.metadata, open),
  created_at: createdAt(facts.reservation_id),
  updated_at: formatInstant(updatedAt),
});
