/** What holds of card transactions whatever a network sends, in whatever order, however often. */
import fc from 'fast-check';
import type { Command } from '../commands.js';
import type { LedgerEvent } from '../ledger.js';
import { account, Book, card, DAY, deposit, named, outcomeOf, tenant, type Step } from '../spec-support.js';
import { formatInstant } from '../time.js';
import type { CardTransactionFacts, PreviousCardTransaction } from './card-transactions.js';
import { adjust, authorize, capture, clear, expire, increment, refund, refundTo, reverse } from './spec-messages.js';
import { elementsBefore, statusOf } from './standing.js';

const RUNS = Number(process.env.DAYBOOK_PROPERTY_RUNS ?? 150);

const HISTORY: readonly Step[] = [
  tenant(),
  account('ada'),
  deposit('ada', 1500),
  ...card('plastic', 'ada', { spending_controls: { limits: [{ amount: 900, interval: 'daily' }] } }),
  ...card('metal', 'ada'),
];

/** A message about the n-th purchase so far, or a day that passes. */
type Item =
  | { readonly kind: 'elapse'; readonly ms: number }
  | { readonly kind: 'message'; readonly command: Command }
  | { readonly kind: 'about'; readonly nth: number; readonly command: Command };

const amount = fc.integer({ min: 1, max: 400 });
const reference = (prefix: string) =>
  fc.integer({ min: 1, max: 12 }).map((n) => ({ network_reference: `${prefix}${n}` }));
const cardId = fc.constantFrom('@plastic', '@metal').map((card_id) => ({ card_id }));

const openings: fc.Arbitrary<Command>[] = [
  fc
    .tuple(amount, reference('a'), cardId, fc.boolean())
    .map(([value, ref, id, partial_approval]) => authorize({ amount: value, partial_approval, ...ref, ...id })),
  fc
    .tuple(amount, reference('c'), cardId, fc.constantFrom('debit' as const, 'credit' as const))
    .map(([value, ref, id, direction]) => clear({ amount: value, direction, ...ref, ...id })),
  fc.tuple(amount, reference('r'), cardId).map(([value, ref, id]) => refundTo(value, { ...ref, ...id })),
];
const followings: fc.Arbitrary<Command>[] = [
  fc.tuple(amount, reference('i')).map(([value, ref]) => increment(value, ref)),
  fc.tuple(amount, reference('v')).map(([value, ref]) => adjust(value, ref)),
  fc.tuple(fc.option(amount, { nil: undefined }), reference('b')).map(([value, ref]) => reverse(value, ref)),
  fc.tuple(amount, fc.boolean(), reference('c')).map(([value, final, ref]) => capture(value, { final, ...ref })),
  fc.tuple(amount, reference('r')).map(([value, ref]) => refund(value, ref)),
  fc.constant(expire()),
];
const items: fc.Arbitrary<Item> = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(...openings).map((command): Item => ({ kind: 'message', command })) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.nat(20), fc.oneof(...followings))
      .map(([nth, command]): Item => ({ kind: 'about', nth, command })),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 * DAY }).map((ms): Item => ({ kind: 'elapse', ms })) },
);
const traffic = fc.array(items, { minLength: 1, maxLength: 40 });

const purchaseIn = ({ data }: LedgerEvent): CardTransactionFacts | undefined =>
  'card_transaction' in data ? data.card_transaction : undefined;

/** Plays traffic; `look` sees the ledger after each command, with the command as it was sent. */
const play = (sent: readonly Item[], look: (book: Book, command: Command) => void): Book => {
  const book = new Book();
  for (const step of HISTORY) book.step(step);
  for (const item of sent) {
    if (item.kind === 'elapse') {
      book.at += item.ms;
      continue;
    }
    let { command } = item;
    if (item.kind === 'about') {
      const ids = [...new Set(book.events.flatMap((event) => purchaseIn(event)?.card_transaction_id ?? []))];
      if (ids.length === 0) continue;
      const card_transaction_id = ids[item.nth % ids.length] as string;
      command = { ...command, data: { ...command.data, card_transaction_id } } as Command;
    }
    book.run(command);
    look(book, command);
  }
  return book;
};

/** The latest word on each purchase. */
const purchases = (book: Book): ReadonlyMap<string, CardTransactionFacts> => {
  const all = new Map<string, CardTransactionFacts>();
  for (const event of book.events) {
    const facts = purchaseIn(event);
    if (facts) all.set(facts.card_transaction_id, facts);
  }
  return all;
};

/** Each event says of before what the one before it said. */
const expectPrevious = (book: Book): void => {
  const latest = new Map<string, CardTransactionFacts>();
  for (const event of book.events) {
    const after = purchaseIn(event);
    if (!after) continue;
    const previous = 'previous' in event.data ? (event.data.previous as PreviousCardTransaction) : undefined;
    const { pushed_out: _pushed, ...values } = previous ?? {};
    const before = previous && { ...after, ...values, elements: elementsBefore(after, previous) };
    const { counted: _was, ...was } = latest.get(after.card_transaction_id) ?? {};
    const { counted: _told, ...told } = before ?? {};
    expect(told).toEqual(was);
    latest.set(after.card_transaction_id, after);
  }
};

/** What a card has spent, counted again over the whole stream. */
const recounted = (book: Book, id: string, today: string) => {
  const sums = { daily: 0, monthly: 0, allTime: 0 };
  for (const event of book.events) {
    const { data } = event;
    if (purchaseIn(event)?.card_id !== id || !('limit_uses' in data)) continue;
    for (const use of data.limit_uses ?? []) {
      sums.allTime += use.amount;
      if (use.counted_on.slice(0, 7) === today.slice(0, 7)) sums.monthly += use.amount;
      if (use.counted_on === today) sums.daily += use.amount;
    }
  }
  return sums;
};

describe('whatever a network sends', () => {
  it('what is held follows from the sums, is never below zero, and is counted to the last unit', () => {
    fc.assert(
      fc.property(traffic, (sent) => {
        play(sent, (book) => {
          for (const { amounts, counted = [], status, direction } of purchases(book).values()) {
            const { authorized, incremented, reversed, expired, released, captured, over_captured, held } = amounts;
            expect(authorized + incremented - reversed - expired - released - (captured - over_captured)).toBe(held);
            for (const sum of Object.values(amounts)) expect(sum).toBeGreaterThanOrEqual(0);
            expect(counted.reduce((sum, part) => sum + part.amount, 0)).toBe(held);
            expect(status).toBe(statusOf(direction, amounts));
          }
        });
      }),
      { numRuns: RUNS },
    );
  });

  it('the sums are those of the elements, and each event says what was before it', () => {
    fc.assert(
      fc.property(traffic, (sent) => {
        const book = play(sent, () => undefined);
        expectPrevious(book);
        for (const { elements, amounts } of purchases(book).values()) {
          const sum = (...types: string[]): number =>
            elements.reduce((all, one) => (types.includes(one.type) ? all + one.amount : all), 0);
          expect(amounts.authorized).toBe(sum('authorization'));
          expect(amounts.captured).toBe(sum('capture', 'credit'));
          expect(amounts.refunded).toBe(sum('refund'));
          expect(amounts.expired).toBe(sum('expiry'));
          const hasAdvice = elements.some(({ type }) => type === 'advice');
          if (!hasAdvice) expect([amounts.incremented, amounts.reversed]).toEqual([sum('increment'), sum('reversal')]);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('a balance never falls below what was held with money behind it, and available below zero only where an advice holds more', () => {
    fc.assert(
      fc.property(traffic, (sent) => {
        play(sent, (book) => {
          const ada = book.state.accounts.get(book.id('ada'));
          expect(ada?.balance).toBeGreaterThanOrEqual(0);
          const open = [...purchases(book).values()];
          const backed = open.reduce((sum, { amounts, unbacked = 0 }) => sum + amounts.held - unbacked, 0);
          expect(ada?.balance).toBeGreaterThanOrEqual(backed);
          const wasAdvised = open.some(({ elements, unbacked = 0 }) =>
            unbacked > 0 ? elements.some(({ type }) => type === 'advice') : false,
          );
          if (!wasAdvised) expect((ada?.balance ?? 0) - (ada?.held ?? 0)).toBeGreaterThanOrEqual(0);
        });
      }),
      { numRuns: RUNS },
    );
  });

  it('a card has spent what a count over the whole stream comes to', () => {
    fc.assert(
      fc.property(traffic, (sent) => {
        play(sent, (book) => {
          for (const name of ['plastic', 'metal']) {
            const spent = book.state.cards.get(book.id(name))?.spent;
            const { day, ...sums } = spent ?? { day: '' };
            if (day !== '') expect(sums).toEqual(recounted(book, book.id(name), day));
          }
        });
      }),
      { numRuns: RUNS },
    );
  });

  it('any message that comes again changes nothing', () => {
    fc.assert(
      fc.property(traffic, (sent) => {
        play(sent, (book, command) => {
          if (!('network_reference' in command.data)) return;
          const decision = book.decide(command);
          const isRefused = decision.kind === 'refused';
          expect(isRefused || outcomeOf(decision).startsWith('unchanged: ')).toBe(true);
        });
      }),
      { numRuns: RUNS },
    );
  });
});

/** What one purchase is told of; its references are its own. */
const story = fc.array(fc.oneof(...followings), { maxLength: 6 });

const rich: readonly Step[] = [tenant(), account('ada'), deposit('ada', 1_000_000), ...card('plastic', 'ada')];

/** Plays stories in the order in which `turns` calls on them, and says how everything ends. */
const told = (stories: readonly (readonly Command[])[], turns: readonly number[]) => {
  const book = new Book();
  for (const step of rich) book.step(step);
  for (const [n] of stories.entries()) book.step(named(`buy${n}`, authorize({ network_reference: `a${n}` })));
  for (const [turn, n] of turns.entries()) {
    const command = stories[n]?.[turns.slice(0, turn).filter((one) => one === n).length] as Command;
    book.run({
      ...command,
      data: {
        ...command.data,
        card_transaction_id: `@buy${n}`,
        network_reference: `${n}-${(command.data as { network_reference?: string }).network_reference}`,
      },
    } as Command);
  }
  const all = purchases(book);
  const ada = book.state.accounts.get(book.id('ada'));
  return {
    ada: [ada?.balance, ada?.held],
    spent: book.state.cards.get(book.id('plastic'))?.spent.allTime,
    purchases: stories.map((_, n) => {
      const { status, amounts } = all.get(book.id(`buy${n}`)) as CardTransactionFacts;
      return { status, amounts };
    }),
  };
};

const interleaved = (stories: readonly (readonly Command[])[]): fc.Arbitrary<number[]> => {
  const turns = stories.flatMap((one, n) => one.map(() => n));
  return fc.shuffledSubarray(turns, { minLength: turns.length });
};

describe('in whatever order', () => {
  it('messages of different purchases end in the same sums', () => {
    const cases = fc
      .array(story, { minLength: 2, maxLength: 3 })
      .chain((stories) => fc.tuple(fc.constant(stories), interleaved(stories), interleaved(stories)));
    fc.assert(
      fc.property(cases, ([stories, one, other]) => {
        expect(told(stories, one)).toEqual(told(stories, other));
      }),
      { numRuns: RUNS },
    );
  });

  it('clearings, refunds and what takes the hold away end in the same money, and hold nothing', () => {
    const messages = fc
      .uniqueArray(fc.nat(30), { minLength: 2, maxLength: 6 })
      .map((numbers) =>
        numbers.map((n): Command => {
          const ref = { network_reference: `n${n}` };
          if (n % 4 === 0) return reverse(undefined, ref);
          if (n % 4 === 1) return refund(10 + n, ref);
          return capture(20 + n, { ...ref, final: n % 4 === 2 });
        }),
      )
      .chain((commands) => {
        const any = fc.shuffledSubarray(commands, { minLength: commands.length });
        return fc.tuple(any, any);
      });
    const end = (commands: readonly Command[]) => {
      const book = new Book();
      for (const step of [...rich, named('buy', authorize())]) book.step(step);
      for (const command of [...commands, expire()]) book.run(command);
      const { amounts, status } = purchases(book).get(book.id('buy')) as CardTransactionFacts;
      const ada = book.state.accounts.get(book.id('ada'));
      return [
        ada?.balance,
        ada?.held,
        amounts.captured,
        amounts.refunded,
        amounts.held,
        /captured|refunded/.test(status),
      ];
    };
    fc.assert(
      fc.property(messages, ([one, other]) => {
        expect(end(one)).toEqual(end(other));
      }),
      { numRuns: RUNS },
    );
  });
});

it('a purchase that is told of without end keeps its first element and the newest', () => {
  const book = new Book();
  for (const step of [...rich, named('buy', authorize())]) book.step(step);
  for (let n = 0; n < 520; n++) book.run(refund(1, { network_reference: `r${n}` }));
  const { elements, amounts } = purchases(book).get(book.id('buy')) as CardTransactionFacts;
  expect(amounts.refunded).toBe(520);
  expect(elements).toHaveLength(500);
  expect([elements[0]?.type, elements[1]?.network_reference, elements.at(-1)?.network_reference]).toEqual([
    'authorization',
    'r21',
    'r519',
  ]);
  const [before, after] = book.events.slice(-2) as [LedgerEvent, LedgerEvent];
  const previous = 'previous' in after.data ? (after.data.previous as PreviousCardTransaction) : {};
  expect(elementsBefore(purchaseIn(after)!, previous)).toEqual(purchaseIn(before)!.elements);
  expect(formatInstant(book.at) > (elements[0]?.at ?? '')).toBe(true);
});
