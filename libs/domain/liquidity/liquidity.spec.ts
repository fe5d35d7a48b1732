import fc from 'fast-check';
import { account, deposit, given, tenant, transfer } from '../spec-support.js';
import { Journal } from '../state.js';
import { liquidityCrossings } from './liquidity-crossings.js';
import { LiquiditySums } from './liquidity-sums.js';
import { coverageRatio, liquidityOf, sumAllAccounts } from './liquidity.js';

const MAX = Number.MAX_SAFE_INTEGER;

describe('coverage', () => {
  it.each([
    [106n, 100n, 10_600],
    [0n, 100n, 0],
    [-5n, 100n, -500],
    [1n, 3n, 3_333],
    [1n, 20_000n, 0],
    [3n, 20_000n, 2],
    [5n, 20_000n, 2],
    [1n, 0n, null],
    [1n, -1n, null],
    [BigInt(MAX), 1n, MAX],
  ])('of %s over %s is %s hundredths of a percent', (liquidity, liabilities, expected) => {
    expect(coverageRatio(liquidity, liabilities)).toBe(expected);
  });
});

describe('liquidity sums', () => {
  const changes = fc.array(
    fc.record({
      kind: fc.constantFrom('customer' as const, 'merchant' as const, 'float' as const),
      change: fc.oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.constantFrom(MAX, -MAX, 2 ** 50, -(2 ** 50))),
    }),
    { maxLength: 80 },
  );

  it('are exact beyond the range of amounts, and as they were when changes are taken back', () => {
    fc.assert(
      fc.property(changes, changes, (kept, undone) => {
        const journal = new Journal();
        const sums = new LiquiditySums(journal);
        const expected = { customer: 0n, merchant: 0n, float: 0n };
        for (const { kind, change } of kept) {
          sums.move(kind, 'NGN', change);
          expected[kind] += BigInt(change);
        }
        journal.record(true);
        for (const { kind, change } of undone) sums.move(kind, 'NGN', change);
        journal.rollbackTo(0);
        for (const kind of ['customer', 'merchant', 'float'] as const)
          expect(sums.of('NGN', kind)).toBe(expected[kind]);
      }),
      { numRuns: 300 },
    );
  });

  it('are those of all accounts, whichever way they were come to', () => {
    const { book } = given(
      tenant(),
      account('ada'),
      account('shop', 'merchant'),
      account('books', 'general', 'NGN', { allow_negative: true }),
      deposit('ada', 100),
      transfer('ada', 'shop', 30),
      transfer('books', 'ada', 7),
    );
    const kept = liquidityOf(book.state, 'NGN');
    expect(kept).toMatchObject({ customer: 77, merchant: 30, total_available_liquidity: 100, coverage_ratio: 9_346 });
    const again = new LiquiditySums(book.state.journal);
    const restored = { ...book.state, liquidity: again };
    sumAllAccounts(restored);
    expect(liquidityOf(restored, 'NGN')).toEqual(kept);
  });

  it('have no ratio without a float account, and raise no alert', () => {
    const { book } = given(
      tenant(),
      account('ada'),
      account('books', 'general', 'NGN', { allow_negative: true }),
      transfer('books', 'ada', 7),
    );
    expect(liquidityOf(book.state, 'NGN')?.coverage_ratio).toBeNull();
    expect(liquidityCrossings(book.state, book.moment())).toEqual([]);
  });
});
