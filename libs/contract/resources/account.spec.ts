import { factsOf } from '#domain/accounts/standing.js';
import { account, given, tenant } from '#domain/spec-support.js';
import { renderAccount, restandAccount } from './account.js';

const MAX = Number.MAX_SAFE_INTEGER;

describe('an account’s available balance', () => {
  it.each([
    [100, 30, 50, 120],
    [-50, 0, 50, 0],
    [MAX - 50, 0, 50, MAX],
    [MAX - 49, 0, 50, MAX],
    [MAX, 3, MAX, MAX],
    [MAX, MAX, MAX, MAX],
    [0, MAX, MAX, 0],
  ])('of %d with %d held and %d to overdraw is %d', (balance, held, overdraft_limit, available_balance) => {
    const { book } = given(tenant(), account('ada', 'customer', 'NGN', { overdraft_limit }));
    const id = book.id('ada');
    book.state.cold.set(`acc:${id}`, book.standing('ada'));
    const facts = factsOf(book.state, id)!;
    const rendered = renderAccount(facts, { updatedAt: book.at, balance, held }, String);
    expect(rendered.available_balance).toBe(available_balance);
    expect(restandAccount({ ...rendered, balance: 0, held: 0 }, { balance, held }).available_balance).toBe(
      available_balance,
    );
  });
});
