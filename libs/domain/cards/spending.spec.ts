import fc from 'fast-check';
import type { LimitUse } from '../limits/limit-uses.js';
import { DAY, START } from '../spec-support.js';
import { formatInstant } from '../time.js';
import { exceedsControls, NOT_SPENT, spentAfter, type CardSpending } from './spending.js';

const use = (amount: number, counted_on: string): LimitUse => ({
  account_id: 'acc_1',
  direction: 'outbound',
  amount,
  counted_on,
});

/** `today: amount on day, …` told one after the other. */
const after = (...told: readonly (readonly [today: string, ...uses: (readonly [number, string])[]])[]): CardSpending =>
  told.reduce(
    (spent, [today, ...uses]) =>
      spentAfter(
        spent,
        uses.map(([amount, day]) => use(amount, day)),
        today,
      ),
    NOT_SPENT,
  );

describe('what a card has spent', () => {
  it.each([
    ['nothing', () => after(), [0, 0, 0]],
    ['in one day', () => after(['2026-01-05', [30, '2026-01-05']], ['2026-01-05', [12, '2026-01-05']]), [42, 42, 42]],
    ['on two days', () => after(['2026-01-05', [30, '2026-01-05']], ['2026-01-06', [12, '2026-01-06']]), [12, 42, 42]],
    [
      'over the end of a month',
      () => after(['2026-01-31', [30, '2026-01-31']], ['2026-02-01', [12, '2026-02-01']]),
      [12, 12, 42],
    ],
    [
      'over a leap day',
      () => after(['2028-02-28', [30, '2028-02-28']], ['2028-02-29', [12, '2028-02-29']]),
      [12, 42, 42],
    ],
    [
      'after a leap day',
      () => after(['2028-02-29', [30, '2028-02-29']], ['2028-03-01', [12, '2028-03-01']]),
      [12, 12, 42],
    ],
    ['a year later', () => after(['2026-01-05', [30, '2026-01-05']], ['2027-01-05', [12, '2027-01-05']]), [12, 12, 42]],
    [
      'given back on its day',
      () => after(['2026-01-05', [30, '2026-01-05']], ['2026-01-05', [-10, '2026-01-05']]),
      [20, 20, 20],
    ],
    [
      'given back in its month',
      () => after(['2026-01-05', [30, '2026-01-05']], ['2026-01-06', [12, '2026-01-06'], [-10, '2026-01-05']]),
      [12, 32, 32],
    ],
    [
      'given back after its month',
      () => after(['2026-01-31', [30, '2026-01-31']], ['2026-02-01', [12, '2026-02-01'], [-10, '2026-01-31']]),
      [12, 12, 32],
    ],
    [
      'a sum beyond the range of numbers stays at its end',
      () => after(['2026-01-05', [Number.MAX_SAFE_INTEGER, '2026-01-05']], ['2026-01-05', [9, '2026-01-05']]),
      [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ],
  ] as const)('%s', (_telling, told, sums) => {
    const { daily, monthly, allTime } = told();
    expect([daily, monthly, allTime]).toEqual(sums);
  });

  it.each([
    ['per_authorization', '2026-01-05', 100, 100, false],
    ['per_authorization', '2026-01-05', 1, 101, true],
    ['daily', '2026-01-05', 70, 1000, false],
    ['daily', '2026-01-05', 71, 71, true],
    ['daily', '2026-01-06', 100, 100, false],
    ['monthly', '2026-01-31', 70, 70, false],
    ['monthly', '2026-01-31', 71, 71, true],
    ['monthly', '2026-02-01', 100, 100, false],
    ['all_time', '2029-01-01', 70, 70, false],
    ['all_time', '2029-01-01', 71, 71, true],
  ] as const)('%s on %s: %i more, %i at once', (interval, today, amount, total, exceeds) => {
    const spent = after(['2026-01-05', [30, '2026-01-05']]);
    const controls = { blocked_categories: [], limits: [{ amount: 100, interval }] };
    expect(exceedsControls(controls, spent, amount, total, today)).toBe(exceeds);
  });

  it('is what a count over everything comes to', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 99 }), fc.nat(5)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(steps, (told) => {
        let day = 0;
        let spent = NOT_SPENT;
        const uses: LimitUse[] = [];
        const date = (n: number): string => formatInstant(START + n * DAY).slice(0, 10);
        for (const [gap, amount, back] of told) {
          day += gap;
          const earlier = back > 2 ? uses.at(-back) : undefined;
          const given =
            earlier === undefined || earlier.amount < 0 ? use(amount, date(day)) : { ...earlier, amount: -1 };
          uses.push(given);
          spent = spentAfter(spent, [given], date(day));
          const sum = (matching: (one: LimitUse) => boolean): number =>
            uses.filter(matching).reduce((all, one) => all + one.amount, 0);
          expect(spent).toEqual({
            day: date(day),
            daily: Math.max(
              sum(({ counted_on }) => counted_on === date(day)),
              0,
            ),
            monthly: Math.max(
              sum(({ counted_on }) => counted_on.startsWith(date(day).slice(0, 7))),
              0,
            ),
            allTime: Math.max(
              sum(() => true),
              0,
            ),
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});
