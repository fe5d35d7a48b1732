/** What must hold after any history whatever, tried on thousands of them. */
import fc from 'fast-check';
import { availableOf, factsOf } from './accounts/standing.js';
import { decodeEvent } from './codec.js';
import { decodeForFold } from './decode-for-fold.js';
import { isBalanced } from './entries.js';
import { idOf } from './ids.js';
import type { Command } from './commands.js';
import { evolve } from './ledger.js';
import { histories, play, WALLETS } from '../../test/support/histories.js';
import { emptyState, type TenantState } from './state.js';

const byId = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

/** When each open hold ends, first due first. */
const dueIn = (state: TenantState): (readonly [at: number, id: string])[] =>
  state.journal.tentatively(() => {
    const found: (readonly [number, string])[] = [];
    for (let due = state.dueTimes.first(); due !== undefined; due = state.dueTimes.first()) {
      found.push([due.at, due.id]);
      state.dueTimes.delete(due.id);
    }
    return found;
  });

/** All of a state that can be told apart, as a text. */
const told = (state: TenantState): string =>
  JSON.stringify({
    head: state.head.value,
    tenant: state.tenant.value,
    fees: state.feeSchedule.value,
    entitlements: state.entitlements.value,
    closedThrough: state.closedThrough.value,
    limits: state.limitRules.value,
    used: [state.limitCounters.month, ...[...state.limitCounters.rows()].sort(([a], [b]) => (a < b ? -1 : 1))],
    localDate: state.localDate.value,
    customers: [...state.customers.entries()].sort(byId),
    accounts: [...state.accounts.entries()].sort(byId),
    systemAccounts: [...state.systemAccounts.entries()].sort(byId),
    openChildren: [...state.openChildren.entries()].sort(byId),
    cards: [...state.cards.entries()].sort(byId),
    cardTransactions: [...state.cardTransactions.entries()].sort(byId),
    reservations: [...state.reservations.entries()].sort(byId),
    due: dueIn(state),
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

  it('what an event posts has its own id: its transaction, and by that its entries', () => {
    check((_, written) => {
      for (const { id, data } of written) {
        if ('transaction' in data) expect(data.transaction.transaction_id).toBe(idOf('transaction', id));
      }
    });
  });

  it('no balance is below zero but where it may be, nor is what is available of it but where an advice holds more', () => {
    check((book) => {
      const advised = new Set<string>();
      for (const { account_id, elements } of book.state.cardTransactions.values()) {
        if (elements.some(({ type }) => type === 'advice')) advised.add(account_id);
      }
      for (const one of book.state.accounts.values()) {
        expect(one.held).toBeGreaterThanOrEqual(0);
        if (one.terms.allowNegative) continue;
        expect(BigInt(one.balance) + BigInt(one.extras.overdraftLimit)).toBeGreaterThanOrEqual(0n);
        if (!advised.has(one.id)) expect(availableOf(one)).toBeGreaterThanOrEqual(0);
      }
    });
  });

  it('what is held on an account is what its card transactions and reservations hold', () => {
    check((book) => {
      const held = new Map<string, number>();
      for (const { account_id, amounts } of book.state.cardTransactions.values()) {
        held.set(account_id, (held.get(account_id) ?? 0) + amounts.held);
      }
      for (const { account_id, amounts } of book.state.reservations.values()) {
        held.set(account_id, (held.get(account_id) ?? 0) + amounts.held);
      }
      for (const one of book.state.accounts.values()) expect(one.held).toBe(held.get(one.id) ?? 0);
    });
  });

  it('every hold ends, and none is left whose time was over when something was decided', () => {
    check((book) => {
      const { state, at } = book;
      const open = [
        ...[...state.reservations.values()].map((one) => [one.reservation_id, one.expires_at] as const),
        ...[...state.cardTransactions.values()].map((one) => [one.card_transaction_id, one.expires_at] as const),
      ];
      for (const [, expiresAt] of open) expect(Date.parse(expiresAt as string)).toBeGreaterThan(at);
      const due = open.map(([id, expiresAt]) => [Date.parse(expiresAt as string), id] as const);
      const isDay = ([, id]: readonly [number, string]): boolean => id.startsWith('set_');
      expect(dueIn(state).filter((one) => !isDay(one))).toEqual(
        due.sort(([aAt, a], [bAt, b]) => aAt - bAt || (a < b ? -1 : 1)),
      );
      // Business days that wait for their cut-off are due by the same clock.
      for (const [cutOff] of dueIn(state).filter(isDay)) expect(cutOff).toBeGreaterThan(at);
    });
  });

  it('of a reservation nothing is lost: what is held, captured, released and expired is its amount', () => {
    check((book, written) => {
      for (const { data } of written) {
        if (!('reservation' in data)) continue;
        const { amount: whole, amounts, status } = data.reservation;
        expect(amounts.held + amounts.captured + amounts.released + amounts.expired).toBe(whole);
        for (const sum of Object.values(amounts)) expect(sum).toBeGreaterThanOrEqual(0);
        expect(amounts.held > 0).toBe(status === 'active' || status === 'partially_captured');
      }
      for (const one of book.state.reservations.values()) expect(one.amounts.held).toBeGreaterThan(0);
    });
  });

  it('nothing takes effect ahead of when it was recorded, nor in a period that was closed by then', () => {
    check((book, written) => {
      const through = book.state.closedThrough.value ?? -Infinity;
      for (const { data, at } of written) {
        if (!('entries' in data)) continue;
        const effective = Date.parse(data.transaction.effective_at);
        expect([effective <= at, effective > through]).toEqual([true, true]);
      }
    });
  });

  it('the fold of what was stored is the fold of what was decided', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const book = play(history, () => undefined);
        for (const decode of [decodeEvent, decodeForFold]) {
          const replayed = emptyState();
          for (const text of book.stored) evolve(replayed, decode(text));
          expect(told(replayed)).toBe(told(book.state));
        }
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
          for (const item of second) {
            if ('elapse' in item) book.step(item);
            else if (!('later' in item)) book.run(item);
          }
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
