import fc from 'fast-check';
import { holdsCardNumber } from './card-numbers.js';

const VISA = '4242424242424242';

/** The same digits in another script, whose zero has this code point. */
const inScript = (text: string, zero: number): string =>
  text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));

describe('card numbers in free text', () => {
  it.each([
    // Length: 13 to 19 digits, all of them valid by Luhn.
    ['424242424242', false],
    ['4222222222222', true],
    ['42424242424242', true],
    ['378282246310005', true],
    [VISA, true],
    ['6304000000000000000', true],
    ['42424242424242424242', false],

    // First digit: 2 to 6.
    ['0000000000000000', false],
    ['1234567890123452', false],
    ['2223003122003222', true],
    ['3566002020360505', true],
    ['5555555555554444', true],
    ['6011000990139424', true],
    ['7242424242424246', false],
    ['8242424242424244', false],
    ['9242424242424242', false],

    // Luhn.
    ['4242424242424241', false],
    ['4242424242424224', false],

    // Characters that nobody sees.
    ['4242\u200B4242\u200B4242\u200B4242', true],
    ['4242\u00AD4242424242\u206042', true],

    // Groups: single spaces or hyphens, in any places.
    ['paid with 4242 4242 4242 4242 today', true],
    ['4242-4242-4242-4242', true],
    ['4242 4242-4242 4242', true],
    ['3782 822463 10005', true],
    ['4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2', true],
    ['4242\u00a04242\u00a04242\u00a04242', true],
    ['4242\u20114242\u20114242\u20114242', true],
    ['4242  4242  4242  4242', false],
    ['4242--4242--4242--4242', false],
    ['4242 -4242 -4242 -4242', false],
    ['4242.4242.4242.4242', false],
    ['4242/4242/4242/4242', false],
    ['4242_4242_4242_4242', false],
    ['4242\n4242\n4242\n4242', false],
    ['4242\t4242\t4242\t4242', false],

    // Other numbers beside it.
    ['ref 12 4242424242424242', true],
    ['4242424242424242 12', true],
    ['2026-01-05 4242-4242-4242-4242 12:30', true],
    ['12 34 4242 4242 4242 4242 56 78', true],
    ['order 1001, 1002, 1003, 1004', false],
    ['+234 803 123 4567', false],

    // Not touching a letter or another digit, of any script.
    ['a4242424242424242', false],
    ['4242424242424242x', false],
    ['é4242424242424242', false],
    ['4242424242424242ж', false],
    ['4242424242424242½', false],
    ['٣4242424242424242', false],
    ['REF4242 4242 4242 4242', false],
    ['4242 4242 4242 4242nd', false],
    ['(4242424242424242)', true],
    ['#4242424242424242.', true],
    ['_4242424242424242_', true],
    ['“4242424242424242”', true],
    ['💳4242424242424242💳', true],
    ['-4242424242424242-', true],

    // Digits of other scripts are digits.
    [inScript(VISA, 0xff10), true],
    [inScript(VISA, 0x0660), true],
    [inScript('4242 4242 4242 4242', 0x06f0), true],
    [inScript(VISA, 0x0966), true],
    [inScript(VISA, 0x1d7ce), true],
    [inScript(VISA, 0x1d7f6), true],
    [inScript('4242424242424241', 0xff10), false],
    [`4242${inScript('42424242', 0x0660)}4242`, true],
    ['④②④②④②④②④②④②④②④②', false],
    ['⁴²⁴²⁴²⁴²⁴²⁴²⁴²⁴²', false],

    ['', false],
    ['no digits at all, whatever', false],
  ])('“%s”: %s', (text, found) => {
    expect(holdsCardNumber(text)).toBe(found);
  });

  it('is found wherever it stands and however it is grouped', () => {
    const groups = fc.array(fc.constantFrom('', ' ', '-'), { minLength: 15, maxLength: 15 });
    const around = fc.constantFrom('', ' ', 'card: ', 'a ', '; ', '.');
    fc.assert(
      fc.property(groups, around, around, (separators, before, after) => {
        const grouped = [...VISA].map((digit, i) => digit + (separators[i] ?? '')).join('');
        expect(holdsCardNumber(`${before}${grouped}${[...after].reverse().join('')}`)).toBe(true);
      }),
    );
  });

  it.each([
    ['single digits', '1 '.repeat(50_000)],
    ['one long number', '4'.repeat(100_000)],
    ['one long number that touches a letter', `${'4'.repeat(100_000)}a`],
    ['groups that touch a letter', `${'4242 '.repeat(20_000)}4a`],
    ['many numbers that touch a letter', '4242a '.repeat(20_000)],
    ['digits of another script', '٤'.repeat(50_000)],
    ['mathematical digits', '\u{1d7ff} '.repeat(25_000)],
  ])('is quick on %s', (_telling, text) => {
    const started = performance.now();
    holdsCardNumber(text);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
