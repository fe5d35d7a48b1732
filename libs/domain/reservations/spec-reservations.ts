/** Commands that the specs of reservations share, and how a reservation and its account stand. */
import type { Command } from '../commands.js';
import type { LimitDirection, LimitWindow } from '../limits/limits.js';
import { account, deposit, tenant, type Book, type Step } from '../spec-support.js';
import type { CaptureReservation } from './capture-reservation.js';
import type { CreateReservation } from './create-reservation.js';

export const NO_RESERVATION = 'rsv_01JGFJJZ00ZZZZZZZZZZZZZZZZ';

export const reserve = (data: Partial<CreateReservation['data']> = {}): Command => ({
  type: 'CreateReservation',
  data: { account_id: '@ada', amount: 100, currency: 'NGN', ...data },
});

export const capture = (data: Partial<CaptureReservation['data']> = {}): Command => ({
  type: 'CaptureReservation',
  data: { reservation_id: '@hold', ...data },
});

export const release = (reservation_id = '@hold'): Command => ({
  type: 'ReleaseReservation',
  data: { reservation_id },
});

export const limit = (direction: LimitDirection, amount: number, more: { max_balance?: number } = {}): Command => ({
  type: 'ReplaceLimits',
  data: {
    limits: [
      { kyc_level: 'tier1', direction, window: 'daily' satisfies LimitWindow, amount, currency: 'NGN', ...more },
    ],
  },
});

export const bounded = (max_single_transaction: number): Command => ({
  type: 'ChangeEntitlements',
  data: { entitlements: { 'transactions.write': { config: { max_single_transaction } } } },
});

/** Ada has 150, Bob nothing. */
export const holder: readonly Step[] = [tenant(), account('ada'), account('bob'), deposit('ada', 150)];

/** How the reservation stands (its sums but zeros), and its account: balance and held. */
export const standing = (book: Book, name = 'hold') => {
  const { data } = book.standing(name);
  if (!('reservation' in data)) throw new RangeError(`${name} is no reservation`);
  const { status, amounts, account_id } = data.reservation;
  const of = book.state.accounts.get(account_id);
  return {
    status,
    ...Object.fromEntries(Object.entries(amounts).filter(([, sum]) => sum !== 0)),
    on: [of?.balance, of?.held],
  };
};
