import type { TrialBalanceAccount, TrialBalanceLine } from '#contract/resources/trial-balance.js';
import { bodyOf } from '../api-calls.js';
import { countText, money, wordsOf } from '../figures.js';
import { asOf, asOfForm, asOfWords } from '../forms.js';
import { html, type Markup } from '../html.js';
import { eventLink, idLink, pager, table, type List } from '../parts.js';
import type { PageOf } from '../visit.js';

export interface TrialBalance {
  readonly revision: number;
  readonly data: readonly TrialBalanceLine[];
  readonly accounts?: List<TrialBalanceAccount>;
}

const ROWS = 100;

const verdict = (lines: readonly TrialBalanceLine[]): Markup => {
  const wrong = lines.filter(({ debits, credits }) => debits !== credits);
  if (lines.length === 0) return html`<p class="verdict">Nothing was posted by then.</p>`;
  return wrong.length === 0
    ? html`<p class="verdict good">Debits equal credits in every currency.</p>`
    : html`<p class="verdict bad">
        Debits and credits differ in ${wrong.map(({ currency }) => currency).join(', ')}.
      </p>`;
};

export const sums = (lines: readonly TrialBalanceLine[], caption: string): Markup =>
  table({
    caption,
    columns: [
      { title: 'Currency' },
      { title: 'Debits', numeric: true },
      { title: 'Credits', numeric: true },
      { title: 'Difference', numeric: true },
    ],
    rows: lines.map(({ currency, debits, credits }) => [
      html`<strong>${currency}</strong>`,
      money(debits, currency),
      money(credits, currency),
      money(debits - credits, currency),
    ]),
    empty: 'Nothing was posted.',
  });

const byAccount = (rows: readonly TrialBalanceAccount[], isWhole: boolean): Markup => {
  const currencies = [...new Set(rows.map(({ currency }) => currency))].sort();
  const total = (currency: string, side: 'debits' | 'credits'): number =>
    rows.reduce((sum, row) => (row.currency === currency ? sum + row[side] : sum), 0);
  return table({
    caption: 'By account',
    columns: [
      { title: 'Account' },
      { title: 'Type' },
      { title: 'Currency' },
      { title: 'Debit', numeric: true },
      { title: 'Credit', numeric: true },
    ],
    rows: rows.map(({ account_id, account_code, wallet_type, currency, debits, credits }) => [
      idLink(account_id, account_code),
      wordsOf(wallet_type),
      currency,
      debits === 0 ? '' : money(debits, currency),
      credits === 0 && debits !== 0 ? '' : money(credits, currency),
    ]),
    foot: currencies.map((currency) => [
      isWhole ? 'Total' : 'Of this page',
      '',
      currency,
      money(total(currency, 'debits'), currency),
      money(total(currency, 'credits'), currency),
    ]),
    empty: 'There are no accounts.',
  });
};

export const trialBalance: PageOf = async (visit) => {
  const query = { as_of: asOf(visit), detail: 'accounts', limit: ROWS, starting_after: visit.query.starting_after };
  const found = bodyOf(await visit.get<TrialBalance>('/v1/trial_balance', query));
  const accounts = found.accounts ?? { data: [], has_more: false, next_cursor: null };
  const isWhole = !accounts.has_more && visit.query.starting_after === undefined;
  return {
    title: 'Trial balance',
    content: html`<h1>Trial balance</h1>
      <p class="lead">${asOfWords(visit)}, as known at revision ${eventLink(found.revision)} of the stream</p>
      ${asOfForm(visit)} ${verdict(found.data)} ${sums(found.data, 'Totals of the ledger')}
      ${byAccount(accounts.data, isWhole)}
      ${!isWhole && html`<p class="hint">${countText(accounts.data.length)} accounts on this page; the totals above are of all.</p>`}
      ${pager(visit, accounts)}`,
  };
};
