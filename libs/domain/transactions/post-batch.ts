import { refuse, type Decision, type Moment, type Refusal } from '../decision.js';
import type { LedgerDraft, LedgerEvent, LedgerFact } from '../ledger.js';
import type { TenantState } from '../state.js';
import { postTransaction, type PostTransactionData } from './post-transaction.js';

/** Transactions of which all are posted or none. Without `atomic` a batch is as many commands of their own. */
export interface PostBatch {
  readonly type: 'PostBatch';
  readonly data: { readonly transactions: readonly PostTransactionData[] };
}

export const MAX_BATCH = 100;

/**
 * Decides each transaction on what the ones before it leave; their effects are taken back before it answers.
 *
 * Refused: `invalid_parameter` for an empty or too long batch; else with the code of the first transaction that can't be
 * posted. `param` then is the field (`transactions[3].source`) or, where a rule of the ledger stopped it, the transaction
 * (`transactions[3]`). Nothing is appended, not even a TransactionFailed: the batch never was.
 */
export const postBatch = (
  { data: { transactions } }: PostBatch,
  state: TenantState,
  moment: Moment,
  fold: (state: TenantState, fact: LedgerFact) => void,
): Decision<LedgerDraft> => {
  const refusal = batchRefusal(transactions);
  if (refusal !== null) return refusal;
  const decisions = decideEach(transactions, state, moment, fold, (decision, i) => stopping(decision, i) === null);
  const last = decisions.length - 1;
  const stopped = stopping(decisions[last] as Decision<LedgerDraft>, last);
  if (stopped !== null) return stopped;
  return { kind: 'accepted', events: decisions.flatMap((one) => (one.kind === 'accepted' ? one.events : [])) };
};

export const batchRefusal = (transactions: readonly PostTransactionData[]): Refusal | null =>
  transactions.length === 0 || transactions.length > MAX_BATCH
    ? refuse('invalid_parameter', 'transactions', `A batch has 1 to ${MAX_BATCH} transactions.`)
    : null;

/**
 * Decides transactions one after the other, each on what the ones before it leave, until `goesOn` says that one of them
 * ends it; then takes all of it back.
 */
export const decideEach = (
  transactions: readonly PostTransactionData[],
  state: TenantState,
  moment: Moment,
  fold: (state: TenantState, fact: LedgerFact) => void,
  goesOn: (decision: Decision<LedgerDraft>, index: number) => boolean,
): readonly Decision<LedgerDraft>[] => {
  const decisions: Decision<LedgerDraft>[] = [];
  const used: string[] = [];
  try {
    return state.journal.tentatively(() => {
      for (const [i, data] of transactions.entries()) {
        const decision = postTransaction({ type: 'PostTransaction', data }, state, moment);
        decisions.push(decision);
        if (!goesOn(decision, i)) break;
        if (decision.kind !== 'accepted') continue;
        for (const draft of decision.events) fold(state, draft);
        const last = decision.events.at(-1) as LedgerDraft;
        if (data.reference !== undefined && last.type !== 'TransactionFailed') {
          used.push(occupy(state, data.reference, last));
        }
      }
      return decisions;
    });
  } finally {
    // Each was free when its transaction was decided, or that would have been refused.
    for (const key of used) state.cold.set(key, null);
  }
};

/** Why a decision ends a batch that posts all or none; null where it does not. */
const stopping = (decision: Decision<LedgerDraft>, i: number): Refusal | null => {
  if (decision.kind === 'refused') {
    return { ...decision, param: `transactions[${i}]${decision.param === undefined ? '' : `.${decision.param}`}` };
  }
  const last = decision.kind === 'accepted' ? decision.events.at(-1) : undefined;
  return last?.type === 'TransactionFailed' ? refusalOf(last.data.transaction, i) : null;
};

const refusalOf = (
  { failure_code, failure_rule }: { failure_code: Refusal['code'] | null; failure_rule: string | null },
  index: number,
): Refusal => ({
  ...refuse(failure_code as Refusal['code'], `transactions[${index}]`),
  ...(failure_rule === null ? {} : { rule: failure_rule }),
});

/** From here on the reference is taken, as it will be when the draft is in the stream. */
const occupy = (state: TenantState, reference: string, draft: LedgerDraft): string => {
  const key = `ref:${reference}`;
  // Whoever asks for a reference asks only whether there is an event.
  state.cold.set(key, draft as unknown as LedgerEvent);
  return key;
};
