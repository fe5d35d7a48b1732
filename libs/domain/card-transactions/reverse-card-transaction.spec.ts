import { DAY, elapse, given, named, type Row } from '../spec-support.js';
import { block } from '../transactions/spec-commands.js';
import {
  authorize,
  capture,
  cardAction,
  countedBy,
  holder,
  increment,
  lastElement,
  NO_TRANSACTION,
  reverse,
  standing,
  suspended,
} from './spec-messages.js';

const held = [...holder, named('buy', authorize())];
const REVERSED = 'CardAuthorizationReversed';

const ROWS: readonly Row[] = [
  ['a fraction', held, reverse(0.5, { card_transaction_id: NO_TRANSACTION }), 'refused: invalid_parameter (amount)'],
  ['nothing', held, reverse(0), 'refused: amount_not_positive (amount)'],
  ['2^53', held, reverse(2 ** 53), 'refused: amount_out_of_range (amount)'],
  ['the same again', [...held, reverse(10)], reverse(10), 'unchanged: same_body'],
  [
    'the same again, of the second part',
    [...held, reverse(10), reverse(20, { network_reference: 'b2' })],
    reverse(20, { network_reference: 'b2' }),
    'unchanged: same_body',
  ],
  ['the same of all again', [...held, reverse()], reverse(), 'unchanged: same_body'],
  ['the same of more than there was', [...held, reverse(101)], reverse(101), 'unchanged: same_body'],
  ['the same of another amount', [...held, reverse(10)], reverse(11), 'unchanged: other_body'],
  ['the same, by its amount only now', [...held, reverse()], reverse(100), 'unchanged: other_body'],
  ['the same, without an amount only now', [...held, reverse(100)], reverse(), 'unchanged: other_body'],
  [
    'the same of another purchase',
    [...held, reverse(10)],
    reverse(10, { card_transaction_id: NO_TRANSACTION }),
    'unchanged: other_body',
  ],
  [
    'an unknown purchase',
    held,
    reverse(1, { card_transaction_id: NO_TRANSACTION }),
    'refused: card_transaction_not_found',
  ],
  ['with a terminated card', [...held, cardAction('terminate')], reverse(), REVERSED],
  ['on a blocked account', [...held, block('ada', true, true)], reverse(), REVERSED],
  ['of a suspended tenant', [...held, suspended], reverse(), REVERSED],
  ['what is captured already', [...held, capture(100)], reverse(), REVERSED],
];

describe('ReverseCardTransaction', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(given(...history).when(command).outcome).toBe(expected);
  });

  it('gives back a part, then the rest, what was counted last first', () => {
    const it = given(...held, elapse(DAY), increment(20));
    const part = it.when(reverse(30));
    expect(standing(it)).toEqual({
      status: 'authorized',
      authorized: 100,
      incremented: 20,
      reversed: 30,
      held: 90,
      on: [150, 90],
    });
    expect(lastElement(part)).toEqual({ type: 'reversal', amount: 30, network_reference: 'b1', transaction_id: null });
    expect(countedBy(part)).toEqual(['outbound -20 01-06', 'outbound -10 01-05']);
    const rest = it.when(reverse(undefined, { network_reference: 'b2' }));
    expect(standing(it)).toEqual({ status: 'reversed', authorized: 100, incremented: 20, reversed: 120, on: [150, 0] });
    expect(lastElement(rest)).toMatchObject({ amount: 90, requested_amount: null });
    expect(countedBy(rest)).toEqual(['outbound -90 01-05']);
    expect(it.book.state.cardTransactions.size).toBe(0);
  });

  it('gives back no more than is held', () => {
    const it = given(...held, capture(60, { final: false }));
    const done = it.when(reverse(70));
    expect(lastElement(done)).toMatchObject({ amount: 40, requested_amount: 70 });
    expect(standing(it)).toEqual({ status: 'captured', authorized: 100, captured: 60, reversed: 40, on: [90, 0] });
  });

  it('where nothing is held it is kept, and changes no sum', () => {
    const it = given(...held, capture(100));
    const before = standing(it);
    const done = it.when(reverse(50));
    expect(done.events.at(-1)?.data).toMatchObject({ holds: [] });
    expect(lastElement(done)).toMatchObject({ type: 'reversal', amount: 0, requested_amount: 50 });
    expect(standing(it)).toEqual(before);
  });

  it('increments and reversals in turn end where numbers do', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const { when } = given(...held);
    // Each advice upward and reversal of it adds to both sums.
    expect(when({ type: 'AdjustCardTransaction', data: { card_transaction_id: '@buy', amount: most } }).outcome).toBe(
      'CardAuthorizationChanged',
    );
    expect(when(reverse(most - 1)).outcome).toBe(REVERSED);
    expect(when({ type: 'AdjustCardTransaction', data: { card_transaction_id: '@buy', amount: most } }).outcome).toBe(
      'refused: amount_out_of_range (amount)',
    );
    expect(when(reverse(1, { network_reference: 'b2' })).outcome).toBe(REVERSED);
  });
});
