import type { Decision, Moment } from '../decision.js';
import type { LedgerDraft, LedgerFact } from '../ledger.js';
import type { TenantState } from '../state.js';
import { batchRefusal, decideEach } from './post-batch.js';
import type { PostTransactionData } from './post-transaction.js';

/** What a batch without `atomic` would come to, line by line. Only ever a dry run: it is no one command that is written. */
export interface TryBatch {
  readonly type: 'TryBatch';
  readonly data: { readonly transactions: readonly PostTransactionData[] };
}

/**
 * Decides each transaction on what the ones before it would leave, whatever became of those, as the real batch does. A
 * line that is refused is a refusal of its own among `lines`; refused as a whole is only an empty or too long batch.
 */
export const tryBatch = (
  { data: { transactions } }: TryBatch,
  state: TenantState,
  moment: Moment,
  fold: (state: TenantState, fact: LedgerFact) => void,
): Decision<LedgerDraft> => {
  const refusal = batchRefusal(transactions);
  if (refusal !== null) return refusal;
  const lines = decideEach(transactions, state, moment, fold, () => true);
  return { kind: 'accepted', events: [], lines };
};
