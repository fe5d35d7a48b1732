import type { Account } from '../accounts/accounts.js';
import { subjectOf } from '../accounts/standing.js';
import { accept, refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft, LedgerEvent } from '../ledger.js';
import { uncountHeld } from '../limits/held-counts.js';
import { add, larger, smaller, subtract, ZERO, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { amountRefusal, withinRange } from '../transactions/recording.js';
import type { CardTransaction, CardTransactionEvent } from './card-transactions.js';
import { firstOutcome, repeated } from './network-messages.js';
import { before, cardTransactionOf, withElement } from './standing.js';

export interface ReverseCardTransaction {
  readonly type: 'ReverseCardTransaction';
  readonly data: {
    readonly card_transaction_id: string;
    /** Minor units; all that is held, where it is left out. */
    readonly amount?: number;
    readonly network_reference?: string;
  };
}

type ReverseData = ReverseCardTransaction['data'];

/**
 * The network gives back the hold, or as much of it as is still held. Where nothing is, the element has the amount 0. What
 * was captured is given back by refunds.
 *
 * Refused, in this order, with nothing appended: `invalid_parameter`, `amount_not_positive`, `amount_out_of_range`; then a
 * message that came before is answered again; then `card_transaction_not_found`.
 */
export const reverseCardTransaction = (
  { data }: ReverseCardTransaction,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const malformed = data.amount === undefined ? null : amountRefusal(data.amount, 'amount');
  if (malformed !== null) return malformed;
  const first = firstOutcome(state, 'reversal', data.network_reference);
  if (first !== null) return repeated(state, first, isSameReversal(data, first));
  const purchase = cardTransactionOf(state, data.card_transaction_id);
  if (purchase === null) return refuse('card_transaction_not_found');
  // Which increments and reversals in turn leave in the end.
  return withinRange(() => accept(reversal(data, purchase, state, moment)));
};

const isSameReversal = (data: ReverseData, first: LedgerEvent & CardTransactionEvent): boolean => {
  const told = first.data.card_transaction;
  const last = told.elements.at(-1);
  const asked = last?.requested_amount === undefined ? last?.amount : last.requested_amount;
  return told.card_transaction_id === data.card_transaction_id && asked === (data.amount ?? null);
};

const reversal = (data: ReverseData, purchase: CardTransaction, state: TenantState, moment: Moment): LedgerDraft => {
  const account = state.accounts.get(purchase.account_id) as Account;
  const held = purchase.amounts.held as Minor;
  const asked = data.amount ?? null;
  const amount = asked === null ? held : smaller(asked as Minor, held);
  const posting = new Posting(state, moment);
  if (amount > 0) posting.hold(account, subtract(ZERO, amount));
  const counts = uncountHeld(posting, account, purchase.counted ?? [], amount);
  const card_transaction = withElement(
    purchase,
    {
      type: 'reversal',
      amount,
      ...(amount === asked ? {} : { requested_amount: asked }),
      at: formatInstant(moment.at),
      network_reference: data.network_reference ?? null,
      transaction_id: null,
    },
    { reversed: add(purchase.amounts.reversed as Minor, amount), held: subtract(held, amount) },
    counts,
    // What no money is behind goes back first.
    larger(subtract((purchase.unbacked ?? ZERO) as Minor, amount), ZERO),
  );
  const { localDate: local_date, businessDate: business_date } = moment;
  return {
    id: moment.nextUlid(),
    type: 'CardAuthorizationReversed',
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
