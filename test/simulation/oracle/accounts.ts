/** Accounts: opening, terms, blocks, closing. And the customers whose accounts they are. */
import {
  availableOf,
  balanceOf,
  debtOf,
  heldOf,
  isWallet,
  lineageOf,
  nextName,
  type Account,
  type Block,
  type Books,
} from './books.js';
import type { DataOf, Verdict } from './terms.js';

const DEEPEST = 8;

/** Open accounts directly below. */
const openChildrenOf = (books: Books, account: Account): Account[] =>
  [...books.accounts.values()].filter((one) => one.parent === account.name && !one.closed);

export const openAccount = (books: Books, data: DataOf<'OpenAccount'>): Verdict => {
  const owned = data.wallet_type !== 'float' && data.wallet_type !== 'general';
  const side =
    data.wallet_type === 'float' ? 'debit' : data.wallet_type === 'general' ? (data.normal_side ?? 'credit') : 'credit';
  if (data.normal_side !== undefined && data.normal_side !== side) return 'refused: invalid_parameter';
  if (data.allow_negative === true && owned) return 'refused: invalid_parameter';
  if ((data.overdraft_limit ?? 0) < 0) return 'refused: amount_out_of_range';
  if ((data.overdraft_limit ?? 0) > 0 && !owned) return 'refused: invalid_parameter';
  let parent: Account | undefined;
  if (data.parent_account_id !== undefined) {
    parent = books.accounts.get(data.parent_account_id);
    if (!parent) return 'refused: account_not_found';
    if (parent.closed) return 'refused: account_is_closed';
    if (lineageOf(books, parent).length >= DEEPEST) return 'refused: hierarchy_too_deep';
  }
  const customer = data.customer_id ?? null;
  if (customer !== null) {
    const known = books.customers.get(customer);
    if (!known) return 'refused: customer_not_found';
    if (data.kyc_tier !== undefined && data.kyc_tier !== known.tier) return 'refused: invalid_parameter';
  }
  const code = data.account_code ?? '';
  if (code !== '' && [...books.accounts.values()].some((one) => one.code === code)) {
    return 'refused: duplicate_account_code';
  }
  const name = nextName(books, 'acc');
  books.accounts.set(name, {
    name,
    code,
    wallet: data.wallet_type,
    currency: data.currency,
    side,
    overdraft: data.overdraft_limit ?? 0,
    mayBeNegative: data.allow_negative ?? false,
    tier: data.kyc_tier ?? 'tier1',
    parent: parent?.name ?? null,
    customer,
    blocks: [],
    closed: false,
  });
  return 'done';
};

/** Whether a client can't change it: closed for good, or the ledger's own. */
const unchangeable = (account: Account): string | null => {
  if (account.wallet === 'system') return 'refused: invalid_state';
  return account.closed ? 'refused: account_is_closed' : null;
};

export const updateAccount = (books: Books, data: DataOf<'UpdateAccount'>): Verdict => {
  const account = books.accounts.get(data.account_id);
  if (!account) return 'refused: account_not_found';
  const no = unchangeable(account);
  if (no !== null) return no;
  const overdraft = data.overdraft_limit ?? account.overdraft;
  const tier = data.kyc_tier ?? account.tier;
  if (overdraft < 0) return 'refused: amount_out_of_range';
  if (overdraft > 0 && !isWallet(account)) return 'refused: invalid_parameter';
  if (account.customer !== null && data.kyc_tier !== undefined) {
    if (data.kyc_tier !== books.customers.get(account.customer)?.tier) return 'refused: invalid_parameter';
  }
  // A limit can't be taken from under what is overdrawn already.
  if (overdraft < account.overdraft && availableOf(books, account) - account.overdraft + overdraft < 0) {
    return 'refused: insufficient_funds';
  }
  if (overdraft === account.overdraft && (tier === account.tier || account.customer !== null)) return 'unchanged';
  account.overdraft = overdraft;
  if (account.customer === null) account.tier = tier;
  return 'done';
};

export const blockAccount = (books: Books, data: DataOf<'BlockAccount'>): Verdict => {
  const account = books.accounts.get(data.account_id);
  if (!account) return 'refused: account_not_found';
  const no = unchangeable(account);
  if (no !== null) return no;
  if (!data.block_debits && !data.block_credits) return 'refused: invalid_parameter';
  let block = account.blocks.find(({ source }) => source === data.source);
  const before: Block = block ? { ...block } : { source: data.source, debits: false, credits: false };
  if (!block) account.blocks.push((block = { source: data.source, debits: false, credits: false }));
  block.debits ||= data.block_debits;
  block.credits ||= data.block_credits;
  return block.debits === before.debits && block.credits === before.credits ? 'unchanged' : 'done';
};

export const unblockAccount = (books: Books, data: DataOf<'UnblockAccount'>): Verdict => {
  const account = books.accounts.get(data.account_id);
  if (!account) return 'refused: account_not_found';
  const no = unchangeable(account);
  if (no !== null) return no;
  if (!data.unblock_debits && !data.unblock_credits) return 'refused: invalid_parameter';
  let lifted = false;
  for (const block of account.blocks) {
    if (data.block_source !== undefined && block.source !== data.block_source) continue;
    if ((data.unblock_debits && block.debits) || (data.unblock_credits && block.credits)) lifted = true;
    if (data.unblock_debits) block.debits = false;
    if (data.unblock_credits) block.credits = false;
  }
  account.blocks = account.blocks.filter(({ debits, credits }) => debits || credits);
  return lifted ? 'done' : 'unchanged';
};

export const closeAccount = (books: Books, data: DataOf<'CloseAccount'>): Verdict => {
  const account = books.accounts.get(data.account_id);
  if (!account) return 'refused: account_not_found';
  if (data.confirmation !== 'CLOSE_ACCOUNT') return 'refused: confirmation_required';
  if (account.closed) return 'unchanged';
  if (account.wallet === 'system') return 'refused: invalid_state';
  if (balanceOf(books, account) !== 0) return 'refused: account_not_empty';
  if (heldOf(books, account) !== 0) return 'refused: account_has_holds';
  if (debtOf(books, account) !== 0) return 'refused: account_owes';
  if (openChildrenOf(books, account).length > 0) return 'refused: account_has_open_children';
  account.closed = true;
  return 'done';
};

export const createCustomer = (books: Books, data: DataOf<'CreateCustomer'>): Verdict => {
  books.customers.set(nextName(books, 'cust'), { tier: data.kyc_tier ?? 'tier1' });
  return 'done';
};

export const updateCustomer = (books: Books, data: DataOf<'UpdateCustomer'>): Verdict => {
  const customer = books.customers.get(data.customer_id);
  if (!customer) return 'refused: customer_not_found';
  if (customer.tier === data.kyc_tier) return 'unchanged';
  customer.tier = data.kyc_tier;
  return 'done';
};
