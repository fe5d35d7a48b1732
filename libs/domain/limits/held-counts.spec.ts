import type { CardTransaction } from '../card-transactions/card-transactions.js';
import {
  adjust,
  authorize,
  capture,
  countedBy,
  expire,
  holder,
  increment,
  refund,
  reverse,
  standing,
} from '../card-transactions/spec-messages.js';
import type { Command } from '../commands.js';
import { DAY, elapse, given, named, type Outcome } from '../spec-support.js';
import type { HeldCounts } from './held-counts.js';

const countsOf = ({ events }: Outcome): HeldCounts | undefined => {
  const data = events.at(-1)?.data;
  return data !== undefined && 'card_transaction' in data ? data.card_transaction?.counted : undefined;
};

it.each<[number, HeldCounts]>([
  [
    30,
    [
      { counted_on: '2026-01-05', amount: 10 },
      { counted_on: '2026-01-06', amount: 20 },
    ],
  ],
  [40, [{ counted_on: '2026-01-06', amount: 20 }]],
  [45, [{ counted_on: '2026-01-06', amount: 15 }]],
])('what is captured is of the first day first: %s of 60', (amount, counts) => {
  const it = given(...holder, named('buy', authorize({ amount: 40 })), elapse(DAY), increment(20));
  expect(countsOf(it.when(capture(amount, { final: false })))).toEqual(counts);
  // Nothing is held in the end, so nothing of it is counted.
  expect(countsOf(it.when(capture(60 - amount, { network_reference: 'c2' })))).toBeUndefined();
});

it('what is counted on three days is given back from the last on', () => {
  const ref = (n: number): { network_reference: string } => ({ network_reference: `i${n}` });
  const it = given(...holder, named('buy', authorize({ amount: 40 })), elapse(DAY), increment(10, ref(1)));
  it.book.step(elapse(DAY));
  it.when(increment(5, ref(2)));
  const [event] = it.when(increment(7, ref(3))).events;
  expect(event?.data).toMatchObject({
    card_transaction: {
      counted: [
        { counted_on: '2026-01-05', amount: 40 },
        { counted_on: '2026-01-06', amount: 10 },
        { counted_on: '2026-01-07', amount: 12 },
      ],
    },
  });
  expect(countedBy(it.when(reverse(15)))).toEqual(['outbound -12 01-07', 'outbound -3 01-06']);
  expect(countedBy(it.when(capture(40)))).toEqual(['outbound -7 01-06']);
});

describe('a hold from before uses were counted', () => {
  it.each<[string, Command, readonly string[], object]>([
    ['grows by what is counted now', increment(20), ['outbound 20 01-05'], { held: 120 }],
    ['stays through an increment that is declined', increment(51), [], { held: 100 }],
    ['grows by an advice', adjust(130), ['outbound 30 01-05'], { held: 130 }],
    ['shrinks by an advice', adjust(30), [], { held: 30 }],
    ['is given back in part', reverse(40), [], { held: 60 }],
    ['expires', expire(), [], { expired: 100 }],
    ['is captured in part', capture(40, { final: false }), [], { held: 60 }],
    ['is captured in part, and the rest given back', capture(40), [], { released: 60 }],
    ['is captured, and more', capture(130), ['outbound 30 01-05'], { captured: 130 }],
    ['stays through a refund', refund(10), [], { held: 100, refunded: 10 }],
  ])('%s', (_telling, command, counted, sums) => {
    const it = given(...holder, named('buy', authorize()));
    const { cardTransactions } = it.book.state;
    const { counted: _counted, ...before } = cardTransactions.get(it.book.id('buy')) as CardTransaction;
    cardTransactions.set(before.card_transaction_id, before);
    const done = it.when(command);
    expect(countedBy(done)).toEqual(counted);
    expect(standing(it)).toMatchObject(sums);
    const kept = countsOf(done)?.reduce((sum, { amount }) => sum + amount, 0);
    expect(kept).toBe(counted[0] !== undefined && 'held' in sums ? Number(counted[0].split(' ')[1]) : undefined);
  });
});
