import { account, card, DAY, elapse, given, named, tenant, transfer, type Row, type Step } from '../spec-support.js';
import { block } from '../transactions/spec-commands.js';
import {
  adjust,
  authorize,
  capture,
  cardAction,
  clear,
  countedBy,
  expire,
  holder,
  lastElement,
  NO_TRANSACTION,
  standing,
  suspended,
} from './spec-messages.js';

const held = [...holder, named('buy', authorize())];
const CHANGED = 'CardAuthorizationChanged';

const ROWS: readonly Row[] = [
  ['a fraction', held, adjust(0.5, { card_transaction_id: NO_TRANSACTION }), 'refused: invalid_parameter (amount)'],
  ['nothing', held, adjust(0), 'refused: amount_not_positive (amount)'],
  ['2^53', held, adjust(2 ** 53), 'refused: amount_out_of_range (amount)'],
  ['the same again', [...held, adjust(10)], adjust(10), 'unchanged: same_body'],
  ['the same of another amount', [...held, adjust(10)], adjust(11), 'unchanged: other_body'],
  ['the same of a purchase that held nothing', [...held, capture(100), adjust(10)], adjust(10), 'unchanged: same_body'],
  [
    'the same of another purchase',
    [...held, adjust(10)],
    adjust(10, { card_transaction_id: NO_TRANSACTION }),
    'unchanged: other_body',
  ],
  [
    'an unknown purchase',
    held,
    adjust(1, { card_transaction_id: NO_TRANSACTION }),
    'refused: card_transaction_not_found',
  ],
  ['with a terminated card', [...held, cardAction('terminate')], adjust(120), CHANGED],
  ['on a blocked account', [...held, block('ada', true, true)], adjust(120), CHANGED],
  ['of a suspended tenant', [...held, suspended], adjust(120), CHANGED],
  [
    'more than all holds may come to',
    [...held, authorize({ amount: 1, network_reference: 'a2' })],
    adjust(Number.MAX_SAFE_INTEGER),
    'refused: amount_out_of_range (amount)',
  ],
];

/** Ada owes 900 already, and holds 100: the largest hold there may be would leave less than a number can say. */
const overdrawn: readonly Step[] = [
  tenant(),
  account('ada', 'customer', 'NGN', { overdraft_limit: 1000 }),
  account('bob'),
  ...card('plastic', 'ada'),
  transfer('ada', 'bob', 900),
  named('buy', authorize()),
];

it.each([
  [Number.MAX_SAFE_INTEGER, 'refused: amount_out_of_range (amount)'],
  [Number.MAX_SAFE_INTEGER - 899, 'refused: amount_out_of_range (amount)'],
  [Number.MAX_SAFE_INTEGER - 900, CHANGED],
])('what is available must stay a number: a hold of %i', (amount, expected) => {
  const { book, when } = given(...overdrawn);
  expect(when(adjust(amount)).outcome).toBe(expected);
  expect(when(authorize({ amount: 1, network_reference: 'a2' })).outcome).toMatch(/^Card(Declined|Authorized)$/);
  expect(book.state.accounts.get(book.id('ada'))?.balance).toBe(-900);
});

describe('AdjustCardTransaction', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(given(...history).when(command).outcome).toBe(expected);
  });

  it('upward: holds and counts the difference', () => {
    const it = given(...held);
    const done = it.when(adjust(120));
    expect(standing(it)).toEqual({ status: 'authorized', authorized: 100, incremented: 20, held: 120, on: [150, 120] });
    expect(lastElement(done)).toEqual({ type: 'advice', amount: 120, network_reference: 'v1', transaction_id: null });
    expect(countedBy(done)).toEqual(['outbound 20 01-05']);
  });

  it('downward: gives the difference back, what was counted last first', () => {
    const it = given(...held, elapse(DAY), adjust(120, { network_reference: 'v0' }));
    const done = it.when(adjust(90));
    expect(standing(it)).toEqual({
      status: 'authorized',
      authorized: 100,
      incremented: 20,
      reversed: 30,
      held: 90,
      on: [150, 90],
    });
    expect(countedBy(done)).toEqual(['outbound -20 01-06', 'outbound -10 01-05']);
  });

  it('to what it is already: changes nothing but its elements', () => {
    const it = given(...held);
    expect(it.when(adjust(100)).events.at(-1)?.data).toMatchObject({ holds: [], previous: {} });
    expect(standing(it)).toEqual({ status: 'authorized', authorized: 100, held: 100, on: [150, 100] });
  });

  it('beyond what there is: available falls below zero, and clearings take no more than the balance', () => {
    const it = given(...held, authorize({ amount: 20, network_reference: 'a2' }));
    it.when(adjust(200));
    expect(standing(it)).toMatchObject({ held: 200, on: [150, 220] });
    it.when(clear({ amount: 5, network_reference: 'c0' }));
    expect(standing(it)).toMatchObject({ held: 200, on: [150, 220] });
    it.when(capture(200));
    // 150 are there, of which another purchase holds 20.
    expect(standing(it)).toMatchObject({ captured: 200, receivable: 70, on: [20, 20] });
  });

  it('beyond what there is: what a purchase goes on holding keeps nothing from its own captures', () => {
    const it = given(...held);
    it.when(adjust(200));
    it.when(capture(30, { final: false }));
    expect(standing(it)).toMatchObject({ captured: 30, held: 170, on: [120, 170] });
    it.when(capture(170, { network_reference: 'c2' }));
    expect(standing(it)).toMatchObject({ captured: 200, receivable: 50, on: [0, 0] });
  });

  it('where nothing is held any more: nothing becomes held again', () => {
    const it = given(...held, expire());
    const done = it.when(adjust(80));
    expect(lastElement(done)).toMatchObject({ type: 'advice', amount: 0, requested_amount: 80 });
    expect(standing(it)).toEqual({ status: 'expired', authorized: 100, expired: 100, on: [150, 0] });
  });
});
