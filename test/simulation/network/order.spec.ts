/** Messages about different purchases may come in any order: the same sums are the end of it. */
import fc from 'fast-check';
import type { Sent } from '#apps/cli/simulate/network.js';
import { cardUsesOf, limitUsesOf } from './counters.js';
import { BookLedger } from './book-ledger.js';

const merchant = { name: 'Corner Shop', category_code: '5411' };

/** Every order of a list. */
const orders = <T>(list: readonly T[]): T[][] =>
  list.length === 0
    ? [[]]
    : list.flatMap((one, i) => orders([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [one, ...rest]));

/** Account and card after everything, without the names that depend on what came first. */
const sumsOf = async (ledger: BookLedger): Promise<object> => {
  const { balance, held, receivable, purchases } = await ledger.standing(0);
  const sums = purchases.map(({ status, amounts }) => JSON.stringify([status, amounts])).sort();
  return {
    balance,
    held,
    receivable,
    sums,
    limits: limitUsesOf(ledger.book, 'holder-0'),
    card: cardUsesOf(ledger.book, 'card-0'),
  };
};

/** Five purchases that hold 100 each. */
const purchased = async (funds: number): Promise<{ ledger: BookLedger; ids: string[] }> => {
  const ledger = new BookLedger(funds, 1);
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) {
    const about = { amount: 100, merchant, network_reference: `a${n}` };
    const { purchase } = await ledger.send(0, { kind: 'authorize', about, partial_approval: false });
    ids.push(purchase?.id ?? '');
  }
  return { ledger, ids };
};

type Independent = (ids: readonly string[]) => Sent;

const about = (amount: number, network_reference: string) => ({ amount, network_reference });
const MESSAGES: readonly Independent[] = [
  ([id = '']) => ({ kind: 'capture', id, about: { ...about(70, 'c1'), final: true } }),
  ([, id = '']) => ({ kind: 'capture', id, about: { ...about(130, 'c2'), final: false } }),
  ([, , id = '']) => ({ kind: 'reverse', id, about: about(40, 'r1') }),
  ([, , , id = '']) => ({ kind: 'adjust', id, about: about(25, 'v1') }),
  ([, , , , id = '']) => ({ kind: 'increment', id, about: about(60, 'i1') }),
  () => ({ kind: 'post', about: { ...about(90, 'c3'), merchant }, direction: 'debit' }),
];

const sent = async (funds: number, messages: readonly Independent[]): Promise<BookLedger> => {
  const { ledger, ids } = await purchased(funds);
  for (const message of messages) await ledger.send(0, message(ids));
  return ledger;
};

describe('messages about different purchases', () => {
  it('come to the same in each of their 720 orders', async () => {
    const expected = await sumsOf(await sent(10_000, MESSAGES));
    const all = orders(MESSAGES);
    expect(all).toHaveLength(720);
    for (const order of all) expect(await sumsOf(await sent(10_000, order))).toEqual(expected);
  });

  it('where money is short, come to the same in balance less debt, in holds and in counts', async () => {
    const totals = async (ledger: BookLedger): Promise<object> => {
      const { balance, receivable, held, purchases } = await ledger.standing(0);
      const captured = purchases.reduce((sum, { amounts }) => sum + amounts.captured, 0);
      return { net: balance - receivable, held, captured, limits: limitUsesOf(ledger.book, 'holder-0') };
    };
    // What may be declined depends on the order; the rest may not.
    const messages = MESSAGES.filter((message) => message([]).kind !== 'increment');
    const expected = await totals(await sent(520, messages));
    for (const order of orders(messages)) expect(await totals(await sent(520, order))).toEqual(expected);
  });

  it('come to the same however whole purchases are interleaved', async () => {
    const stories: readonly (readonly Independent[])[] = [0, 1, 2, 3, 4].map((n) => {
      const its =
        (message: (id: string) => Sent): Independent =>
        (ids) =>
          message(ids[n] ?? '');
      return [
        its((id) => ({ kind: 'increment', id, about: about(20 + n, `i${n}`) })),
        its((id) => ({ kind: 'capture', id, about: { ...about(50 + n, `c${n}`), final: false } })),
        its((id) => ({ kind: 'reverse', id, about: about(10 + n, `r${n}`) })),
        its((id) => ({ kind: 'capture', id, about: { ...about(90, `d${n}`), final: true } })),
        its((id) => ({ kind: 'refund', id, about: about(30 + n, `b${n}`) })),
      ];
    });
    const expected = await sumsOf(await sent(10_000, stories.flat()));
    const turns = fc.shuffledSubarray(
      stories.flatMap((story, n) => story.map(() => n)),
      { minLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(turns, async (order) => {
        const next = stories.map(() => 0);
        const interleaved = order.map((n) => {
          const place = next[n] as number;
          next[n] = place + 1;
          return (stories[n] as readonly Independent[])[place] as Independent;
        });
        expect(await sumsOf(await sent(10_000, interleaved))).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });
});
