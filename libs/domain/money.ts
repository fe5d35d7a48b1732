import { EXPONENTS } from './currencies.js';

/**
 * An amount in minor units of its currency: a safe integer, ±(2^53 − 1). Only the functions of this file make one, so a
 * sum that left the range can't go unnoticed.
 */
export type Minor = number & { readonly __unit: 'minor' };

/** An ISO 4217 alphabetic code of the frozen table in `currencies.ts`. */
export type Currency = string & { readonly __currency: true };

export const ZERO = 0 as Minor;
export const LARGEST = Number.MAX_SAFE_INTEGER as Minor;

/** A sum would leave the range of safe integers. Deciders catch it and refuse with `amount_out_of_range`. */
export class AmountOutOfRange extends Error {
  override readonly name = 'AmountOutOfRange';
}

export const minor = (value: number): Minor => {
  if (!Number.isSafeInteger(value)) throw new AmountOutOfRange(`${value} is not a safe integer`);
  // -0 and 0 must encode alike.
  return (value + 0) as Minor;
};

export const add = (a: Minor, b: Minor): Minor => minor(a + b);

export const subtract = (a: Minor, b: Minor): Minor => minor(a - b);

export const smaller = (a: Minor, b: Minor): Minor => (a < b ? a : b);

export const larger = (a: Minor, b: Minor): Minor => (a > b ? a : b);

/** The integer nearest to a quotient of whole numbers, the even one of two that are equally near. `divisor` above zero. */
export const divideHalfEven = (dividend: bigint, divisor: bigint): bigint => {
  const negative = dividend < 0n;
  const size = negative ? -dividend : dividend;
  const floor = size / divisor;
  const twice = (size % divisor) * 2n;
  const rounded = twice > divisor || (twice === divisor && floor % 2n === 1n) ? floor + 1n : floor;
  return negative ? -rounded : rounded;
};

/** `amount × part / whole`, rounded half-even to a minor unit. */
export const shareOf = (amount: Minor, part: Minor, whole: Minor): Minor =>
  part === whole ? amount : minor(Number(divideHalfEven(BigInt(amount) * BigInt(part), BigInt(whole))));

export const isCurrency = (code: string): code is Currency => Object.hasOwn(EXPONENTS, code);

/** Digits after the decimal point in the currency's major unit: 2 for EUR, 0 for JPY, 3 for KWD. */
export const exponentOf = (currency: Currency): number => EXPONENTS[currency] as number;

/**
 * A decimal text without sign or exponent as an integer over a power of ten, exactly: `0.015` is 15/1000. Undefined where
 * it is none.
 */
export const parseDecimal = (text: string): { readonly units: bigint; readonly scale: bigint } | undefined => {
  const found = /^(\d{1,18})(?:\.(\d{1,18}))?$/.exec(text);
  if (!found) return undefined;
  const fraction = found[2] ?? '';
  return { units: BigInt(`${found[1]}${fraction}`), scale: 10n ** BigInt(fraction.length) };
};
