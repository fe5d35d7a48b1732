import { exponentOf, type Currency } from '#domain/money.js';

/** Minor units as a decimal of the currency's major unit: `-12.50`. */
export const decimalOf = (amount: number, currency: string): string => {
  const places = exponentOf(currency as Currency);
  const digits = String(Math.abs(amount)).padStart(places + 1, '0');
  const sign = amount < 0 ? '-' : '';
  return places === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
};

/** With commas between thousands, for people. */
export const readable = (amount: number, currency: string): string => {
  const exact = decimalOf(amount, currency);
  const point = exact.indexOf('.');
  const first = amount < 0 ? 1 : 0;
  let told = point < 0 ? '' : exact.slice(point);
  let end = point < 0 ? exact.length : point;
  for (; end - first > 3; end -= 3) told = `,${exact.slice(end - 3, end)}${told}`;
  return exact.slice(0, end) + told;
};
