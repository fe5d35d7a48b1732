import type { Account } from '../accounts/accounts.js';
import { refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft, LedgerEvent } from '../ledger.js';
import { countHeld, uncountHeld, type HeldCounts } from '../limits/held-counts.js';
import { add, larger, smaller, subtract, ZERO, type Minor } from '../money.js';
import { Posting } from '../posting.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { amountRefusal, withinRange } from '../transactions/recording.js';
import type { CardTransaction, CardTransactionEvent } from './card-transactions.js';
import { holdChanged } from './hold-changed.js';
import { firstOutcome, repeated } from './network-messages.js';
import { cardTransactionOf, withElement } from './standing.js';

export interface AdjustCardTransaction {
  readonly type: 'AdjustCardTransaction';
  readonly data: {
    readonly card_transaction_id: string;
    /** Minor units: what the hold is to be. */
    readonly amount: number;
    readonly network_reference?: string;
  };
}

type AdjustData = AdjustCardTransaction['data'];

/**
 * The network advises what the purchase came to, as a fuel pump does: the hold becomes that amount. It asks nothing, so
 * nothing refuses it: what is available may fall below zero by it, the balance never does. Where nothing is held any more
 * nothing becomes held again, and the element has the amount 0.
 *
 * Refused, in this order, with nothing appended: `invalid_parameter`, `amount_not_positive`, `amount_out_of_range`; then a
 * message that came before is answered again; then `card_transaction_not_found`.
 */
export const adjustCardTransaction = (
  { data }: AdjustCardTransaction,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const malformed = amountRefusal(data.amount, 'amount');
  if (malformed !== null) return malformed;
  const first = firstOutcome(state, 'advice', data.network_reference);
  if (first !== null) return repeated(state, first, isSameAdvice(data, first));
  const purchase = cardTransactionOf(state, data.card_transaction_id);
  if (purchase === null) return refuse('card_transaction_not_found');
  return withinRange(() => adjust(data, purchase, state, moment));
};

const isSameAdvice = (data: AdjustData, first: LedgerEvent & CardTransactionEvent): boolean => {
  const told = first.data.card_transaction;
  const last = told.elements.at(-1);
  return (
    told.card_transaction_id === data.card_transaction_id && (last?.requested_amount ?? last?.amount) === data.amount
  );
};

const adjust = (
  data: AdjustData,
  purchase: CardTransaction,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const account = state.accounts.get(purchase.account_id) as Account;
  const { held, incremented, reversed } = purchase.amounts as {
    readonly [K in keyof CardTransaction['amounts']]: Minor;
  };
  const asked = data.amount as Minor;
  const amount = held === 0 ? ZERO : asked;
  const more = larger(subtract(amount, held), ZERO);
  const less = larger(subtract(held, amount), ZERO);
  const posting = new Posting(state, moment);
  const unbacked = unbackedAfter(purchase, more, less, posting.availableOf(account));
  const counts = recounted(posting, account, purchase, more, less, moment);
  if (more !== less) posting.hold(account, subtract(more, less));
  // What is available must stay a number, however far below zero.
  posting.availableOf(account);
  const adjusted = withElement(
    purchase,
    {
      type: 'advice',
      amount,
      ...(amount === asked ? {} : { requested_amount: asked }),
      at: formatInstant(moment.at),
      network_reference: data.network_reference ?? null,
      transaction_id: null,
    },
    { incremented: add(incremented, more), reversed: add(reversed, less), held: amount },
    counts,
    unbacked,
  );
  return holdChanged(adjusted, purchase, account, posting.holds, posting.counted(), moment);
};

/** What is available backs what is held; what is given back was not backed as long as anything was not. */
const unbackedAfter = ({ unbacked = ZERO }: CardTransaction, more: Minor, less: Minor, available: Minor): Minor => {
  const beyond = subtract(more, smaller(more, larger(available, ZERO)));
  return larger(subtract(add(unbacked as Minor, beyond), less), ZERO);
};

const recounted = (
  posting: Posting,
  account: Account,
  { counted = [] }: CardTransaction,
  more: Minor,
  less: Minor,
  { localDate }: Moment,
): HeldCounts =>
  more > 0 ? countHeld(posting, account, counted, more, localDate) : uncountHeld(posting, account, counted, less);
