/** How a posting that was decided, or refused by a rule of the ledger, becomes the event that records it. */
import type { Account } from '../accounts/accounts.js';
import { refuse, type Accepted, type Moment, type Refusal } from '../decision.js';
import { idOf, type Ulid } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import type { RefusalCode } from '../refusals.js';
import type { TenantState } from '../state.js';
import type { TransactionFacts } from './transactions.js';

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

/**
 * Whose key seals what is said about a posting: the customer of the account that it is about, else of the other one; else
 * that account, else the tenant.
 */
export const postingSubject = (state: TenantState, about: Account | undefined, other?: Account): string =>
  about?.extras.customerId ?? other?.extras.customerId ?? about?.id ?? (state.tenant.value?.id as string);

/** What a transaction is without having come to anything yet; deciders fill in the rest. */
export const TRANSACTION = {
  status: 'completed',
  channel: null,
  destination_amount: null,
  rate: null,
  reference: null,
  narration: null,
  metadata: [],
  fees: [],
  failure_code: null,
  failure_rule: null,
  reversal_of: null,
  reversed_amount: 0,
  card_transaction_id: null,
} as const;

/** The event of a posting that a rule refused. Whatever accounts it would have opened stay unopened. */
export const failed = (
  facts: Omit<TransactionFacts, 'transaction_id'>,
  { code, rule }: Failure,
  moment: Moment,
  subject: string,
): Accepted<LedgerDraft> => {
  const id: Ulid = moment.nextUlid();
  const transaction: TransactionFacts = {
    ...facts,
    transaction_id: idOf('transaction', id),
    status: 'failed',
    fees: [],
    failure_code: code,
    failure_rule: rule,
  };
  const { localDate: local_date, businessDate: business_date } = moment;
  const draft: LedgerDraft = {
    id,
    type: 'TransactionFailed',
    data: { local_date, business_date, transaction },
    subject,
  };
  return { kind: 'accepted', events: [draft] };
};
