import type { CardTransactionResource } from '#contract/resources/card-transaction.js';
import type { Instant } from '#domain/time.js';
import { firstIdAt, lastIdAt, pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
import type { TenantSession } from '#projecting/tenant-session.js';

export interface CardTransactionsQuery extends PageQuery {
  readonly cardId?: string;
  readonly accountId?: string;
  readonly status?: string;
  /** When it was first heard of, both ends included. */
  readonly from?: Instant;
  readonly to?: Instant;
}

interface CardTransactionRow {
  readonly card_transaction_id: string;
  readonly resource: string;
}

const tables = queriesOf<{
  card_transactions: CardTransactionRow & { tenant_id: string; card_id: string; account_id: string; status: string };
}>();

const resourceOf = ({ resource }: CardTransactionRow): CardTransactionResource =>
  JSON.parse(resource) as CardTransactionResource;

/** Null where the tenant has no such card transaction. */
export const getCardTransaction = async (
  session: TenantSession,
  cardTransactionId: string,
): Promise<CardTransactionResource | null> => {
  const [row] = await session.rows<CardTransactionRow>(
    'SELECT card_transaction_id, resource FROM card_transactions WHERE tenant_id = $1 AND card_transaction_id = $2',
    [session.tenantId, cardTransactionId],
    'card_transactions.get',
  );
  return row === undefined ? null : resourceOf(row);
};

/** Those of these card transactions that the tenant has, in no order. */
export const getCardTransactions = async (
  session: TenantSession,
  ids: readonly string[],
): Promise<CardTransactionResource[]> => {
  const rows = await session.rows<CardTransactionRow>(
    'SELECT card_transaction_id, resource FROM card_transactions WHERE tenant_id = $1 AND card_transaction_id = ANY($2)',
    [session.tenantId, ids],
    'card_transactions.get_many',
  );
  return rows.map(resourceOf);
};

/** Positions are card transaction ids. */
export const listCardTransactions = async (
  session: TenantSession,
  query: CardTransactionsQuery,
): Promise<Page<CardTransactionResource>> => {
  const { cardId, accountId, status, from, to } = query;
  let list = tables
    .selectFrom('card_transactions')
    .select(['card_transaction_id', 'resource'])
    .where(({ and }) => and({ tenant_id: session.tenantId, card_id: cardId, account_id: accountId, status }));
  if (from !== undefined) list = list.where('card_transaction_id', '>=', firstIdAt('txn', from));
  if (to !== undefined) list = list.where('card_transaction_id', '<=', lastIdAt('txn', to));
  const rows = await rowsOf(session, scanned(list, 'card_transaction_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.card_transaction_id, resourceOf);
};
