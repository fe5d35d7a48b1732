import { PREFIXES, type Kind } from '#domain/ids.js';
import { bodyOf } from '../api-calls.js';
import { moneyIn, timeOf, wordsOf } from '../figures.js';
import { html, type Child, type Markup } from '../html.js';
import { idIn } from '../ids.js';
import { facts, fullId, idLink, isAnyId, type Fact } from '../parts.js';
import type { PageOf, Visit } from '../visit.js';

/** What has an id and no page of its own is shown field by field: where the API tells it. */
const ROUTES: Partial<Record<Kind, string>> = {
  customer: '/v1/customers',
  reservation: '/v1/reservations',
  bank_statement: '/v1/bank_statements',
  kyc_submission: '/v1/kyc/submissions',
  liquidity_snapshot: '/v1/liquidity/snapshots',
  event: '/v1/events',
};

export const isRecord = (id: string): boolean =>
  Object.keys(ROUTES).some((kind) => id.startsWith(`${PREFIXES[kind as Kind]}_`));

const AMOUNTS: ReadonlySet<string> = new Set([
  'amount',
  'held',
  'captured',
  'released',
  'expired',
  'opening_balance',
  'closing_balance',
  'balance',
  'total_customer_liabilities',
  'total_available_liquidity',
  'liquidity_shortfall',
  'liquidity_surplus',
]);

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

const valueOf = (visit: Visit, name: string, value: unknown, currency: string): Child => {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'number') return AMOUNTS.has(name) && currency ? moneyIn(value, currency) : value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') {
    if (INSTANT.test(value)) return timeOf(value, visit.zone);
    return isAnyId(value) ? idLink(value) : value;
  }
  if (Array.isArray(value))
    return value.length === 0 ? '–' : value.map((one) => html`<div>${valueOf(visit, name, one, currency)}</div>`);
  return fields(visit, value as Record<string, unknown>, currency);
};

const fields = (visit: Visit, resource: Readonly<Record<string, unknown>>, currency: string): Markup => {
  const own = typeof resource.currency === 'string' ? resource.currency : currency;
  return facts(
    Object.entries(resource)
      .filter(([name]) => name !== 'object' && name !== 'id')
      .map(([name, value]): Fact => [wordsOf(name), valueOf(visit, name, value, own)]),
  );
};

export const record: PageOf = async (visit) => {
  const kind =
    (Object.keys(ROUTES) as Kind[]).find((one) => visit.params.id?.startsWith(`${PREFIXES[one]}_`)) ?? 'event';
  const id = idIn(visit, kind);
  const resource = bodyOf(await visit.get<Readonly<Record<string, unknown>>>(`${ROUTES[kind]}/${id}`));
  return {
    title: `${wordsOf(kind)} ${id.slice(-6)}`,
    content: html`<h1 class="capital">${wordsOf(kind)}</h1>
      <p class="lead">${fullId(id)}</p>
      ${fields(visit, resource, '')}`,
  };
};
