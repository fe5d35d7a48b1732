import { exponentOf, type Currency } from '#domain/money.js';

/** Minor units as a decimal of the currency's major unit: `-12.50`. */
export const decimalOf = (amount: number, currency: string): string => {
  const places = exponentOf(currency as Currency);
  const digits = String(Math.abs(amount)).padStart(places + 1, '0');
  const sign = amount < 0 ? '-' : '';
  return places === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
};

/** With commas between thousands, for people. */
export const readable = (amount: number, currency: string): string =>
  decimalOf(amount, currency).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');
