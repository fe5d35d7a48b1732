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
import type { Command } from '../ledger.js';
import { given, named } from '../spec-support.js';

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
    expect(countedBy(it.when(command))).toEqual(counted);
    expect(standing(it)).toMatchObject(sums);
  });
});
