/** Histories of every command, at random, and a book that plays them: what the property tests try the ledger on. */
import fc from 'fast-check';
import type { Command } from '#domain/commands.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { divideHalfEven } from '#domain/money.js';
import {
  account,
  Book,
  card,
  customer,
  DAY,
  deposit,
  elapse,
  limit,
  replaceLimits,
  tenant,
  type Elapse,
  type Step,
} from '#domain/spec-support.js';

const HISTORY: readonly Step[] = [
  tenant(),
  account('ada'),
  account('bob', 'business', 'NGN', { overdraft_limit: 500 }),
  account('shop', 'merchant', 'NGN', { parent_account_id: '@bob' }),
  customer('cyn'),
  account('euro', 'agent', 'EUR', { customer_id: '@cyn' }),
  account('books', 'general', 'NGN', { allow_negative: true }),
  account('till', 'float', 'NGN'),
  ...card('visa', 'ada'),
  ...['ada', 'shop'].map((name) => deposit(name, 2000)),
  deposit('bob', 200),
  deposit('euro', 2000, 'EUR'),
  ...card('master', 'bob', { type: 'nfc', spending_controls: { blocked_categories: ['7995'] } }),
];
export const WALLETS = ['ada', 'bob', 'shop', 'euro'];

const nairaWallet = fc.constantFrom('@ada', '@bob', '@shop');
const anyAccount = fc.constantFrom('@ada', '@bob', '@shop', '@euro', '@books', '@till');
const amount = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 1, max: 1000 }) },
  { weight: 1, arbitrary: fc.constantFrom(1, 2, 3, Number.MAX_SAFE_INTEGER) },
);
const currency = fc.constantFrom('NGN', 'NGN', 'NGN', 'NGN', 'NGN', 'EUR');
const channel = fc.option(fc.constantFrom('funds_transfer', 'pos_card_present'), { nil: undefined });
const cardName = fc.constantFrom('@visa', '@master');
const networkReference = fc.integer({ min: 1, max: 40 }).map((n) => `net-${n}`);
const merchant = { name: 'Corner shop', category_code: '5411', city: null, country: 'NG' };
const sides = fc.constantFrom([true, true], [true, false], [false, true]);

const post = (data: object): Command => ({ type: 'PostTransaction', data }) as Command;

/** Of a card transaction, a transaction or a reservation, the n-th; commands name it so because its id is not known yet. */
interface Later {
  readonly later: 'card_transaction' | 'transaction' | 'reservation';
  readonly nth: number;
  readonly command: (id: string) => Command;
}

export type Item = Command | Later | Elapse;

const later = (kind: Later['later'], command: fc.Arbitrary<(id: string) => Command>): fc.Arbitrary<Later> =>
  fc.record({ later: fc.constant(kind), nth: fc.nat(1000), command });

const halfEven = (value: number, divisor: number): number => Number(divideHalfEven(BigInt(value), BigInt(divisor)));

const journal = fc
  .array(fc.tuple(anyAccount, anyAccount, fc.integer({ min: 1, max: 300 })), { minLength: 1, maxLength: 3 })
  .map((pairs) =>
    post({
      type: 'journal',
      entries: pairs.flatMap(([from, to, value]) => [
        { account: from, direction: 'debit', amount: value, currency: 'NGN' },
        { account: to, direction: 'credit', amount: value, currency: 'NGN' },
      ]),
    }),
  );

const feeRules = fc
  .record({
    flat_amount: fc.nat(50),
    percentage_rate: fc.constantFrom('0', '0.015', '0.333333'),
    who_pays: fc.constantFrom('customer', 'merchant', 'platform'),
    channel: fc.constantFrom('funds_transfer', 'pos_card_present', 'pos_nfc_card'),
  })
  .map((terms): Command => ({
    type: 'ReplaceFeeRules',
    data: {
      rules: [
        {
          ...(terms as { flat_amount: number; percentage_rate: string; who_pays: 'customer'; channel: 'pos_nfc_card' }),
          currency: 'NGN',
          who_gets_paid: 'tenant',
          effective_from: '2026-01-01T00:00:00Z',
        },
      ],
    },
  }));

const instant = fc.constantFrom(
  '2025-12-31T23:59:59.999Z',
  '2026-01-05T09:00:05Z',
  '2026-01-05T09:00:20Z',
  '2026-01-06T00:00:00Z',
  '2026-02-01T00:00:00Z',
);

const moves: fc.Arbitrary<Command>[] = [
  fc
    .record({
      type: fc.constant('deposit'),
      amount,
      currency,
      destination: fc.oneof(nairaWallet, fc.constant('@euro')),
      channel,
    })
    .map(post),
  fc.record({ type: fc.constant('withdrawal'), amount, currency, source: nairaWallet, channel }).map(post),
  fc
    .record({ type: fc.constant('transfer'), amount, currency, source: anyAccount, destination: anyAccount, channel })
    .map(post),
  fc
    .record({
      type: fc.constant('transfer'),
      amount,
      currency,
      source: nairaWallet,
      destination: nairaWallet,
      effective_at: instant,
    })
    .map(post),
  fc
    .record({ rate: fc.constantFrom('0.5', '0.001'), amount: fc.integer({ min: 2, max: 2000 }), source: nairaWallet })
    .map(({ rate, amount: value, source }) =>
      post({
        type: 'exchange',
        source,
        destination: '@euro',
        amount: value,
        currency: 'NGN',
        rate,
        destination_amount: rate === '0.5' ? halfEven(value, 2) : halfEven(value, 1000),
      }),
    ),
  journal,
  fc
    .array(
      fc.record({ type: fc.constant('transfer'), amount, currency, source: nairaWallet, destination: nairaWallet }),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((transactions) => ({ type: 'PostBatch', data: { transactions } }) as Command),
];

const limits = fc
  .record({
    outbound: fc.constantFrom(0, 500, 5000),
    inbound: fc.constantFrom(500, 5000),
    max_balance: fc.option(fc.constantFrom(100, 3000), { nil: null }),
    window: fc.constantFrom('daily', 'monthly'),
  })
  .map(({ outbound, inbound, window, max_balance }) =>
    replaceLimits(
      limit(outbound, { window, max_balance, currency: 'NGN' }),
      limit(inbound, { window, max_balance, direction: 'inbound', currency: 'NGN' }),
      limit(inbound, { window, direction: 'inbound', currency: 'EUR' }),
    ),
  );

const entitlements = fc.constantFrom<unknown>(null, 0, 400, { NGN: 600 }, { EUR: 1 }).map(
  (max_single_transaction) =>
    ({
      type: 'ChangeEntitlements',
      data: { entitlements: { 'transactions.write': { config: { max_single_transaction } } } },
    }) as Command,
);

const settings: fc.Arbitrary<Command>[] = [
  feeRules,
  limits,
  entitlements,
  instant.map((through): Command => ({ type: 'ClosePeriod', data: { through } })),
  fc.constantFrom('tier1', 'tier2').map((kyc_tier): Command => ({
    type: 'UpdateCustomer',
    data: { customer_id: '@cyn', kyc_tier },
  })),
  fc.tuple(anyAccount, fc.constantFrom('fraud', 'court'), sides).map(
    ([account_id, source, [debits, credits]]) =>
      ({
        type: 'BlockAccount',
        data: { account_id, reason: 'odd', source, block_debits: debits, block_credits: credits },
      }) as Command,
  ),
  fc.tuple(anyAccount, sides).map(
    ([account_id, [debits, credits]]) =>
      ({
        type: 'UnblockAccount',
        data: { account_id, reason: 'fine', source: 'desk', unblock_debits: debits, unblock_credits: credits },
      }) as Command,
  ),
  fc.tuple(nairaWallet, fc.nat(800)).map(([account_id, overdraft_limit]): Command => ({
    type: 'UpdateAccount',
    data: { account_id, overdraft_limit },
  })),
  anyAccount.map((account_id): Command => ({
    type: 'CloseAccount',
    data: { account_id, reason: 'left', source: 'desk', confirmation: 'CLOSE_ACCOUNT' },
  })),
  fc
    .tuple(cardName, fc.constantFrom('activate', 'suspend', 'resume'))
    .map(([card_id, action]) => ({ type: 'ChangeCardStatus', data: { card_id, action } }) as Command),
  fc
    .constantFrom('suspended', 'active', 'active', 'active')
    .map((status) => ({ type: 'ChangeTenantStatus', data: { status } }) as Command),
];

const cardMessages: fc.Arbitrary<Command>[] = [
  fc
    .record({
      card_id: cardName,
      amount,
      currency,
      network_reference: networkReference,
      partial_approval: fc.boolean(),
    })
    .map((data) => ({ type: 'AuthorizeCard', data: { ...data, merchant } }) as Command),
  fc
    .record({
      card_id: cardName,
      amount,
      currency,
      network_reference: networkReference,
      direction: fc.constantFrom('debit', 'credit'),
    })
    .map((data) => ({ type: 'PostCardTransaction', data: { ...data, merchant } }) as Command),
  fc
    .record({ card_id: cardName, amount, network_reference: networkReference })
    .map((data) => ({ type: 'RefundToCard', data }) as Command),
];

const follows: fc.Arbitrary<Later>[] = [
  later(
    'card_transaction',
    fc
      .record({
        type: fc.constantFrom(
          'IncrementCardTransaction',
          'AdjustCardTransaction',
          'ReverseCardTransaction',
          'RefundCardTransaction',
        ),
        amount,
        network_reference: networkReference,
      })
      .map(
        ({ type, ...data }) =>
          (card_transaction_id: string) =>
            ({ type, data: { card_transaction_id, ...data } }) as Command,
      ),
  ),
  later(
    'card_transaction',
    fc.constant((card_transaction_id: string): Command => ({
      type: 'ExpireCardTransaction',
      data: { card_transaction_id },
    })),
  ),
  later(
    'card_transaction',
    fc
      .record({ amount, final: fc.boolean(), network_reference: networkReference })
      .map(
        (data) => (card_transaction_id: string) =>
          ({ type: 'CaptureCardTransaction', data: { card_transaction_id, ...data } }) as Command,
      ),
  ),
  later(
    'transaction',
    fc.option(amount, { nil: undefined }).map(
      (part) => (transaction_id: string) =>
        ({
          type: 'ReverseTransaction',
          data: { transaction_id, ...(part === undefined ? {} : { amount: part }) },
        }) as Command,
    ),
  ),
];

const reservations: fc.Arbitrary<Command>[] = [
  fc
    .record({
      account_id: anyAccount,
      amount,
      currency,
      destination: fc.option(anyAccount, { nil: undefined }),
      expires_at: fc.constantFrom(undefined, '2026-01-05T09:01:00Z', '2026-01-06T00:00:00Z', '2026-02-01T00:00:00Z'),
    })
    .map((data) => ({ type: 'CreateReservation', data }) as Command),
];

const ofReservations: fc.Arbitrary<Later>[] = [
  later(
    'reservation',
    fc
      .record({
        amount: fc.option(amount, { nil: undefined }),
        destination: fc.option(anyAccount, { nil: undefined }),
        final: fc.boolean(),
      })
      .map(
        (data) => (reservation_id: string) =>
          ({ type: 'CaptureReservation', data: { reservation_id, ...data } }) as Command,
      ),
  ),
  later(
    'reservation',
    fc.constant((reservation_id: string): Command => ({ type: 'ReleaseReservation', data: { reservation_id } })),
  ),
];

/** From within the second to beyond the longest hold. */
const jumps: fc.Arbitrary<Item> = fc
  .oneof(fc.constantFrom(999, 60_000, DAY, 7 * DAY, 31 * DAY, 400 * DAY), fc.integer({ min: 1, max: 8 * DAY }))
  .map(elapse);

const many = <T>(weight: number, arbitraries: fc.Arbitrary<T>[]) => ({ weight, arbitrary: fc.oneof(...arbitraries) });
export const histories = fc.array(
  fc.oneof(
    many<Item>(6, moves),
    many<Item>(4, cardMessages),
    many<Item>(4, follows),
    many<Item>(2, settings),
    many<Item>(2, reservations),
    many<Item>(3, ofReservations),
    many<Item>(1, [jumps]),
  ),
  { minLength: 1, maxLength: 40 },
);

const idsOf = (book: Book, kind: Later['later']): string[] => [
  ...new Set(
    book.events.flatMap(({ data }) => {
      if (kind === 'reservation') return 'reservation' in data ? [data.reservation.reservation_id] : [];
      if (kind === 'transaction') return 'transaction' in data ? [data.transaction.transaction_id] : [];
      return 'card_transaction' in data ? [data.card_transaction.card_transaction_id] : [];
    }),
  ),
];

/** Plays a history, whatever of it is refused, and looks at the ledger after every command. */
export const play = (history: readonly Item[], look: (book: Book, written: readonly LedgerEvent[]) => void): Book => {
  const book = new Book();
  for (const step of HISTORY) book.step(step);
  for (const item of history) {
    let command: Command;
    if ('elapse' in item) {
      book.step(item);
      continue;
    } else if ('later' in item) {
      const ids = idsOf(book, item.later);
      if (ids.length === 0) continue;
      command = item.command(ids[item.nth % ids.length] as string);
    } else command = item;
    look(book, book.run(command).events);
  }
  return book;
};
