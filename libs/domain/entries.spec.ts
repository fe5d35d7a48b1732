import {
  applyEntries,
  applyHolds,
  isBalanced,
  LedgerInconsistent,
  type Entry,
  type HoldChange,
  type Side,
} from './entries.js';
import { account, deposit, given, tenant } from './spec-support.js';
import type { TenantState } from './state.js';

const leg = (direction: Side, amount: number, currency = 'NGN', account_id = 'acc_1', balance_after = 0): Entry => ({
  account_id,
  direction,
  amount,
  currency,
  balance_after,
});

describe('isBalanced', () => {
  it.each([
    [[leg('debit', 5), leg('credit', 5)], true],
    [[leg('credit', 5), leg('debit', 5)], true],
    [[leg('debit', 5), leg('debit', 5)], false],
    [[leg('debit', 5), leg('credit', 4)], false],
    [[leg('debit', 5, 'NGN'), leg('credit', 5, 'EUR')], false],
    [[leg('debit', 5)], false],
    [[leg('debit', 5), leg('credit', 3), leg('credit', 2)], true],
    [[leg('debit', 5), leg('credit', 5), leg('credit', 2)], false],
    [[leg('debit', 5), leg('credit', 5), leg('debit', 7, 'EUR'), leg('credit', 7, 'EUR')], true],
    [[leg('debit', 5), leg('credit', 7), leg('debit', 7, 'EUR'), leg('credit', 5, 'EUR')], false],
  ])('case %#', (entries, expected) => {
    expect(isBalanced(entries)).toBe(expected);
  });
});

describe('what a fold refuses to believe', () => {
  const opened = (): { state: TenantState; ada: string; bob: string } => {
    const { book } = given(tenant(), account('ada'), account('bob'), deposit('ada', 100));
    return { state: book.state, ada: book.id('ada'), bob: book.id('bob') };
  };

  it.each<[string, (ada: string, bob: string) => readonly Entry[]]>([
    ['sides that differ', (ada, bob) => [leg('debit', 5, 'NGN', ada, 95), leg('credit', 4, 'NGN', bob, 4)]],
    [
      'sides that differ, of three entries',
      (ada, bob) => [leg('debit', 5, 'NGN', ada, 95), leg('credit', 2, 'NGN', bob, 2), leg('credit', 2, 'NGN', bob, 4)],
    ],
    [
      'an account that was never opened',
      (ada) => [leg('debit', 5, 'NGN', ada, 95), leg('credit', 5, 'NGN', 'acc_x', 5)],
    ],
    ['another currency', (ada, bob) => [leg('debit', 5, 'EUR', ada, 95), leg('credit', 5, 'EUR', bob, 5)]],
    ['no amount', (ada, bob) => [leg('debit', 0, 'NGN', ada, 100), leg('credit', 0, 'NGN', bob, 0)]],
    ['a negative amount', (ada, bob) => [leg('debit', -5, 'NGN', ada, 105), leg('credit', -5, 'NGN', bob, -5)]],
    [
      'a balance that does not follow',
      (ada, bob) => [leg('debit', 5, 'NGN', ada, 96), leg('credit', 5, 'NGN', bob, 5)],
    ],
    [
      'a balance that does not follow, of the second',
      (ada, bob) => [leg('debit', 5, 'NGN', ada, 95), leg('credit', 5, 'NGN', bob, 6)],
    ],
  ])('%s', (_telling, entries) => {
    const { state, ada, bob } = opened();
    expect(() => applyEntries(state, entries(ada, bob))).toThrow(LedgerInconsistent);
  });

  it.each<[string, (ada: string) => HoldChange]>([
    ['an account that was never opened', () => ({ account_id: 'acc_x', amount: 5, held_after: 5 })],
    ['a hold that does not follow', (ada) => ({ account_id: ada, amount: 5, held_after: 6 })],
    ['less than nothing held', (ada) => ({ account_id: ada, amount: -5, held_after: -5 })],
  ])('%s', (_telling, hold) => {
    const { state, ada } = opened();
    expect(() => applyHolds(state, [hold(ada)])).toThrow(LedgerInconsistent);
  });

  it('and what it does', () => {
    const { state, ada, bob } = opened();
    applyEntries(state, [leg('debit', 5, 'NGN', ada, 95), leg('credit', 5, 'NGN', bob, 5)]);
    applyHolds(state, [{ account_id: ada, amount: 5, held_after: 5 }]);
    expect(state.accounts.get(ada)).toMatchObject({ balance: 95, held: 5 });
    applyHolds(state, [{ account_id: ada, amount: -5, held_after: 0 }]);
    expect([state.accounts.get(ada)?.held, state.accounts.get(bob)?.balance]).toEqual([0, 5]);
  });
});
