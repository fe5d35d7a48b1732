import { SETTLEMENT_FILTERS, SETTLEMENT_LINE_FILTERS } from '#contract/query-parameters.js';
import type { SettlementLineResource, SettlementResource } from '#contract/resources/settlement.js';
import { bodyOf } from '../api-calls.js';
import { countText, money, moneyIn, timeOf, wordsOf } from '../figures.js';
import { choice, dateInput, queryForm, textInput } from '../forms.js';
import { html, type Child, type Markup } from '../html.js';
import { idIn } from '../ids.js';
import { eventLink, facts, fullId, idLink, pager, status, table, told, whenMade, type List } from '../parts.js';
import type { PageOf, Visit } from '../visit.js';
import { dayText } from '../zone.js';

const FILTERS = ['status', 'currency', 'from', 'to'];
const STATUSES = SETTLEMENT_FILTERS.status.schema.enum as readonly string[];
const LINE_TYPES = SETTLEMENT_LINE_FILTERS.type.schema.enum as readonly string[];

export const settlementsTable = (rows: readonly SettlementResource[], caption = 'Settlements, newest first'): Markup =>
  table({
    caption,
    columns: [
      { title: 'Business day' },
      { title: 'Status' },
      { title: 'Lines', numeric: true },
      { title: 'Gross', numeric: true },
      { title: 'Refunds', numeric: true },
      { title: 'Fees', numeric: true },
      { title: 'Net', numeric: true },
      { title: 'Difference', numeric: true },
      { title: 'Currency' },
    ],
    rows: rows.map((one) => [
      idLink(one.id, dayText(one.business_date)),
      status(one.status),
      countText(one.line_count),
      money(one.gross, one.currency),
      money(one.refunds, one.currency),
      money(one.fees, one.currency),
      html`<strong>${money(one.net, one.currency)}</strong>`,
      money(one.difference, one.currency),
      one.currency,
    ]),
    empty: 'There was no business to settle.',
  });

export const settlements: PageOf = async (visit) => {
  const query = { ...visit.filters(FILTERS), starting_after: visit.query.starting_after };
  const list = bodyOf(await visit.get<List<SettlementResource>>('/v1/settlements', query));
  return {
    title: 'Settlements',
    content: html`<h1>Settlements</h1>
      <p class="lead">What is owed to the card network, by business day and currency</p>
      ${queryForm(
        visit,
        FILTERS,
        'Settlements',
        choice(visit, 'status', 'Status', STATUSES),
        textInput(visit, 'currency', 'Currency', 4),
        dateInput(visit, 'from', 'From'),
        dateInput(visit, 'to', 'To'),
      )}
      ${settlementsTable(list.data)} ${pager(visit, list)}`,
  };
};

/** The sums as they are written on paper: one under the other, then the line. */
const statement = (one: SettlementResource): Markup => {
  const { currency } = one;
  const rows: Child[][] = [
    ['Captures and posts', money(one.gross, currency)],
    ['less refunds and posted credits', money(0 - one.refunds, currency)],
    ['Fees of the network, less interchange', money(one.fees, currency)],
    ['Adjustments', money(one.adjustments, currency)],
  ];
  const foot: Child[][] = [
    [one.net < 0 ? 'Net, owed by the network' : 'Net, owed to the network', money(one.net, currency)],
  ];
  if (one.paid_amount !== null) {
    foot.push(['Paid', money(one.paid_amount, currency)]);
    foot.push(['Difference, in suspense', money(one.difference, currency)]);
  }
  return table({
    caption: 'How the net comes about',
    columns: [{ title: 'Part' }, { title: `Amount, ${currency}`, numeric: true }],
    rows,
    foot,
  });
};

const linesOf = (visit: Visit, list: List<SettlementLineResource>): Markup =>
  html`${table({
    caption: 'Lines, newest first',
    columns: [
      { title: 'Recorded' },
      { title: 'Type' },
      { title: 'Card transaction' },
      { title: 'Transaction' },
      { title: 'Event' },
      { title: 'Remark' },
      { title: 'Amount', numeric: true },
    ],
    rows: list.data.map((line) => [
      timeOf(line.created_at, visit.zone),
      wordsOf(line.type),
      idLink(line.card_transaction_id),
      idLink(line.transaction_id),
      eventLink(line.revision),
      html`${line.late_for && `late, of ${dayText(line.late_for)}`}${line.corrects && html` corrects ${idLink(line.corrects)}`}`,
      money(line.amount, line.currency),
    ]),
    empty: 'No line is like that.',
  })}
  ${pager(visit, list)}`;

const LINE_FILTERS = ['type', 'late'];

export const settlement: PageOf = async (visit) => {
  const id = idIn(visit, 'settlement');
  const query = { ...visit.filters(LINE_FILTERS), starting_after: visit.query.starting_after };
  const [found, lines] = await Promise.all([
    visit.get<SettlementResource>(`/v1/settlements/${id}`),
    visit.get<List<SettlementLineResource>>(`/v1/settlements/${id}/lines`, query),
  ]);
  const one = bodyOf(found);
  return {
    title: `Settlement of ${dayText(one.business_date)}`,
    content: html`<h1>Settlement of ${dayText(one.business_date)} ${status(one.status)}</h1>
      <p class="figure">${moneyIn(one.net, one.currency)}</p>
      ${statement(one)}
      ${facts([
        ['Business day in', `${one.timezone}, cut-off at ${String(one.cut_off_hour).padStart(2, '0')}:00`],
        ['Ends', timeOf(one.cut_off_at, visit.zone)],
        ['Netted', timeOf(one.netted_at, visit.zone)],
        ['Completed', timeOf(one.completed_at, visit.zone)],
        one.payment_reference === null ? null : ['Payment reference', one.payment_reference],
        one.payment_account_id === null ? null : ['Paid from', idLink(one.payment_account_id)],
        one.failure_reason === null ? null : ['Failed because', one.failure_reason],
        one.failures === 0 ? null : ['Failures', one.failures],
        ['Lines', countText(one.line_count)],
        one.late_count === 0 ? null : ['Of earlier days', countText(one.late_count)],
        ...whenMade(visit, one),
        ['Id', fullId(one.id)],
      ])}
      <section>
        <h2>Lines</h2>
        <p><a href="/console/settlements/${id}/lines.csv">All lines as CSV</a></p>
        ${queryForm(visit, LINE_FILTERS, 'Lines', choice(visit, 'type', 'Type', LINE_TYPES))}
        ${told(lines, (list) => linesOf(visit, list))}
      </section>`,
  };
};
