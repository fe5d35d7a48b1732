/** What pays a capture where an advice holds more than there is: each purchase what it was held with money for. */
import type { Command } from '../commands.js';
import { account, deposit, given, named, type Given, type Step } from '../spec-support.js';
import { adjust, authorize, capture, holder, increment, refund, reverse, standing } from './spec-messages.js';

const pump = (message: Command): Command =>
  ({ ...message, data: { ...message.data, card_transaction_id: '@pump', network_reference: 'p1' } }) as Command;

/** Ada has 150, of which 100 are held by `@buy` and 20 by `@pump`. */
const both: readonly Step[] = [
  ...holder,
  named('buy', authorize()),
  named('pump', authorize({ amount: 20, network_reference: 'a2' })),
];
/** Available: −150. */
const advised: readonly Step[] = [...both, pump(adjust(200))];

const unbackedOf = ({ book }: Given, name: string): number | undefined =>
  book.state.cardTransactions.get(book.id(name))?.unbacked;

describe('what no money is behind', () => {
  it.each<[string, readonly Step[], number | undefined]>([
    ['nothing of an authorization', both, undefined],
    ['nothing of an advice that all is there for', [...both, adjust(130)], undefined],
    ['of an advice, what was not available', [...both, adjust(131)], 1],
    ['all that a further advice adds', [...both, adjust(131), adjust(140, { network_reference: 'v2' })], 10],
    ['all that an advice adds, where less than nothing is available', [...advised, adjust(110)], 10],
    [
      'the same after an increment that money is there for',
      [...both, adjust(140), deposit('ada', 50), increment(40)],
      10,
    ],
    ['less by what is reversed', [...both, adjust(140), reverse(4)], 6],
    ['nothing, once as much of it is reversed', [...both, adjust(140), reverse(10)], undefined],
    ['nothing, once more than that is reversed', [...both, adjust(140), reverse(60)], undefined],
    ['less by what an advice takes away', [...both, adjust(140), adjust(137, { network_reference: 'v2' })], 7],
    [
      'nothing, once an advice takes more away',
      [...both, adjust(140), adjust(90, { network_reference: 'v2' })],
      undefined,
    ],
    ['the same after a capture of what money is behind', [...both, adjust(140), capture(130, { final: false })], 10],
    ['no more than what is still held', [...both, adjust(140), capture(133, { final: false })], 7],
    ['the same after a refund', [...both, adjust(140), refund(5)], 10],
  ])('%s', (_telling, history, expected) => {
    expect(unbackedOf(given(...history), 'buy')).toBe(expected);
  });
});

describe('a capture where an advice holds more than there is', () => {
  it('of another purchase is paid in full: the money was held for it', () => {
    const it = given(...advised);
    it.when(capture(100));
    expect(standing(it)).toMatchObject({ captured: 100, on: [50, 200] });
    expect(standing(it)).not.toHaveProperty('receivable');
  });

  it('of another purchase pays beyond its hold nothing that is held', () => {
    const it = given(...advised);
    it.when(capture(130));
    expect(standing(it)).toMatchObject({ captured: 130, over_captured: 30, receivable: 30, on: [50, 200] });
  });

  it('of the same purchase leaves what others were held with money for', () => {
    const it = given(...advised);
    it.when(pump(capture(200)));
    expect(standing(it).on).toEqual([100, 100]);
    it.when(capture(100));
    expect(standing(it)).toMatchObject({ captured: 100, on: [0, 0] });
    expect(standing(it)).not.toHaveProperty('receivable');
  });

  it('of two such purchases pays each what it was held with money for', () => {
    const it = given(...both, adjust(200), pump(adjust(120)));
    it.when(capture(200));
    // 30 were available when the first advice came.
    expect(standing(it)).toMatchObject({ captured: 200, receivable: 70, on: [20, 120] });
    it.when(pump(capture(120)));
    expect(standing(it).on).toEqual([0, 0]);
  });

  it('pays with an overdraft limit, too', () => {
    const [tenant, , ...rest] = both;
    const overdrawn = account('ada', 'customer', 'NGN', { overdraft_limit: 40 });
    const it = given(tenant as Step, overdrawn, ...rest, increment(70), pump(adjust(200)));
    it.when(capture(170));
    expect(standing(it)).toMatchObject({ captured: 170, on: [-20, 200] });
    expect(standing(it)).not.toHaveProperty('receivable');
  });

  it('leaves what is reserved, so that its capture is no overdraft', () => {
    const reserve: Command = { type: 'CreateReservation', data: { account_id: '@ada', amount: 30, currency: 'NGN' } };
    const it = given(...both, named('room', reserve), adjust(500));
    it.when(capture(500));
    expect(standing(it)).toMatchObject({ captured: 500, receivable: 400, on: [50, 50] });
    it.when({ type: 'CaptureReservation', data: { reservation_id: '@room' } });
    expect(standing(it).on).toEqual([20, 20]);
  });
});
