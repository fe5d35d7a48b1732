import { replaced } from '../changes.js';
import {
  accept,
  clear,
  personalMetadata,
  refuse,
  unchanged,
  type Decision,
  type Metadata,
  type Moment,
  type Refusal,
} from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import type { Account, AccountFacts } from './accounts.js';
import { factsOf, refusedChange, restated, subjectOf } from './standing.js';

export const CLOSING_WORD = 'CLOSE_ACCOUNT';

export interface CloseAccount {
  readonly type: 'CloseAccount';
  readonly data: {
    readonly account_id: string;
    readonly reason: string;
    readonly source: string;
    /** Must read `CLOSE_ACCOUNT`, because closing can't be undone. */
    readonly confirmation?: string;
    readonly metadata?: Metadata;
  };
}

const refusedClosing = (state: TenantState, facts: AccountFacts): Refusal | null => {
  if (facts.balance !== 0) return refuse('account_not_empty');
  if (facts.held !== 0) return refuse('account_has_holds');
  if (facts.receivable !== 0) return refuse('account_owes');
  return (state.openChildren.get(facts.account_id) ?? 0) > 0 ? refuse('account_has_open_children') : null;
};

/** Closes an empty account for good. */
export const closeAccount = ({ data }: CloseAccount, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const before = factsOf(state, data.account_id);
  if (before === null) return refuse('account_not_found');
  if (data.confirmation !== CLOSING_WORD) return refuse('confirmation_required', 'confirmation');
  const draftOf = (account: AccountFacts): LedgerDraft => ({
    id: moment.nextUlid(),
    type: 'AccountClosed',
    subject: subjectOf(state.accounts.get(data.account_id) as Account),
    data: { account, previous: replaced(before, account) },
  });
  if (before.status === 'closed') return unchanged(draftOf(before));
  const refusal = refusedChange(before) ?? refusedClosing(state, before);
  if (refusal) return refusal;
  const closure = {
    reason: clear(data.reason),
    source: data.source,
    metadata: personalMetadata(data.metadata),
    at: formatInstant(moment.at),
  };
  return accept(draftOf(restated(state, { ...before, closure })));
};
