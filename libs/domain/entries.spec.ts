import { applyEntries, applyHolds, isBalanced, LedgerInconsistent, type Entry, type Side } from './entries.js';
import { account, deposit, given, tenant } from './spec-support.js';

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
  const { book } = given(tenant(), account('ada'), account('bob'), deposit('ada', 100));
  const [ada, bob] = [book.id('ada'), book.id('bob')];

  it.each<[string, readonly Entry[]]>([
    ['sides that differ', [leg('debit', 5, 'NGN', ada, 95), leg('credit', 4, 'NGN', bob, 4)]],
    ['an account that was never opened', [leg('debit', 5, 'NGN', ada, 95), leg('credit', 5, 'NGN', 'acc_x', 5)]],
    ['another currency', [leg('debit', 5, 'EUR', ada, 95), leg('credit', 5, 'EUR', bob, 5)]],
    ['no amount', [leg('debit', 0, 'NGN', ada, 100), leg('credit', 0, 'NGN', bob, 0)]],
    ['a negative amount', [leg('debit', -5, 'NGN', ada, 105), leg('credit', -5, 'NGN', bob, -5)]],
    ['a balance that does not follow', [leg('debit', 5, 'NGN', ada, 96), leg('credit', 5, 'NGN', bob, 5)]],
  ])('%s', (_telling, entries) => {
    expect(() => book.state.journal.tentatively(() => applyEntries(book.state, entries))).toThrow(LedgerInconsistent);
  });

  it.each([
    ['an account that was never opened', { account_id: 'acc_x', amount: 5, held_after: 5 }],
    ['a hold that does not follow', { account_id: ada, amount: 5, held_after: 6 }],
    ['less than nothing held', { account_id: ada, amount: -5, held_after: -5 }],
  ])('%s', (_telling, hold) => {
    expect(() => book.state.journal.tentatively(() => applyHolds(book.state, [hold]))).toThrow(LedgerInconsistent);
  });

  it('and what it does', () => {
    applyEntries(book.state, [leg('debit', 5, 'NGN', ada, 95), leg('credit', 5, 'NGN', bob, 5)]);
    applyHolds(book.state, [{ account_id: ada, amount: 5, held_after: 5 }]);
    expect(book.state.accounts.get(ada)).toMatchObject({ balance: 95, held: 5 });
  });
});
