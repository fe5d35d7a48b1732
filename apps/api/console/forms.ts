/** Forms that ask for pages: filters of lists, and the time that something is to be true at. */
import { formatInstant, parseInstant } from '#domain/time.js';
import { wordsOf } from './figures.js';
import { html, type Child, type Markup } from './html.js';
import type { Visit } from './visit.js';
import { isDay } from './zone.js';

const field = (name: string, label: string, control: Markup): Markup =>
  html`<div class="field"><label for="${name}">${label}</label>${control}</div>`;

export const choice = (visit: Visit, name: string, label: string, values: readonly string[]): Markup =>
  field(
    name,
    label,
    html`<select id="${name}" name="${name}">
      <option value="">All</option>
      ${values.map(
        (value) =>
          html`<option value="${value}" ${visit.query[name] === value && html`selected`}>${wordsOf(value)}</option>`,
      )}
    </select>`,
  );

export const textInput = (visit: Visit, name: string, label: string, size = 14): Markup =>
  field(
    name,
    label,
    html`<input
      id="${name}"
      name="${name}"
      value="${visit.query[name]}"
      size="${size}"
      autocomplete="off"
      spellcheck="false"
    />`,
  );

export const dateInput = (visit: Visit, name: string, label: string, value = visit.query[name]): Markup =>
  field(name, label, html`<input type="date" id="${name}" name="${name}" value="${value}" />`);

/** What of the query the form does not ask for goes on as it is. */
export const queryForm = (visit: Visit, names: readonly string[], label: string, ...fields: Child[]): Markup => {
  const isAsked = names.some((name) => visit.query[name]);
  const kept = Object.entries(visit.query).filter(([name]) => !names.includes(name) && name !== 'starting_after');
  return html`<form class="query" method="get" action="${visit.path}" aria-label="${label}">
    ${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}${fields}
    <div class="field"><button type="submit">Show</button></div>
    ${
      isAsked &&
      html`<a
        class="clear"
        href="${visit.link(Object.fromEntries([...names, 'starting_after'].map((name) => [name, null])))}"
        >Clear</a
      >`
    }
  </form>`;
};

const AS_OF_FIELDS = ['date', 'time', 'revision'];

/** `as_of` of a query; undefined: now. A day alone is meant to its end, in the tenant's time zone. */
export const asOf = ({ query, zone }: Visit): string | undefined => {
  const { date, time, revision } = query;
  if (revision) return `revision:${revision}`;
  if (!date) return undefined;
  // What is no day is for the API to refuse.
  if (!isDay(date)) return date;
  if (!time) return formatInstant(zone.endOf(date));
  const hasSeconds = time.length > 5;
  if (parseInstant(`${date}T${hasSeconds ? time : `${time}:00`}Z`) === undefined) return `${date}T${time}`;
  // To the end of the second or minute that was named.
  return formatInstant(zone.instantOf(date, time) + (hasSeconds ? 999 : 59_999));
};

/** What was asked for, in words. */
export const asOfWords = (visit: Visit): string => {
  const { revision } = visit.query;
  if (revision) return `as of revision ${revision}`;
  const asked = asOf(visit);
  const at = asked === undefined ? undefined : parseInstant(asked);
  if (asked === undefined) return 'now';
  return at === undefined ? `as of ${asked}` : `as of ${visit.zone.text(at)} ${visit.zone.name}`;
};

/** Asks for a day, a time of it, or a revision of the stream. */
export const asOfForm = (visit: Visit): Markup =>
  queryForm(
    visit,
    AS_OF_FIELDS,
    'As of',
    dateInput(visit, 'date', 'At the end of'),
    field(
      'time',
      'or at a time of that day',
      html`<input type="time" step="1" id="time" name="time" value="${visit.query.time}" />`,
    ),
    field(
      'revision',
      'or at revision',
      html`<input
        id="revision"
        name="revision"
        value="${visit.query.revision}"
        size="9"
        inputmode="numeric"
        pattern="[0-9]*"
        autocomplete="off"
      />`,
    ),
  );

/** First and last instant of the days that a list is asked for. */
export const period = ({ query, zone }: Visit): { from?: string; to?: string } => {
  const instant = (date: string, edge: 'startOf' | 'endOf'): string =>
    isDay(date) ? formatInstant(zone[edge](date)) : date;
  return {
    ...(query.from ? { from: instant(query.from, 'startOf') } : {}),
    ...(query.to ? { to: instant(query.to, 'endOf') } : {}),
  };
};

export const hiddenToken = (formToken: string): Markup =>
  html`<input type="hidden" name="form_token" value="${formToken}" />`;
