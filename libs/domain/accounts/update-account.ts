import { isEmpty, replaced } from '../changes.js';
import {
  accept,
  clear,
  MAX_METADATA_KEYS,
  mergeMetadata,
  refuse,
  unchanged,
  type Decision,
  type MetadataPatch,
  type Moment,
} from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { ZERO, type Minor } from '../money.js';
import type { TenantState } from '../state.js';
import type { Account, AccountFacts, KycTier } from './accounts.js';
import { availableOf, factsOf, refusedChange, refusedOverdraft, subjectOf } from './standing.js';

/** What is not named stays. */
export interface UpdateAccount {
  readonly type: 'UpdateAccount';
  readonly data: {
    readonly account_id: string;
    readonly account_name?: string;
    readonly metadata?: MetadataPatch;
    readonly kyc_tier?: KycTier;
    /** Minor units; not below what is overdrawn already. */
    readonly overdraft_limit?: number;
  };
}

export const updateAccount = ({ data }: UpdateAccount, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const before = factsOf(state, data.account_id);
  if (before === null) return refuse('account_not_found');
  const overdraftLimit = data.overdraft_limit ?? before.overdraft_limit;
  const refusal = refusedChange(before) ?? refusedOverdraft(before.wallet_type, overdraftLimit);
  if (refusal) return refusal;
  const tier = data.kyc_tier ?? before.kyc_tier;
  if (before.customer_id !== null && tier !== before.kyc_tier) {
    return refuse('invalid_parameter', 'kyc_tier', 'Its tier is the customer’s and changes with it.');
  }
  const metadata = mergeMetadata(before.metadata, data.metadata);
  if (metadata.length > MAX_METADATA_KEYS) return refuse('invalid_parameter', 'metadata', 'More than 50 keys.');
  const live = state.accounts.get(data.account_id) as Account;
  const limited = { ...live, extras: { ...live.extras, overdraftLimit: overdraftLimit as Minor } };
  if (overdraftLimit < before.overdraft_limit && availableOf(limited) < ZERO) {
    return refuse('insufficient_funds', 'overdraft_limit', 'More than this is overdrawn or held.');
  }
  const account: AccountFacts = {
    ...before,
    account_name: data.account_name === undefined ? before.account_name : clear(data.account_name),
    kyc_tier: tier,
    overdraft_limit: overdraftLimit,
    metadata,
  };
  const previous = replaced(before, account);
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'AccountUpdated',
    subject: subjectOf(live),
    data: { account, previous },
  };
  return isEmpty(previous) ? unchanged(draft) : accept(draft);
};
