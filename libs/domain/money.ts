import { EXPONENTS } from './currencies.js';

/**
 * An amount in minor units of its currency: a safe integer, ±(2^53 − 1). Only the functions of this file make one, so a
 * sum that left the range can't go unnoticed.
 */
export type Minor = number & { readonly __unit: 'minor' };

/** An ISO 4217 alphabetic code of the frozen table in `currencies.ts`. */
export type Currency = string & { readonly __currency: true };

export const ZERO = 0 as Minor;

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

export const isCurrency = (code: string): code is Currency => Object.hasOwn(EXPONENTS, code);

/** Digits after the decimal point in the currency's major unit: 2 for EUR, 0 for JPY, 3 for KWD. */
export const exponentOf = (currency: Currency): number => EXPONENTS[currency] as number;
