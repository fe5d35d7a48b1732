/** What must hold after any history whatever, tried on thousands of them. */
import fc from 'fast-check';
import { availableOf, factsOf } from './accounts/standing.js';
import { decodeEvent } from './codec.js';
import { isBalanced } from './entries.js';
import { evolve, type Command, type LedgerEvent } from './ledger.js';
import { divideHalfEven } from './money.js';
import { account, Book, card, customer, deposit, limit, replaceLimits, tenant, type Step } from './spec-support.js';
import { emptyState, type TenantState } from './state.js';

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
const WALLETS = ['ada', 'bob', 'shop', 'euro'];

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

/** Of an open card transaction or a posted transaction, the n-th; commands name it so because its id is not known yet. */
interface Later {
  readonly later: 'card_transaction' | 'transaction';
  readonly nth: number;
  readonly command: (id: string) => Command;
}

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

const settings: fc.Arbitrary<Command>[] = [
  feeRules,
  limits,
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
];

const follows: fc.Arbitrary<Later>[] = [
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

const many = <T>(weight: number, arbitraries: fc.Arbitrary<T>[]) => ({ weight, arbitrary: fc.oneof(...arbitraries) });
const histories = fc.array(
  fc.oneof(
    many<Command | Later>(6, moves),
    many<Command | Later>(4, cardMessages),
    many<Command | Later>(4, follows),
    many<Command | Later>(2, settings),
  ),
  { minLength: 1, maxLength: 40 },
);

const idsOf = (book: Book, kind: Later['later']): string[] => [
  ...new Set(
    book.events.flatMap(({ data }) => {
      if (kind === 'transaction') return 'transaction' in data ? [data.transaction.transaction_id] : [];
      return 'card_transaction' in data ? [data.card_transaction.card_transaction_id] : [];
    }),
  ),
];

/** Plays a history, whatever of it is refused, and looks at the ledger after every command. */
const play = (
  history: readonly (Command | Later)[],
  look: (book: Book, written: readonly LedgerEvent[]) => void,
): Book => {
  const book = new Book();
  for (const step of HISTORY) book.step(step);
  for (const item of history) {
    let command: Command;
    if ('later' in item) {
      const ids = idsOf(book, item.later);
      if (ids.length === 0) continue;
      command = item.command(ids[item.nth % ids.length] as string);
    } else command = item;
    look(book, book.run(command).events);
  }
  return book;
};

const byId = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

/** All of a state that can be told apart, as a text. */
const told = (state: TenantState): string =>
  JSON.stringify({
    head: state.head.value,
    tenant: state.tenant.value,
    fees: state.feeSchedule.value,
    limits: state.limitRules.value,
    used: [state.limitCounters.month, ...[...state.limitCounters.rows()].sort(([a], [b]) => (a < b ? -1 : 1))],
    localDate: state.localDate.value,
    customers: [...state.customers.entries()].sort(byId),
    accounts: [...state.accounts.entries()].sort(byId),
    systemAccounts: [...state.systemAccounts.entries()].sort(byId),
    openChildren: [...state.openChildren.entries()].sort(byId),
    cards: [...state.cards.entries()].sort(byId),
    cardTransactions: [...state.cardTransactions.entries()].sort(byId),
    apiKeys: [...state.apiKeys.entries()].sort(byId),
  });

const sums = (state: TenantState): Map<string, bigint> => {
  const sums = new Map<string, bigint>();
  for (const { terms, balance } of state.accounts.values()) {
    const signed = terms.normalSide === 'debit' ? BigInt(balance) : -BigInt(balance);
    sums.set(terms.currency, (sums.get(terms.currency) ?? 0n) + signed);
  }
  return sums;
};

const RUNS = Number(process.env.DAYBOOK_PROPERTY_RUNS ?? 150);

const check = (look: Parameters<typeof play>[1], runs = RUNS): void =>
  fc.assert(
    fc.property(histories, (history) => {
      play(history, look);
    }),
    { numRuns: runs },
  );

describe('after any history', () => {
  it('debits equal credits: in each event, and over all accounts', () => {
    check((book, written) => {
      for (const { data } of written) if ('entries' in data) expect(isBalanced(data.entries)).toBe(true);
      for (const [, sum] of sums(book.state)) expect(sum).toBe(0n);
    });
  });

  it('no available balance is below zero, but where it may be', () => {
    check((book) => {
      for (const one of book.state.accounts.values()) {
        expect(one.held).toBeGreaterThanOrEqual(0);
        if (!one.terms.allowNegative) expect(availableOf(one)).toBeGreaterThanOrEqual(0);
      }
    });
  });

  it('what is held on an account is what its card transactions hold', () => {
    check((book) => {
      const held = new Map<string, number>();
      for (const { account_id, amounts } of book.state.cardTransactions.values()) {
        held.set(account_id, (held.get(account_id) ?? 0) + amounts.held);
      }
      for (const one of book.state.accounts.values()) expect(one.held).toBe(held.get(one.id) ?? 0);
    });
  });

  it('the fold of what was stored is the fold of what was decided', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const book = play(history, () => undefined);
        const replayed = emptyState();
        for (const text of book.stored) evolve(replayed, decodeEvent(text));
        expect(told(replayed)).toBe(told(book.state));
      }),
      { numRuns: RUNS },
    );
  });

  it('deciding changes nothing, and decides the same again', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const book = play(history, () => undefined);
        const before = told(book.state);
        const probe: Command = {
          type: 'PostBatch',
          data: {
            transactions: [{ type: 'deposit', amount: 7, currency: 'NGN', destination: '@ada', reference: 'probe' }],
          },
        };
        book.decide(probe);
        expect(told(book.state)).toBe(before);
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  });

  it('an overlay that is taken back leaves the state as it was', () => {
    fc.assert(
      fc.property(histories, histories, (first, second) => {
        const book = play(first, () => undefined);
        const before = told(book.state);
        book.state.journal.tentatively(() => {
          for (const item of second) if (!('later' in item)) book.run(item);
        });
        expect(told(book.state)).toBe(before);
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  });

  it("an account's facts agree with its balance, and children are counted", () => {
    check(
      (book) => {
        const { state } = book;
        for (const name of WALLETS) {
          const id = book.id(name);
          state.cold.set(`acc:${id}`, book.standing(name));
          const facts = factsOf(state, id);
          expect(facts).toMatchObject({ balance: state.accounts.get(id)?.balance, held: state.accounts.get(id)?.held });
        }
        const shopIsOpen = state.accounts.get(book.id('shop'))?.extras.closed === false;
        expect(state.openChildren.get(book.id('bob'))).toBe(shopIsOpen ? 1 : 0);
      },
      Math.ceil(RUNS / 3),
    );
  });

  it('public events are counted without a gap, and revisions, times and ids go up', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { events } = play(history, () => undefined);
        const sequences = events.flatMap(({ meta }) => (meta.sequence === null ? [] : [meta.sequence]));
        expect(sequences).toEqual(sequences.map((_, i) => i + 1));
        for (const [i, event] of events.entries()) {
          expect(event.revision).toBe(i);
          const before = events[i - 1];
          if (before) expect(before.id < event.id && before.at <= event.at).toBe(true);
        }
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  });
});
