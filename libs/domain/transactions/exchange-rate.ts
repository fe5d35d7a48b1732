import { divideHalfEven, parseDecimal } from '../money.js';

/**
 * `half-even(amount × rate)` in minor units of the other currency, exactly; undefined where the rate is no decimal. Both
 * sides are minor units: the rate already bridges their exponents.
 */
export const exchanged = (amount: number, rate: string): bigint | undefined => {
  const decimal = parseDecimal(rate);
  return decimal && divideHalfEven(BigInt(amount) * decimal.units, decimal.scale);
};

/** Code of the system account between two currencies; one for both directions, so that it shows the open position. */
export const exchangeCode = (a: string, b: string): string => `exchange:${a < b ? `${a}-${b}` : `${b}-${a}`}`;
