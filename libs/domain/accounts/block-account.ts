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
import { formatInstant } from '../time.js';
import type { Account, Block } from './accounts.js';
import { descendantsOf, factsOf, refusedChange, restated, subjectOf } from './standing.js';

export interface BlockAccount {
  readonly type: 'BlockAccount';
  readonly data: {
    readonly account_id: string;
    readonly reason: string;
    /** Who blocks. Each source has a block of its own, so that lifting one leaves the others. */
    readonly source: string;
    readonly block_debits: boolean;
    readonly block_credits: boolean;
    readonly metadata?: Metadata;
  };
}

/** A source's block grows by the sides it names and never shrinks: lifting is `UnblockAccount`'s. */
const withBlock = (blocks: readonly Block[], { data }: BlockAccount, at: string): readonly Block[] => {
  const own = blocks.find(({ source }) => source === data.source);
  const debits = data.block_debits || own?.debits === true;
  const credits = data.block_credits || own?.credits === true;
  if (own && own.debits === debits && own.credits === credits) return blocks;
  const block: Block = {
    source: data.source,
    reason: clear(data.reason),
    debits,
    credits,
    created_at: own?.created_at ?? at,
    metadata: personalMetadata(data.metadata),
  };
  return own ? blocks.map((one) => (one === own ? block : one)) : [...blocks, block];
};

/** Blocks one or both sides of an account and of all accounts below it. */
export const blockAccount = (command: BlockAccount, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const { data } = command;
  const before = factsOf(state, data.account_id);
  if (before === null) return refuse('account_not_found');
  const refusal = refusedChange(before);
  if (refusal) return refusal;
  if (!data.block_debits && !data.block_credits) {
    return refuse('invalid_parameter', 'block_debits', 'Name at least one side.');
  }
  const blocks = withBlock(before.blocks, command, formatInstant(moment.at));
  const account = restated(state, { ...before, blocks });
  const previous = replaced(before, account);
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'AccountBlocked',
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
