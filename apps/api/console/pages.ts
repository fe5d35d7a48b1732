import { account, accounts } from './pages/accounts.js';
import { card, cardTransaction, cardTransactions } from './pages/cards.js';
import { event, events } from './pages/events.js';
import { liquidity } from './pages/liquidity.js';
import { months } from './pages/months.js';
import { overview } from './pages/overview.js';
import { record } from './pages/records.js';
import { search } from './pages/search.js';
import { settlement, settlements } from './pages/settlements.js';
import { transaction, transactions } from './pages/transactions.js';
import { trialBalance } from './pages/trial-balance.js';
import { versions } from './pages/versions.js';
import type { PageOf } from './visit.js';

/** Every page that somebody who is signed in can ask for. */
export const PAGES: Readonly<Record<string, PageOf>> = {
  '/console': overview,
  '/console/trial-balance': trialBalance,
  '/console/accounts': accounts,
  '/console/accounts/:id': account,
  '/console/transactions': transactions,
  '/console/transactions/:id': transaction,
  '/console/cards/:id': card,
  '/console/card-transactions': cardTransactions,
  '/console/card-transactions/:id': cardTransaction,
  '/console/settlements': settlements,
  '/console/settlements/:id': settlement,
  '/console/months': months,
  '/console/liquidity': liquidity,
  '/console/events': events,
  '/console/events/:id': event,
  '/console/records/:id': record,
  '/console/search': search,
  '/console/versions': versions,
};
