import { Calendar, calendarOf } from './calendar.js';

const at = (text: string): number => Date.parse(text);

test.each([
  ['UTC', '2026-01-05T23:59:59.999Z', '2026-01-05'],
  ['UTC', '2026-01-06T00:00:00.000Z', '2026-01-06'],
  ['Africa/Lagos', '2026-01-05T22:59:59.999Z', '2026-01-05'],
  ['Africa/Lagos', '2026-01-05T23:00:00.000Z', '2026-01-06'],
  ['Asia/Kathmandu', '2026-01-05T18:14:59.999Z', '2026-01-05'],
  ['Asia/Kathmandu', '2026-01-05T18:15:00.000Z', '2026-01-06'],
  // The clock goes forward on 2026-03-08 and back on 2026-11-01.
  ['America/New_York', '2026-03-08T04:59:59.999Z', '2026-03-07'],
  ['America/New_York', '2026-03-09T03:59:59.999Z', '2026-03-08'],
  ['America/New_York', '2026-03-09T04:00:00.000Z', '2026-03-09'],
  ['America/New_York', '2026-11-02T04:59:59.999Z', '2026-11-01'],
  ['America/New_York', '2026-11-02T05:00:00.000Z', '2026-11-02'],
  // Has no midnight that day: 00:00 is 01:00.
  ['America/Santiago', '2026-09-06T03:59:59.999Z', '2026-09-05'],
  ['America/Santiago', '2026-09-06T04:00:00.000Z', '2026-09-06'],
  // Left out 2011-12-30 altogether.
  ['Pacific/Apia', '2011-12-30T09:59:59.999Z', '2011-12-29'],
  ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-31'],
])('in %s %s is on %s', (zone, instant, date) => {
  expect(new Calendar(zone).localDate(at(instant))).toBe(date);
});

test.each([
  ['UTC', '2026-01-06', '2026-01-06T00:00:00.000Z'],
  ['Africa/Lagos', '2026-01-06', '2026-01-05T23:00:00.000Z'],
  ['Asia/Kathmandu', '2026-01-06', '2026-01-05T18:15:00.000Z'],
  ['Pacific/Kiritimati', '2026-01-06', '2026-01-05T10:00:00.000Z'],
  ['Pacific/Pago_Pago', '2026-01-06', '2026-01-06T11:00:00.000Z'],
  ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z'],
  ['America/New_York', '2026-03-09', '2026-03-09T04:00:00.000Z'],
  // Has no midnight that day: it begins at 01:00.
  ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z'],
])('in %s %s begins at %s', (zone, date, instant) => {
  const calendar = new Calendar(zone);
  const begin = calendar.startOf(date);
  expect(new Date(begin).toISOString()).toBe(instant);
  expect([calendar.localDate(begin), calendar.localDate(begin - 1) < date]).toEqual([date, true]);
});

test('a day never comes again, whatever the clock and the zone do', () => {
  const calendar = new Calendar('America/New_York');
  const now = at('2026-03-09T03:59:59.999Z');
  expect([calendar.localDate(now), calendar.localDate(now, '2026-03-08')]).toEqual(['2026-03-08', '2026-03-08']);
  expect(calendar.localDate(now, '2026-03-10')).toBe('2026-03-10');
});

test('one calendar answers alike in any order', () => {
  const calendar = calendarOf('America/New_York');
  const instants = [
    at('2026-03-08T06:59:00Z'),
    at('2026-03-09T03:59:59Z'),
    at('2026-03-09T04:00:00Z'),
    at('2026-03-07T12:00:00Z'),
  ];
  for (const instant of [...instants, ...instants.reverse()]) {
    expect(calendar.localDate(instant)).toBe(new Calendar('America/New_York').localDate(instant));
  }
  expect(calendarOf('America/New_York')).toBe(calendar);
});

test('from the cut-off hour on business counts for the next day', () => {
  const calendar = new Calendar('Africa/Lagos');
  expect(calendar.businessDate(at('2026-01-31T15:59:59Z'), 17)).toBe('2026-01-31');
  expect(calendar.businessDate(at('2026-01-31T16:00:00Z'), 17)).toBe('2026-02-01');
  expect(calendar.businessDate(at('2026-01-31T16:00:00Z'))).toBe('2026-01-31');
});

test('a zone that this machine does not know is an error, not another day', () => {
  expect(() => calendarOf('Mars/Olympus')).toThrow(RangeError);
});
