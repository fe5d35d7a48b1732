import type { Unreconciled } from '#projections/bank-statements/bank-statements.queries.js';
import { matchLines } from './match-lines.js';

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
});
