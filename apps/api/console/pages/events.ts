import type { PublicEvent } from '#contract/public-events.js';
import { entryId } from '#domain/ids.js';
import { Refused } from '../api-calls.js';
import { timeOf } from '../figures.js';
import { html, type Markup } from '../html.js';
import { eventLink, entriesTable, facts, fullId, idLink, isAnyId, namesOf, pager, table, type List } from '../parts.js';
import { BEFORE_THE_FIRST, eventsFrom, type StoredEvent } from '../stream.js';
import type { Page, PageOf, Visit } from '../visit.js';

const PAGE = 25;
/** Revisions have no more digits: beyond is no safe integer. */
const REVISION = /^\d{1,15}$/;

const hashText = (hash: string): Markup => html`<span class="hash" title="${hash}">${hash.slice(0, 12)}…</span>`;

/** What an event is of, the most particular first. */
const SUBJECTS = ['settlement', 'card_transaction', 'transaction', 'reservation', 'card', 'customer', 'account'];

const subjectOf = ({ data }: StoredEvent): string | null => {
  for (const name of [...SUBJECTS, ...Object.keys(data)]) {
    const about = data[name] as Readonly<Record<string, unknown>> | null | undefined;
    const id = about?.[`${name}_id`];
    if (typeof id === 'string' && isAnyId(id)) return id;
  }
  return Object.values(data).find((one): one is string => typeof one === 'string' && isAnyId(one)) ?? null;
};

const newestFirst = (visit: Visit, events: readonly StoredEvent[]): Markup =>
  table({
    caption: 'Events, newest first',
    columns: [
      { title: 'Revision', numeric: true },
      { title: 'Recorded' },
      { title: 'Event' },
      { title: 'About' },
      { title: 'Entries', numeric: true },
      { title: 'Sequence', numeric: true },
      { title: 'Hash' },
    ],
    rows: events.map((event) => [
      eventLink(event.revision),
      timeOf(event.at, visit.zone),
      html`<a class="name" href="/console/events/${event.revision}">${event.type}</a>`,
      idLink(subjectOf(event)),
      event.data.entries?.length ?? '',
      event.meta.sequence,
      hashText(event.hash),
    ]),
    empty: 'There are no events.',
  });

/** The page that ends before a revision; the newest one where none is named. */
const storedEvents = async (visit: Visit): Promise<Page> => {
  const asked = visit.query.before;
  const before =
    asked !== undefined && REVISION.test(asked)
      ? Number(asked)
      : (await eventsFrom(visit, Number.MAX_SAFE_INTEGER, 1)).head + 1;
  const first = Math.max(0, before - PAGE);
  const { head, events } =
    before === 0 ? { head: -1, events: [] } : await eventsFrom(visit, first, Math.min(PAGE, before));
  return {
    title: 'Event stream',
    content: html`<h1>Event stream</h1>
      <p class="lead">
        Every fact of the books in order, each hashed with the one before it. The newest revision is ${head}.
      </p>
      ${newestFirst(visit, events.toReversed())}
      <nav class="pager" aria-label="Pages">
        ${asked !== undefined && html`<a href="/console/events" rel="first">Newest</a>`}
        ${first > 0 && html`<a href="/console/events?before=${first}" rel="next">Older</a>`}
      </nav>`,
  };
};

/** For whoever may read what happened, and not the stream itself: no hashes. */
const publicEvents = async (visit: Visit): Promise<Page> => {
  const answer = await visit.get<List<PublicEvent>>('/v1/events', { starting_after: visit.query.starting_after });
  if (answer.refusal !== null) throw new Refused(answer.refusal);
  return {
    title: 'Events',
    content: html`<h1>Events</h1>
      <p class="lead">
        What happened, as webhooks tell it. The stream with its hashes needs the right <code>ledger:audit</code>.
      </p>
      ${table({
        caption: 'Public events, newest first',
        columns: [{ title: 'Sequence', numeric: true }, { title: 'Recorded' }, { title: 'Event' }, { title: 'About' }],
        rows: answer.body.data.map((event) => [
          event.sequence,
          timeOf(event.created, visit.zone),
          html`<a class="name" href="/console/records/${event.id}">${event.type}</a>`,
          idLink(String((event.data as { id?: unknown }).id ?? '') || null),
        ]),
        empty: 'Nothing happened yet.',
      })}
      ${pager(visit, answer.body)}`,
  };
};

export const events: PageOf = async (visit) => {
  try {
    return await storedEvents(visit);
  } catch (error) {
    if (error instanceof Refused && error.refusal.status === 403) return publicEvents(visit);
    throw error;
  }
};

const noSuchEvent = (): Refused =>
  new Refused({
    status: 404,
    code: 'event_not_found',
    message: 'There is no such revision in this tenant’s stream.',
    param: null,
    requestId: null,
  });

const neighbours = (revision: number, head: number): Markup =>
  html`<nav class="pager" aria-label="Neighbours">
    ${revision > 0 && html`<a href="/console/events/${revision - 1}" rel="prev">Revision ${revision - 1}</a>`}
    ${revision < head && html`<a href="/console/events/${revision + 1}" rel="next">Revision ${revision + 1}</a>`}
  </nav>`;

/** One event by its revision. */
export const event: PageOf = async (visit) => {
  const { id: named = '' } = visit.params;
  if (!REVISION.test(named)) throw noSuchEvent();
  const revision = Number(named);
  const { head, events: found } = await eventsFrom(visit, revision - 1, revision === 0 ? 1 : 2);
  const one = found.find((event) => event.revision === revision);
  if (one === undefined) throw noSuchEvent();
  const previous = found.find((event) => event.revision === revision - 1)?.hash ?? BEFORE_THE_FIRST;
  const entries = (one.data.entries ?? []).map((entry, at) => ({ ...entry, id: entryId(one.id, at) }));
  const names = await namesOf(
    visit,
    entries.map(({ account_id }) => account_id),
  );
  const { meta } = one;
  return {
    title: `${one.type}, revision ${revision}`,
    content: html`<h1>${one.type} <span class="aside-of-title">revision ${revision}</span></h1>
      ${facts([
        ['Recorded', timeOf(one.at, visit.zone)],
        ['About', idLink(subjectOf(one))],
        ['Public sequence', meta.sequence ?? 'internal, told to nobody outside'],
        ['By', String(meta.actor ?? '–')],
        ['Request', String(meta.request_id ?? '–')],
        ['Id', fullId(`evt_${one.id}`)],
        ['Hash', html`<span class="hash">${one.hash}</span>`, 'wide'],
        ['Hash before it', html`<span class="hash">${previous}</span>`, 'wide'],
      ])}
      ${entries.length > 0 && entriesTable(entries, names)}
      <section>
        <h2>As it is stored</h2>
        <p class="hint">Names and other personal texts are sealed: they stand here as ciphertext.</p>
        <pre
          tabindex="0"
          aria-label="The stored event"
        ><code>${JSON.stringify({ ...one, hash: undefined }, null, 2)}</code></pre>
      </section>
      ${neighbours(revision, head)}`,
  };
};
