import { divideHalfEven } from '../money.js';

const RATE = /^(\d{1,15})(?:\.(\d{1,15}))?$/;

/**
 * `half-even(amount × rate)` in minor units of the other currency, exactly; undefined where the rate is no decimal of at
 * most 15 digits before and behind the point. Both sides are minor units: the rate already bridges their exponents.
 */
export const exchanged = (amount: number, rate: string): bigint | undefined => {
  const found = RATE.exec(rate);
  if (!found) return undefined;
  const [, whole, fraction = ''] = found as unknown as [string, string, string?];
  return divideHalfEven(BigInt(amount) * BigInt(whole + fraction), 10n ** BigInt(fraction.length));
};

/** Code of the system account between two currencies; one for both directions, so that it shows the open position. */
export const exchangeCode = (a: string, b: string): string => `exchange:${a < b ? `${a}-${b}` : `${b}-${a}`}`;
