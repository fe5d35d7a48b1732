import fc from 'fast-check';
import { classOfStatus, GAPS_MS, MAX_ATTEMPTS, nextAttempt, retryAfterMs } from './schedule.js';

const failed = { class: 'retry', retryAfterMs: null } as const;
const asking = (seconds: number) => ({ class: 'retry', retryAfterMs: seconds * 1_000 }) as const;
const delayOf = (made: number, outcome: Parameters<typeof nextAttempt>[1], random = 0): number =>
  (nextAttempt(made, outcome, random) as { atDelayMs: number }).atDelayMs;

it('is the published schedule: ten attempts, seven days and two hours', () => {
  const seconds = Array.from({ length: 9 }, (_, i) => delayOf(i + 1, failed) / 1_000);
  expect(seconds).toEqual([30, 120, 600, 1_800, 7_200, 21_600, 64_800, 172_800, 345_600]);
  expect(seconds.reduce((sum, gap) => sum + gap)).toBe(170 * 3_600 + 42 * 60 + 30);
  expect(nextAttempt(10, failed, 0)).toBe('dead');
  expect(MAX_ATTEMPTS).toBe(10);
});

it('is never early, whatever is drawn or asked for, and at most a tenth late', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.option(fc.integer({ min: 0, max: 1e12 })),
      (made, random, retryAfter) => {
        const at = delayOf(made, { class: 'retry', retryAfterMs: retryAfter }, random);
        const gap = GAPS_MS[made - 1]!;
        const asked = Math.min(retryAfter ?? 0, GAPS_MS[made] ?? gap);
        expect(at).toBeGreaterThanOrEqual(Math.max(gap, asked));
        expect(at).toBeLessThanOrEqual(Math.max(gap, asked) * 1.1);
      },
    ),
  );
});

it.each([
  ['less than the gap', 1, 5, 30],
  ['more than the gap', 1, 100, 100],
  ['as much as the gap after the next', 1, 120, 120],
  ['more than that', 1, 121, 120],
  ['a year', 4, 31_536_000, 7_200],
  ['more, before the last attempt', 9, 400_000, 345_600],
])('waits as Retry-After asks: %s', (_, made, asked, waited) => {
  expect(delayOf(made, asking(asked)) / 1_000).toBe(waited);
});

it('ends with what was delivered or refused, at any attempt', () => {
  for (const made of [1, 10]) {
    expect(nextAttempt(made, { class: 'delivered' }, 0)).toBe('delivered');
    expect(nextAttempt(made, { class: 'refused' }, 0)).toBe('refused');
  }
});

it.each([
  ['delivered', [200, 201, 202, 204, 299]],
  ['retry', [100, 101, 300, 301, 302, 304, 307, 308, 408, 409, 425, 429, 500, 502, 503, 504, 599, 600, 999]],
  ['refused', [400, 401, 403, 404, 405, 410, 413, 415, 422, 451, 499]],
] as const)('%s: %j', (expected, statuses) => {
  expect(statuses.map(classOfStatus)).toEqual(statuses.map(() => expected));
});

const NOW = Date.UTC(2026, 10, 21, 12);
it.each([
  [undefined, null],
  ['', null],
  ['120', 120_000],
  [' 0 ', 0],
  ['-1', null],
  ['1.5', null],
  ['1e3', null],
  ['9'.repeat(400), null],
  ['soon', null],
  ['Sat, 21 Nov 2026 12:01:00 GMT', 60_000],
  ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
  ['Sat, 99 Nov 2026 11:00:00 GMT', null],
  ['2026-11-21', null],
])('Retry-After: %j', (header, expected) => {
  expect(retryAfterMs(header, NOW)).toBe(expected);
});
