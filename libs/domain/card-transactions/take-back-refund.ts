import type { Moment } from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import { subtract, type Minor } from '../money.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import type { TransactionFacts } from '../transactions/transactions.js';
import type { CardTransactionFacts } from './card-transactions.js';
import { cardTransactionOf, withElement } from './standing.js';

/**
 * The purchase once the reversal `transactionId` has taken back so much (minor units) of one of its refunds: less of it is
 * refunded (DECISIONS 51). What is said of a transaction that is no refund: nothing.
 */
export const refundTakenBack = (
  state: TenantState,
  { card_transaction_id }: TransactionFacts,
  amount: Minor,
  transactionId: string,
  moment: Moment,
): { readonly purchase?: CardTransactionFacts } => {
  // Of what a card did, only refunds can be reversed.
  if (card_transaction_id === null) return {};
  const purchase = cardTransactionOf(state, card_transaction_id);
  if (purchase === null) throw new LedgerInconsistent(`no event says what ${card_transaction_id} is`);
  const element = {
    type: 'refund_reversal',
    amount,
    at: formatInstant(moment.at),
    network_reference: null,
    transaction_id: transactionId,
  } as const;
  const refunded = subtract(purchase.amounts.refunded as Minor, amount);
  return { purchase: withElement(purchase, element, { refunded }, purchase.counted ?? []) };
};
