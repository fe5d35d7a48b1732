import { expressionBuilder, sql, type Expression, type RawBuilder, type SqlBool } from 'kysely';
import type { Instant } from '#domain/time.js';
import type { TransactionResource } from '#contract/resources/transaction.js';
import { firstIdAt, lastIdAt, pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
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

interface Tables {
  readonly transactions: TransactionRow & {
    tenant_id: string;
    /** Compared, never read: it would come as a text. */
    amount: number;
    type: string;
    status: string;
    currency: string;
    channel: string | null;
    reference: string | null;
  };
}

const tables = queriesOf<Tables>();

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

const asked = ({ tenantId }: TenantSession, query: TransactionsQuery): Expression<SqlBool> => {
  const { type, status, channel, reference, currency, from, to, amountAtLeast, amountAtMost, metadata = {} } = query;
  const eb = expressionBuilder<Tables, 'transactions'>();
  const all: Expression<SqlBool>[] = [eb.and({ tenant_id: tenantId, type, status, channel, reference, currency })];
  if (amountAtLeast !== undefined) all.push(eb('amount', '>=', amountAtLeast));
  if (amountAtMost !== undefined) all.push(eb('amount', '<=', amountAtMost));
  if (from !== undefined) all.push(eb('transactions.transaction_id', '>=', firstIdAt('ltx', from)));
  if (to !== undefined) all.push(eb('transactions.transaction_id', '<=', lastIdAt('ltx', to)));
  for (const [key, value] of Object.entries(metadata)) {
    all.push(sql<boolean>`EXISTS (SELECT FROM transaction_metadata m WHERE m.tenant_id = ${tenantId}
      AND m.digest = ${metadataDigest(key, value)} AND m.transaction_id = transactions.transaction_id)`);
  }
  return eb.and(all);
};

/**
 * The transactions of an account, in the order of the stream, which is that of their ids: those that posted by its entries,
 * the others by what they named. Read from both ends' indexes in step, so that a page of a busy account reads no more.
 */
const ofAccount = ({ tenantId }: TenantSession, query: TransactionsQuery, account: string) => {
  const { direction, comparison, from } = scanOf(query);
  const way = sql.raw(direction);
  const bounds = [sql`tenant_id = ${tenantId} AND account_id = ${account}`];
  const bound = (compare: string, which: RawBuilder<unknown>): void => {
    const revision = sql`SELECT x.revision FROM transactions x WHERE x.tenant_id = ${tenantId} AND x.transaction_id ${which}`;
    bounds.push(sql`revision ${sql.raw(compare)} (${revision})`);
  };
  if (from !== null) bound(comparison, sql`= ${from}`);
  if (query.to !== undefined) bound('<=', sql`<= ${lastIdAt('ltx', query.to)} ORDER BY x.transaction_id DESC LIMIT 1`);
  if (query.from !== undefined) bound('>=', sql`>= ${firstIdAt('ltx', query.from)} ORDER BY x.transaction_id LIMIT 1`);
  const part = (table: string): RawBuilder<unknown> =>
    sql`(SELECT revision, transaction_id FROM ${sql.table(table)} WHERE ${sql.join(bounds, sql` AND `)}
      ORDER BY revision ${way})`;
  return sql<{ revision: string; transaction_id: string }>`(SELECT DISTINCT ON (u.revision) u.revision, u.transaction_id
    FROM (${part('entries')} UNION ALL ${part('transaction_parties')}) u ORDER BY u.revision ${way})`;
};

/** Those of these transactions that the tenant has, in no order. */
export const getTransactions = async (
  session: TenantSession,
  ids: readonly string[],
): Promise<TransactionResource[]> => {
  const rows = await session.rows<TransactionRow>(
    'SELECT transaction_id, resource FROM transactions WHERE tenant_id = $1 AND transaction_id = ANY($2)',
    [session.tenantId, ids],
    'transactions.get_many',
  );
  return rows.map(resourceOf);
};

/** Positions are transaction ids. */
export const listTransactions = async (
  session: TenantSession,
  query: TransactionsQuery,
): Promise<Page<TransactionResource>> => {
  const scan = scanOf(query);
  const all = tables
    .selectFrom('transactions')
    .select(['transactions.transaction_id', 'transactions.resource'])
    .where(asked(session, query));
  const list =
    query.account === undefined
      ? scanned(all, 'transactions.transaction_id', scan)
      : all
          .innerJoin(
            ofAccount(session, query, query.account).as('a'),
            'a.transaction_id',
            'transactions.transaction_id',
          )
          .orderBy('a.revision', scan.direction)
          .limit(scan.limit);
  return pageOf(query, await rowsOf(session, list), (row) => row.transaction_id, resourceOf);
};
