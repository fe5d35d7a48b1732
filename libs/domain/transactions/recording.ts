/** How a posting that was decided, or refused by a rule of the ledger, becomes the event that records it. */
import type { Account } from '../accounts/accounts.js';
import { refuse, type Accepted, type Decision, type Moment, type Refusal } from '../decision.js';
import type { Ulid } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import { AmountOutOfRange } from '../money.js';
import type { Posting } from '../posting.js';
import type { RefusalCode } from '../refusals.js';
import type { Accrued } from '../settlements/settlements.js';
import { cold, type TenantState } from '../state.js';
import type { TransactionFacts } from './transactions.js';

const NOTHING_ACCRUED: Accrued = {};

/** A rule of the ledger that stops a posting: told to the client as a 422 and kept in the stream (DECISIONS 17). */
export interface Failure {
  readonly code: RefusalCode;
  /** The limit or fee rule that it is due to. */
  readonly rule: string | null;
}

export const failure = (code: RefusalCode, rule: string | null = null): Failure => ({ code, rule });

/** An amount of a request: `invalid_parameter` where it is no integer, `amount_not_positive`, `amount_out_of_range`. */
export const amountRefusal = (amount: number, param: string): Refusal | null => {
  if (Number.isSafeInteger(amount) && amount > 0) return null;
  if (!Number.isInteger(amount)) return refuse('invalid_parameter', param);
  return refuse(amount <= 0 ? 'amount_not_positive' : 'amount_out_of_range', param);
};

/** Whether a reference is taken. The command must have declared that it needs `ref:<reference>`. */
export const isUsed = (reference: string | undefined, state: TenantState): boolean =>
  reference !== undefined && cold(state, `ref:${reference}`) !== null;

/** Decides, and refuses with `amount_out_of_range` where a sum that it comes to would leave the range of numbers. */
export const withinRange = (decide: () => Decision<LedgerDraft>): Decision<LedgerDraft> => {
  try {
    return decide();
  } catch (error) {
    if (error instanceof AmountOutOfRange) return refuse('amount_out_of_range', 'amount');
    throw error;
  }
};

/**
 * Whose key seals what is said about a posting: the customer of the account that it is about, else of the other one; else
 * that account, else the tenant.
 */
export const postingSubject = (state: TenantState, about: Account | undefined, other?: Account): string =>
  about?.extras.customerId ?? other?.extras.customerId ?? about?.id ?? (state.tenant.value?.id as string);

/** The event of a posting that was made, after those that open the accounts of the ledger that it uses. */
export const posted = (
  id: Ulid,
  transaction: TransactionFacts,
  posting: Posting,
  moment: Moment,
  subject: string,
  accrued: Accrued = NOTHING_ACCRUED,
): Accepted<LedgerDraft> => {
  const { localDate: local_date, businessDate: business_date } = moment;
  const entries = posting.balanced();
  const draft: LedgerDraft = {
    id,
    type: 'TransactionPosted',
    data: { local_date, business_date, transaction, entries, ...posting.counted(), ...accrued },
    subject,
  };
  return { kind: 'accepted', events: posting.opened.length === 0 ? [draft] : [...posting.opened, draft] };
};

/** The event of a posting that a rule refused. Whatever accounts it would have opened stay unopened. */
export const failed = (
  id: Ulid,
  transaction: TransactionFacts,
  moment: Moment,
  subject: string,
): Accepted<LedgerDraft> => {
  const { localDate: local_date, businessDate: business_date } = moment;
  const draft: LedgerDraft = {
    id,
    type: 'TransactionFailed',
    data: { local_date, business_date, transaction },
    subject,
  };
  return { kind: 'accepted', events: [draft] };
};
