import type { CardResource } from '#contract/resources/card.js';
import type { CardTransactionResource } from '#contract/resources/card-transaction.js';
import { CARD_TRANSACTION_FILTERS } from '#contract/query-parameters.js';
import { bodyOf } from '../api-calls.js';
import { money, moneyIn, timeOf, wordsOf } from '../figures.js';
import { choice, dateInput, period, queryForm } from '../forms.js';
import { html, type Markup } from '../html.js';
import { idIn } from '../ids.js';
import {
  facts,
  fullId,
  idLink,
  metadataFacts,
  namesOf,
  pager,
  status,
  table,
  told,
  whenMade,
  type List,
} from '../parts.js';
import type { PageOf, Visit } from '../visit.js';

const FILTERS = ['status', 'from', 'to'];
const STATUSES = CARD_TRANSACTION_FILTERS.status.schema.enum as readonly string[];

const purchases = (visit: Visit, list: List<CardTransactionResource>): Markup =>
  html`${table({
    caption: 'Card transactions, newest first',
    columns: [
      { title: 'Created' },
      { title: 'Merchant' },
      { title: 'Status' },
      { title: 'Amount', numeric: true },
      { title: 'Held', numeric: true },
      { title: 'Captured', numeric: true },
      { title: 'Refunded', numeric: true },
      { title: 'Currency' },
      { title: 'Card' },
    ],
    rows: list.data.map((one) => [
      timeOf(one.created_at, visit.zone),
      idLink(one.id, one.merchant?.name ?? 'Refund'),
      status(one.status),
      money(one.amount, one.currency),
      money(one.amounts.held, one.currency),
      money(one.amounts.captured, one.currency),
      money(one.amounts.refunded, one.currency),
      one.currency,
      idLink(one.card_id),
    ]),
    empty: 'No card transaction is like that.',
  })}
  ${pager(visit, list)}`;

const filters = (visit: Visit): Markup =>
  queryForm(
    visit,
    FILTERS,
    'Card transactions',
    choice(visit, 'status', 'Status', STATUSES),
    dateInput(visit, 'from', 'From'),
    dateInput(visit, 'to', 'To'),
  );

const queryOf = (visit: Visit) => ({
  ...visit.filters(['status']),
  ...period(visit),
  starting_after: visit.query.starting_after,
});

export const cardTransactions: PageOf = async (visit) => {
  const list = bodyOf(await visit.get<List<CardTransactionResource>>('/v1/card_transactions', queryOf(visit)));
  return {
    title: 'Card transactions',
    content: html`<h1>Card transactions</h1>
      ${filters(visit)} ${purchases(visit, list)}`,
  };
};

export const card: PageOf = async (visit) => {
  const id = idIn(visit, 'card');
  const [found, list] = await Promise.all([
    visit.get<CardResource>(`/v1/cards/${id}`),
    visit.get<List<CardTransactionResource>>(`/v1/cards/${id}/transactions`, queryOf(visit)),
  ]);
  const one = bodyOf(found);
  const names = await namesOf(visit, [one.account_id]);
  return {
    title: `Card ${one.last4}`,
    content: html`<h1>Card ending in ${one.last4} ${status(one.status)}</h1>
      ${facts([
        ['Holder', one.holder_name ?? '–'],
        ['Type', one.type],
        ['Account', idLink(one.account_id, names.get(one.account_id) ?? null)],
        one.exp_month === null ? null : ['Good to', `${String(one.exp_month).padStart(2, '0')}/${one.exp_year}`],
        ...metadataFacts(one.metadata),
        ...whenMade(visit, one),
        ['Id', fullId(one.id)],
      ])}
      <section>
        <h2>Its transactions</h2>
        ${filters(visit)} ${told(list, (body) => purchases(visit, body))}
      </section>`,
  };
};

const SUMS = [
  'authorized',
  'incremented',
  'reversed',
  'expired',
  'released',
  'captured',
  'over_captured',
  'refunded',
  'receivable',
] as const;

const sums = ({ amounts, currency }: CardTransactionResource): Markup =>
  table({
    caption: 'What it comes to',
    columns: [{ title: 'Sum' }, { title: `Amount, ${currency}`, numeric: true }],
    rows: SUMS.map((name) => [wordsOf(name), money(amounts[name], currency)]),
    foot: [['held now', money(amounts.held, currency)]],
  });

const messages = (visit: Visit, { elements, currency }: CardTransactionResource): Markup =>
  table({
    caption: 'What the network said, in order',
    columns: [
      { title: 'At' },
      { title: 'Message' },
      { title: 'Reference' },
      { title: 'Posted as' },
      { title: `Amount, ${currency}`, numeric: true },
    ],
    rows: elements.map(({ at, type, network_reference, transaction_id, amount }) => [
      timeOf(at, visit.zone),
      wordsOf(type),
      html`<span class="code">${network_reference ?? ''}</span>`,
      transaction_id ? idLink(transaction_id) : '',
      money(amount, currency),
    ]),
  });

export const cardTransaction: PageOf = async (visit) => {
  const id = idIn(visit, 'card_transaction');
  const one = bodyOf(await visit.get<CardTransactionResource>(`/v1/card_transactions/${id}`));
  const names = await namesOf(visit, [one.account_id]);
  const { merchant } = one;
  const place = [merchant?.city, merchant?.country].filter(Boolean).join(', ');
  const name = merchant?.name ?? 'Refund without a purchase';
  return {
    title: name,
    content: html`<h1>${name} ${status(one.status)}</h1>
      <p class="figure">${moneyIn(one.amount, one.currency)}</p>
      ${facts([
        merchant === null ? null : ['Merchant category', merchant.category_code],
        place === '' ? null : ['Place', place],
        ['Card', idLink(one.card_id)],
        ['Account', idLink(one.account_id, names.get(one.account_id) ?? null)],
        ['Direction', one.direction],
        one.requested_amount === one.amount ? null : ['Asked for', moneyIn(one.requested_amount, one.currency)],
        one.decline_reason === null ? null : ['Declined because of', wordsOf(one.decline_reason)],
        one.expires_at === null ? null : ['Hold ends', timeOf(one.expires_at, visit.zone)],
        one.settlement_id === null ? null : ['Settlement', idLink(one.settlement_id)],
        ...metadataFacts(one.metadata),
        ...whenMade(visit, one),
        ['Id', fullId(one.id)],
      ])}
      ${messages(visit, one)} ${sums(one)}`,
  };
};
