import type { Account } from '../accounts/accounts.js';
import type { Card } from '../cards/cards.js';
import { refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft, LedgerEvent } from '../ledger.js';
import { countHeld } from '../limits/held-counts.js';
import { add, minor, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { amountRefusal, withinRange } from '../transactions/recording.js';
import type { CardTransaction, CardTransactionEvent, Element } from './card-transactions.js';
import { holdChanged } from './hold-changed.js';
import { declineOf, declineSaid, holdable, type Decline } from './judge-purchase.js';
import { firstOutcome, repeated } from './network-messages.js';
import { cardTransactionOf, withElement } from './standing.js';

export interface IncrementCardTransaction {
  readonly type: 'IncrementCardTransaction';
  readonly data: {
    readonly card_transaction_id: string;
    /** Minor units: by how much the hold is to grow. */
    readonly amount: number;
    readonly network_reference?: string;
  };
}

type IncrementData = IncrementCardTransaction['data'];

/**
 * The network asks for more on the same hold. It is judged as an authorization is; a decline leaves the hold as it was and
 * is kept as an element.
 *
 * Refused, in this order, with nothing appended: `invalid_parameter`, `amount_not_positive`, `amount_out_of_range`; then a
 * message that came before is answered again; then `card_transaction_not_found`; `invalid_state` where nothing is held any
 * more, because an approval that nothing backs is worse than none.
 *
 * Declined, in this order: what `declineOf` says; then `insufficient_funds`.
 */
export const incrementCardTransaction = (
  { data }: IncrementCardTransaction,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const malformed = amountRefusal(data.amount, 'amount');
  if (malformed !== null) return malformed;
  const first = firstOutcome(state, 'increment', data.network_reference);
  if (first !== null) return repeated(state, first, isSameIncrement(data, first));
  const purchase = cardTransactionOf(state, data.card_transaction_id);
  if (purchase === null) return refuse('card_transaction_not_found');
  if (purchase.amounts.held === 0) {
    return refuse('invalid_state', undefined, 'Nothing is held any more: more of it takes a new authorization.');
  }
  return withinRange(() => answer(data, purchase, state, moment));
};

const isSameIncrement = (data: IncrementData, first: LedgerEvent & CardTransactionEvent): boolean => {
  const told = first.data.card_transaction;
  return told.card_transaction_id === data.card_transaction_id && told.elements.at(-1)?.amount === data.amount;
};

const answer = (
  data: IncrementData,
  purchase: CardTransaction,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const amount = data.amount as Minor;
  const account = state.accounts.get(purchase.account_id) as Account;
  const card = state.cards.get(purchase.card_id) as Card;
  const { authorized, incremented, reversed } = purchase.amounts;
  const total = minor(add(authorized as Minor, incremented as Minor) - reversed + amount);
  const categoryCode = purchase.merchant?.category_code ?? null;
  const posting = new Posting(state, moment);
  const asked = { amount, total, currency: purchase.currency, categoryCode };
  const decline = declineOf(asked, card, account, state, moment);
  if (decline !== null)
    return holdChanged(declined(purchase, data, decline, moment), purchase, account, [], {}, moment);
  if (holdable(account) < amount) {
    const short = declined(purchase, data, { reason: 'insufficient_funds' }, moment);
    return holdChanged(short, purchase, account, [], {}, moment);
  }
  posting.hold(account, amount);
  const counts = countHeld(posting, account, purchase.counted ?? [], amount, moment.localDate);
  const grown = withElement(
    purchase,
    elementOf('increment', data, moment),
    { incremented: add(incremented as Minor, amount), held: add(purchase.amounts.held as Minor, amount) },
    counts,
  );
  return holdChanged(grown, purchase, account, posting.holds, posting.counted(), moment);
};

const elementOf = (type: 'increment' | 'increment_declined', data: IncrementData, moment: Moment): Element => ({
  type,
  amount: data.amount,
  at: formatInstant(moment.at),
  network_reference: data.network_reference ?? null,
  transaction_id: null,
});

const declined = (purchase: CardTransaction, data: IncrementData, decline: Decline, moment: Moment): CardTransaction =>
  withElement(
    purchase,
    { ...elementOf('increment_declined', data, moment), ...declineSaid(decline) },
    {},
    purchase.counted ?? [],
  );
