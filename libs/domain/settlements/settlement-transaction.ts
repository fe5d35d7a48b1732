import { idOf, type Ulid } from '../ids.js';
import { formatInstant, type Instant } from '../time.js';
import type { TransactionFacts } from '../transactions/transactions.js';

type SettlementTransaction = Pick<TransactionFacts, 'amount' | 'currency' | 'source' | 'destination'> & {
  readonly type: 'settlement_netting' | 'settlement_payment' | 'network_fee' | 'interchange' | 'settlement_adjustment';
  readonly effectiveAt: Instant;
} & Partial<Pick<TransactionFacts, 'reference' | 'narration' | 'metadata'>>;

/** The ledger transaction of the event with this ULID, of what is settled with the network. */
export const settlementTransaction = (
  id: Ulid,
  { type, amount, currency, source, destination, effectiveAt, ...told }: SettlementTransaction,
): TransactionFacts => ({
  transaction_id: idOf('transaction', id),
  type,
  status: 'completed',
  channel: null,
  amount,
  currency,
  destination_amount: null,
  rate: null,
  source,
  destination,
  reference: told.reference ?? null,
  narration: told.narration ?? null,
  metadata: told.metadata ?? [],
  fees: [],
  failure_code: null,
  failure_rule: null,
  reversal_of: null,
  reversed_amount: 0,
  card_transaction_id: null,
  effective_at: formatInstant(effectiveAt),
});
