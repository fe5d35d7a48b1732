import fc from 'fast-check';
import type { Account } from './accounts/accounts.js';
import { availableOf, receivableOf } from './accounts/standing.js';
import type { Command } from './commands.js';
import type { LedgerEvent } from './ledger.js';
import type { Minor } from './money.js';
import { Posting } from './posting.js';
import { account, Book, card, deposit, given, named, tenant, told, type Given, type Step } from './spec-support.js';
import { authorize, capture, clear, holder } from './card-transactions/spec-messages.js';
import { fee, journal } from './transactions/spec-commands.js';

const two: readonly Step[] = [tenant(), account('ada'), account('bob'), deposit('ada', 100)];

const start = ({ book }: Given): { posting: Posting; of: (name: string) => Account } => ({
  posting: new Posting(book.state, book.moment()),
  of: (name) => book.state.accounts.get(book.id(name)) as Account,
});

const money = (amount: number): Minor => amount as Minor;

describe('Posting', () => {
  it('shows each leg what the ones before it left, and changes nothing in the state', () => {
    const it = given(...two);
    const { posting, of } = start(it);
    const ada = of('ada');
    expect(posting.debit(ada, money(70), 'NGN')).toBeNull();
    expect(posting.credit(of('bob'), money(70), 'NGN')).toBeNull();
    expect(posting.availableOf(ada)).toBe(30);
    posting.hold(ada, money(40));
    expect(posting.availableOf(ada)).toBe(-10);
    expect(posting.changeOf(ada)).toBe(-70);
    expect(posting.short()).toBe(ada);
    posting.hold(ada, money(-10));
    expect(posting.short()).toBeNull();
    expect(posting.holds).toEqual([
      { account_id: ada.id, amount: 40, held_after: 40 },
      { account_id: ada.id, amount: -10, held_after: 30 },
    ]);
    expect(told(it.book, posting.balanced())).toEqual(['ada debit 70 30', 'bob credit 70 70']);
    expect(of('ada')).toBe(ada);
  });

  it('opens a system account once, at zero', () => {
    const it = given(...two);
    const { posting, of } = start(it);
    posting.debit(of('ada'), money(5), 'NGN');
    posting.post(posting.system('suspense', 'NGN'), 'credit', money(3));
    posting.post(posting.system('suspense', 'NGN'), 'credit', money(2));
    expect(posting.opened.map(({ type }) => type)).toEqual(['SystemAccountOpened']);
    expect(posting.balanced().map(({ balance_after }) => balance_after)).toEqual([95, 3, 5]);
  });

  it('never lets entries out that do not balance, or a hold below zero', () => {
    const { posting, of } = start(given(...two));
    posting.debit(of('ada'), money(5), 'NGN');
    expect(() => posting.balanced()).toThrow('debits and credits of a posting differ');
    expect(() => posting.hold(of('ada'), money(-1))).toThrow(/would hold -1/);
  });

  it('throws where a balance would leave the range', () => {
    const { posting, of } = start(given(...two));
    expect(() => posting.credit(of('ada'), money(Number.MAX_SAFE_INTEGER), 'NGN')).toThrow(/not a safe integer/);
  });

  it('refuses funds only to what comes out with less than it had', () => {
    const it = given(...two);
    const bob = it.book.state.accounts.get(it.book.id('bob')) as Account;
    // As after an overdraft limit that was taken away.
    it.book.state.accounts.set(bob.id, { ...bob, balance: money(-50) });
    const { posting, of } = start(it);
    posting.credit(of('bob'), money(20), 'NGN');
    expect(posting.short()).toBeNull();
    posting.debit(of('bob'), money(20), 'NGN');
    expect(posting.short()).toBeNull();
    posting.debit(of('bob'), money(1), 'NGN');
    expect(posting.short()).toBe(of('bob'));
  });

  // 30 are there and 20 held by others.
  it.each([
    ['of what is available, with nothing of its own', 0, 40, 0],
    ['of what is available, where less was held for it', 5, 40, 0],
    ['what was held for it, whoever else holds it', 20, 30, -10],
    ['no more than there is', 50, 20, -20],
  ])('clears %s', (_telling, own, lacking, available) => {
    const it = given(...two);
    const ada = it.book.state.accounts.get(it.book.id('ada')) as Account;
    it.book.state.accounts.set(ada.id, { ...ada, balance: money(30), held: money(70) });
    const { posting, of } = start(it);
    posting.hold(of('ada'), money(-50));
    expect(posting.debitCleared(of('ada'), money(50), { own: money(own), remaining: money(0) })).toBe(lacking);
    expect(posting.availableOf(of('ada'))).toBe(available);
  });

  it('clears nothing of what is overdrawn already, whatever was held for it', () => {
    const it = given(...two);
    const ada = it.book.state.accounts.get(it.book.id('ada')) as Account;
    it.book.state.accounts.set(ada.id, { ...ada, balance: money(-30) });
    const { posting, of } = start(it);
    expect(posting.debitCleared(of('ada'), money(50), { own: money(50), remaining: money(0) })).toBe(50);
  });
});

/** Legs on three wallets in turn, each pair of its own amount. */
const pairs = fc.array(
  fc.record({
    from: fc.constantFrom('ada', 'bob', 'cyn'),
    to: fc.constantFrom('ada', 'bob', 'cyn'),
    amount: fc.integer({ min: 1, max: 200 }),
  }),
  { minLength: 1, maxLength: 50 },
);

const owing = (debts: readonly number[]): Given =>
  given(
    tenant(),
    ...['ada', 'bob', 'cyn'].flatMap((name, i) => [
      account(name),
      ...card(`card-${name}`, name),
      clear({ card_id: `@card-${name}`, amount: debts[i] as number, network_reference: name }),
    ]),
  );

const signed = (event: LedgerEvent): number =>
  'entries' in event.data
    ? event.data.entries.reduce((sum, { direction, amount }) => sum + (direction === 'debit' ? amount : -amount), 0)
    : 0;

describe('whatever is posted', () => {
  it('balances, leaves nobody with less than nothing, and never repays more than is owed', () => {
    const debts = fc.tuple(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 300 }),
    );
    fc.assert(
      fc.property(debts, fc.array(pairs, { minLength: 1, maxLength: 8 }), (owed, journals) => {
        const { book, when } = owing(owed);
        for (const name of ['ada', 'bob', 'cyn']) book.step(deposit(name, 150));
        for (const legs of journals) {
          const command = journal(
            legs.flatMap(({ from, to, amount }) => [
              { account: `@${from}`, direction: 'debit', amount, currency: 'NGN' } as const,
              { account: `@${to}`, direction: 'credit', amount, currency: 'NGN' } as const,
            ]),
          );
          for (const event of when(command).events) expect(signed(event)).toBe(0);
          for (const name of ['ada', 'bob', 'cyn']) {
            const one = book.state.accounts.get(book.id(name)) as Account;
            expect(availableOf(one)).toBeGreaterThanOrEqual(0);
            expect(receivableOf(book.state, one)).toBeGreaterThanOrEqual(0);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is taken back exactly by its reversals, in whatever parts', () => {
    const parts = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        parts,
        fc.constantFrom('0', '0.015', '0.3'),
        (amount, list, rate) => {
          const it = given(
            ...two,
            fee({ percentage_rate: rate, flat_amount: 0 }),
            named('rent', {
              type: 'PostTransaction',
              data: {
                type: 'transfer',
                amount,
                currency: 'NGN',
                source: '@ada',
                destination: '@bob',
                channel: 'funds_transfer',
              },
            }),
          );
          const reverse = (part?: number): Command => ({
            type: 'ReverseTransaction',
            data: { transaction_id: '@rent', ...(part === undefined ? {} : { amount: part }) },
          });
          const event = it.book.events.at(-1);
          // With the fee it may have been too much: then there is nothing to take back.
          if (event?.type !== 'TransactionPosted') return;
          for (const part of list) it.when(reverse(part));
          it.when(reverse());
          expect(balances(it.book)).toEqual({ ada: 100, bob: 0 });
          expect(it.when(reverse()).outcome).toBe('refused: already_reversed');
        },
      ),
      { numRuns: 100 },
    );
  });

  it('holds of a purchase what its sums say, and its debt is what the account could not pay', () => {
    const captures = fc.array(fc.record({ amount: fc.integer({ min: 1, max: 90 }), final: fc.boolean() }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 150 }), captures, (amount, list) => {
        const it = given(...holder, named('buy', authorize({ amount })));
        let taken = 0;
        for (const [i, { amount: part, final }] of list.entries()) {
          const event = it.when(capture(part, { final, network_reference: `c-${i}` })).events.at(-1);
          if (event?.type !== 'CardTransactionPosted') throw new RangeError('a clearing was refused');
          taken += part;
          const { amounts } = event.data.card_transaction;
          const againstHold = amounts.captured - amounts.over_captured;
          expect(amounts.captured).toBe(taken);
          expect(amounts.held).toBe(amounts.authorized - againstHold - amounts.released);
          expect(amounts.receivable).toBe(Math.max(0, taken - 150));
          const ada = it.book.state.accounts.get(it.book.id('ada')) as Account;
          expect([ada.held, ada.balance]).toEqual([amounts.held, Math.max(0, 150 - taken)]);
          expect(receivableOf(it.book.state, ada)).toBe(amounts.receivable);
        }
      }),
      { numRuns: 100 },
    );
  });
});

const balances = (book: Book): Record<string, number | undefined> =>
  Object.fromEntries(['ada', 'bob'].map((name) => [name, book.state.accounts.get(book.id(name))?.balance]));
