import fc from 'fast-check';
import type { Unreconciled } from '#projections/bank-statements/bank-statements.queries.js';
import { matchLines } from './match-lines.js';
import { TextSearch } from './text-search.js';

/** How often something is looked up in a map while this runs. */
const lookups = (run: () => unknown): number => {
  const get = Object.getOwnPropertyDescriptor(Map.prototype, 'get') as PropertyDescriptor;
  const original = get.value as (key: unknown) => unknown;
  let count = 0;
  const counted = function (this: Map<unknown, unknown>, key: unknown): unknown {
    count += 1;
    return original.call(this, key);
  };
  Object.defineProperty(Map.prototype, 'get', { ...get, value: counted });
  try {
    run();
  } finally {
    Object.defineProperty(Map.prototype, 'get', get);
  }
  return count;
};

const line = (
  amount: number,
  reference: string | null = null,
  booked_on = '2026-01-05',
  text: string | null = null,
) => ({
  amount,
  booked_on,
  value_on: booked_on,
  reference,
  text,
});
const moved = (
  transaction_id: string,
  amount: number,
  reference: string | null = null,
  day = '2026-01-05',
): Unreconciled => ({
  transaction_id,
  type: 'withdrawal',
  amount,
  effective_at: `${day}T12:00:00.000Z`,
  reference,
});

describe('lines and transactions', () => {
  it.each([
    ['by reference', [line(5, 'NSS-1')], [moved('a', 5, 'NSS-2'), moved('b', 5, 'NSS-1')], ['b']],
    ['by a reference in the text', [line(5, null, '2026-01-05', 'pay nss 1001')], [moved('a', 5, 'NSS-1001')], ['a']],
    [
      'by a reference that a line end is in',
      [line(5, null, '2026-01-05', 'cardNSS-1001x')],
      [moved('a', 5, 'NSS-1001')],
      ['a'],
    ],
    [
      'by a reference that stands in a longer one',
      [line(5, null, '2026-01-05', 'ANSS1001'), line(5, null, '2026-01-05', 'ANSS1002')],
      [moved('a', 5, 'NSS1002'), moved('b', 5, 'ANSS1003'), moved('c', 5, 'SS1001')],
      ['c', 'a'],
    ],
    ['by one of 255 letters', [line(5, 'r'.repeat(255))], [moved('a', 5, 'r'.repeat(255)), moved('b', 5)], ['a']],
    ['by none of three letters', [line(5, 'x', '2026-01-05', 'NSS')], [moved('a', 5, 'NSS')], [null]],
    ['by amount and day alone', [line(5)], [moved('a', 5), moved('b', -5), moved('c', 6)], ['a']],
    ['the nearest day', [line(5)], [moved('a', 5, null, '2026-01-02'), moved('b', 5, null, '2026-01-04')], ['b']],
    ['none of two that are as near', [line(5)], [moved('a', 5), moved('b', 5)], [null]],
    ['none that is too far', [line(5)], [moved('a', 5, null, '2026-01-11')], [null]],
    ['none of another reference', [line(5, 'NSS-1')], [moved('a', 5, 'NSS-2')], [null]],
    ['no transaction twice', [line(5, 'NSS-1'), line(5, 'NSS-1')], [moved('a', 5, 'NSS-1')], ['a', null]],
    ['references before days', [line(5), line(5, 'NSS-1')], [moved('a', 5, 'NSS-1')], [null, 'a']],
    ['nothing', [line(5)], [], [null]],
  ])('%s', (_telling, lines, candidates, expected) => {
    expect(matchLines(lines, candidates)).toEqual(expected);
  });

  it('takes seconds at most, where as many lines as a file may have are of the amount of all that moved', () => {
    const lines = Array.from({ length: 2_000 }, (_, i) => line(5, `NSS-${i}`, '2026-01-05', 'x'.repeat(300)));
    const candidates = Array.from({ length: 10_000 }, (_, i) => moved(`t${i}`, 5, `NSS-${i + 1_000}`));
    const matched = matchLines(lines, candidates);
    expect(matched[999]).toBeNull();
    expect(matched[1_999]).toBe('t999');
  });

  it.each([
    ['of every length', (i: number) => 'R'.repeat(i % 252)],
    ['that begin alike', (i: number) => `${'R'.repeat(i % 60)}${i}`],
  ])('looks up no more than the letters there are, with references %s', (_telling, referenceOf) => {
    const lines = Array.from({ length: 1_400 }, (_, i) => line(5, `L-${i}`, '2026-01-05', 'R'.repeat(380)));
    const candidates = Array.from({ length: 1_008 }, (_, i) => moved(`t${i}`, 5, referenceOf(i), '2025-12-01'));
    expect(lookups(() => matchLines(lines, candidates))).toBeLessThan(4 * 1_400 * 380);
  });
});

describe('the words in a text', () => {
  it('are those that it includes', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 30 });
    const word = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.uniqueArray(word, { maxLength: 12 }), text, (all, said) => {
        const expected = all.filter((one) => said.includes(one));
        expect([...new TextSearch(all).in(said)].sort()).toEqual(expected.sort());
      }),
      { numRuns: 1_000 },
    );
  });
});
