/** How a clearing posts. The network has already paid: nothing that the account is or has makes it fail. */
import type { Account } from '../accounts/accounts.js';
import { receivableCode, receivableOf, subjectOf } from '../accounts/standing.js';
import type { Card } from '../cards/cards.js';
import { accept, type Decision, type Moment } from '../decision.js';
import { creditFee, dueFee } from '../fees/charge-fee.js';
import type { ChargedFee, FeeChannel, FeeRule } from '../fees/fees.js';
import { idOf, type Ulid } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import { add, smaller, subtract, ZERO, type Minor } from '../money.js';
import type { ClearedHold, Posting } from '../posting.js';
import { accrue } from '../settlements/accrue.js';
import { NETWORK_PAYABLE, type SettlementLine } from '../settlements/settlements.js';
import type { TenantState } from '../state.js';
import { formatInstant, type Instant } from '../time.js';
import type { TransactionFacts } from '../transactions/transactions.js';
import type { CardTransactionFacts } from './card-transactions.js';
import { before } from './standing.js';

/** The channel of a card's purchases, for fees, where the message names none (DECISIONS 23). */
export const channelOf = ({ type }: Card): FeeChannel => (type === 'nfc' ? 'pos_nfc_card' : 'pos_card_present');

/** What a clearing came to beside its amount. */
export interface Cleared {
  readonly fees: readonly ChargedFee[];
  /** What the account could not pay of amount and fee: added to its owner's debt. */
  readonly lacking: Minor;
  /** What of it is to be settled with the network. */
  readonly line: SettlementLine;
}

type Paid = Omit<Cleared, 'line'>;

/** A clearing that no hold is behind. */
export const NO_HOLD: ClearedHold = { own: ZERO, remaining: ZERO };

/**
 * Account → network: what the posting gave back of the purchase's hold and what else is available, then a receivable. The fee
 * of the channel beside it, which nothing was held for. `occurredAt` is when the network posted it.
 */
export const takeFrom = (
  posting: Posting,
  account: Account,
  amount: Minor,
  hold: ClearedHold,
  channel: string | undefined,
  state: TenantState,
  moment: Moment,
  occurredAt: Instant = moment.at,
): Cleared => {
  const { currency } = account.terms;
  const lacking = posting.debitCleared(account, amount, hold);
  posting.post(posting.system(NETWORK_PAYABLE, currency), 'credit', amount);
  const paid = chargeFee(posting, account, amount, lacking, channel, state, moment);
  const owed = { type: 'card_transaction', amount, currency, occurredAt } as const;
  return { ...paid, line: accrue(state, moment, posting.opened, owed) };
};

/** Network → account, repaying its owner's debt first; of a closed account what is left is kept in `suspense`. */
export const giveTo = (
  posting: Posting,
  account: Account,
  amount: Minor,
  channel: string | undefined,
  state: TenantState,
  moment: Moment,
  occurredAt: Instant = moment.at,
): Cleared => {
  const { currency } = account.terms;
  posting.post(posting.system(NETWORK_PAYABLE, currency), 'debit', amount);
  if (account.extras.closed) {
    const repaid = smaller(amount, receivableOf(state, account));
    if (repaid > 0) posting.post(posting.system(receivableCode(account.id), currency), 'credit', repaid);
    if (repaid < amount) posting.post(posting.system('suspense', currency), 'credit', subtract(amount, repaid));
  } else {
    posting.creditCleared(account, amount);
  }
  const paid = chargeFee(posting, account, amount, ZERO, channel, state, moment);
  const owed = { type: 'refund', amount: subtract(ZERO, amount), currency, occurredAt } as const;
  return { ...paid, line: accrue(state, moment, posting.opened, owed) };
};

const chargeFee = (
  posting: Posting,
  account: Account,
  amount: Minor,
  lacking: Minor,
  channel: string | undefined,
  state: TenantState,
  moment: Moment,
): Paid => {
  const due = dueFee(state, moment, channel, amount, account.terms.currency);
  if (due === null) return { fees: [], lacking };
  const payer = bearerOf(posting, due.rule, account);
  const lackingFee = payer === account ? posting.debitCleared(account, due.amount, NO_HOLD) : ZERO;
  if (payer !== account) posting.post(payer, 'debit', due.amount);
  return { fees: [creditFee(posting, due, payer)], lacking: add(lacking, lackingFee) };
};

/** Who bears a clearing's fee. It can't fail for want of a payer, as a transfer does. */
const bearerOf = (posting: Posting, { who_pays, currency }: FeeRule, account: Account): Account => {
  switch (who_pays) {
    case 'customer':
      return account;
    case 'merchant':
      // The merchant of a purchase has no account here: the processor owes it to us until settlement.
      return posting.system('processor_receivable', currency);
    case 'platform':
    case 'tenant':
    case 'processor':
      return posting.system('fee_expense', currency);
  }
};

/** What a clearing did, as its ledger transaction tells it. */
export interface ClearingFacts {
  readonly type: 'card_capture' | 'card_credit' | 'card_refund';
  readonly amount: Minor;
  readonly channel: string | null;
  readonly fees: readonly ChargedFee[];
  readonly effectiveAt: Instant;
  readonly line: SettlementLine;
}

/**
 * The event of a clearing or a refund: the card transaction as it leaves it, and the ledger transaction that it posted.
 * `earlier` is the card transaction before it, null where it is the first that is heard of it.
 */
export const clearingPosted = (
  id: Ulid,
  posting: Posting,
  account: Account,
  earlier: CardTransactionFacts | null,
  after: CardTransactionFacts,
  facts: ClearingFacts,
  moment: Moment,
): Decision<LedgerDraft> => {
  const { localDate: local_date, businessDate: business_date } = moment;
  const network = posting.system(NETWORK_PAYABLE, account.terms.currency).id;
  const { line: settlement_line } = facts;
  const card_transaction = { ...after, settlement_id: settlement_line.settlement_id };
  const said = {
    local_date,
    business_date,
    card_transaction,
    ...(earlier === null ? {} : { previous: before(earlier, card_transaction) }),
    transaction: transactionOf(id, facts, account, network, card_transaction),
    entries: posting.balanced(),
    settlement_line,
  };
  const subject = subjectOf(account);
  const event: LedgerDraft =
    facts.type === 'card_refund'
      ? { id, type: 'CardTransactionRefunded', data: said, subject }
      : { id, type: 'CardTransactionPosted', data: { ...said, holds: posting.holds, ...posting.counted() }, subject };
  return accept<LedgerDraft>(...posting.opened, event);
};

const transactionOf = (
  id: Ulid,
  { type, amount, channel, fees, effectiveAt }: ClearingFacts,
  account: Account,
  network: string,
  { card_transaction_id }: CardTransactionFacts,
): TransactionFacts => ({
  transaction_id: idOf('transaction', id),
  type,
  status: 'completed',
  channel,
  amount,
  currency: account.terms.currency,
  destination_amount: null,
  rate: null,
  source: type === 'card_capture' ? account.id : network,
  destination: type === 'card_capture' ? network : account.id,
  reference: null,
  narration: null,
  metadata: [],
  fees,
  failure_code: null,
  failure_rule: null,
  reversal_of: null,
  reversed_amount: 0,
  card_transaction_id,
  effective_at: formatInstant(effectiveAt),
});
