import type { ClosedPeriodResource } from '#contract/resources/closed-period.js';
import { bodyOf } from '../api-calls.js';
import { timeOf } from '../figures.js';
import { html, NOTHING, type Markup } from '../html.js';
import { pager, table, type List } from '../parts.js';
import type { PageOf } from '../visit.js';
import { monthText } from '../zone.js';

const reportOf = (month: string): Markup => {
  const link = (format: string): Markup =>
    html`<a
      href="/console/months/${month}/report?format=${format}"
      aria-label="Report of ${monthText(month)} as ${format.toUpperCase()}"
      >${format.toUpperCase()}</a
    >`;
  return html`${link('pdf')} ${link('csv')}`;
};

export const months: PageOf = async (visit) => {
  const query = { starting_after: visit.query.starting_after };
  const list = bodyOf(await visit.get<List<ClosedPeriodResource>>('/v1/periods', query));
  return {
    title: 'Months',
    content: html`<h1>Months</h1>
      <p class="lead">Those whose books are closed for good, and the report of each</p>
      ${table({
        caption: 'Closed months, newest first',
        columns: [
          { title: 'Month' },
          { title: 'Of the time zone' },
          { title: 'First instant' },
          { title: 'Last instant' },
          { title: 'Report' },
        ],
        rows: list.data.map(({ month, timezone, from, through }) => [
          html`<strong>${month === null ? '–' : monthText(month)}</strong>`,
          timezone,
          timeOf(from, visit.zone),
          timeOf(through, visit.zone),
          month === null ? NOTHING : reportOf(month),
        ]),
        empty: 'No month is closed yet.',
      })}
      ${pager(visit, list)}`,
  };
};
