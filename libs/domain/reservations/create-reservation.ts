import type { Account } from '../accounts/accounts.js';
import {
  accept,
  personalMetadata,
  refuse,
  type Decision,
  type Metadata,
  type Moment,
  type Refusal,
} from '../decision.js';
import { exceededSingle } from '../entitlements/single-transaction.js';
import { idOf } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import { exceededLimit } from '../limits/judge-limits.js';
import { isCurrency, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { formatInstant, parseInstant, type Instant } from '../time.js';
import { unusable } from '../transactions/between-accounts.js';
import {
  amountRefusal,
  failed,
  failure,
  isUsed,
  postingSubject,
  withinRange,
  type Failure,
} from '../transactions/recording.js';
import { transactionOf } from './reservation-transaction.js';
import type { ReservationFacts } from './reservations.js';

export interface CreateReservation {
  readonly type: 'CreateReservation';
  readonly data: {
    readonly account_id: string;
    /** Minor units. */
    readonly amount: number;
    readonly currency: string;
    /** Where captures go that name none; the main float, where it is left out. */
    readonly destination?: string;
    /** Unique among the tenant's transactions and reservations. */
    readonly reference?: string;
    /** RFC 3339; 7 days on, where it is left out. */
    readonly expires_at?: string;
    readonly metadata?: Metadata;
  };
}

type CreateReservationData = CreateReservation['data'];

const DAY_MS = 86_400_000;
const USUAL_DAYS = 7;
const MOST_DAYS = 366;

/**
 * Holds money on an account, for later captures (DECISIONS 47). The hold counts towards the outbound limits of the
 * account's owner from now on.
 *
 * Refused, in this order, with nothing appended:
 * 1. `invalid_parameter`, `amount_not_positive`, `amount_out_of_range`, `invalid_currency`, `invalid_parameter` (expires_at)
 * 2. `account_not_found`, `invalid_parameter` (a system account): of the account, then of the destination
 * 3. `expiry_in_the_past`, `expiry_too_late`
 * 4. `duplicate_reference`
 *
 * Refused, in this order, as a TransactionFailed of type `reservation`:
 * 5. `same_account`, `max_single_transaction_exceeded`
 * 6. `currency_mismatch`, `account_closed`, `account_frozen` (also where only that side is blocked) of the account;
 *    `currency_mismatch`, `account_closed` of the destination
 * 7. `limit_exceeded`, `insufficient_funds`
 */
export const createReservation = (
  { data }: CreateReservation,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const malformed = amountRefusal(data.amount, 'amount');
  if (malformed !== null) return malformed;
  if (!isCurrency(data.currency)) return refuse('invalid_currency', 'currency');
  const expiresAt = data.expires_at === undefined ? moment.at + USUAL_DAYS * DAY_MS : parseInstant(data.expires_at);
  if (expiresAt === undefined) return refuse('invalid_parameter', 'expires_at');
  const account = state.accounts.get(data.account_id);
  const destination = data.destination === undefined ? undefined : state.accounts.get(data.destination);
  const refusal =
    unusable(account, 'account_id', false) ??
    (data.destination === undefined ? null : unusable(destination, 'destination', false)) ??
    refusedExpiry(expiresAt, moment.at);
  if (refusal !== null) return refusal;
  if (isUsed(data.reference, state)) return refuse('duplicate_reference', 'reference');
  return withinRange(() => reserve(data, account as Account, destination, expiresAt, state, moment));
};

const refusedExpiry = (expiresAt: Instant, now: Instant): Refusal | null => {
  if (expiresAt <= now) return refuse('expiry_in_the_past', 'expires_at');
  return expiresAt - now > MOST_DAYS * DAY_MS ? refuse('expiry_too_late', 'expires_at') : null;
};

const reserve = (
  data: CreateReservationData,
  account: Account,
  destination: Account | undefined,
  expiresAt: Instant,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const amount = data.amount as Minor;
  const posting = new Posting(state, moment);
  const stopped =
    (account.id === destination?.id ? failure('same_account') : null) ??
    exceededSingle(state, amount, data.currency) ??
    unfit(posting, data.currency, account, destination) ??
    exceededLimit(state, account, 'outbound', amount, moment) ??
    unheld(posting, account, amount);
  const subject = postingSubject(state, account, destination);
  const id = moment.nextUlid();
  if (stopped !== null) return failed(id, refused(id, data, stopped, moment), moment, subject);
  posting.count(account, 'outbound', amount);
  const { localDate: local_date, businessDate: business_date } = moment;
  const reservation: ReservationFacts = {
    reservation_id: idOf('reservation', id),
    account_id: account.id,
    amount,
    currency: data.currency,
    destination: destination?.id ?? null,
    status: 'active',
    amounts: { held: amount, captured: 0, released: 0, expired: 0 },
    reference: data.reference ?? null,
    transaction_id: null,
    expires_at: formatInstant(expiresAt),
    counted_on: local_date,
    metadata: personalMetadata(data.metadata),
  };
  return accept<LedgerDraft>({
    id,
    type: 'FundsReserved',
    data: { local_date, business_date, reservation, holds: posting.holds, ...posting.counted() },
    subject,
  });
};

/** Why money can't be set aside between these two, whatever there is of it. A destination's block may be lifted in time. */
const unfit = (
  posting: Posting,
  currency: string,
  account: Account,
  destination: Account | undefined,
): Failure | null => {
  // What leaves an asset for an asset, as the main float is one, leaves it by a credit.
  const toAsset = destination === undefined || destination.terms.normalSide === 'debit';
  const leaving = account.terms.normalSide === 'debit' && toAsset ? 'credit' : 'debit';
  const code = posting.refusalOf(account, leaving, currency);
  if (code !== null) return failure(code);
  if (destination === undefined) return null;
  if (destination.terms.currency !== currency) return failure('currency_mismatch');
  return destination.extras.closed ? failure('account_closed') : null;
};

const unheld = (posting: Posting, account: Account, amount: Minor): Failure | null => {
  posting.hold(account, amount);
  return posting.short() === null ? null : failure('insufficient_funds');
};

const refused = (
  id: string,
  { amount, currency, account_id, destination, reference, metadata }: CreateReservationData,
  stopped: Failure,
  moment: Moment,
) =>
  transactionOf(id, 'reservation', moment, {
    amount,
    currency,
    source: account_id,
    destination: destination ?? null,
    reference: reference ?? null,
    metadata: personalMetadata(metadata),
    stopped,
  });
