import type { AccountResource } from '#contract/resources/account.js';
import type { EntryResource } from '#contract/resources/entry.js';
import { bodyOf } from '../api-calls.js';
import { money, moneyIn, timeOf, wordsOf } from '../figures.js';
import { asOf, asOfForm, asOfWords, choice, dateInput, period, queryForm, textInput } from '../forms.js';
import { html, type Markup } from '../html.js';
import { idIn } from '../ids.js';
import {
  eventLink,
  facts,
  fullId,
  idLink,
  metadataFacts,
  pager,
  status,
  table,
  told,
  whenMade,
  type List,
} from '../parts.js';
import type { PageOf, Visit } from '../visit.js';

const FILTERS = ['wallet_type', 'status', 'currency', 'account_code'];
const WALLET_TYPES = ['customer', 'business', 'merchant', 'agent', 'float', 'general', 'system'];
const STATUSES = ['active', 'frozen', 'closed'];

export const accounts: PageOf = async (visit) => {
  const { starting_after } = visit.query;
  const list = bodyOf(
    await visit.get<List<AccountResource>>('/v1/accounts', { ...visit.filters(FILTERS), starting_after }),
  );
  return {
    title: 'Accounts',
    content: html`<h1>Accounts</h1>
      ${queryForm(
        visit,
        FILTERS,
        'Accounts',
        choice(visit, 'wallet_type', 'Type', WALLET_TYPES),
        choice(visit, 'status', 'Status', STATUSES),
        textInput(visit, 'currency', 'Currency', 4),
        textInput(visit, 'account_code', 'Code', 18),
      )}
      ${table({
        caption: 'Accounts, newest first',
        columns: [
          { title: 'Account' },
          { title: 'Code' },
          { title: 'Type' },
          { title: 'Status' },
          { title: 'Balance', numeric: true },
          { title: 'Held', numeric: true },
          { title: 'Available', numeric: true },
          { title: 'Currency' },
        ],
        rows: list.data.map((one) => [
          idLink(one.id, one.account_name ?? one.account_code),
          html`<span class="code">${one.account_code}</span>`,
          wordsOf(one.wallet_type),
          status(one.status),
          money(one.balance, one.currency),
          money(one.held, one.currency),
          money(one.available_balance, one.currency),
          one.currency,
        ]),
        empty: 'No account is like that.',
      })}
      ${pager(visit, list)}`,
  };
};

interface Balance {
  readonly balance: number;
  readonly held: number | null;
  readonly available_balance: number | null;
  readonly revision: number;
}

const standing = (visit: Visit, account: AccountResource, balance: Balance): Markup => {
  const { currency } = account;
  return html`<dl class="standing" aria-label="Balance ${asOfWords(visit)}">
    <div>
      <dt>Balance</dt>
      <dd>${moneyIn(balance.balance, currency)}</dd>
    </div>
    ${
      balance.held !== null &&
      html`<div>
        <dt>Held</dt>
        <dd>${moneyIn(balance.held, currency)}</dd>
      </div>`
    }
    ${
      balance.available_balance !== null &&
      html`<div>
        <dt>Available</dt>
        <dd>${moneyIn(balance.available_balance, currency)}</dd>
      </div>`
    }
  </dl>`;
};

const ENTRY_FILTERS = ['from', 'to', 'direction'];

const entriesOf = (visit: Visit, list: List<EntryResource>): Markup =>
  html`${table({
    caption: 'Entries, newest first',
    columns: [
      { title: 'Effective' },
      { title: 'Transaction' },
      { title: 'Debit', numeric: true },
      { title: 'Credit', numeric: true },
      { title: 'Balance after', numeric: true },
      { title: 'Revision', numeric: true },
    ],
    rows: list.data.map(({ effective_at, transaction_id, revision, direction, amount, currency, balance_after }) => [
      timeOf(effective_at, visit.zone),
      idLink(transaction_id),
      direction === 'debit' ? money(amount, currency) : '',
      direction === 'credit' ? money(amount, currency) : '',
      money(balance_after, currency),
      eventLink(revision),
    ]),
    empty: 'Nothing was posted here.',
  })}
  ${pager(visit, list)}`;

const statementForm = (visit: Visit, id: string): Markup => {
  const today = visit.zone.at(visit.now).date;
  const field = (name: string, label: string, value: string): Markup =>
    html`<div class="field">
      <label for="statement-${name}">${label}</label>
      <input type="date" id="statement-${name}" name="${name}" value="${value}" required />
    </div>`;
  return html`<section class="aside">
    <h2>Statement</h2>
    <form class="query" method="get" action="/console/accounts/${id}/statement" aria-label="Statement">
      ${field('from', 'From', `${today.slice(0, 7)}-01`)}${field('to', 'To', today)}
      <div class="field">
        <button name="format" value="pdf">PDF</button> <button class="second" name="format" value="csv">CSV</button>
      </div>
    </form>
  </section>`;
};

const about = (visit: Visit, one: AccountResource): Markup =>
  facts([
    ['Code', html`<span class="code">${one.account_code}</span>`],
    ['Type', wordsOf(one.wallet_type)],
    ['Normal side', one.normal_side],
    ['KYC tier', one.kyc_tier],
    one.overdraft_limit > 0 ? ['Overdraft', moneyIn(one.overdraft_limit, one.currency)] : null,
    one.receivable > 0 ? ['Owed by its holder', moneyIn(one.receivable, one.currency)] : null,
    one.parent_account_id ? ['Below', idLink(one.parent_account_id)] : null,
    one.customer_id ? ['Customer', idLink(one.customer_id)] : null,
    one.post_no_debit ? ['Debits', 'not taken'] : null,
    one.post_no_credit ? ['Credits', 'not taken'] : null,
    ...metadataFacts(one.metadata),
    ...whenMade(visit, one),
    ['Id', fullId(one.id)],
  ]);

export const account: PageOf = async (visit) => {
  const id = idIn(visit, 'account');
  const path = `/v1/accounts/${id}`;
  const filters = { ...visit.filters(['direction']), ...period(visit), starting_after: visit.query.starting_after };
  const [found, balance, entries] = await Promise.all([
    visit.get<AccountResource>(path),
    visit.get<Balance>(`${path}/balance`, { as_of: asOf(visit) }),
    visit.get<List<EntryResource>>(`${path}/entries`, filters),
  ]);
  const one = bodyOf(found);
  const name = one.account_name ?? one.account_code;
  return {
    title: name,
    content: html`<h1>${name} ${status(one.status)}</h1>
      <p class="lead">
        Balance
        ${asOfWords(visit)}${balance.refusal === null && html`, at revision ${eventLink(balance.body.revision)}`}
      </p>
      ${told(balance, (body) => standing(visit, one, body))} ${asOfForm(visit)} ${about(visit, one)}
      ${statementForm(visit, id)}
      <section>
        <h2>Entries</h2>
        ${queryForm(
          visit,
          ENTRY_FILTERS,
          'Entries',
          dateInput(visit, 'from', 'From'),
          dateInput(visit, 'to', 'To'),
          choice(visit, 'direction', 'Side', ['debit', 'credit']),
        )}
        ${told(entries, (list) => entriesOf(visit, list))}
      </section>`,
  };
};
