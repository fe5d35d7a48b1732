/** What pages are put together from. */
import type { EntryLine } from '#contract/resources/entry.js';
import { isUlid, ulidOf } from '#domain/ids.js';
import type { Answer, Refusal } from './api-calls.js';
import { money, timeOf, wordsOf } from './figures.js';
import { html, NOTHING, type Child, type Markup } from './html.js';
import type { Visit } from './visit.js';

/** Where an id leads. Those without a page of their own are looked for. */
const PLACES: Readonly<Record<string, string>> = {
  acc: 'accounts',
  ltx: 'transactions',
  txn: 'card-transactions',
  card: 'cards',
  set: 'settlements',
  cust: 'records',
  rsv: 'records',
  bst: 'records',
  kyc: 'records',
  liq: 'records',
};

export const isAnyId = (text: string): boolean => /^[a-z]{2,4}_/.test(text) && isUlid(ulidOf(text));

export const placeOf = (id: string): string => {
  const place = PLACES[id.slice(0, id.indexOf('_'))];
  return place === undefined ? `/console/search?q=${id}` : `/console/${place}/${id}`;
};

/** `acc_01J…9QK3ZD`: the end of an id tells it from its neighbours, the beginning only when it was made. */
const shortened = (id: string): string => `${id.slice(0, id.indexOf('_') + 1)}…${id.slice(-6)}`;

/** An id that leads to what it names. */
export const idLink = (id: string | null, text: string | null = null): Markup =>
  id === null
    ? html`<span class="none">–</span>`
    : html`<a class="${text === null ? 'id' : 'name'}" href="${placeOf(id)}" title="${id}"
        >${text ?? shortened(id)}</a
      >`;

export const eventLink = (revision: number): Markup =>
  html`<a class="id" href="/console/events/${revision}">${revision}</a>`;

export const fullId = (id: string): Markup => html`<span class="id">${id}</span>`;

const TONES: Readonly<Record<string, string>> = {
  active: 'good',
  completed: 'good',
  captured: 'good',
  covered: 'good',
  approved: 'good',
  current: 'good',
  netting: 'open',
  accruing: 'open',
  authorized: 'open',
  partially_captured: 'open',
  deprecated: 'open',
  failed: 'bad',
  breached: 'bad',
  declined: 'bad',
  frozen: 'bad',
  suspended: 'bad',
  terminated: 'bad',
  retired: 'bad',
};

/** A status in words, coloured beside that. */
export const status = (name: string): Markup =>
  html`<span class="status ${TONES[name] ?? 'plain'}">${wordsOf(name)}</span>`;

export interface Column {
  readonly title: string;
  readonly numeric?: boolean;
}

export interface Table {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Child[])[];
  /** Sums: under a double line. */
  readonly foot?: readonly (readonly Child[])[];
  /** Said where there are no rows. */
  readonly empty?: string;
}

const cells = (columns: readonly Column[], row: readonly Child[]): Markup[] =>
  row.map((cell, at) => (columns[at]?.numeric ? html`<td class="number">${cell}</td>` : html`<td>${cell}</td>`));

/** Wider than the page it scrolls in its box, also by keyboard. */
export const table = ({ caption, columns, rows, foot = [], empty }: Table): Markup => {
  if (rows.length === 0) return html`<p class="empty">${empty ?? 'There is nothing here.'}</p>`;
  const head = columns.map(
    ({ title, numeric }) => html`<th scope="col" class="${numeric ? 'number' : 'text'}">${title}</th>`,
  );
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table class="${columns.length > 2 ? 'wide' : 'narrow'}">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${cells(columns, row)}
            </tr>`,
        )}
      </tbody>
      ${
        foot.length > 0 &&
        html`<tfoot>
          ${foot.map(
            (row) =>
              html`<tr>
                ${cells(columns, row)}
              </tr>`,
          )}
        </tfoot>`
      }
    </table>
  </div>`;
};

export type Fact = readonly [name: string, value: Child, width?: 'wide'];

/** Facts about one thing; those that are null are left out. */
export const facts = (pairs: readonly (Fact | null)[]): Markup => {
  const rows = pairs.map((pair) => {
    if (pair === null) return null;
    const [name, value, width] = pair;
    return html`<div class="${width ?? 'narrow'}">
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  });
  return html`<dl class="facts">${rows}</dl>`;
};

/** A part of a page that its reader may not see, or that can't be told now: the rest of the page stands. */
export const refusalNote = ({ message }: Refusal): Markup => html`<p class="refused">${message}</p>`;

export const told = <T>(answer: Answer<T>, show: (body: T) => Markup): Markup =>
  answer.refusal === null ? show(answer.body) : refusalNote(answer.refusal);

export interface List<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

/** How to go on in a list, newest first. */
export const pager = (visit: Visit, { next_cursor }: Pick<List<unknown>, 'next_cursor'>): Markup => {
  const isLater = visit.query.starting_after !== undefined;
  if (!isLater && next_cursor === null) return NOTHING;
  return html`<nav class="pager" aria-label="Pages">
    ${isLater && html`<a href="${visit.link({ starting_after: null })}" rel="first">First page</a>`}
    ${next_cursor !== null && html`<a href="${visit.link({ starting_after: next_cursor })}" rel="next">Next page</a>`}
  </nav>`;
};

export const entriesTable = (
  entries: readonly EntryLine[],
  names: ReadonlyMap<string, string>,
  caption = 'Entries',
): Markup =>
  table({
    caption,
    columns: [
      { title: 'Account' },
      { title: 'Debit', numeric: true },
      { title: 'Credit', numeric: true },
      { title: 'Currency' },
      { title: 'Balance after', numeric: true },
    ],
    rows: entries.map(({ account_id, direction, amount, currency, balance_after }) => [
      idLink(account_id, names.get(account_id) ?? null),
      direction === 'debit' ? money(amount, currency) : '',
      direction === 'credit' ? money(amount, currency) : '',
      currency,
      money(balance_after, currency),
    ]),
    empty: 'Nothing was posted.',
  });

const MOST_NAMES = 12;

/** Names of accounts, where the reader may see them; of many the first dozen. */
export const namesOf = async (visit: Visit, ids: readonly (string | null)[]): Promise<ReadonlyMap<string, string>> => {
  const asked = [...new Set(ids.filter((id) => id !== null))].slice(0, MOST_NAMES);
  if (!visit.mayHave('accounts:read')) return new Map();
  const found = await Promise.all(
    asked.map((id) => visit.get<{ account_name: string | null; account_code: string }>(`/v1/accounts/${id}`)),
  );
  return new Map(
    found.flatMap((answer, at) =>
      answer.refusal === null ? [[asked[at] as string, answer.body.account_name ?? answer.body.account_code]] : [],
    ),
  );
};

/** What is known beside the fixed fields: a client's own words. */
export const metadataFacts = (metadata: Readonly<Record<string, unknown>> | null): readonly Fact[] =>
  Object.entries(metadata ?? {}).map(([name, value]) => [name, String(value)]);

export const whenMade = (visit: Visit, made: { created_at: string; updated_at: string }): readonly Fact[] => [
  ['Created', timeOf(made.created_at, visit.zone)],
  ['Last changed', timeOf(made.updated_at, visit.zone)],
];
