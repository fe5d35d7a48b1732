import {
  accept,
  clear,
  personalMetadata,
  refuse,
  type Decision,
  type Metadata,
  type Moment,
  type Refusal,
} from '../decision.js';
import type { Side } from '../entries.js';
import { isErased } from '../erasure/erasure.js';
import { idOf } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import { isCurrency, ZERO } from '../money.js';
import { cold, type TenantState } from '../state.js';
import { MAX_ACCOUNT_DEPTH, type Account, type KycTier, type WalletType } from './accounts.js';
import { depthOf, effectiveBlock, refusedOverdraft } from './standing.js';
import { isReservedCode, madeCode } from './system-accounts.js';

export interface OpenAccount {
  readonly type: 'OpenAccount';
  readonly data: {
    /** Unique in the tenant; one is made where none is given. */
    readonly account_code?: string;
    readonly account_name: string;
    readonly wallet_type: Exclude<WalletType, 'system'>;
    readonly currency: string;
    /** Chosen for `general` only (credit by default); float is debit, a wallet credit. */
    readonly normal_side?: Side;
    /** Minor units that a wallet may be overdrawn by. */
    readonly overdraft_limit?: number;
    /** For `general` and `float` only. */
    readonly allow_negative?: boolean;
    readonly kyc_tier?: KycTier;
    readonly parent_account_id?: string | null;
    readonly customer_id?: string | null;
    readonly metadata?: Metadata;
  };
}

const sideOf = ({ wallet_type, normal_side }: OpenAccount['data']): Side => {
  switch (wallet_type) {
    case 'general':
      return normal_side ?? 'credit';
    case 'float':
      return 'debit';
    case 'customer':
    case 'business':
    case 'merchant':
    case 'agent':
      return 'credit';
  }
};

const mayGoNegative = (walletType: WalletType): boolean => walletType === 'general' || walletType === 'float';

const refusedTerms = (data: OpenAccount['data']): Refusal | null => {
  if (!isCurrency(data.currency)) return refuse('invalid_currency', 'currency');
  if (data.account_code !== undefined && isReservedCode(data.account_code)) {
    return refuse('invalid_parameter', 'account_code', 'This code belongs to an account of the ledger itself.');
  }
  if (data.normal_side !== undefined && data.normal_side !== sideOf(data)) {
    return refuse('invalid_parameter', 'normal_side', 'Only general accounts have a choice.');
  }
  if (data.allow_negative === true && !mayGoNegative(data.wallet_type)) {
    return refuse('invalid_parameter', 'allow_negative', 'Only general and float accounts may go below zero.');
  }
  return refusedOverdraft(data.wallet_type, data.overdraft_limit ?? ZERO);
};

const refusedParent = (state: TenantState, parent: Account | undefined): Refusal | null => {
  const param = 'parent_account_id';
  if (!parent) return refuse('account_not_found', param);
  if (parent.terms.walletType === 'system')
    return refuse('invalid_parameter', param, 'A system account has no children.');
  if (parent.extras.closed) return refuse('account_is_closed', param);
  return depthOf(state, parent) >= MAX_ACCOUNT_DEPTH ? refuse('hierarchy_too_deep', param) : null;
};

export const openAccount = ({ data }: OpenAccount, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const refusal = refusedTerms(data);
  if (refusal) return refusal;
  const parentId = data.parent_account_id ?? null;
  const parent = parentId === null ? undefined : state.accounts.get(parentId);
  const orphaned = parentId === null ? null : refusedParent(state, parent);
  if (orphaned) return orphaned;
  const customerId = data.customer_id ?? null;
  const customersTier = customerId === null ? undefined : state.customers.get(customerId);
  if (customerId !== null && customersTier === undefined) return refuse('customer_not_found', 'customer_id');
  if (customerId !== null && isErased(state, customerId)) return refuse('subject_erased', 'customer_id');
  if (customersTier !== undefined && data.kyc_tier !== undefined && data.kyc_tier !== customersTier) {
    return refuse('invalid_parameter', 'kyc_tier', 'Its tier is the customer’s.');
  }
  if (data.account_code !== undefined && cold(state, `code:${data.account_code}`) !== null) {
    return refuse('duplicate_account_code', 'account_code');
  }
  const ulid = moment.nextUlid();
  const accountId = idOf('account', ulid);
  const blocked = parent ? effectiveBlock(state, parent) : { debits: false, credits: false };
  return accept({
    id: ulid,
    type: 'AccountOpened',
    subject: customerId ?? accountId,
    data: {
      account: {
        account_id: accountId,
        account_code: data.account_code ?? madeCode('WLT', ulid),
        account_name: clear(data.account_name),
        wallet_type: data.wallet_type,
        currency: data.currency,
        normal_side: sideOf(data),
        status: blocked.debits && blocked.credits ? 'frozen' : 'active',
        post_no_debit: blocked.debits,
        post_no_credit: blocked.credits,
        kyc_tier: customersTier ?? data.kyc_tier ?? 'tier1',
        parent_account_id: parentId,
        customer_id: customerId,
        overdraft_limit: data.overdraft_limit ?? ZERO,
        allow_negative: data.allow_negative ?? false,
        blocks: [],
        closure: null,
        balance: ZERO,
        held: ZERO,
        receivable: ZERO,
        metadata: personalMetadata(data.metadata),
      },
    },
  });
};
