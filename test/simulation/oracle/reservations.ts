/** Money set aside on an account, captured in parts, released, expired. */
import {
  accountOf,
  availableOf,
  isWallet,
  nextName,
  takeNewest,
  use,
  type Account,
  type Books,
  type Reservation,
} from './books.js';
import { aboveSingle, record } from './postings.js';
import { Slip } from './slip.js';
import type { DataOf, Now, Verdict } from './terms.js';

const DAY = 86_400_000;

/** Why a request can't name it. */
const unusable = (books: Books, name: string | undefined): string | null => {
  if (name === undefined) return null;
  const account = books.accounts.get(name);
  if (!account) return 'refused: account_not_found';
  return account.wallet === 'system' ? 'refused: invalid_parameter' : null;
};

export const createReservation = (books: Books, data: DataOf<'CreateReservation'>, now: Now): Verdict => {
  const { amount, currency } = data;
  if (amount <= 0) return 'refused: amount_not_positive';
  const fault = unusable(books, data.account_id) ?? unusable(books, data.destination);
  if (fault !== null) return fault;
  const expiresAt = data.expires_at === undefined ? now.at + 7 * DAY : Date.parse(data.expires_at);
  if (expiresAt <= now.at) return 'refused: expiry_in_the_past';
  if (expiresAt > now.at + 366 * DAY) return 'refused: expiry_too_late';
  if (data.reference !== undefined && books.references.has(data.reference)) return 'refused: duplicate_reference';
  const account = accountOf(books, data.account_id);
  const slip = new Slip(books, now);
  const why = unfit(books, slip, data, account);
  if (why !== null) {
    record(books, null, { type: 'reservation', amount, currency, why });
    return `failed: ${why}`;
  }
  slip.count(account, 'outbound', amount);
  use(books, slip.uses);
  if (data.reference !== undefined) books.references.add(data.reference);
  const name = nextName(books, 'rsv');
  books.reservations.set(name, {
    name,
    account: account.name,
    destination: data.destination ?? null,
    currency,
    status: 'active',
    amount,
    captured: 0,
    held: amount,
    counts: isWallet(account) ? [{ amount, day: now.today }] : [],
    expiresAt,
  });
  return 'done';
};

const unfit = (books: Books, slip: Slip, data: DataOf<'CreateReservation'>, account: Account): string | null => {
  const { amount, currency } = data;
  if (data.destination === data.account_id) return 'same_account';
  const single = aboveSingle(books, amount, currency);
  if (single !== null) return single;
  const to = data.destination === undefined ? null : accountOf(books, data.destination);
  // Between two accounts of the debit side (the main float is one) money leaves by a credit.
  const swapped = account.side === 'debit' && (to === null || to.side === 'debit');
  const why = slip.refusal(account, swapped ? 'credit' : 'debit', currency);
  if (why !== null) return why;
  if (to !== null && to.currency !== currency) return 'currency_mismatch';
  if (to?.closed) return 'account_closed';
  const limit = slip.overLimit(account, 'outbound', amount);
  if (limit !== null) return limit;
  return !account.mayBeNegative && availableOf(books, account) < amount ? 'insufficient_funds' : null;
};

const isOpen = ({ status }: Reservation): boolean => status === 'active' || status === 'partially_captured';

export const captureReservation = (books: Books, data: DataOf<'CaptureReservation'>, now: Now): Verdict => {
  if (data.amount !== undefined && data.amount <= 0) return 'refused: amount_not_positive';
  const reservation = books.reservations.get(data.reservation_id);
  if (!reservation) return 'refused: reservation_not_found';
  const fault = unusable(books, data.destination);
  if (fault !== null) return fault;
  if (!isOpen(reservation)) return 'refused: invalid_state';
  const amount = data.amount ?? reservation.held;
  const { currency } = reservation;
  const slip = new Slip(books, now);
  const named = data.destination ?? reservation.destination;
  const to = named === null ? slip.mainFloat(currency) : accountOf(books, named);
  const why = uncapturable(books, slip, reservation, to, amount);
  if (why !== null) {
    record(books, null, { type: 'reservation_capture', amount, currency, why });
    return `failed: ${why}`;
  }
  const posted = record(books, slip, { type: 'reservation_capture', amount, currency });
  // What it takes out was counted with the hold, on the hold's day: reversed, it goes back there.
  const [counted] = reservation.counts;
  if (counted)
    posted.uses = [...posted.uses, { account: reservation.account, direction: 'outbound', amount, day: counted.day }];
  const rest = reservation.held - amount;
  reservation.captured += amount;
  reservation.held = rest;
  if (data.final !== false) giveBack(books, reservation, rest);
  reservation.status = reservation.held === 0 ? 'captured' : 'partially_captured';
  return 'done';
};

const uncapturable = (
  books: Books,
  slip: Slip,
  reservation: Reservation,
  to: Account,
  amount: number,
): string | null => {
  const from = accountOf(books, reservation.account);
  if (amount > reservation.held) return 'amount_exceeds_reservation';
  if (from.name === to.name) return 'same_account';
  const swapped = from.side === 'debit' && to.side === 'debit';
  const legs =
    slip.ruled(from, swapped ? 'credit' : 'debit', amount, reservation.currency) ??
    slip.ruled(to, swapped ? 'debit' : 'credit', amount, reservation.currency);
  if (legs !== null) return legs;
  // Also where both are one customer's: the hold, too, was counted without knowing where it would go.
  const limit = slip.overLimit(to, 'inbound', amount) ?? slip.overBalance();
  slip.count(to, 'inbound', amount);
  if (limit !== null) return limit;
  return slip.short({ account: from, amount }) ? 'insufficient_funds' : null;
};

/** Part of the hold goes back, and what was counted of it. */
const giveBack = (books: Books, reservation: Reservation, amount: number): void => {
  reservation.held -= amount;
  for (const { amount: back, day } of takeNewest(reservation.counts, amount)) {
    books.uses.push({ account: reservation.account, direction: 'outbound', amount: -back, day });
  }
};

export const releaseReservation = (books: Books, data: DataOf<'ReleaseReservation'>): Verdict => {
  const reservation = books.reservations.get(data.reservation_id);
  if (!reservation) return 'refused: reservation_not_found';
  if (!isOpen(reservation)) return 'refused: invalid_state';
  giveBack(books, reservation, reservation.held);
  reservation.status = 'released';
  return 'done';
};

export const expireReservation = (books: Books, reservation: Reservation): void => {
  giveBack(books, reservation, reservation.held);
  reservation.status = 'expired';
};
