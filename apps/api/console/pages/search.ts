import type { AccountResource } from '#contract/resources/account.js';
import type { TransactionResource } from '#contract/resources/transaction.js';
import { ulidOf } from '#domain/ids.js';
import { Redirected, Refused, type Answer } from '../api-calls.js';
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
      The id of anything that has a page here leads to it, a number to that revision of the stream; also an account’s
      code, a transaction’s reference and the reference of a settlement’s payment, written in full. A card network’s
      references are not looked through.
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

const dataOf = <T>(answer: Answer<List<T>>): readonly T[] => (answer.refusal === null ? answer.body.data : []);

/** Settlements by the reference of what paid them: the transaction of the payment names both. */
const settlementsPaid = (payments: readonly TransactionResource[]): readonly string[] =>
  payments.map(({ metadata }) => metadata.settlement_id ?? '').filter(isAnyId);

const byWords = async (visit: Visit, text: string): Promise<Page> => {
  const [accounts, transactions, payments] = await Promise.all([
    visit.get<List<AccountResource>>('/v1/accounts', { account_code: text, limit: 10 }),
    visit.get<List<TransactionResource>>('/v1/transactions', { reference: text, limit: 10 }),
    visit.get<List<TransactionResource>>('/v1/transactions', {
      type: 'settlement_payment',
      'metadata[payment_reference]': text,
      limit: 10,
    }),
  ]);
  const paid = settlementsPaid(dataOf(payments));
  const found = [...[...dataOf(accounts), ...dataOf(transactions)].map(({ id }) => id), ...paid];
  const [only] = found;
  if (found.length === 1 && only !== undefined) throw new Redirected(placeOf(only));
  if (found.length === 0) {
    return nothing(text, 'No account has this code, and no transaction or payment of a settlement this reference.');
  }
  return {
    title: 'Search',
    content: html`<h1>Found</h1>
      ${told(accounts, (list) => html`${accountsTable(list)}`)}
      ${told(transactions, (list) => transactionsTable(visit, list.data, 'Transactions with this reference'))}
      ${
        paid.length > 0 &&
        html`<h2>Settlements paid with this reference</h2>
          <ul>
            ${paid.map((id) => html`<li>${idLink(id)}</li>`)}
          </ul>`
      }`,
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
