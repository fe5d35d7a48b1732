import type { Account } from '../accounts/accounts.js';
import { refuse, type Decision, type Metadata, type Moment } from '../decision.js';
import { idOf } from '../ids.js';
import type { LedgerDraft, LedgerEvent } from '../ledger.js';
import { add, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { amountRefusal, withinRange } from '../transactions/recording.js';
import type { CardTransaction, CardTransactionEvent } from './card-transactions.js';
import { clearingPosted, giveTo } from './clearing.js';
import { firstOutcome, metadataWith, repeated } from './network-messages.js';
import { cardTransactionOf, withElement } from './standing.js';

export interface RefundCardTransaction {
  readonly type: 'RefundCardTransaction';
  readonly data: {
    readonly card_transaction_id: string;
    /** Minor units of the card transaction's currency. */
    readonly amount: number;
    readonly network_reference: string;
    readonly metadata?: Metadata;
  };
}

type RefundData = RefundCardTransaction['data'];

/**
 * The network gives money back for a purchase: what its holder owes is repaid first. It posts whatever the card, the
 * account and the tenant are, also before the purchase was captured and beyond what was; the element says so. Counts
 * towards no limit and gives none back. It is taken back by reversing its transaction.
 *
 * Refused, in this order, with nothing appended: `invalid_parameter`, `amount_not_positive`, `amount_out_of_range`; then a
 * message that came before is answered again; then `card_transaction_not_found`; `invalid_state` for a posted credit.
 */
export const refundCardTransaction = (
  { data }: RefundCardTransaction,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const malformed = amountRefusal(data.amount, 'amount');
  if (malformed !== null) return malformed;
  const first = firstOutcome(state, 'refund', data.network_reference);
  if (first !== null) return repeated(state, first, isSameRefund(data, first));
  const purchase = cardTransactionOf(state, data.card_transaction_id);
  if (purchase === null) return refuse('card_transaction_not_found');
  if (purchase.direction === 'credit') {
    return refuse('invalid_state', undefined, 'A posted credit or refund has nothing to refund.');
  }
  return withinRange(() => refund(data, purchase, state, moment));
};

const isSameRefund = (data: RefundData, first: LedgerEvent & CardTransactionEvent): boolean => {
  const told = first.data.card_transaction;
  // One element alone is a refund without a purchase.
  if (told.elements.length === 1) return false;
  return told.card_transaction_id === data.card_transaction_id && told.elements.at(-1)?.amount === data.amount;
};

const refund = (
  data: RefundData,
  purchase: CardTransaction,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const amount = data.amount as Minor;
  const account = state.accounts.get(purchase.account_id) as Account;
  const posting = new Posting(state, moment);
  const { fees, line } = giveTo(posting, account, amount, undefined, state, moment);
  const refunded = add(purchase.amounts.refunded as Minor, amount);
  const id = moment.nextUlid();
  const after = withElement(
    { ...purchase, metadata: metadataWith(purchase.metadata, data.metadata) },
    {
      type: 'refund',
      amount,
      at: formatInstant(moment.at),
      network_reference: data.network_reference,
      transaction_id: idOf('transaction', id),
      ...(refunded > purchase.amounts.captured ? { exceeds_captured: true } : {}),
    },
    { refunded },
    purchase.counted ?? [],
  );
  const facts = { type: 'card_refund', amount, channel: null, fees, effectiveAt: moment.at, line } as const;
  return clearingPosted(id, posting, account, purchase, after, facts, moment);
};
