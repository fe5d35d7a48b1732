import fc from 'fast-check';
import type { Minor } from '../money.js';
import { shareOf } from '../money.js';
import { apportion } from './apportion.js';

const minors = (...amounts: number[]): Minor[] => amounts as Minor[];

describe('apportion', () => {
  it.each([
    ['a half of three', minors(33, 33, 34), 50, 100, [17, 16, 17]],
    ['a half of ten ones', minors(1, 1, 1, 1), 2, 4, [1, 1, 0, 0]],
    ['all', minors(7, 9), 16, 16, [7, 9]],
    ['none', minors(7, 9), 0, 16, [0, 0]],
    ['one amount alone, half-even', minors(5), 1, 2, [2]],
  ])('%s', (_telling, amounts, part, whole, shares) => {
    expect(apportion(amounts, part as Minor, whole as Minor)).toEqual(shares);
  });

  it('adds up, and no share shrinks as the part grows', () => {
    const amount = fc.integer({ min: 1, max: 2 ** 40 });
    fc.assert(
      fc.property(
        fc.array(amount, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(1000), { maxLength: 8 }),
        (list, parts) => {
          const amounts = list as Minor[];
          const whole = 1000 as Minor;
          const sum = list.reduce((a, b) => a + b, 0) as Minor;
          let before = list.map(() => 0);
          for (const part of [...parts.sort((a, b) => a - b), 1000] as Minor[]) {
            const shares = apportion(amounts, part, whole);
            expect(shares.reduce((a, b) => a + b, 0)).toBe(shareOf(sum, part, whole));
            for (const [i, share] of shares.entries()) {
              expect(share).toBeGreaterThanOrEqual(before[i] as number);
              expect(share).toBeLessThanOrEqual(list[i] as number);
            }
            before = [...shares];
          }
          expect(before).toEqual(list);
        },
      ),
      { numRuns: 200 },
    );
  });
});
