import type { SettlementResource } from '#contract/resources/settlement.js';
import type { TransactionResource } from '#contract/resources/transaction.js';
import type { Answer } from '../api-calls.js';
import { timeOf } from '../figures.js';
import { html, type Markup } from '../html.js';
import { eventLink, refusalNote, type List } from '../parts.js';
import { eventsFrom } from '../stream.js';
import type { PageOf, Visit } from '../visit.js';
import { standings, type Standing } from './liquidity.js';
import { settlementsTable } from './settlements.js';
import { transactionsTable } from './transactions.js';
import { sums, type TrialBalance } from './trial-balance.js';

const section = <T>(
  title: string,
  place: string,
  answer: Answer<T> | null,
  show: (body: T) => Markup,
): Markup | false =>
  answer !== null &&
  html`<section>
    <h2><a href="${place}">${title}</a></h2>
    ${answer.refusal === null ? show(answer.body) : refusalNote(answer.refusal)}
  </section>`;

/** The end of the chain, for whoever may see it. */
const chainEnd = async (visit: Visit): Promise<Markup | false> => {
  if (visit.me === null || !visit.mayHave('ledger:audit')) return false;
  const { head } = await eventsFrom(visit, Number.MAX_SAFE_INTEGER, 1);
  const [last] = head < 0 ? [] : (await eventsFrom(visit, head, 1)).events;
  return (
    last !== undefined &&
    html`<p class="hint">
      The stream ends at revision ${eventLink(last.revision)}, ${timeOf(last.at, visit.zone)}, with the hash
      <span class="hash">${last.hash}</span>.
    </p>`
  );
};

const verdict = ({ data }: TrialBalance): Markup =>
  data.every(({ debits, credits }) => debits === credits)
    ? html`<p class="verdict good">Debits equal credits in every currency.</p>`
    : html`<p class="verdict bad">Debits and credits differ.</p>`;

export const overview: PageOf = async (visit) => {
  const ask = <T>(scope: string, path: string, query = {}): Promise<Answer<T>> | null =>
    visit.mayHave(scope) ? visit.get<T>(path, query) : null;
  const [balance, liquidity, settled, posted, chain] = await Promise.all([
    ask<TrialBalance>('accounts:read', '/v1/trial_balance'),
    ask<{ readonly data: readonly Standing[] }>('liquidity:read', '/v1/liquidity'),
    ask<List<SettlementResource>>('settlements:read', '/v1/settlements', { limit: 5 }),
    ask<List<TransactionResource>>('transactions:read', '/v1/transactions', { limit: 8 }),
    chainEnd(visit),
  ]);
  const isEmpty = [balance, liquidity, settled, posted].every((one) => one === null);
  return {
    title: 'Overview',
    content: html`<h1>${visit.tenant.name ?? visit.tenant.id}</h1>
      <p class="lead">The books now, ${visit.zone.text(visit.now)}</p>
      ${isEmpty && html`<p class="empty">Your role does not include the books. Whoever manages your tenant’s users can change that.</p>`}
      ${section('Trial balance', '/console/trial-balance', balance, (body) => html`${verdict(body)} ${sums(body.data, 'Totals of the ledger')}`)}
      ${section('Liquidity', '/console/liquidity', liquidity, ({ data }) => standings(data))}
      ${section('Settlements', '/console/settlements', settled, ({ data }) => settlementsTable(data, 'The latest settlements'))}
      ${section('Transactions', '/console/transactions', posted, ({ data }) => transactionsTable(visit, data, 'The latest transactions'))}
      ${chain}`,
  };
};
