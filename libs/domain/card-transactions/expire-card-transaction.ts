import type { Account } from '../accounts/accounts.js';
import { subjectOf } from '../accounts/standing.js';
import { accept, refuse, unchanged, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { uncountHeld } from '../limits/held-counts.js';
import { add, subtract, ZERO, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import type { CardTransaction } from './card-transactions.js';
import { before, cardTransactionOf, withElement } from './standing.js';

export interface ExpireCardTransaction {
  readonly type: 'ExpireCardTransaction';
  readonly data: { readonly card_transaction_id: string };
}

/**
 * Gives back all that is still held, before its time is up. What is cleared afterwards posts all the same. Refused:
 * `card_transaction_not_found`. Where nothing is held any more, nothing changes.
 */
export const expireCardTransaction = (
  { data }: ExpireCardTransaction,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const purchase = cardTransactionOf(state, data.card_transaction_id);
  if (purchase === null) return refuse('card_transaction_not_found');
  return purchase.amounts.held === 0
    ? unchanged(standingDraft(state, purchase, moment))
    : accept(expireHold(state, purchase, moment));
};

/** Says how a purchase stands, where nothing is to change. */
const standingDraft = (state: TenantState, purchase: CardTransaction, moment: Moment): LedgerDraft => {
  const account = state.accounts.get(purchase.account_id) as Account;
  const { localDate: local_date, businessDate: business_date } = moment;
  return {
    id: moment.nextUlid(),
    type: 'CardAuthorizationExpired',
    data: { local_date, business_date, card_transaction: purchase, holds: [] },
    subject: subjectOf(account),
  };
};

/** The event that gives back what a card transaction holds, because its time is up or somebody says so. */
export const expireHold = (state: TenantState, purchase: CardTransaction, moment: Moment): LedgerDraft => {
  const account = state.accounts.get(purchase.account_id) as Account;
  const { localDate: local_date, businessDate: business_date } = moment;
  const held = purchase.amounts.held as Minor;
  const posting = new Posting(state, moment);
  posting.hold(account, subtract(ZERO, held));
  const counts = uncountHeld(posting, account, purchase.counted ?? [], held);
  const card_transaction = withElement(
    purchase,
    { type: 'expiry', amount: held, at: formatInstant(moment.at), network_reference: null, transaction_id: null },
    { expired: add(purchase.amounts.expired as Minor, held), held: ZERO },
    counts,
  );
  return {
    id: moment.nextUlid(),
    type: 'CardAuthorizationExpired',
    data: {
      local_date,
      business_date,
      card_transaction,
      previous: before(purchase, card_transaction),
      holds: posting.holds,
      ...posting.counted(),
    },
    subject: subjectOf(account),
  };
};
