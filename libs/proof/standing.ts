/**
 * What a book comes to, added up from nothing but what its events state: no code of the domain's fold is used, so that a
 * defect of the one can't hide in the other.
 */
import type { AccountFacts } from '#domain/accounts/accounts.js';
import type { HeldCounts } from '#domain/limits/held-counts.js';
import type { FeeRule } from '#domain/fees/fees.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { LimitRule } from '#domain/limits/limits.js';
import { monthBefore, nextMonth, type ClosedMonth, type PeriodEvent } from '#domain/periods/periods.js';
import type { ReservationFacts } from '#domain/reservations/reservations.js';
import { must } from './wrong.js';

/** An account as the events so far leave it; minor units, the balance on its normal side. */
export interface AccountStanding {
  readonly id: string;
  readonly code: string;
  readonly walletType: string;
  readonly currency: string;
  readonly normalSide: 'debit' | 'credit';
  readonly allowNegative: boolean;
  readonly customerId: string | null;
  kycTier: string;
  overdraftLimit: number;
  closed: boolean;
  balance: number;
  held: number;
  /** The system account that holds what its holder owes. */
  receivable: AccountStanding | null;
}

/** What an owner has used of its limits on the latest day, and in its month. */
export interface UseCounter {
  day: string;
  daily: number;
  monthly: number;
}

export interface Standing {
  readonly accounts: Map<string, AccountStanding>;
  /** Codes of accounts that clients made: each once. */
  readonly codes: Set<string>;
  readonly systemCodes: Set<string>;
  readonly tiers: Map<string, string>;
  /** By card transaction that holds money: what of its hold is counted on which day. */
  readonly heldCounts: Map<string, HeldCounts>;
  readonly cards: Map<string, { readonly accountId: string; readonly type: string }>;
  /** Those that are open. */
  readonly reservations: Map<string, ReservationFacts>;
  readonly uses: Map<string, UseCounter>;
  feeRules: readonly FeeRule[];
  limitRules: readonly LimitRule[];
  closedThrough: string | null;
  readonly closedMonths: Map<string, ClosedMonth>;
  localDate: string;
}

export const nothing = (): Standing => ({
  accounts: new Map(),
  codes: new Set(),
  systemCodes: new Set(),
  tiers: new Map(),
  heldCounts: new Map(),
  cards: new Map(),
  reservations: new Map(),
  uses: new Map(),
  feeRules: [],
  limitRules: [],
  closedThrough: null,
  closedMonths: new Map(),
  localDate: '',
});

export const accountOf = (standing: Standing, id: string): AccountStanding => {
  const account = standing.accounts.get(id);
  must(account !== undefined, () => `it names the account ${id}, which no event before it opened`);
  return account as AccountStanding;
};

const RECEIVABLE = 'receivable:';

const open = (standing: Standing, facts: AccountFacts, system: boolean): void => {
  const { account_id: id, account_code: code, currency } = facts;
  must(!standing.accounts.has(id), () => `the account ${id} is opened a second time`);
  const codes = system ? standing.systemCodes : standing.codes;
  const key = system ? `${code}|${currency}` : code;
  must(!codes.has(key), () => `the account code ${code} is given a second time`);
  codes.add(key);
  const account: AccountStanding = {
    id,
    code,
    walletType: facts.wallet_type,
    currency,
    normalSide: facts.normal_side,
    allowNegative: facts.allow_negative,
    customerId: facts.customer_id,
    kycTier: facts.kyc_tier,
    overdraftLimit: facts.overdraft_limit,
    closed: false,
    balance: 0,
    held: 0,
    receivable: null,
  };
  standing.accounts.set(id, account);
  if (system && code.startsWith(RECEIVABLE)) accountOf(standing, code.slice(RECEIVABLE.length)).receivable = account;
};

const change = (standing: Standing, facts: AccountFacts, closed: boolean): void => {
  const account = accountOf(standing, facts.account_id);
  const stays: readonly [string, unknown, unknown][] = [
    ['account_code', facts.account_code, account.code],
    ['wallet_type', facts.wallet_type, account.walletType],
    ['currency', facts.currency, account.currency],
    ['normal_side', facts.normal_side, account.normalSide],
    ['allow_negative', facts.allow_negative, account.allowNegative],
    ['customer_id', facts.customer_id, account.customerId],
  ];
  for (const [name, stated, was] of stays) {
    must(
      stated === was,
      () => `${name} of ${account.id} is ${String(stated)} and was ${String(was)}; it never changes`,
    );
  }
  account.kycTier = facts.kyc_tier;
  account.overdraftLimit = facts.overdraft_limit;
  account.closed = closed;
};

/** What an event says of an account's sums is what its entries came to. */
const checkSums = (standing: Standing, facts: AccountFacts): void => {
  const account = accountOf(standing, facts.account_id);
  const owed = account.receivable?.balance ?? 0;
  must(
    facts.balance === account.balance,
    () => `balance of ${account.id} is ${facts.balance}, its entries come to ${account.balance}`,
  );
  must(facts.held === account.held, () => `held of ${account.id} is ${facts.held}, its holds come to ${account.held}`);
  must(
    facts.receivable === owed,
    () => `receivable of ${account.id} is ${facts.receivable}, its entries come to ${owed}`,
  );
};

/** Takes in what an event says besides the money that it moves. */
export const follow = (standing: Standing, event: LedgerEvent): void => {
  switch (event.type) {
    case 'AccountOpened':
    case 'SystemAccountOpened':
      open(standing, event.data.account, event.type === 'SystemAccountOpened');
      break;
    case 'AccountUpdated':
    case 'AccountBlocked':
    case 'AccountUnblocked':
    case 'AccountClosed':
      change(
        standing,
        event.data.account,
        event.type === 'AccountClosed' || accountOf(standing, event.data.account.account_id).closed,
      );
      break;
    case 'CustomerCreated':
    case 'CustomerUpdated':
      standing.tiers.set(event.data.customer.customer_id, event.data.customer.kyc_tier);
      return;
    case 'CardIssued':
      standing.cards.set(event.data.card.card_id, {
        accountId: event.data.card.account_id,
        type: event.data.card.type,
      });
      return;
    case 'FeeRulesReplaced':
      standing.feeRules = event.data.rules;
      return;
    case 'LimitsReplaced':
      standing.limitRules = event.data.limits;
      return;
    case 'PeriodClosed':
      checkClosing(standing, event.data);
      return;
    default:
      return;
  }
  if ('account' in event.data) checkSums(standing, event.data.account);
};

const checkClosing = (standing: Standing, { through, previous, month }: PeriodEvent['data']): void => {
  must(
    previous === standing.closedThrough,
    () => `the books were closed through ${standing.closedThrough}, not ${previous}`,
  );
  const isFurther = previous === null || through > previous;
  must(
    isFurther || (month !== undefined && through === previous),
    () => `the books were closed through ${previous} already`,
  );
  if (month !== undefined) checkMonth(standing, month, through);
  standing.closedThrough = through;
};

/** A month is closed once, through its end at least, and borders on those beside it. */
const checkMonth = ({ closedMonths }: Standing, closed: ClosedMonth, through: string): void => {
  const { month, from } = closed;
  must(!closedMonths.has(month), () => `${month} is closed a second time`);
  must(
    from < closed.through && closed.through <= through,
    () => `${month} ends beyond what is closed, or before it begins`,
  );
  const before = closedMonths.get(monthBefore(month));
  const after = closedMonths.get(nextMonth(month));
  const borders = (end: string, beginning: string): boolean => Date.parse(end) + 1 === Date.parse(beginning);
  must(
    before === undefined || borders(before.through, from),
    () => `${month} does not begin where the month before it ends`,
  );
  must(
    after === undefined || borders(closed.through, after.from),
    () => `${month} does not end where the next one begins`,
  );
  closedMonths.set(month, closed);
};

/** Accounts whose code begins so are the ledger's own for fees. */
export const isFeeIncome = ({ walletType, code }: AccountStanding): boolean =>
  walletType === 'system' && code.startsWith('fees:');

export const isReceivable = ({ walletType, code }: AccountStanding): boolean =>
  walletType === 'system' && code.startsWith(RECEIVABLE);
