import { isCurrency } from '#domain/money.js';
import { readable } from '#statements/decimal.js';
import { html, type Markup } from './html.js';
import type { Zone } from './zone.js';

/** Minor units as people write them: `−1,234.50`. Where the currency is not known, the minor units. */
export const moneyText = (amount: number, currency: string): string =>
  (isCurrency(currency) ? readable(amount, currency) : String(amount)).replace('-', '−');

/** An amount in its column. */
export const money = (amount: number | null, currency: string): Markup => {
  if (amount === null) return html`<span class="none">–</span>`;
  const sign = amount < 0 ? ' negative' : amount === 0 ? ' zero' : '';
  return html`<span class="money${sign}">${moneyText(amount, currency)}</span>`;
};

/** With its currency beside it, where no column says it. */
export const moneyIn = (amount: number | null, currency: string): Markup =>
  html`${money(amount, currency)} <span class="currency">${currency}</span>`;

/** A percentage with two decimals, as the API answers it. */
export const percent = (value: number | null): string => (value === null ? '–' : `${value.toFixed(2)} %`);

export const countText = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** An instant of an answer (RFC 3339). */
export const timeOf = (instant: string | null, zone: Zone): Markup =>
  instant === null
    ? html`<span class="none">–</span>`
    : html`<time datetime="${instant}" title="${instant}">${zone.text(Date.parse(instant))}</time>`;

/** `partially_captured` as `partially captured`. */
export const wordsOf = (name: string): string => name.replaceAll('_', ' ');
