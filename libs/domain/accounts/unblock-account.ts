import { isEmpty, replaced } from '../changes.js';
import {
  accept,
  clear,
  personalMetadata,
  refuse,
  unchanged,
  type Decision,
  type Metadata,
  type Moment,
} from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { Account, Block } from './accounts.js';
import { descendantsOf, factsOf, refusedChange, restated, subjectOf } from './standing.js';

export interface UnblockAccount {
  readonly type: 'UnblockAccount';
  readonly data: {
    readonly account_id: string;
    readonly reason: string;
    /** Who lifts, which need not be who blocked. */
    readonly source: string;
    readonly unblock_debits: boolean;
    readonly unblock_credits: boolean;
    /** Whose block to lift; without it everybody's. */
    readonly block_source?: string;
    readonly metadata?: Metadata;
  };
}

const withoutSides = (blocks: readonly Block[], { data }: UnblockAccount): readonly Block[] =>
  blocks
    .map((block) => {
      if (data.block_source !== undefined && data.block_source !== block.source) return block;
      return {
        ...block,
        debits: block.debits && !data.unblock_debits,
        credits: block.credits && !data.unblock_credits,
      };
    })
    .filter(({ debits, credits }) => debits || credits);

/** Lifts the account's own blocks; what it inherits stays in force until it is lifted above. */
export const unblockAccount = (command: UnblockAccount, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const { data } = command;
  const before = factsOf(state, data.account_id);
  if (before === null) return refuse('account_not_found');
  const refusal = refusedChange(before);
  if (refusal) return refusal;
  if (!data.unblock_debits && !data.unblock_credits) {
    return refuse('invalid_parameter', 'unblock_debits', 'Name at least one side.');
  }
  const account = restated(state, { ...before, blocks: withoutSides(before.blocks, command) });
  const previous = replaced(before, account);
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'AccountUnblocked',
    subject: subjectOf(state.accounts.get(data.account_id) as Account),
    data: {
      account,
      source: data.source,
      reason: clear(data.reason),
      metadata: personalMetadata(data.metadata),
      affected: descendantsOf(state, data.account_id),
      previous,
    },
  };
  return isEmpty(previous) ? unchanged(draft) : accept(draft);
};
