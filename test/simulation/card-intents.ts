/** What a card network, and whoever has a card, may want next. */
import fc from 'fast-check';
import { choose, DAY, oneOf, rarely, some, type Intent } from './choice.js';
import {
  accountOf,
  availableOf,
  cardUsedOf,
  isWallet,
  type Books,
  type Card,
  type CardTransaction,
} from './oracle/books.js';
import type { Command, Controls, Now } from './oracle/terms.js';

const amount = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 300 }).map((n) => () => n) },
  {
    weight: 3,
    arbitrary: oneOf(
      (there: number) => there,
      (there: number) => there + 1,
      (there: number) => Math.ceil(there / 2),
      (there: number) => there + 150,
    ),
  },
);

/** A shop, a grocer, a fuel pump, a hotel, a casino. */
const merchant = oneOf('5411', '5732', '5542', '7011', '7995').map((category_code) => ({
  name: 'Corner Shop',
  category_code,
}));

/** Few references, so that messages come again, with the same body or another. */
const reference = (kind: string): fc.Arbitrary<string> => fc.integer({ min: 1, max: 60 }).map((n) => `${kind}-${n}`);

const controls: fc.Arbitrary<Controls> = fc.record({
  blocked_categories: oneOf([], [], ['7995']),
  limits: fc.uniqueArray(
    fc.record({
      amount: oneOf(100, 400, 1500),
      interval: oneOf('per_authorization', 'daily', 'monthly', 'all_time'),
    }) as fc.Arbitrary<Controls['limits'][number]>,
    { maxLength: 2, selector: ({ interval }) => interval },
  ),
});

const purchases = (books: Books, which: number, any: boolean): CardTransaction | undefined => {
  const all = [...books.cardTransactions.values()].reverse();
  return choose(any ? all : all.filter(({ amounts }) => amounts.held > 0), which);
};

/** A message about an earlier purchase, mostly one that still holds money. */
const about = (make: (one: CardTransaction, value: (there: number) => number, reference: string) => Command) =>
  fc
    .record({ which: some, any: oneOf(true, false, false), much: amount, name: reference('m') })
    .map(({ which, any, much, name }): Intent => (books) => {
      const one = purchases(books, which, any);
      return one ? make(one, much, name) : null;
    });

/** An amount that a request can hold at all. */
const positive = (value: number): number => Math.min(Math.max(1, value), Number.MAX_SAFE_INTEGER);

/** What a purchase may touch the border of: the funds, or one of the card's controls. */
const borderOf = (books: Books, card: Card, which: number, now: Now): number => {
  const left = card.controls.limits.map(
    ({ amount: most, interval }) =>
      most - (interval === 'per_authorization' ? 0 : cardUsedOf(books, card.name, interval, now.today)),
  );
  const border = which % 2 === 0 ? undefined : choose(left, which);
  return border !== undefined && border > 0 ? border : availableOf(books, accountOf(books, card.account));
};

export const authorizations: fc.Arbitrary<Intent> = fc
  .record({
    who: some,
    much: amount,
    merchant,
    name: reference('a'),
    partial: oneOf(undefined, true, false),
    lasts: oneOf(undefined, undefined, undefined, undefined, undefined, 3_600_000, 60_000, 2 * DAY, 0),
    foreign: rarely(20),
  })
  .map(({ who, much, merchant: where, name, partial, lasts, foreign }) => (books, now) => {
    const card = choose([...books.cards.values()], who);
    if (!card) return null;
    const account = accountOf(books, card.account);
    return {
      type: 'AuthorizeCard',
      data: {
        card_id: who % 97 === 0 ? 'card999' : card.name,
        amount: positive(much(borderOf(books, card, who, now))),
        currency: foreign ? 'USD' : account.currency,
        merchant: where,
        network_reference: name,
        ...(partial === undefined ? {} : { partial_approval: partial }),
        ...(lasts === undefined ? {} : { expires_at: new Date(now.at + lasts).toISOString() }),
      },
    };
  });

const captures = fc
  .record({
    which: some,
    any: oneOf(true, false, false, false),
    much: amount,
    name: reference('c'),
    final: oneOf(undefined, true, false, false),
  })
  .map(({ which, any, much, name, final }): Intent => (books) => {
    const one = purchases(books, which, any);
    if (!one) return null;
    const data = {
      card_transaction_id: one.name,
      amount: positive(much(one.amounts.held)),
      network_reference: name,
      ...(final === undefined ? {} : { final }),
    };
    return { type: 'CaptureCardTransaction', data };
  });

const posts = fc
  .record({
    who: some,
    much: amount,
    merchant,
    name: reference('c'),
    direction: oneOf('debit', 'debit', 'credit'),
    late: oneOf(undefined, -2 * DAY, DAY),
    channel: oneOf(undefined, undefined, 'pos_nfc_card'),
  })
  .map(({ who, much, merchant: where, name, direction, late, channel }): Intent => (books, now) => {
    const card = choose([...books.cards.values()], who);
    if (!card) return null;
    const account = accountOf(books, card.account);
    return {
      type: 'PostCardTransaction',
      data: {
        card_id: card.name,
        amount: positive(much(availableOf(books, account))),
        currency: account.currency,
        merchant: where,
        network_reference: name,
        direction,
        ...(late === undefined ? {} : { posted_at: new Date(now.at + late).toISOString() }),
        ...(channel === undefined ? {} : { channel }),
      },
    } as Command;
  });

const refundsToCards = fc
  .record({ who: some, much: fc.integer({ min: 1, max: 200 }), merchant, name: reference('r') })
  .map(({ who, much, merchant: where, name }): Intent => (books) => {
    const card = choose([...books.cards.values()], who);
    if (!card) return null;
    const { currency } = accountOf(books, card.account);
    const data = { card_id: card.name, amount: much, currency, merchant: where, network_reference: name };
    return { type: 'RefundToCard', data };
  });

const cards: fc.Arbitrary<Intent> = fc
  .record({
    who: some,
    type: oneOf('virtual', 'virtual', 'physical', 'nfc'),
    controls,
    isPlain: fc.boolean(),
    any: rarely(12),
    good: oneOf(undefined, undefined, [1, 2026], [2, 2026], [2, 2028], [12, 2026]),
  })
  .map(({ who, type, controls: spending_controls, isPlain, any, good }) => (books) => {
    const account = choose(
      [...books.accounts.values()].filter((one) => any || isWallet(one)),
      who,
    );
    if (!account || account.wallet === 'system') return null;
    const expiry = good === undefined ? {} : { exp_month: good[0], exp_year: good[1] };
    const data = { account_id: account.name, type, ...expiry, ...(isPlain ? {} : { spending_controls }) };
    return { type: 'IssueCard', data } as Command;
  });

const cardChanges: fc.Arbitrary<Intent> = fc
  .record({
    who: some,
    action: oneOf('activate', 'activate', 'activate', 'resume', 'resume', 'suspend', 'terminate'),
    spending: fc.option(controls, { nil: undefined }),
  })
  .map(({ who, action, spending }) => (books) => {
    const all = [...books.cards.values()];
    const waiting = all.filter(({ status }) => status !== 'active' && status !== 'terminated');
    const card = choose(who % 2 === 0 && waiting.length > 0 ? waiting : all, who);
    if (!card) return null;
    return spending === undefined
      ? ({ type: 'ChangeCardStatus', data: { card_id: card.name, action } } as Command)
      : { type: 'UpdateCard', data: { card_id: card.name, spending_controls: spending } };
  });

const named = (name: string): { network_reference?: string } =>
  Number(name.slice(2)) % 3 === 0 ? {} : { network_reference: name };

/** Each with how often it is wanted. */
export const cardIntents: readonly fc.Arbitrary<Intent>[] = [
  ...Array<fc.Arbitrary<Intent>>(6).fill(authorizations),
  ...Array<fc.Arbitrary<Intent>>(4).fill(captures),
  posts,
  posts,
  cards,
  cardChanges,
  cardChanges,
  refundsToCards,
  about((one, much, name) => ({
    type: 'IncrementCardTransaction',
    data: { card_transaction_id: one.name, amount: positive(Math.floor(much(one.amounts.held) / 3)), ...named(name) },
  })),
  about((one, much, name) => ({
    type: 'IncrementCardTransaction',
    data: { card_transaction_id: one.name, amount: positive(much(20)), ...named(name) },
  })),
  about((one, much, name) => ({
    type: 'AdjustCardTransaction',
    data: { card_transaction_id: one.name, amount: positive(much(one.amounts.held)), ...named(name) },
  })),
  about((one, much, name) => ({
    type: 'ReverseCardTransaction',
    data: { card_transaction_id: one.name, amount: positive(much(one.amounts.held)), ...named(name) },
  })),
  about((one, _much, name) => ({
    type: 'ReverseCardTransaction',
    data: { card_transaction_id: one.name, ...named(name) },
  })),
  about((one) => ({ type: 'ExpireCardTransaction', data: { card_transaction_id: one.name } })),
  fc.record({ which: some, much: amount, name: reference('r') }).map(({ which, much, name }): Intent => (books) => {
    const one = purchases(books, which, true);
    if (!one) return null;
    const value = positive(much(one.amounts.captured - one.amounts.refunded));
    return {
      type: 'RefundCardTransaction',
      data: { card_transaction_id: one.name, amount: value, network_reference: name },
    };
  }),
];
