import type { Personal, PersonalMetadata } from '../decision.js';
import type { Side } from '../entries.js';
import { ZERO, type Minor } from '../money.js';
import type { TenantState } from '../state.js';

export const CLIENT_WALLET_TYPES = ['customer', 'business', 'merchant', 'agent', 'float', 'general'] as const;
export type WalletType = (typeof CLIENT_WALLET_TYPES)[number] | 'system';
export type KycTier = 'tier1' | 'tier2' | 'tier3';
export type AccountStatus = 'active' | 'frozen' | 'closed';

/** Accounts may stand in at most this many levels (DECISIONS 25). */
export const MAX_ACCOUNT_DEPTH = 8;

/** A block of one source; an account is frozen while both sides are blocked, by itself or an ancestor. */
export interface Block {
  readonly source: string;
  readonly reason: Personal;
  readonly debits: boolean;
  readonly credits: boolean;
  /** RFC 3339. */
  readonly created_at: string;
  readonly metadata: PersonalMetadata;
}

export interface Closure {
  readonly reason: Personal;
  readonly source: string;
  readonly metadata: PersonalMetadata;
  readonly at: string;
}

/** The whole account as an event leaves it, enough to render the resource. `created_at` is read from its id. */
export interface AccountFacts {
  readonly account_id: string;
  readonly account_code: string;
  readonly account_name: Personal;
  readonly wallet_type: WalletType;
  readonly currency: string;
  readonly normal_side: Side;
  /** Own and inherited blocks taken together. */
  readonly status: AccountStatus;
  readonly post_no_debit: boolean;
  readonly post_no_credit: boolean;
  readonly kyc_tier: KycTier;
  readonly parent_account_id: string | null;
  readonly customer_id: string | null;
  readonly overdraft_limit: number;
  readonly allow_negative: boolean;
  /** Own blocks only. */
  readonly blocks: readonly Block[];
  readonly closure: Closure | null;
  readonly balance: number;
  readonly held: number;
  readonly receivable: number;
  readonly metadata: PersonalMetadata;
}

/** At most the first 1,000 accounts below the one that was blocked or unblocked, and how many there are. */
export interface Affected {
  readonly account_ids: readonly string[];
  readonly count: number;
}

export type AccountEvent =
  | { readonly type: 'AccountOpened'; readonly data: { readonly account: AccountFacts } }
  /** Made by the ledger when first used: `network_payable`, `fees:platform`, `receivable:acc_…`; names no person. */
  | { readonly type: 'SystemAccountOpened'; readonly data: { readonly account: AccountFacts } }
  | {
      readonly type: 'AccountUpdated';
      readonly data: { readonly account: AccountFacts; readonly previous: Partial<AccountFacts> };
    }
  | {
      readonly type: 'AccountBlocked' | 'AccountUnblocked';
      readonly data: {
        readonly account: AccountFacts;
        readonly source: string;
        readonly reason: Personal;
        /** What whoever blocked or unblocked noted: a ticket, who cleared it. */
        readonly metadata: PersonalMetadata;
        readonly affected: Affected;
        readonly previous: Partial<AccountFacts>;
      };
    }
  | {
      readonly type: 'AccountClosed';
      readonly data: { readonly account: AccountFacts; readonly previous: Partial<AccountFacts> };
    };

/** What all accounts of a kind have in common; one object for all of them, so that an account stays small in memory. */
export interface AccountTerms {
  readonly walletType: WalletType;
  readonly currency: string;
  readonly normalSide: Side;
  readonly kycTier: KycTier;
  readonly allowNegative: boolean;
}

/** What few accounts have. */
export interface AccountExtras {
  readonly parentId: string | null;
  readonly customerId: string | null;
  readonly overdraftLimit: Minor;
  readonly blocks: readonly Block[];
  readonly closed: boolean;
}

/** What deciding needs of an account; a million of them are held in memory. */
export interface Account {
  readonly id: string;
  readonly terms: AccountTerms;
  /** On the account's normal side. */
  readonly balance: Minor;
  readonly held: Minor;
  readonly extras: AccountExtras;
}

const NO_EXTRAS: AccountExtras = { parentId: null, customerId: null, overdraftLimit: ZERO, blocks: [], closed: false };

const interned = new Map<string, AccountTerms>();

const termsOf = (facts: AccountFacts): AccountTerms => {
  const { wallet_type, currency, normal_side, kyc_tier, allow_negative } = facts;
  const key = `${wallet_type}|${currency}|${normal_side}|${kyc_tier}|${allow_negative}`;
  let terms = interned.get(key);
  if (!terms) {
    terms = {
      walletType: wallet_type,
      currency,
      normalSide: normal_side,
      kycTier: kyc_tier,
      allowNegative: allow_negative,
    };
    interned.set(key, terms);
  }
  return terms;
};

const extrasOf = (facts: AccountFacts): AccountExtras => {
  const plain =
    facts.parent_account_id === null &&
    facts.customer_id === null &&
    facts.overdraft_limit === 0 &&
    facts.blocks.length === 0 &&
    facts.status !== 'closed';
  if (plain) return NO_EXTRAS;
  return {
    parentId: facts.parent_account_id,
    customerId: facts.customer_id,
    overdraftLimit: facts.overdraft_limit as Minor,
    blocks: facts.blocks,
    closed: facts.status === 'closed',
  };
};

/** An account as its facts describe it. Balances are changed by entries alone, so they are those of before. */
export const accountOf = (facts: AccountFacts, before?: Account): Account => ({
  id: facts.account_id,
  terms: termsOf(facts),
  balance: before?.balance ?? ZERO,
  held: before?.held ?? ZERO,
  extras: extrasOf(facts),
});

/** Key of a system account in `state.systemAccounts`. */
export const systemKey = (code: string, currency: string): string => `${code}|${currency}`;

const countChild = (state: TenantState, parentId: string | null, by: 1 | -1): void => {
  if (parentId !== null) state.openChildren.set(parentId, (state.openChildren.get(parentId) ?? 0) + by);
};

/**
 * The float account that deposits and withdrawals use when they name none: the first of its currency; once that is
 * closed the oldest that is open; without one the next use makes one.
 */
const chooseMainFloat = (state: TenantState, facts: AccountFacts): void => {
  const key = systemKey('float', facts.currency);
  if (facts.status !== 'closed') {
    if (!state.systemAccounts.has(key)) state.systemAccounts.set(key, facts.account_id);
    return;
  }
  if (state.systemAccounts.get(key) !== facts.account_id) return;
  let oldest: string | undefined;
  for (const { id, terms, extras } of state.accounts.values()) {
    const fits = terms.walletType === 'float' && terms.currency === facts.currency && !extras.closed;
    if (fits && (oldest === undefined || id < oldest)) oldest = id;
  }
  if (oldest === undefined) state.systemAccounts.delete(key);
  else state.systemAccounts.set(key, oldest);
};

export const evolveAccount = (state: TenantState, event: AccountEvent): void => {
  const facts = event.data.account;
  state.accounts.set(facts.account_id, accountOf(facts, state.accounts.get(facts.account_id)));
  switch (event.type) {
    case 'SystemAccountOpened':
      state.systemAccounts.set(systemKey(facts.account_code, facts.currency), facts.account_id);
      return;
    case 'AccountOpened':
      countChild(state, facts.parent_account_id, 1);
      if (facts.wallet_type === 'float') chooseMainFloat(state, facts);
      return;
    case 'AccountClosed':
      countChild(state, facts.parent_account_id, -1);
      if (facts.wallet_type === 'float') chooseMainFloat(state, facts);
      return;
    case 'AccountUpdated':
    case 'AccountBlocked':
    case 'AccountUnblocked':
      return;
  }
};
