/** How a card transaction stands, and how it stands after one more element. */
import { replaced } from '../changes.js';
import type { HeldCounts } from '../limits/held-counts.js';
import { ZERO } from '../money.js';
import { cold, type TenantState } from '../state.js';
import type {
  CardAmounts,
  CardTransaction,
  CardTransactionFacts,
  CardTransactionStatus,
  Element,
  PreviousCardTransaction,
} from './card-transactions.js';

/** What is kept of a purchase that the network never stops talking of: its first element and the newest. */
export const MAX_ELEMENTS = 500;

/** A card transaction by its id, from memory while it holds money, else as its latest event left it; null: unknown. */
export const cardTransactionOf = (state: TenantState, id: string): CardTransaction | null => {
  const held = state.cardTransactions.get(id);
  if (held) return held;
  const event = cold(state, `txn:${id}`);
  if (event === null) return null;
  if (event.type === 'TransactionReversed') return event.data.purchase ?? null;
  return 'card_transaction' in event.data ? event.data.card_transaction : null;
};

/** The status that these sums make, in whatever order the messages came that made them. */
export const statusOf = (direction: 'debit' | 'credit', amounts: CardAmounts): CardTransactionStatus => {
  const { authorized, captured, refunded, held, expired } = amounts;
  if (refunded > 0) return refunded >= captured ? 'refunded' : 'partially_refunded';
  if (captured > 0) return held > 0 ? 'partially_captured' : 'captured';
  if (held > 0) return 'authorized';
  if (expired > 0) return 'expired';
  return authorized > 0 || direction === 'credit' ? 'reversed' : 'declined';
};

/**
 * The purchase after one more element, with the sums that it changes and what of the hold is still counted. `unbacked`, as it
 * was where it is left out, is never more than what is held.
 */
export const withElement = (
  { counted: _before, unbacked: earlier = ZERO, ...purchase }: CardTransaction,
  element: Element,
  changed: Partial<CardAmounts>,
  counts: HeldCounts,
  unbacked: number = earlier,
): CardTransaction => {
  const amounts = { ...purchase.amounts, ...changed };
  const { elements } = purchase;
  const still = Math.min(unbacked, amounts.held);
  const kept = elements.length < MAX_ELEMENTS ? elements : [...elements.slice(0, 1), ...elements.slice(2)];
  return {
    ...purchase,
    status: statusOf(purchase.direction, amounts),
    amounts,
    elements: [...kept, element],
    ...(counts.length === 0 ? {} : { counted: counts }),
    ...(still === 0 ? {} : { unbacked: still }),
  };
};

/** What an element changed, as it was before. */
export const before = (earlier: CardTransaction, after: CardTransaction): PreviousCardTransaction => {
  const {
    elements: _elements,
    counted: _counted,
    unbacked: _unbacked,
    ...fields
  } = replaced<CardTransactionFacts>(earlier, after);
  return earlier.elements.length < MAX_ELEMENTS ? fields : { ...fields, pushed_out: earlier.elements[1] as Element };
};

/** The elements before the last: of the card transaction as an event leaves it, and what the event says of before. */
export const elementsBefore = (
  { elements }: CardTransactionFacts,
  { pushed_out }: PreviousCardTransaction,
): readonly Element[] =>
  pushed_out === undefined ? elements.slice(0, -1) : [...elements.slice(0, 1), pushed_out, ...elements.slice(1, -1)];
