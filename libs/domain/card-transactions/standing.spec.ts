import { NO_AMOUNTS } from './network-messages.js';
import type { CardAmounts, CardTransaction, Element } from './card-transactions.js';
import { before, elementsBefore, MAX_ELEMENTS, statusOf, withElement } from './standing.js';

describe('the status of a card transaction', () => {
  it.each<[string, 'debit' | 'credit', Partial<CardAmounts>]>([
    ['declined', 'debit', {}],
    ['reversed', 'credit', {}],
    ['reversed', 'debit', { authorized: 5, reversed: 5 }],
    ['expired', 'debit', { authorized: 5, expired: 5 }],
    ['authorized', 'debit', { authorized: 5, held: 5 }],
    ['authorized', 'debit', { authorized: 5, reversed: 2, held: 3 }],
    ['partially_captured', 'debit', { authorized: 5, captured: 1, held: 4 }],
    ['captured', 'debit', { authorized: 5, captured: 1, released: 4 }],
    ['captured', 'debit', { captured: 1, over_captured: 1 }],
    ['partially_refunded', 'debit', { captured: 5, refunded: 4 }],
    ['refunded', 'debit', { captured: 5, refunded: 5 }],
    ['refunded', 'debit', { captured: 5, refunded: 6, held: 1 }],
  ])('is %s (%s)', (status, direction, amounts) => {
    expect(statusOf(direction, { ...NO_AMOUNTS, ...amounts })).toBe(status);
  });
});

describe('the elements of a card transaction', () => {
  const element = (amount: number): Element => ({
    type: 'increment',
    amount,
    at: '2026-01-05T09:00:00.000Z',
    network_reference: null,
    transaction_id: null,
  });
  const purchaseOf = (count: number) =>
    ({
      direction: 'debit',
      amounts: NO_AMOUNTS,
      elements: Array.from({ length: count }, (_, i) => element(i + 1)),
    }) as unknown as CardTransaction;
  const after = (count: number): number[] =>
    withElement(purchaseOf(count), element(0), {}, []).elements.map(({ amount }) => amount);

  it('are all kept while there is room', () => {
    expect(after(1)).toEqual([1, 0]);
    expect(after(MAX_ELEMENTS - 1)).toHaveLength(MAX_ELEMENTS);
  });

  it('are the first and the newest from then on', () => {
    const kept = after(MAX_ELEMENTS);
    expect(kept).toHaveLength(MAX_ELEMENTS);
    expect([kept[0], kept[1], kept[2], kept.at(-2), kept.at(-1)]).toEqual([1, 3, 4, MAX_ELEMENTS, 0]);
  });

  it.each([1, 2, MAX_ELEMENTS - 1, MAX_ELEMENTS])('are known as they were before one more came to %d', (count) => {
    const earlier = purchaseOf(count);
    const later = withElement(earlier, element(0), {}, []);
    const previous = before(earlier, later);
    expect(elementsBefore(later, previous)).toEqual(earlier.elements);
    expect('pushed_out' in previous).toBe(count === MAX_ELEMENTS);
  });
});
