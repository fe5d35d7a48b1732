import type { Instant } from '#domain/time.js';
import type { TransactionResource } from '#contract/resources/transaction.js';
import { Conditions, firstIdAt, lastIdAt, pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import type { TenantSession } from '#projecting/tenant-session.js';
import { metadataDigest } from './metadata-digest.js';

export interface TransactionsQuery extends PageQuery {
  /** Which it posts to, or would have. */
  readonly account?: string;
  readonly type?: string;
  readonly status?: string;
  readonly channel?: string;
  readonly reference?: string;
  readonly currency?: string;
  /** When it was recorded, both ends included. */
  readonly from?: Instant;
  readonly to?: Instant;
  /** Minor units, both ends included. */
  readonly amountAtLeast?: number;
  readonly amountAtMost?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface TransactionRow {
  readonly transaction_id: string;
  readonly resource: string;
}

const resourceOf = ({ resource }: TransactionRow): TransactionResource => JSON.parse(resource) as TransactionResource;

/** Null where the tenant has no such transaction. */
export const getTransaction = async (
  session: TenantSession,
  transactionId: string,
): Promise<TransactionResource | null> => {
  const [row] = await session.rows<TransactionRow>(
    'SELECT transaction_id, resource FROM transactions WHERE tenant_id = $1 AND transaction_id = $2',
    [session.tenantId, transactionId],
    'transactions.get',
  );
  return row === undefined ? null : resourceOf(row);
};

const conditionsOf = (session: TenantSession, query: TransactionsQuery): Conditions => {
  const where = new Conditions()
    .and('t.tenant_id = ?', session.tenantId)
    .when(query.type, 't.type = ?')
    .when(query.status, 't.status = ?')
    .when(query.channel, 't.channel = ?')
    .when(query.reference, 't.reference = ?')
    .when(query.currency, 't.currency = ?')
    .when(query.amountAtLeast, 't.amount >= ?')
    .when(query.amountAtMost, 't.amount <= ?');
  if (query.from !== undefined) where.and('t.transaction_id >= ?', firstIdAt('ltx', query.from));
  if (query.to !== undefined) where.and('t.transaction_id <= ?', lastIdAt('ltx', query.to));
  for (const [key, value] of Object.entries(query.metadata ?? {})) {
    where.and(
      `EXISTS (SELECT FROM transaction_metadata m WHERE m.tenant_id = $1 AND m.digest = ?
         AND m.transaction_id = t.transaction_id)`,
      metadataDigest(key, value),
    );
  }
  return where;
};

/**
 * The transactions of an account, in the order of the stream, which is that of their ids: those that posted by its entries,
 * the others by what they named. Read from both ends' indexes in step, so that a page of a busy account reads no more.
 */
const ofAccount = (query: TransactionsQuery, account: string, where: Conditions): string => {
  const { direction, comparison, from } = scanOf(query);
  const id = where.parameter(account);
  const bounds: string[] = [];
  const revisionOf = (bound: string): string =>
    `(SELECT x.revision FROM transactions x WHERE x.tenant_id = $1 AND x.transaction_id ${bound})`;
  const at = (compare: string, bound: string): void => void bounds.push(`AND revision ${compare} ${revisionOf(bound)}`);
  if (from !== null) at(comparison, `= ${where.parameter(from)}`);
  if (query.to !== undefined) {
    at('<=', `<= ${where.parameter(lastIdAt('ltx', query.to))} ORDER BY x.transaction_id DESC LIMIT 1`);
  }
  if (query.from !== undefined) {
    at('>=', `>= ${where.parameter(firstIdAt('ltx', query.from))} ORDER BY x.transaction_id LIMIT 1`);
  }
  const part = (table: string): string =>
    `(SELECT revision, transaction_id FROM ${table} WHERE tenant_id = $1 AND account_id = ${id} ${bounds.join(' ')}
      ORDER BY revision ${direction})`;
  return `(SELECT DISTINCT ON (u.revision) u.revision, u.transaction_id
    FROM (${part('entries')} UNION ALL ${part('transaction_parties')}) u ORDER BY u.revision ${direction}) a
    JOIN transactions t ON t.tenant_id = $1 AND t.transaction_id = a.transaction_id`;
};

/** Positions are transaction ids. */
export const listTransactions = async (
  session: TenantSession,
  query: TransactionsQuery,
): Promise<Page<TransactionResource>> => {
  const scan = scanOf(query);
  const where = conditionsOf(session, query);
  const from = query.account === undefined ? 'transactions t' : ofAccount(query, query.account, where);
  if (query.account === undefined) where.when(scan.from, `t.transaction_id ${scan.comparison} ?`);
  const order = query.account === undefined ? 't.transaction_id' : 'a.revision';
  const rows = await session.rows<TransactionRow>(
    `SELECT t.transaction_id, t.resource FROM ${from} WHERE ${where} ORDER BY ${order} ${scan.direction} LIMIT ${scan.limit}`,
    where.values,
  );
  return pageOf(query, rows, (row) => row.transaction_id, resourceOf);
};
