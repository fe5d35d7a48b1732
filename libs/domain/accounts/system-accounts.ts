/** Accounts that the ledger makes itself, per currency, when they are first used. */
import { clear, type Moment } from '../decision.js';
import type { Side } from '../entries.js';
import { idOf, type Ulid } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import { ZERO } from '../money.js';
import type { TenantState } from '../state.js';
import { systemKey, type AccountFacts } from './accounts.js';

interface SystemTerms {
  readonly name: string;
  readonly normalSide: Side;
}

/** Codes that stand alone. */
const PLAIN: Readonly<Record<string, SystemTerms>> = {
  network_payable: { name: 'Network payable', normalSide: 'credit' },
  processor_receivable: { name: 'Processor receivable', normalSide: 'debit' },
  fee_expense: { name: 'Fee expense', normalSide: 'debit' },
  interchange: { name: 'Interchange', normalSide: 'credit' },
  suspense: { name: 'Suspense', normalSide: 'credit' },
  settlement_clearing: { name: 'Settlement clearing', normalSide: 'debit' },
};

/** Codes that name something after a colon: `receivable:acc_…`, `fees:platform`, `exchange:EUR-NGN`. */
const FAMILIES: Readonly<Record<string, SystemTerms>> = {
  receivable: { name: 'Receivable', normalSide: 'debit' },
  fees: { name: 'Fees', normalSide: 'credit' },
  exchange: { name: 'Exchange', normalSide: 'credit' },
};

const MAIN_FLOAT = 'float';

/** Whether an account code belongs to the ledger, so that no client may give it. */
export const isReservedCode = (code: string): boolean => {
  const family = code.split(':', 1)[0] as string;
  return code === MAIN_FLOAT || Object.hasOwn(PLAIN, code) || (code !== family && Object.hasOwn(FAMILIES, family));
};

/** A code for an account that was given none: a prefix and the 80 random bits of the ULID, which no other account has. */
export const madeCode = (prefix: 'WLT' | 'FLT', ulid: Ulid): string => `${prefix}-${ulid.slice(-16)}`;

const termsOf = (code: string): SystemTerms => {
  const plain = PLAIN[code];
  if (plain) return plain;
  const [family, named] = code.split(':', 2) as [string, string | undefined];
  const terms = FAMILIES[family];
  if (!terms || !named) throw new RangeError(`${code} is no code of a system account`);
  return { name: `${terms.name}: ${named}`, normalSide: terms.normalSide };
};

const unusedAccount = (
  named: Pick<
    AccountFacts,
    'account_id' | 'account_code' | 'account_name' | 'wallet_type' | 'currency' | 'normal_side'
  >,
): Omit<AccountFacts, 'allow_negative'> => ({
  ...named,
  status: 'active',
  post_no_debit: false,
  post_no_credit: false,
  kyc_tier: 'tier1',
  parent_account_id: null,
  customer_id: null,
  overdraft_limit: ZERO,
  blocks: [],
  closure: null,
  balance: ZERO,
  held: ZERO,
  receivable: ZERO,
  metadata: [],
});

/**
 * The main float belongs to the tenant and shows as an account like any other. It may not go below zero: what is not
 * there can't be paid out.
 */
const mainFloat = (ulid: Ulid, currency: string, tenantId: string): LedgerDraft => ({
  id: ulid,
  type: 'AccountOpened',
  subject: tenantId,
  data: {
    account: {
      ...unusedAccount({
        account_id: idOf('account', ulid),
        account_code: madeCode('FLT', ulid),
        account_name: clear(`Main float ${currency}`),
        wallet_type: 'float',
        currency,
        normal_side: 'debit',
      }),
      allow_negative: false,
    },
  },
});

const ofTheLedger = (ulid: Ulid, code: string, currency: string, tenantId: string): LedgerDraft => {
  const { name, normalSide } = termsOf(code);
  return {
    id: ulid,
    type: 'SystemAccountOpened',
    subject: tenantId,
    data: {
      account: {
        ...unusedAccount({
          account_id: idOf('account', ulid),
          account_code: code,
          account_name: clear(name),
          wallet_type: 'system',
          currency,
          normal_side: normalSide,
        }),
        // A debt is repaid down to zero and never beyond; the others are sums that may stand on either side.
        allow_negative: !code.startsWith('receivable:'),
      },
    },
  };
};

/** Whether a draft of this same decision already opens the account. */
const opens = (draft: LedgerDraft, code: string, currency: string): string | undefined => {
  if (draft.type !== 'SystemAccountOpened' && draft.type !== 'AccountOpened') return undefined;
  const { account } = draft.data;
  const isIt =
    account.currency === currency &&
    (draft.type === 'SystemAccountOpened'
      ? account.account_code === code
      : code === MAIN_FLOAT && account.wallet_type === 'float');
  return isIt ? account.account_id : undefined;
};

/**
 * Id of the system account of this code and currency. Where there is none yet, the event that opens it is pushed to
 * `drafts`, which the caller returns before the event whose entries name it. `float` names the tenant's main float.
 */
export const systemAccount = (
  state: TenantState,
  moment: Moment,
  drafts: LedgerDraft[],
  code: string,
  currency: string,
): string => {
  const existing = state.systemAccounts.get(systemKey(code, currency));
  if (existing !== undefined) return existing;
  for (const draft of drafts) {
    const opened = opens(draft, code, currency);
    if (opened !== undefined) return opened;
  }
  const tenantId = state.tenant.value?.id as string;
  const ulid = moment.nextUlid();
  drafts.push(code === MAIN_FLOAT ? mainFloat(ulid, currency, tenantId) : ofTheLedger(ulid, code, currency, tenantId));
  return idOf('account', ulid);
};
