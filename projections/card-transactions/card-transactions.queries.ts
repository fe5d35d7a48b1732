import type { CardTransactionResource } from '#contract/resources/card-transaction.js';
import type { Instant } from '#domain/time.js';
import { Conditions, firstIdAt, lastIdAt, pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
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

/** Positions are card transaction ids. */
export const listCardTransactions = async (
  session: TenantSession,
  query: CardTransactionsQuery,
): Promise<Page<CardTransactionResource>> => {
  const scan = scanOf(query);
  const where = new Conditions()
    .and('tenant_id = ?', session.tenantId)
    .when(query.cardId, 'card_id = ?')
    .when(query.accountId, 'account_id = ?')
    .when(query.status, 'status = ?')
    .when(scan.from, `card_transaction_id ${scan.comparison} ?`);
  if (query.from !== undefined) where.and('card_transaction_id >= ?', firstIdAt('txn', query.from));
  if (query.to !== undefined) where.and('card_transaction_id <= ?', lastIdAt('txn', query.to));
  const rows = await session.rows<CardTransactionRow>(
    `SELECT card_transaction_id, resource FROM card_transactions WHERE ${where}
     ORDER BY card_transaction_id ${scan.direction} LIMIT ${scan.limit}`,
    where.values,
  );
  return pageOf(query, rows, (row) => row.card_transaction_id, resourceOf);
};
