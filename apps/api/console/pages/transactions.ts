import type { TransactionResource } from '#contract/resources/transaction.js';
import { TRANSACTION_FILTERS } from '#contract/query-parameters.js';
import { bodyOf } from '../api-calls.js';
import { money, moneyIn, timeOf, wordsOf } from '../figures.js';
import { choice, dateInput, period, queryForm, textInput } from '../forms.js';
import { html, type Markup } from '../html.js';
import { idIn } from '../ids.js';
import {
  entriesTable,
  eventLink,
  facts,
  fullId,
  idLink,
  metadataFacts,
  namesOf,
  pager,
  status,
  table,
  whenMade,
  type List,
} from '../parts.js';
import type { PageOf, Visit } from '../visit.js';

const FILTERS = ['type', 'status', 'reference', 'account', 'from', 'to'];
const valuesOf = (name: 'type' | 'status'): readonly string[] =>
  TRANSACTION_FILTERS[name].schema.enum as readonly string[];

export const transactionsTable = (
  visit: Visit,
  rows: readonly TransactionResource[],
  caption = 'Transactions, newest first',
): Markup =>
  table({
    caption,
    columns: [
      { title: 'Created' },
      { title: 'Transaction' },
      { title: 'Type' },
      { title: 'Status' },
      { title: 'Reference' },
      { title: 'Amount', numeric: true },
      { title: 'Currency' },
    ],
    rows: rows.map((one) => [
      timeOf(one.created_at, visit.zone),
      idLink(one.id),
      wordsOf(one.type),
      status(one.status),
      one.reference,
      money(one.amount, one.currency),
      one.currency,
    ]),
    empty: 'No transaction is like that.',
  });

export const transactions: PageOf = async (visit) => {
  const { starting_after } = visit.query;
  const query = { ...visit.filters(FILTERS), ...period(visit), starting_after };
  const list = bodyOf(await visit.get<List<TransactionResource>>('/v1/transactions', query));
  return {
    title: 'Transactions',
    content: html`<h1>Transactions</h1>
      ${queryForm(
        visit,
        FILTERS,
        'Transactions',
        choice(visit, 'type', 'Type', valuesOf('type')),
        choice(visit, 'status', 'Status', valuesOf('status')),
        textInput(visit, 'reference', 'Reference'),
        dateInput(visit, 'from', 'From'),
        dateInput(visit, 'to', 'To'),
      )}
      ${transactionsTable(visit, list.data)} ${pager(visit, list)}`,
  };
};

const fees = ({ fees: charged, currency }: TransactionResource): Markup | false =>
  charged.length > 0 &&
  table({
    caption: 'Fees',
    columns: [{ title: 'Rule' }, { title: 'Paid by' }, { title: 'Paid to' }, { title: 'Amount', numeric: true }],
    rows: charged.map(({ rule_id, payer, payee, amount }) => [
      fullId(rule_id),
      payer,
      payee,
      moneyIn(amount, currency),
    ]),
  });

export const transaction: PageOf = async (visit) => {
  const id = idIn(visit, 'transaction');
  const one = bodyOf(await visit.get<TransactionResource>(`/v1/transactions/${id}`));
  const names = await namesOf(visit, [one.source, one.destination, ...one.entries.map((entry) => entry.account_id)]);
  const named = (account: string | null): Markup => idLink(account, account && (names.get(account) ?? null));
  return {
    title: `${wordsOf(one.type)} ${id.slice(-6)}`,
    content: html`<h1>${wordsOf(one.type)} ${status(one.status)}</h1>
      <p class="figure">${moneyIn(one.amount, one.currency)}</p>
      ${facts([
        ['From', named(one.source)],
        ['To', named(one.destination)],
        one.destination_amount === null ? null : ['Rate', one.rate],
        one.failure_code === null ? null : ['Refused because of', wordsOf(one.failure_code)],
        one.failure_rule === null ? null : ['By the rule', fullId(one.failure_rule)],
        one.reversal_of === null ? null : ['Reverses', idLink(one.reversal_of)],
        one.reversed_amount === 0 ? null : ['Reversed so far', moneyIn(one.reversed_amount, one.currency)],
        one.card_transaction_id === null ? null : ['Card transaction', idLink(one.card_transaction_id)],
        one.reservation_id === null ? null : ['Reservation', idLink(one.reservation_id)],
        ['Reference', one.reference ?? '–'],
        ['Narration', one.narration ?? '–'],
        one.channel === null ? null : ['Channel', one.channel],
        ...metadataFacts(one.metadata),
        ['Effective', timeOf(one.effective_at, visit.zone)],
        ...whenMade(visit, one),
        ['Recorded at revision', eventLink(one.revision)],
        ['Id', fullId(one.id)],
      ])}
      ${entriesTable(one.entries, names)} ${fees(one)}`,
  };
};
