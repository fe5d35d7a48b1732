import fc from 'fast-check';
import { dayAfter, formatInstant, monthAfter, parseInstant } from './time.js';

const times = fc.integer({ min: Date.parse('0000-01-01T00:00:00Z'), max: Date.parse('9999-12-31T23:59:59.999Z') });

describe('formatInstant', () => {
  it('agrees with Date', () => {
    fc.assert(fc.property(times, (at) => formatInstant(at) === new Date(at).toISOString()));
  });

  it('orders texts as it orders times', () => {
    fc.assert(fc.property(times, times, (a, b) => a < b === formatInstant(a) < formatInstant(b)));
  });
});

describe('parseInstant', () => {
  it('reads what was written', () => {
    fc.assert(fc.property(times, (at) => parseInstant(formatInstant(at)) === at));
  });

  it('reads alike what lies on the day that was written last', () => {
    const within = fc.integer({ min: 0, max: 86_399_999 });
    fc.assert(
      fc.property(times, within, (at, ms) => {
        const other = Math.floor(at / 86_400_000) * 86_400_000 + ms;
        formatInstant(at);
        return parseInstant(new Date(other).toISOString()) === other;
      }),
    );
    formatInstant(Date.parse('2026-05-19T10:00:00Z'));
    for (const time of [
      'T24:00:00.000Z',
      'T10:60:00.000Z',
      'T10:00:60.000Z',
      'T1a:00:00.000Z',
      // The neighbours of the digits.
      'T1::00:00.000Z',
      'T1/:00:00.000Z',
      'T10:00:00,000Z',
      'T10-00:00.000Z',
      'T10:00-00.000Z',
      ' 10:00:00.000Z',
      'T10:00:00.000+',
      'T10:00:00.000Z ',
      'T10:00:00.00+0',
    ]) {
      expect([time, parseInstant(`2026-05-19${time}`)]).toEqual([time, undefined]);
    }
  });

  it('knows no more of a time that can’t be read than before it was written', () => {
    const beyond = formatInstant(Date.parse('9999-12-31T23:59:59.999Z') + 1);
    expect([beyond, parseInstant(beyond)]).toEqual(['10000-01-01T00:00:00.000Z', undefined]);
  });

  it('reads before anything was written', () => {
    expect(parseInstant('2026-05-19T10:00:00.000Z')).toBe(Date.parse('2026-05-19T10:00:00.000Z'));
  });

  it.each([
    ['2026-05-19T10:00:00Z', '2026-05-19T10:00:00.000Z'],
    ['2026-05-19t10:00:00z', '2026-05-19T10:00:00.000Z'],
    ['2026-05-19T10:00:00.1Z', '2026-05-19T10:00:00.100Z'],
    ['2026-05-19T10:00:00.123456789Z', '2026-05-19T10:00:00.123Z'],
    ['2026-05-19T00:30:00+01:00', '2026-05-18T23:30:00.000Z'],
    ['2026-12-31T23:30:00-01:00', '2027-01-01T00:30:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
    ['0000-01-01T00:00:00.000Z', '0000-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['2026-05-19T23:59:00+23:59', '2026-05-19T00:00:00.000Z'],
    ['2026-05-19T10:00:00.009Z', '2026-05-19T10:00:00.009Z'],
    ['2026-05-19T10:00:00.010Z', '2026-05-19T10:00:00.010Z'],
    ['2026-05-19T10:00:00.099Z', '2026-05-19T10:00:00.099Z'],
  ])('%s is %s', (text, expected) => {
    expect(formatInstant(parseInstant(text) as number)).toBe(expected);
  });

  it.each([
    '',
    '2026-05-19',
    '2026-05-19T10:00:00',
    '2026-05-19 10:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00.Z',
    '26-01-01T00:00:00Z',
    '2026-01-01T00:00:00+1:00',
    '2026-01-01T00:00:00Z ',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+00:60',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:00-00:01',
  ])('%p is no time', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});

it.each([
  ['2026-01-05', '2026-01-06', '2026-02-01'],
  ['2024-02-28', '2024-02-29', '2024-03-01'],
  ['2023-02-28', '2023-03-01', '2023-03-01'],
  ['1900-02-28', '1900-03-01', '1900-03-01'],
  ['2000-02-28', '2000-02-29', '2000-03-01'],
  ['2000-02-29', '2000-03-01', '2000-03-01'],
  ['2026-12-31', '2027-01-01', '2027-01-01'],
  ['2026-12-01', '2026-12-02', '2027-01-01'],
])('after %s comes %s, and the month from %s on', (date, day, month) => {
  expect([dayAfter(date), monthAfter(date)]).toEqual([day, month]);
});
