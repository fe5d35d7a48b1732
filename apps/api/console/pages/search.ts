import type { AccountResource } from '#contract/resources/account.js';
import type { TransactionResource } from '#contract/resources/transaction.js';
import { ulidOf } from '#domain/ids.js';
import { Redirected, Refused } from '../api-calls.js';
import { moneyIn, wordsOf } from '../figures.js';
import { html, type Markup } from '../html.js';
import { idLink, isAnyId, placeOf, status, table, told, type List } from '../parts.js';
import { eventOf } from '../stream.js';
import type { Page, PageOf, Visit } from '../visit.js';
import { isRecord } from './records.js';
import { transactionsTable } from './transactions.js';

/** Ids that an event's is at the root of: the event tells of what they name. */
const OF_EVENTS = /^(evt|ent|stl)_/;

const nothing = (asked: string, why: string): Page => ({
  title: 'Search',
  status: 404,
  content: html`<h1>Nothing was found</h1>
    <p class="lead">${why}</p>
    <p>You looked for <span class="id">${asked}</span>.</p>
    <p class="hint">
      Any id of this tenant leads to its page, a number to that revision of the stream; also an account’s code and a
      transaction’s reference, written in full.
    </p>`,
});

const byEvent = async (visit: Visit, id: string): Promise<Page> => {
  try {
    const event = await eventOf(visit, ulidOf(id));
    if (event !== null) throw new Redirected(`/console/events/${event.revision}`);
    return nothing(id, 'There is no such event in this tenant’s stream.');
  } catch (error) {
    const isClosed = error instanceof Refused && error.refusal.status === 403;
    if (isClosed && isRecord(id)) throw new Redirected(`/console/records/${id}`);
    throw error;
  }
};

const accountsTable = (list: List<AccountResource>): Markup | false =>
  list.data.length > 0 &&
  (table({
    caption: 'Accounts with this code',
    columns: [{ title: 'Account' }, { title: 'Type' }, { title: 'Status' }, { title: 'Balance', numeric: true }],
    rows: list.data.map((one) => [
      idLink(one.id, one.account_name ?? one.account_code),
      wordsOf(one.wallet_type),
      status(one.status),
      moneyIn(one.balance, one.currency),
    ]),
  }) as Markup | false);

const byWords = async (visit: Visit, text: string): Promise<Page> => {
  const [accounts, transactions] = await Promise.all([
    visit.get<List<AccountResource>>('/v1/accounts', { account_code: text, limit: 10 }),
    visit.get<List<TransactionResource>>('/v1/transactions', { reference: text, limit: 10 }),
  ]);
  const found = [
    ...(accounts.refusal === null ? accounts.body.data : []),
    ...(transactions.refusal === null ? transactions.body.data : []),
  ];
  const [only] = found;
  if (found.length === 1 && only !== undefined) throw new Redirected(placeOf(only.id));
  if (found.length === 0) return nothing(text, 'No account has this code, and no transaction this reference.');
  return {
    title: 'Search',
    content: html`<h1>Found</h1>
      ${told(accounts, (list) => html`${accountsTable(list)}`)}
      ${told(transactions, (list) => transactionsTable(visit, list.data, 'Transactions with this reference'))}`,
  };
};

export const search: PageOf = async (visit) => {
  const asked = (visit.query.q ?? '').trim();
  if (asked === '') return nothing('nothing', 'Say what to look for: an id, a code, a reference, a revision.');
  if (/^\d{1,15}$/.test(asked)) throw new Redirected(`/console/events/${asked}`);
  if (!isAnyId(asked)) return byWords(visit, asked);
  if (OF_EVENTS.test(asked)) return byEvent(visit, asked);
  const place = placeOf(asked);
  if (!place.startsWith('/console/search')) throw new Redirected(place);
  return nothing(asked, 'Ids of this kind have no page here.');
};
