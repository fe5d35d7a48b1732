import type { Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { givenBack } from './release-reservation.js';
import type { Reservation } from './reservations.js';

/**
 * What an open reservation comes to whose time is over: all that it still holds goes back. Nobody asks for it and nothing
 * refuses it; the event's time is when it is recorded, never before `expires_at` (DECISIONS 48).
 */
export const expireReservation = (state: TenantState, reservation: Reservation, moment: Moment): LedgerDraft => ({
  id: moment.nextUlid(),
  type: 'ReservationExpired',
  ...givenBack(state, reservation, 'expired', moment),
});
