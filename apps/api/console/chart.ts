import { dayAfter } from '#domain/time.js';
import { moneyText } from './figures.js';
import { html, type Markup } from './html.js';
import { dayText, type Zone } from './zone.js';

export interface Point {
  /** ms since 1970 */
  readonly at: number;
  readonly liabilities: number;
  readonly liquidity: number;
}

export interface Chart {
  readonly points: readonly Point[];
  readonly from: number;
  readonly to: number;
  readonly currency: string;
  readonly zone: Zone;
  readonly width: number;
  readonly height: number;
  /** Tells it from other drawings of the page. */
  readonly name: string;
}

const LEFT = 8;
const BOTTOM = 26;
const TOP = 26;
const DAY_MS = 86_400_000;

/** Round steps from below the least to above the largest: at most six lines. */
const levels = (least: number, most: number): number[] => {
  const span = Math.max(1, most - least);
  const size = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 5, 10].map((factor) => factor * size).find((one) => span / one <= 5) ?? span;
  const whole = Math.max(1, Math.round(step));
  const first = Math.floor(least / whole) * whole;
  return Array.from({ length: Math.ceil((most - first) / whole) + 1 }, (_, at) => first + at * whole);
};

const rounded = (value: number): string => value.toFixed(1);

/** A line that keeps its height until the next point: a balance stands until something moves it. */
const steps = (points: readonly (readonly [x: number, y: number])[], end: number): string =>
  points.map(([x, y], at) => (at === 0 ? `M${rounded(x)} ${rounded(y)}` : `H${rounded(x)}V${rounded(y)}`)).join('') +
  `H${rounded(end)}`;

/** Hours of a day or two, else the beginnings of days: as many as there is room for. */
const marks = ({ from, to, zone, width }: Chart): readonly (readonly [at: number, text: string])[] => {
  const room = Math.floor(width / 110);
  if (to - from <= 2 * DAY_MS) {
    return Array.from({ length: room }, (_, mark) => {
      const at = from + ((to - from) * mark) / room;
      return [at, zone.at(at).time.slice(0, 5)] as const;
    });
  }
  const days: (readonly [number, string])[] = [];
  for (let date = zone.at(from).date; zone.startOf(date) < to; date = dayAfter(date)) {
    if (zone.startOf(date) >= from) days.push([zone.startOf(date), dayText(date).slice(0, -5)]);
  }
  const every = Math.ceil(days.length / room);
  return days.filter((_, at) => at % every === 0);
};

/** What is owed and what there is to pay it with, drawn here and not by a script. Its figures stand in a table beside it. */
export const chart = (options: Chart): Markup => {
  const { points, from, to, currency, width, height, name } = options;
  const amounts = points.flatMap(({ liabilities, liquidity }) => [liabilities, liquidity]);
  const lines = levels(Math.min(0, ...amounts), Math.max(1, ...amounts));
  const [least, most] = [lines[0] as number, lines.at(-1) as number];
  const right = width - 8;
  const x = (at: number): number => LEFT + ((at - from) / Math.max(1, to - from)) * (right - LEFT);
  const y = (amount: number): number => TOP + (1 - (amount - least) / (most - least)) * (height - TOP - BOTTOM);
  const path = (of: 'liabilities' | 'liquidity'): string =>
    steps(
      points.map((point) => [x(point.at), y(point[of])]),
      right,
    );
  const times = marks(options);
  return html`<svg class="chart ${name}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${name}-title">
    <title id="${name}-title">Liabilities and liquidity in ${currency}; the table below has the figures</title>
    ${lines.map(
      (level) =>
        html`<path class="rule" d="M${LEFT} ${rounded(y(level))}H${right}" />
          <text class="level" x="${LEFT}" y="${rounded(y(level) - 4)}">${moneyText(level, currency)}</text>`,
    )}
    ${times.map(
      ([at, text]) =>
        html`<text
          class="mark"
          x="${rounded(x(at))}"
          y="${height - 6}"
          text-anchor="${x(at) > right - 40 ? 'end' : 'start'}"
        >
          ${text}
        </text>`,
    )}
    <path class="area" d="${path('liquidity')}V${rounded(y(least))}H${rounded(x(points[0]?.at ?? from))}Z" />
    <path class="liquidity" d="${path('liquidity')}" />
    <path class="liabilities" d="${path('liabilities')}" />
  </svg>`;
};
