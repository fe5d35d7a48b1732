import type { Moment, PersonalMetadata } from '../decision.js';
import { idOf, type Ulid } from '../ids.js';
import { formatInstant } from '../time.js';
import type { Failure } from '../transactions/recording.js';
import type { TransactionFacts } from '../transactions/transactions.js';

interface Movement {
  readonly amount: number;
  readonly currency: string;
  readonly source: string;
  readonly destination: string | null;
  readonly reference?: string | null;
  readonly metadata?: PersonalMetadata;
  readonly stopped: Failure | null;
  readonly reservation_id?: string;
}

/** The ledger transaction that a capture posted, or that keeps why a hold or a capture was refused. It has no fees. */
export const transactionOf = (
  id: Ulid,
  type: 'reservation' | 'reservation_capture',
  moment: Moment,
  { amount, currency, source, destination, reference, metadata, stopped, reservation_id }: Movement,
): TransactionFacts => ({
  transaction_id: idOf('transaction', id),
  type,
  status: stopped === null ? 'completed' : 'failed',
  channel: null,
  amount,
  currency,
  destination_amount: null,
  rate: null,
  source,
  destination,
  reference: reference ?? null,
  narration: null,
  metadata: metadata ?? [],
  fees: [],
  failure_code: stopped === null ? null : stopped.code,
  failure_rule: stopped === null ? null : stopped.rule,
  reversal_of: null,
  reversed_amount: 0,
  card_transaction_id: null,
  ...(reservation_id === undefined ? {} : { reservation_id }),
  effective_at: formatInstant(moment.at),
});
