/**
 * What a random client, operator or card network may want next. An intent names things by numbers, so that any part of a
 * history is a history: which account is the fourth, or how much is all of it, is only said when its turn comes.
 */
import fc from 'fast-check';
import { cardIntents } from './card-intents.js';
import { CHANNELS, choose, clients, DAY, iso, oneOf, rarely, some, wallets, type Intent } from './choice.js';
import { availableOf, balanceOf, tierOf, usedOf, type Account, type Books } from './oracle/books.js';
import type { Direction, Leg, LimitTerms, Now, PostBody } from './oracle/terms.js';
import { settings } from './setting-intents.js';

const MAX = Number.MAX_SAFE_INTEGER;

const ofCurrency = (accounts: Account[], currency: string): Account[] =>
  accounts.filter((one) => one.currency === currency);

/** How much: a plain number, or one that touches the border of what there is. */
type Amount = (there: number) => number;

const plain = fc.integer({ min: 1, max: 400 });
const bordering: fc.Arbitrary<Amount> = oneOf<Amount>(
  (there) => there,
  (there) => there + 1,
  (there) => Math.max(1, there - 1),
  (there) => Math.max(1, Math.floor(there / 2)),
  (there) => there * 2,
);
const ordinary: fc.Arbitrary<Amount> = fc.oneof(
  { weight: 12, arbitrary: plain.map((n) => () => n) },
  { weight: 4, arbitrary: bordering },
  {
    weight: 1,
    arbitrary: oneOf<Amount>(
      () => 1,
      () => 2,
      () => 3,
      () => 0,
      () => 100_000,
    ),
  },
);
const huge: fc.Arbitrary<Amount> = fc.oneof(
  { weight: 3, arbitrary: ordinary },
  {
    weight: 2,
    arbitrary: oneOf<Amount>(
      () => MAX,
      () => MAX - 1,
      () => Math.floor(MAX / 2),
      (there) => MAX - there,
    ),
  },
);
/**
 * What borders may be touched: mostly that of the funds, else of a limit, of what an account may have, of what may be moved
 * at once.
 */
const borderOf = (books: Books, from: Account, to: Account | undefined, now: Now, which: number): number => {
  const rules = (account: Account): LimitTerms[] =>
    books.limits
      .map(({ terms: one }) => one)
      .filter((one) => one.kyc_level === tierOf(books, account) && one.currency === account.currency);
  const left = (account: Account, direction: Direction): number[] =>
    rules(account)
      .filter((one) => one.direction === direction)
      .map((one) => one.amount - usedOf(books, account, direction, one.window, now.today));
  const most = to === undefined ? [] : rules(to).map((one) => (one.max_balance ?? 0) - balanceOf(books, to));
  const single = books.entitlements['transactions.write']?.config.max_single_transaction;
  const borders = [
    ...left(from, 'outbound'),
    ...(to === undefined ? [] : left(to, 'inbound')),
    ...most,
    ...(typeof single === 'number' ? [single] : []),
  ].filter((border) => border > 0);
  return which % 2 === 0 || borders.length === 0 ? availableOf(books, from) : (choose(borders, which) as number);
};

const clipped = (amount: number): number => Math.min(Math.max(amount, 0), MAX);

/** Mostly nothing; sometimes a time long past, just now, or ahead. */
const effective = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: oneOf(-90 * DAY, -DAY, -1, 0, 1) },
);

const reference = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 30 }).map((n) => `ref-${n}`) },
);
const channel = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: oneOf(...CHANNELS) },
);

const terms = fc.record({ channel, reference, late: effective });
type Terms = { channel: string | undefined; reference: string | undefined; late: number | undefined };
const withTerms = (body: PostBody, { channel: by, reference: name, late }: Terms, now: Now): PostBody => ({
  ...body,
  ...(by === undefined ? {} : { channel: by }),
  ...(name === undefined ? {} : { reference: name }),
  ...(late === undefined ? {} : { effective_at: iso(now.at + late) }),
});

/** A body that moves money between existing accounts, mostly of one currency. */
type Body = (books: Books, now: Now) => PostBody | null;

const transfer = (amount: fc.Arbitrary<Amount>): fc.Arbitrary<Body> =>
  fc
    .record({ from: some, to: some, amount, terms, anyone: rarely(4), foreign: rarely(40) })
    .map(({ from, to, amount: much, terms: more, anyone, foreign }) => (books, now) => {
      const all = anyone ? clients(books) : wallets(books);
      const source = choose(all, from);
      if (!source) return null;
      const fitting = foreign ? all : ofCurrency(all, source.currency).filter((one) => one !== source || anyone);
      const destination = choose(fitting, to);
      if (!destination) return null;
      const { currency } = source;
      const value = clipped(much(borderOf(books, source, destination, now, from + to)));
      const known = to % 211 === 0 ? 'acc999' : destination.name;
      return withTerms(
        { type: 'transfer', source: source.name, destination: known, amount: value, currency },
        more,
        now,
      );
    });

const inOrOut = (amount: fc.Arbitrary<Amount>): fc.Arbitrary<Body> =>
  fc
    .record({
      who: some,
      float: fc.option(some, { freq: 3, nil: undefined }),
      amount,
      terms,
      isIn: oneOf(true, true, false),
    })
    .map(({ who, float, amount: much, terms: more, isIn }) => (books, now) => {
      const wallet = choose(wallets(books), who);
      if (!wallet) return null;
      const { currency } = wallet;
      const floats = [...books.accounts.values()].filter((one) => one.wallet === 'float');
      const named = float === undefined ? undefined : choose(floats, float)?.name;
      const there = borderOf(books, wallet, isIn ? wallet : undefined, now, who);
      const value = clipped(much(isIn && who % 2 === 0 ? 200 : there));
      const body: PostBody = isIn
        ? { type: 'deposit', amount: value, currency, destination: wallet.name }
        : { type: 'withdrawal', amount: value, currency, source: wallet.name };
      if (named !== undefined) body[isIn ? 'source' : 'destination'] = named;
      return withTerms(body, more, now);
    });

const RATES: readonly [string, (amount: number) => number][] = [
  ['2', (amount) => amount * 2],
  ['0.5', (amount) => Math.floor(amount / 2) + (amount % 4 === 3 ? 1 : 0)],
  ['1.25', (amount) => Math.floor((amount * 5) / 4) + ([3].includes(amount % 4) || amount % 8 === 6 ? 1 : 0)],
];

const exchange: fc.Arbitrary<Body> = fc
  .record({ from: some, to: some, amount: plain, rate: oneOf(...RATES), terms, wrong: rarely(15) })
  .map(({ from, to, amount, rate: [rate, made], terms: more, wrong }) => (books, now) => {
    const source = choose(wallets(books), from);
    const others = wallets(books).filter((one) => wrong || one.currency !== source?.currency);
    const destination = choose(others, to);
    if (!source || !destination) return null;
    const body: PostBody = {
      type: 'exchange',
      source: source.name,
      destination: destination.name,
      amount,
      currency: source.currency,
      rate,
      destination_amount: made(amount) + (wrong ? 1 : 0),
    };
    return withTerms(body, more, now);
  });

const journal: fc.Arbitrary<Body> = fc
  .record({
    pairs: fc.array(fc.record({ from: some, to: some, amount: fc.integer({ min: 1, max: 120 }) }), {
      minLength: 1,
      maxLength: 3,
    }),
    split: fc.boolean(),
    wrong: rarely(25),
    terms,
  })
  .map(({ pairs, split, wrong, terms: more }) => (books, now) => {
    const legs: Leg[] = [];
    for (const { from, to, amount } of pairs) {
      const a = choose(clients(books), from);
      const b = a && choose(ofCurrency(clients(books), a.currency), to);
      if (!a || !b) return null;
      const { currency } = a;
      legs.push({ account: a.name, direction: 'debit', amount, currency });
      const first = split && amount > 1 ? Math.ceil(amount / 3) : amount;
      legs.push({ account: b.name, direction: 'credit', amount: first, currency });
      if (first < amount) legs.push({ account: a.name, direction: 'credit', amount: amount - first, currency });
    }
    if (wrong) (legs[0] as Leg).amount += 1;
    return withTerms({ type: 'journal', entries: legs }, { ...more, channel: undefined }, now);
  });

const bodies = (amount: fc.Arbitrary<Amount>): fc.Arbitrary<Body> =>
  fc.oneof(
    { weight: 5, arbitrary: transfer(amount) },
    { weight: 4, arbitrary: inOrOut(amount) },
    { weight: 1, arbitrary: exchange },
    { weight: 1, arbitrary: journal },
  );

const posts = (amount: fc.Arbitrary<Amount>): fc.Arbitrary<Intent> =>
  bodies(amount).map((make) => (books, now) => {
    const data = make(books, now);
    return data && { type: 'PostTransaction', data };
  });

const batches: fc.Arbitrary<Intent> = fc
  .array(bodies(plain.map((n) => () => n)), { minLength: 1, maxLength: 5 })
  .map((makes) => (books, now) => {
    const transactions = makes.map((make) => make(books, now)).filter((one) => one !== null);
    return transactions.length === 0 ? null : { type: 'PostBatch', data: { transactions } };
  });

/** Part of what is left, so that more parts may follow; sometimes more than that. */
const part: fc.Arbitrary<Amount> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 2, max: 9 }).map((n) => (left: number) => Math.ceil(left / n)) },
  { weight: 1, arbitrary: ordinary },
);

const reversals: fc.Arbitrary<Intent> = fc
  .record({ which: some, part: fc.option(part, { freq: 3, nil: undefined }), any: rarely(8), roundable: fc.boolean() })
  .map(({ which, part: much, any, roundable }) => (books) => {
    const open = [...books.transactions.values()].filter(
      ({ status, type }) => any || (status !== 'failed' && status !== 'reversed' && !/^card_c|reversal/.test(type)),
    );
    // Where parts are rounded: fees, other currencies, journals.
    const rounded = open.filter(({ type, fees: charged }) => charged.length > 0 || /journal|exchange/.test(type));
    const one = choose((roundable && rounded.length > 0 ? rounded : open).reverse(), which);
    if (!one) return null;
    const amount = much === undefined ? {} : { amount: Math.max(1, clipped(much(one.amount - one.reversed))) };
    return { type: 'ReverseTransaction', data: { transaction_id: one.name, ...amount } };
  });

const reservations: fc.Arbitrary<Intent>[] = [
  fc
    .record({
      who: some,
      to: fc.option(some, { nil: undefined }),
      amount: ordinary,
      reference,
      lasts: oneOf(undefined, undefined, undefined, 60_000, 60_000, DAY, 40 * DAY, 400 * DAY, 0),
      any: rarely(10),
    })
    .map(({ who, to, amount, reference: name, lasts, any }) => (books, now) => {
      const account = choose(any ? clients(books) : wallets(books), who);
      if (!account) return null;
      const { currency } = account;
      const others = any ? clients(books) : ofCurrency(clients(books), currency).filter((one) => one !== account);
      const destination = to === undefined ? undefined : choose(others, to)?.name;
      const value = clipped(amount(borderOf(books, account, undefined, now, who)));
      return {
        type: 'CreateReservation',
        data: {
          account_id: account.name,
          amount: value,
          currency,
          ...(destination === undefined ? {} : { destination }),
          ...(name === undefined ? {} : { reference: name }),
          ...(lasts === undefined ? {} : { expires_at: iso(now.at + lasts) }),
        },
      };
    }),
  fc
    .record({
      which: some,
      amount: fc.option(ordinary, { nil: undefined }),
      to: fc.option(some, { nil: undefined }),
      final: oneOf(undefined, true, false, false),
      any: rarely(8),
    })
    .map(({ which, amount, to, final, any }) => (books) => {
      const one = choose(
        [...books.reservations.values()].filter(({ held }) => any || held > 0),
        which,
      );
      if (!one) return null;
      const destination = to === undefined ? undefined : choose(ofCurrency(clients(books), one.currency), to)?.name;
      return {
        type: 'CaptureReservation',
        data: {
          reservation_id: one.name,
          ...(amount === undefined ? {} : { amount: Math.max(1, clipped(amount(one.held))) }),
          ...(destination === undefined ? {} : { destination }),
          ...(final === undefined ? {} : { final }),
        },
      };
    }),
  fc.record({ which: some, any: rarely(8) }).map(({ which, any }) => (books) => {
    const one = choose(
      [...books.reservations.values()].filter(({ held }) => any || held > 0),
      which,
    );
    return one ? { type: 'ReleaseReservation', data: { reservation_id: one.name } } : null;
  }),
];

/** What would be exceeded: asked, and then not done. */
const questions: fc.Arbitrary<Intent> = fc
  .record({ who: some, direction: oneOf<Direction>('inbound', 'outbound'), amount: ordinary, any: rarely(12) })
  .map(({ who, direction, amount, any }) => (books, now) => {
    const account = choose(any ? clients(books) : wallets(books), who);
    if (!account) return null;
    const other = choose(wallets(books), who + 1);
    const much = clipped(amount(borderOf(books, account, direction === 'inbound' ? account : undefined, now, who)));
    return {
      type: 'EvaluateLimits',
      data: {
        account_id: any ? `acc${who}` : account.name,
        direction,
        amount: much,
        currency: any && other ? other.currency : account.currency,
      },
    };
  });

/** The richest sends nearly all that it has to another: to and fro, until its counters are full. */
const shuttle: fc.Arbitrary<Intent> = fc.record({ to: some, kept: fc.nat(2) }).map(({ to, kept }) => (books) => {
  const [richest] = wallets(books).sort((a, b) => availableOf(books, b) - availableOf(books, a));
  const other =
    richest &&
    choose(
      ofCurrency(wallets(books), richest.currency).filter((one) => one !== richest),
      to,
    );
  if (!richest || !other) return null;
  const { currency } = richest;
  const amount = clipped(availableOf(books, richest) - kept);
  return {
    type: 'PostTransaction',
    data: { type: 'transfer', source: richest.name, destination: other.name, amount, currency },
  };
});

const many = (weight: number, arbitraries: readonly fc.Arbitrary<Intent>[]) => ({
  weight,
  arbitrary: fc.oneof(...arbitraries),
});

/** Anything at all, mostly about money. `extremes`: with amounts at the end of the range of numbers. */
export const intents = (extremes: boolean): fc.Arbitrary<Intent> =>
  fc.oneof(
    many(10, [posts(extremes ? huge : ordinary)]),
    many(extremes ? 6 : 0, [shuttle]),
    many(1, [batches]),
    many(3, [reversals]),
    many(1, [questions]),
    many(4, reservations),
    many(12, cardIntents),
    many(4, settings),
  );
