import { DAY, elapse, given, named, type Row } from '../spec-support.js';
import {
  authorize,
  capture,
  countedBy,
  expire,
  holder,
  HOTEL,
  increment,
  lastElement,
  NO_TRANSACTION,
  reverse,
  standing,
  suspended,
} from './spec-messages.js';

const held = [...holder, named('buy', authorize())];

const ROWS: readonly Row[] = [
  ['an unknown purchase', held, expire(NO_TRANSACTION), 'refused: card_transaction_not_found'],
  ['what is held', held, expire(), 'CardAuthorizationExpired'],
  ['of a suspended tenant', [...held, suspended], expire(), 'CardAuthorizationExpired'],
  ['again', [...held, expire()], expire(), 'unchanged'],
  ['what is captured', [...held, capture(100)], expire(), 'unchanged'],
  ['what is reversed', [...held, reverse()], expire(), 'unchanged'],
  ['what was declined', [...holder, named('buy', authorize({ amount: 151 }))], expire(), 'unchanged'],
];

describe('ExpireCardTransaction', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(given(...history).when(command).outcome).toBe(expected);
  });

  it('gives back all that is still held, what was counted last first', () => {
    const it = given(...held, elapse(DAY), increment(20), capture(30, { final: false }));
    const done = it.when(expire());
    expect(standing(it)).toEqual({
      status: 'captured',
      authorized: 100,
      incremented: 20,
      captured: 30,
      expired: 90,
      on: [120, 0],
    });
    expect(lastElement(done)).toEqual({ type: 'expiry', amount: 90, network_reference: null, transaction_id: null });
    expect(countedBy(done)).toEqual(['outbound -20 01-06', 'outbound -70 01-05']);
    expect(it.book.state.cardTransactions.size).toBe(0);
  });

  it('says how a purchase stands of which nothing is held', () => {
    const { book, when } = given(...held, capture(100));
    expect(when(expire()).decision).toMatchObject({
      kind: 'unchanged',
      standing: {
        type: 'CardAuthorizationExpired',
        data: { card_transaction: { card_transaction_id: book.id('buy'), status: 'captured' }, holds: [] },
        subject: book.id('ada'),
      },
    });
  });

  it.each([
    ['a shop: after 7 days', {}, 7],
    ['a hotel: after 31 days', { merchant: HOTEL }, 31],
    ['when the message says', { expires_at: '2026-01-07T09:00:00.000Z' }, 2],
  ])('by itself, %s', (_telling, differing, days) => {
    const it = given(...holder, named('buy', authorize(differing)), elapse(days * DAY - 60_000));
    it.when(authorize({ amount: 1, network_reference: 'a2' }));
    expect(standing(it)).toMatchObject({ status: 'authorized', held: 100 });
    it.book.at += 60_000;
    it.when(authorize({ amount: 2, network_reference: 'a3' }));
    expect(standing(it)).toEqual({ status: 'expired', authorized: 100, expired: 100, on: [150, 3] });
  });

  it('what is cleared afterwards posts all the same', () => {
    const it = given(...held, expire());
    it.when(capture(100));
    expect(standing(it)).toEqual({
      status: 'captured',
      authorized: 100,
      expired: 100,
      captured: 100,
      over_captured: 100,
      on: [50, 0],
    });
  });
});
