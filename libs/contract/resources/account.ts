import type { AccountFacts, AccountStatus, KycTier, WalletType } from '#domain/accounts/accounts.js';
import { spendable } from '#domain/accounts/standing.js';
import type { Side } from '#domain/entries.js';
import { minor } from '#domain/money.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { createdAt, opened, openedMetadata, type MetadataResource, type Open } from './personal.js';

export interface BlockResource {
  readonly source: string;
  readonly reason: string | null;
  readonly debits: boolean;
  readonly credits: boolean;
  readonly created_at: string;
  readonly metadata: MetadataResource;
}

export interface ClosureResource {
  readonly source: string;
  readonly reason: string | null;
  readonly at: string;
  readonly metadata: MetadataResource;
}

/** Amounts are minor units of `currency`, on the account's normal side. */
export interface AccountResource {
  readonly object: 'account';
  readonly id: string;
  readonly account_code: string;
  readonly account_name: string | null;
  readonly wallet_type: WalletType;
  readonly normal_side: Side;
  readonly status: AccountStatus;
  readonly currency: string;
  readonly balance: number;
  readonly held: number;
  readonly available_balance: number;
  readonly overdraft_limit: number;
  readonly allow_negative: boolean;
  /** What its holder owes after clearings beyond the balance. */
  readonly receivable: number;
  readonly kyc_tier: KycTier;
  readonly parent_account_id: string | null;
  readonly customer_id: string | null;
  readonly post_no_debit: boolean;
  readonly post_no_credit: boolean;
  /** Its own blocks; those of its ancestors show in `status`, `post_no_debit` and `post_no_credit` alone. */
  readonly blocks: readonly BlockResource[];
  readonly closure: ClosureResource | null;
  readonly metadata: MetadataResource;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What moves without an event of the account itself. */
export type AccountStanding = Partial<
  Pick<AccountResource, 'balance' | 'held' | 'receivable' | 'status' | 'post_no_debit' | 'post_no_credit' | 'kyc_tier'>
>;

/** What the ledger lets leave it, which stops at the largest amount there is: beyond it a number would be told rounded. */
const availableBalance = (balance: number, held: number, overdraftLimit: number): number =>
  spendable(minor(balance), minor(held), minor(overdraftLimit));

/** The resource of before with what has moved since put right. */
export const restandAccount = (account: AccountResource, standing: AccountStanding): AccountResource => {
  const moved = { ...account, ...standing };
  return { ...moved, available_balance: availableBalance(moved.balance, moved.held, moved.overdraft_limit) };
};

/** `updatedAt`: time of the account's own last event; a posting moves the balance and does not update the account. */
export const renderAccount = (
  facts: AccountFacts,
  {
    updatedAt,
    balance = facts.balance,
    held = facts.held,
    receivable = facts.receivable,
  }: {
    readonly updatedAt: Instant;
    readonly balance?: number;
    readonly held?: number;
    readonly receivable?: number;
  },
  open: Open,
): AccountResource => ({
  object: 'account',
  id: facts.account_id,
  account_code: facts.account_code,
  account_name: opened(facts.account_name, open),
  wallet_type: facts.wallet_type,
  normal_side: facts.normal_side,
  status: facts.status,
  currency: facts.currency,
  balance,
  held,
  available_balance: availableBalance(balance, held, facts.overdraft_limit),
  overdraft_limit: facts.overdraft_limit,
  allow_negative: facts.allow_negative,
  receivable,
  kyc_tier: facts.kyc_tier,
  parent_account_id: facts.parent_account_id,
  customer_id: facts.customer_id,
  post_no_debit: facts.post_no_debit,
  post_no_credit: facts.post_no_credit,
  blocks: facts.blocks.map((block) => ({
    source: block.source,
    reason: opened(block.reason, open),
    debits: block.debits,
    credits: block.credits,
    created_at: block.created_at,
    metadata: openedMetadata(block.metadata, open),
  })),
  closure:
    facts.closure === null
      ? null
      : {
          source: facts.closure.source,
          reason: opened(facts.closure.reason, open),
          at: facts.closure.at,
          metadata: openedMetadata(facts.closure.metadata, open),
        },
  metadata: openedMetadata(facts.metadata, open),
  created_at: createdAt(facts.account_id),
  updated_at: formatInstant(updatedAt),
});
