import { ProcessCounters } from './counters.js';
import { placeOf, Strangers } from './strangers.js';

it.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8::7', '2001:db8:0:0::/64'],
  ['2001:0db8:0000:0000:ffff::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s is of the place %s', (address, place) => {
  expect(placeOf(address)).toBe(place);
});

it('a place is refused so often a minute, and no other place for it', () => {
  let now = 0;
  const strangers = new Strangers(new ProcessCounters(() => now));
  const refusals = (address: string, n: number): (number | null)[] =>
    Array.from({ length: n }, () => strangers.refuse(address));
  expect(refusals('203.0.113.9', 600).every((one) => one === null)).toBe(true);
  expect(strangers.refuse('203.0.113.9')).toBe(60_000);
  expect(strangers.refuse('203.0.113.10')).toBeNull();
  expect(
    refusals('2001:db8::7', 300)
      .concat(refusals('2001:db8::8', 300))
      .every((one) => one === null),
  ).toBe(true);
  expect(strangers.refuse('2001:db8::9')).toBe(60_000);
  now = 60_001;
  expect(strangers.refuse('203.0.113.9')).toBeNull();
  expect(
    refusals('127.0.0.1', 700)
      .concat(refusals('::1', 700))
      .every((one) => one === null),
  ).toBe(true);
});
