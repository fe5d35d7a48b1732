/** How an account stands at this moment: what it may spend, what blocks it, what it owes, what is below it. */
import { refuse, type Refusal } from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import { minor, subtract, ZERO, type Minor } from '../money.js';
import { cold, type TenantState } from '../state.js';
import {
  systemKey,
  type Account,
  type AccountFacts,
  type Affected,
  type Block,
  type KycTier,
  type WalletType,
} from './accounts.js';

/** Which sides of an account may not be posted to. A debit block stops debits, whatever the account's normal side. */
export interface BlockedSides {
  readonly debits: boolean;
  readonly credits: boolean;
}

const NOT_BLOCKED: BlockedSides = { debits: false, credits: false };

/** An event names at most so many of the accounts that a block takes with it (DECISIONS 25). */
const MAX_NAMED_DESCENDANTS = 1000;

const parentOf = (state: TenantState, account: Account): Account | undefined =>
  account.extras.parentId === null ? undefined : state.accounts.get(account.extras.parentId);

const join = (sides: BlockedSides, blocks: readonly Block[]): BlockedSides =>
  blocks.reduce((all, one) => ({ debits: all.debits || one.debits, credits: all.credits || one.credits }), sides);

/** Blocks that the account inherits: the union of its ancestors'. */
export const inheritedBlock = (state: TenantState, account: Account): BlockedSides => {
  let sides = NOT_BLOCKED;
  for (let above = parentOf(state, account); above; above = parentOf(state, above)) {
    sides = join(sides, above.extras.blocks);
  }
  return sides;
};

/** What is blocked by the account's own blocks and its ancestors' taken together. */
export const effectiveBlock = (state: TenantState, account: Account): BlockedSides =>
  join(inheritedBlock(state, account), account.extras.blocks);

/**
 * What may leave an account that has this balance, this much held and this overdraft limit; minor units. It stops at the
 * largest amount there is, because a limit on top of a very large balance must not keep it from being spent.
 */
export const spendable = (balance: Minor, held: Minor, overdraftLimit: Minor): Minor =>
  minor(Math.min(subtract(balance, held) + overdraftLimit, Number.MAX_SAFE_INTEGER));

/** Minor units that may leave the account: balance − held + overdraft limit. Says nothing about `allow_negative`. */
export const availableOf = (account: Account): Minor =>
  spendable(account.balance, account.held, account.extras.overdraftLimit);

/** Code of the system account that holds what an account's owner owes. */
export const receivableCode = (accountId: string): string => `receivable:${accountId}`;

/** Minor units that the account's owner owes after clearings beyond the balance; never below zero. */
export const receivableOf = (state: TenantState, account: Account): Minor => {
  const id = state.systemAccounts.get(systemKey(receivableCode(account.id), account.terms.currency));
  return id === undefined ? ZERO : (state.accounts.get(id)?.balance ?? ZERO);
};

/** Whose key seals what is said about an account. */
export const subjectOf = (account: Account): string => account.extras.customerId ?? account.id;

/** On which level an account stands: 1 without a parent. */
export const depthOf = (state: TenantState, account: Account): number => {
  let depth = 1;
  for (let above = parentOf(state, account); above; above = parentOf(state, above)) depth++;
  return depth;
};

const isBelow = (state: TenantState, account: Account, ancestorId: string): boolean => {
  for (let at: Account | undefined = account; at; at = parentOf(state, at)) {
    if (at.extras.parentId === ancestorId) return true;
  }
  return false;
};

/** The open accounts below one, first opened first. */
export const descendantsOf = (state: TenantState, accountId: string): Affected => {
  // A closed account has no open child, so without an open child there is no open descendant and nothing to search.
  if ((state.openChildren.get(accountId) ?? 0) === 0) return { account_ids: [], count: 0 };
  const ids: string[] = [];
  for (const account of state.accounts.values()) {
    if (!account.extras.closed && isBelow(state, account, accountId)) ids.push(account.id);
  }
  ids.sort();
  return { account_ids: ids.slice(0, MAX_NAMED_DESCENDANTS), count: ids.length };
};

/** The tier whose limits an account has: its customer's, where it has one. */
export const tierOf = (state: TenantState, { extras, terms }: Account): KycTier =>
  (extras.customerId === null ? undefined : state.customers.get(extras.customerId)) ?? terms.kycTier;

/** Facts with everything that blocks, postings and its customer change since the account's last event put right. */
export const restated = (state: TenantState, facts: AccountFacts): AccountFacts => {
  const account = state.accounts.get(facts.account_id) as Account;
  const { debits, credits } = join(inheritedBlock(state, account), facts.blocks);
  return {
    ...facts,
    status: facts.closure !== null ? 'closed' : debits && credits ? 'frozen' : 'active',
    post_no_debit: debits,
    post_no_credit: credits,
    kyc_tier: tierOf(state, account),
    balance: account.balance,
    held: account.held,
    receivable: receivableOf(state, account),
  };
};

/**
 * The whole account as it stands, from its last event and the live balances; null where no account has this id. The
 * command must have declared that it needs `acc:<id>`.
 */
export const factsOf = (state: TenantState, accountId: string): AccountFacts | null => {
  if (!state.accounts.has(accountId)) return null;
  const event = cold(state, `acc:${accountId}`);
  if (event === null || !('account' in event.data)) {
    throw new LedgerInconsistent(`no event says what ${accountId} is`);
  }
  return restated(state, event.data.account);
};

/** Why an account can't be given this overdraft limit (minor units), null where it can. */
export const refusedOverdraft = (walletType: WalletType, limit: number): Refusal | null => {
  if (!Number.isSafeInteger(limit) || limit < 0) return refuse('amount_out_of_range', 'overdraft_limit');
  // General and float accounts have `allow_negative` instead: nobody lends to the tenant's own books.
  const mayOwe = walletType !== 'general' && walletType !== 'float';
  return limit > 0 && !mayOwe
    ? refuse('invalid_parameter', 'overdraft_limit', 'Only wallets can be overdrawn; see allow_negative.')
    : null;
};

/** Why no client may change an account, null where one may: it belongs to the ledger itself or is closed. */
export const refusedChange = (facts: AccountFacts): Refusal | null => {
  if (facts.wallet_type === 'system') return refuse('invalid_state', undefined, 'System accounts are read-only.');
  return facts.status === 'closed' ? refuse('account_is_closed') : null;
};
