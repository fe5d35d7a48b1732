import { renderCardTransaction } from '#contract/resources/card-transaction.js';
import type { CardTransactionFacts } from '#domain/card-transactions/card-transactions.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const CARD_TRANSACTION = {
  tenant_id: 'text',
  card_transaction_id: 'text',
  card_id: 'text',
  account_id: 'text',
  status: 'text',
  resource: 'text',
} as const;

const setCardTransactions = insertInto(
  'card_transactions',
  CARD_TRANSACTION,
  'ON CONFLICT (tenant_id, card_transaction_id) DO UPDATE SET status = EXCLUDED.status, resource = EXCLUDED.resource',
);

/** The card transaction as an event leaves it: a reversal changes the purchase whose refund it takes back. */
const cardTransactionIn = ({ data }: LedgerEvent): CardTransactionFacts | undefined => {
  if ('card_transaction' in data) return data.card_transaction;
  return 'purchase' in data ? data.purchase : undefined;
};

const statements = ({ events, open }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const rows = events.flatMap(({ tenantId, event }): RowOf<typeof CARD_TRANSACTION>[] => {
    const facts = cardTransactionIn(event);
    if (facts === undefined) return [];
    const { card_transaction_id, card_id, account_id, status } = facts;
    const resource = JSON.stringify(renderCardTransaction(facts, { updatedAt: event.at }, open(tenantId)));
    return [{ tenant_id: tenantId, card_transaction_id, card_id, account_id, status, resource }];
  });
  return setCardTransactions(lastBy(rows, (row) => `${row.tenant_id} ${row.card_transaction_id}`));
};

export const cardTransactions: Projection<LedgerEvent> = {
  name: 'card-transactions',
  version: 1,
  tables: ['card_transactions'],
  migrations: [{ name: 'card-transactions', sql: sqlBeside(import.meta.url, './card-transactions.sql') }],
  statements,
};
