import type { LiquiditySnapshotResource, LiquidityStanding } from '#contract/resources/liquidity.js';
import { formatInstant } from '#domain/time.js';
import { bodyOf } from '../api-calls.js';
import { chart, type Point } from '../chart.js';
import { money, moneyIn, percent, timeOf } from '../figures.js';
import { dateInput, queryForm } from '../forms.js';
import { html, type Markup } from '../html.js';
import { eventLink, status, table, told, type List } from '../parts.js';
import type { PageOf, Visit } from '../visit.js';
import { dayText, isDay } from '../zone.js';

export interface Standing extends LiquidityStanding {
  readonly status: 'covered' | 'breached';
  readonly threshold_percent: number;
  readonly revision: number;
  readonly at: string;
}

interface CurvePoint extends LiquidityStanding {
  readonly at: string;
}

const DAY_MS = 86_400_000;
const DAYS = 7;
const MOST_DAYS = 30;
/** More would be drawn upon one another, and read by nobody. */
const MOST_POINTS = 120;

export const standings = (rows: readonly Standing[], caption = 'As it stands now'): Markup =>
  table({
    caption,
    columns: [
      { title: 'Currency' },
      { title: 'Status' },
      { title: 'Coverage', numeric: true },
      { title: 'Threshold', numeric: true },
      { title: 'Owed to customers', numeric: true },
      { title: 'Liquidity', numeric: true },
      { title: 'Surplus or shortfall', numeric: true },
    ],
    rows: rows.map((one) => [
      html`<strong>${one.currency}</strong>`,
      status(one.status),
      percent(one.coverage_ratio),
      percent(one.threshold_percent),
      money(one.total_customer_liabilities, one.currency),
      money(one.total_available_liquidity, one.currency),
      money(one.liquidity_surplus - one.liquidity_shortfall, one.currency),
    ]),
    empty: 'There are no wallets and no float accounts yet.',
  });

interface Days {
  readonly from: number;
  readonly to: number;
}

const days = ({ query, zone, now }: Visit): Days => {
  const to = Math.min(now, isDay(query.to) ? zone.endOf(query.to) : now);
  const from = isDay(query.from) ? zone.startOf(query.from) : zone.startOf(zone.at(to - (DAYS - 1) * DAY_MS).date);
  return { from: Math.max(Math.min(from, to - DAY_MS / 24), to - MOST_DAYS * DAY_MS), to };
};

const pointOf = (at: number, { total_customer_liabilities, total_available_liquidity }: LiquidityStanding): Point => ({
  at,
  liabilities: total_customer_liabilities,
  liquidity: total_available_liquidity,
});

/** The last of each of so many equal spans of time. */
const thinned = (points: readonly Point[], { from, to }: Days): Point[] => {
  if (points.length <= MOST_POINTS) return [...points];
  const last = new Map(points.map((point) => [Math.floor(((point.at - from) / (to - from)) * MOST_POINTS), point]));
  return [...last.values()];
};

/** Beginning with how it stood before. */
const course = async (visit: Visit, currency: string, span: Days): Promise<Point[]> => {
  const [from, to] = [formatInstant(span.from), formatInstant(span.to)];
  const [curve, before] = await Promise.all([
    visit.get<{ readonly data: readonly CurvePoint[] }>('/v1/liquidity/curve', { currency, from, to }),
    visit.get<List<LiquiditySnapshotResource>>('/v1/liquidity/snapshots', { currency, to: from, limit: 1 }),
  ]);
  const opening = before.refusal === null ? before.body.data : [];
  const points = [
    ...opening.map((one) => pointOf(span.from, one)),
    ...bodyOf(curve).data.map((one) => pointOf(Math.max(span.from, Date.parse(one.at)), one)),
  ];
  return thinned(points, span);
};

const coverage = ({ liabilities, liquidity }: Point): string =>
  liabilities > 0 ? percent((liquidity / liabilities) * 100) : '–';

const drawn = (visit: Visit, currency: string, span: Days, points: readonly Point[]): Markup => {
  const [first, last] = [span.from, span.to].map((at) => dayText(visit.zone.at(at).date));
  if (points.length === 0) return html`<p class="empty">Nothing moved from ${first} to ${last}.</p>`;
  const options = { points, ...span, currency, zone: visit.zone };
  return html`<figure>
    <figcaption>
      ${currency}, ${first} to ${last}: <span class="key liquidity">liquidity</span>
      <span class="key liabilities">owed to customers</span>
    </figcaption>
    ${chart({ ...options, width: 860, height: 300, name: 'wide' })}
    ${chart({ ...options, width: 340, height: 240, name: 'narrow' })}
    <details>
      <summary>The figures of the chart</summary>
      ${table({
        caption: `Liabilities and liquidity in ${currency}`,
        columns: [
          { title: 'At' },
          { title: 'Owed to customers', numeric: true },
          { title: 'Liquidity', numeric: true },
          { title: 'Coverage', numeric: true },
        ],
        rows: points.map((point) => [
          timeOf(formatInstant(point.at), visit.zone),
          money(point.liabilities, currency),
          money(point.liquidity, currency),
          coverage(point),
        ]),
      })}
    </details>
  </figure>`;
};

const snapshots = (visit: Visit, list: List<LiquiditySnapshotResource>): Markup =>
  table({
    caption: 'Snapshots, newest first',
    columns: [
      { title: 'At' },
      { title: 'Revision', numeric: true },
      { title: 'Coverage', numeric: true },
      { title: 'Owed to customers', numeric: true },
      { title: 'Liquidity', numeric: true },
    ],
    rows: list.data.map((one) => [
      timeOf(one.snapshot_at, visit.zone),
      eventLink(one.revision),
      percent(one.coverage_ratio),
      moneyIn(one.total_customer_liabilities, one.currency),
      moneyIn(one.total_available_liquidity, one.currency),
    ]),
    empty: 'There are none yet.',
  });

const currencies = (visit: Visit, rows: readonly Standing[], chosen: string): Markup =>
  html`<div class="field">
    <label for="currency">Currency</label>
    <select id="currency" name="currency">
      ${rows.map(
        ({ currency }) =>
          html`<option value="${currency}" ${currency === chosen && html`selected`}>${currency}</option>`,
      )}
    </select>
  </div>`;

export const liquidity: PageOf = async (visit) => {
  const { data } = bodyOf(await visit.get<{ readonly data: readonly Standing[] }>('/v1/liquidity'));
  const { default_currency } = visit.tenant;
  const known = data.find(({ currency }) => currency === visit.query.currency);
  const currency = (known ?? data.find((one) => one.currency === default_currency) ?? data[0])?.currency;
  const span = days(visit);
  const [points, list] =
    currency === undefined
      ? [[], null]
      : await Promise.all([
          course(visit, currency, span),
          visit.get<List<LiquiditySnapshotResource>>('/v1/liquidity/snapshots', { currency, limit: 10 }),
        ]);
  const date = (at: number): string => visit.zone.at(at).date;
  return {
    title: 'Liquidity',
    content: html`<h1>Liquidity</h1>
      <p class="lead">What is owed to customers, and what the float accounts hold to pay it with</p>
      ${standings(data)}
      ${
        currency !== undefined &&
        html`<section>
          <h2>Its course</h2>
          ${queryForm(
            visit,
            ['currency', 'from', 'to'],
            'Course',
            currencies(visit, data, currency),
            dateInput(visit, 'from', 'From', date(span.from)),
            dateInput(visit, 'to', 'To', date(span.to)),
          )}
          ${drawn(visit, currency, span, points)} ${list && told(list, (body) => snapshots(visit, body))}
        </section>`
      }`,
  };
};
