import fc from 'fast-check';
import {
  add,
  AmountOutOfRange,
  divideHalfEven,
  exponentOf,
  isCurrency,
  minor,
  parseDecimal,
  shareOf,
  subtract,
  type Currency,
  type Minor,
} from './money.js';

const MAX = Number.MAX_SAFE_INTEGER as Minor;

describe('amounts', () => {
  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1, -Number.MAX_SAFE_INTEGER - 1])(
    '%s is none',
    (value) => {
      expect(() => minor(value)).toThrow(AmountOutOfRange);
    },
  );

  it('has one zero', () => {
    expect(Object.is(minor(-0), 0)).toBe(true);
    expect(Object.is(subtract(minor(5), minor(5)), 0)).toBe(true);
  });

  it('never leaves the range unnoticed', () => {
    expect(add(MAX, minor(-1))).toBe(MAX - 1);
    expect(() => add(MAX, minor(1))).toThrow(AmountOutOfRange);
    expect(() => subtract(minor(-Number.MAX_SAFE_INTEGER), minor(1))).toThrow(AmountOutOfRange);
  });

  it('adds exactly or throws', () => {
    const any = fc.maxSafeInteger();
    fc.assert(
      fc.property(any, any, (a, b) => {
        const exact = BigInt(a) + BigInt(b);
        const fits = exact <= BigInt(MAX) && exact >= -BigInt(MAX);
        if (fits) expect(BigInt(add(a as Minor, b as Minor))).toBe(exact);
        else expect(() => add(a as Minor, b as Minor)).toThrow(AmountOutOfRange);
      }),
    );
  });
});

describe('currencies', () => {
  it.each([
    ['NGN', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['CLF', 4],
    ['ISK', 0],
  ])('%s has %s digits', (code, digits) => {
    expect(isCurrency(code)).toBe(true);
    expect(exponentOf(code as Currency)).toBe(digits);
  });

  it.each(['ngn', 'XXX', 'XAU', '', 'toString', 'BTC'])('%p is none', (code) => {
    expect(isCurrency(code)).toBe(false);
  });
});

describe('rounding', () => {
  it.each([
    [5n, 2n, 2n],
    [7n, 2n, 4n],
    [-5n, 2n, -2n],
    [-7n, 2n, -4n],
    [1n, 3n, 0n],
    [2n, 3n, 1n],
    [0n, 9n, 0n],
  ])('%s / %s is %s', (dividend, divisor, quotient) => {
    expect(divideHalfEven(dividend, divisor)).toBe(quotient);
  });

  it('shares come to the whole, whatever the parts', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 }), fc.nat(), (amount, whole, seed) => {
        const part = seed % (whole + 1);
        const share = shareOf(amount as Minor, part as Minor, whole as Minor);
        const rest = shareOf(amount as Minor, (whole - part) as Minor, whole as Minor);
        expect(Math.abs(share + rest - amount)).toBeLessThanOrEqual(1);
        expect(shareOf(amount as Minor, whole as Minor, whole as Minor)).toBe(amount);
      }),
    );
  });
});

describe('decimals', () => {
  it.each([
    ['0.015', 15n, 1000n],
    ['12', 12n, 1n],
    ['0', 0n, 1n],
    ['1.50', 150n, 100n],
  ])('%s', (text, units, scale) => {
    expect(parseDecimal(text)).toEqual({ units, scale });
  });

  it.each(['', '.5', '5.', '-1', '+1', '1e3', '1,5', ' 1', '0x1', '1.2.3', '9'.repeat(19)])('%p is none', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });
});
