/**
 * What a random client, operator or card network may want next. An intent names things by numbers, so that any part of a
 * history is a history: which account is the fourth, or how much is all of it, is only said when its turn comes.
 */
import fc from 'fast-check';
import { availableOf, isWallet, type Account, type Books } from './oracle/books.js';
import type { Command, Leg, LimitTerms, Now, Party, PostBody } from './oracle/terms.js';

/** The command that comes of an intent in these books; null where there is nothing that it could be about. */
export type Intent = (books: Books, now: Now) => Command | null;

const CHANNELS = ['funds_transfer', 'pos_card_present', 'pos_nfc_card'];
const PARTIES: Party[] = ['customer', 'customer', 'customer', 'merchant', 'platform', 'tenant', 'processor'];
const CURRENCIES = ['NGN', 'NGN', 'NGN', 'EUR', 'JPY'];
const MAX = Number.MAX_SAFE_INTEGER;
const DAY = 86_400_000;

const some = fc.nat(10_000);
const rarely = (weight: number): fc.Arbitrary<boolean> => fc.nat(weight - 1).map((n) => n === weight - 1);
const choose = <T>(list: readonly T[], n: number): T | undefined => list[n % list.length];
const oneOf = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const wallets = (books: Books): Account[] => [...books.accounts.values()].filter(isWallet);
const clients = (books: Books): Account[] => [...books.accounts.values()].filter(({ wallet }) => wallet !== 'system');
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
const clipped = (amount: number): number => Math.min(Math.max(amount, 0), MAX);

const iso = (at: number): string => new Date(at).toISOString();

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
      const value = clipped(much(availableOf(books, source)));
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
      const value = clipped(much(isIn ? 200 : availableOf(books, wallet)));
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

const reversals: fc.Arbitrary<Intent> = fc
  .record({ which: some, part: fc.option(ordinary, { nil: undefined }), any: rarely(8) })
  .map(({ which, part, any }) => (books) => {
    const open = [...books.transactions.values()].filter(
      ({ status, type }) => any || (status !== 'failed' && status !== 'reversed' && !/^card_c|reversal/.test(type)),
    );
    const one = choose(open.reverse(), which);
    if (!one) return null;
    const amount = part === undefined ? {} : { amount: Math.max(1, clipped(part(one.amount - one.reversed))) };
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
      const value = clipped(amount(availableOf(books, account)));
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

/** The first of each kind alone, but where a request is to be wrong. */
const distinct = <T>(list: readonly T[], kindOf: (one: T) => string, isWrong: boolean): readonly T[] =>
  list.filter((one, i) => isWrong || list.findIndex((other) => kindOf(other) === kindOf(one)) === i);

const feeTerms = fc.record({
  channel: oneOf(...CHANNELS),
  currency: oneOf('NGN', 'NGN', 'EUR'),
  flat_amount: fc.nat(20),
  percentage_rate: oneOf('0', '0.015', '0.333333', '0.05', '0.125'),
  min_amount: oneOf(undefined, undefined, null, 100),
  max_amount: oneOf(undefined, undefined, null, 99, 1000),
  fee_floor: oneOf(undefined, null, 3),
  fee_cap: oneOf(undefined, null, 15),
  who_pays: oneOf(...PARTIES),
  who_gets_paid: oneOf(...PARTIES),
  from: oneOf(-400 * DAY, -400 * DAY, -DAY, DAY, 3_600_000),
});

const fees: fc.Arbitrary<Intent> = fc
  .record({ rules: fc.array(feeTerms, { maxLength: 8, size: 'max' }), wrong: rarely(8) })
  .map(({ rules, wrong }): Intent => (_books, now) => {
    const fitting = rules.filter(({ min_amount, max_amount }) => (min_amount ?? 0) <= (max_amount ?? Infinity));
    const kindOf = ({ channel: by, currency, from }: (typeof rules)[number]): string => `${by} ${currency} ${from}`;
    return {
      type: 'ReplaceFeeRules',
      data: {
        rules: distinct(fitting, kindOf, wrong).map(({ from, ...rule }) => ({
          ...rule,
          effective_from: iso(now.at + from),
        })),
      },
    };
  });

const limitTerms = fc.record({
  kyc_level: oneOf('tier1', 'tier1', 'tier2', 'tier3'),
  direction: oneOf('inbound', 'outbound'),
  window: oneOf('daily', 'monthly'),
  amount: oneOf(0, 600, 1500, 4000, 9000, 20_000),
  max_balance: oneOf(undefined, undefined, undefined, 2000, 5000),
  currency: oneOf('NGN', 'NGN', 'NGN', 'EUR'),
}) as fc.Arbitrary<LimitTerms & { max_balance: number | undefined }>;

const limits: fc.Arbitrary<Intent> = fc
  .record({ rows: fc.array(limitTerms, { maxLength: 8, size: 'max' }), wrong: rarely(8) })
  .map(({ rows, wrong }): Intent => () => {
    const kindOf = ({ kyc_level, direction, window, currency }: LimitTerms): string =>
      `${kyc_level} ${direction} ${window} ${currency}`;
    return {
      type: 'ReplaceLimits',
      data: {
        limits: distinct(rows, kindOf, wrong).map(({ max_balance, ...row }, _i, all) => {
          // Rows of one tier and currency that state it must agree.
          const stated = all.find(
            (one) => one.max_balance !== undefined && one.kyc_level === row.kyc_level && one.currency === row.currency,
          );
          return max_balance === undefined ? row : { ...row, max_balance: wrong ? max_balance : stated?.max_balance };
        }) as LimitTerms[],
      },
    };
  });

/** A schedule of fees and of limits, for a world that has them from the start. */
export const schedules: fc.Arbitrary<readonly Intent[]> = fc
  .subarray([0, 1])
  .chain((which) => fc.tuple(...which.map((n) => (n === 0 ? fees : limits))));

const sides = oneOf([true, true], [true, false], [false, true], [true, true]);
const source = oneOf('fraud', 'court', 'desk');

const settings: fc.Arbitrary<Intent>[] = [
  fees,
  fees,
  limits,
  fc.record({ who: some, source, sides }).map(({ who, source: by, sides: [debits, credits] }) => (books) => {
    const account = choose(clients(books), who);
    return (
      (account && {
        type: 'BlockAccount',
        data: { account_id: account.name, reason: 'odd', source: by, block_debits: debits, block_credits: credits },
      }) ??
      null
    );
  }) as fc.Arbitrary<Intent>,
  ...[1, 2, 3].map(() =>
    fc
      .record({ who: some, sides, only: fc.option(source, { nil: undefined }) })
      .map(({ who, sides: [debits, credits], only }): Intent => (books) => {
        const blocked = clients(books).filter(({ blocks }) => blocks.length > 0);
        const account = choose(blocked.length > 0 ? blocked : clients(books), who);
        if (!account) return null;
        return {
          type: 'UnblockAccount',
          data: {
            account_id: account.name,
            reason: 'fine',
            source: 'desk',
            unblock_debits: debits as boolean,
            unblock_credits: credits as boolean,
            ...(only === undefined ? {} : { block_source: only }),
          },
        };
      }),
  ),
  fc
    .record({
      who: some,
      overdraft: fc.option(fc.nat(800), { nil: undefined }),
      tier: fc.option(oneOf('tier1', 'tier2', 'tier3'), { nil: undefined }),
    })
    .map(({ who, overdraft, tier }): Intent => (books) => {
      const account = choose(wallets(books), who);
      return account
        ? ({
            type: 'UpdateAccount',
            data: {
              account_id: account.name,
              ...(overdraft === undefined ? {} : { overdraft_limit: overdraft }),
              ...(tier === undefined ? {} : { kyc_tier: tier }),
            },
          } as Command)
        : null;
    }),
  fc.record({ who: some, tier: oneOf('tier1', 'tier2', 'tier3') }).map(({ who, tier }): Intent => (books) => {
    const customer = choose([...books.customers.keys()], who);
    return customer ? ({ type: 'UpdateCustomer', data: { customer_id: customer, kyc_tier: tier } } as Command) : null;
  }),
  fc
    .record({ who: some, word: oneOf('CLOSE_ACCOUNT', 'CLOSE_ACCOUNT', 'CLOSE_ACCOUNT', 'please') })
    .map(({ who, word }): Intent => (books) => {
      const empty = clients(books).filter((one) => one.wallet !== 'float' && availableOf(books, one) === one.overdraft);
      const account = choose(who % 4 === 0 ? clients(books) : empty, who);
      return account
        ? {
            type: 'CloseAccount',
            data: { account_id: account.name, reason: 'left', source: 'desk', confirmation: word },
          }
        : null;
    }),
  fc
    .record({
      wallet: oneOf('customer', 'customer', 'customer', 'business', 'merchant', 'agent', 'float', 'general'),
      currency: oneOf(...CURRENCIES),
      overdraft: oneOf(0, 0, 0, 250),
      negative: rarely(8),
      parent: fc.option(some, { nil: undefined }),
      customer: fc.option(some, { nil: undefined }),
      tier: oneOf(undefined, undefined, 'tier1', 'tier2', 'tier3'),
      code: oneOf(undefined, undefined, 'c1', 'c2', 'c3', 'c4'),
    })
    .map(({ wallet, currency, overdraft, negative, parent, customer, tier, code }): Intent => (books) => {
      // The newest are below each other, so that some stand deep.
      const all = clients(books);
      const above = parent === undefined ? undefined : (parent % 2 === 0 ? all.at(-1) : choose(all, parent))?.name;
      const whose = customer === undefined ? undefined : choose([...books.customers.keys()], customer);
      return {
        type: 'OpenAccount',
        data: {
          account_name: 'Somebody',
          wallet_type: wallet,
          currency,
          ...(overdraft === 0 ? {} : { overdraft_limit: overdraft }),
          ...(negative ? { allow_negative: true } : {}),
          ...(above === undefined ? {} : { parent_account_id: above }),
          ...(whose === undefined ? {} : { customer_id: whose }),
          ...(tier === undefined ? {} : { kyc_tier: tier }),
          ...(code === undefined ? {} : { account_code: code }),
        },
      } as Command;
    }),
  fc
    .record({
      key: oneOf('transactions.write', 'reservations.write', 'cards.nfc.manage', 'accounts.manage'),
      enabled: oneOf(true, true, false),
      most: oneOf(undefined, undefined, 350, 5000),
    })
    .map(({ key, enabled, most }): Intent => () => ({
      type: 'ChangeEntitlements',
      data: {
        entitlements: {
          [key]: {
            enabled,
            ...(most !== undefined && key === 'transactions.write' ? { config: { max_single_transaction: most } } : {}),
          },
        },
      },
    })),
  fc
    .record({ back: oneOf(-1, 0, 1, DAY, 30 * DAY) })
    .map(({ back }): Intent => (_books, now) => ({ type: 'ClosePeriod', data: { through: iso(now.at - back) } })),
  oneOf('active', 'active', 'active', 'suspended', 'inactive').map(
    (status): Intent =>
      () =>
        ({ type: 'ChangeTenantStatus', data: { status } }) as Command,
  ),
];

const many = (weight: number, arbitraries: readonly fc.Arbitrary<Intent>[]) => ({
  weight,
  arbitrary: fc.oneof(...arbitraries),
});

/** Anything at all, mostly about money. `extremes`: with amounts at the end of the range of numbers. */
export const intents = (cardIntents: readonly fc.Arbitrary<Intent>[], extremes: boolean): fc.Arbitrary<Intent> =>
  fc.oneof(
    many(10, [posts(extremes ? huge : ordinary)]),
    many(1, [batches]),
    many(3, [reversals]),
    many(4, reservations),
    many(12, cardIntents),
    many(4, settings),
  );
