import type { BankStatementLineResource, BankStatementResource } from '#contract/resources/bank-statement.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
import type { TenantSession } from '#projecting/tenant-session.js';

interface StatementRow {
  readonly statement_id: string;
  readonly resource: string;
}

interface LineRow {
  readonly line_id: string;
  readonly resource: string;
}

const tables = queriesOf<{
  bank_statements: StatementRow & { tenant_id: string; account_id: string };
  bank_statement_lines: LineRow & { tenant_id: string; statement_id: string; status: string };
}>();

const resourceOf = ({ resource }: StatementRow): BankStatementResource => JSON.parse(resource) as BankStatementResource;
const lineOf = ({ resource }: LineRow): BankStatementLineResource => JSON.parse(resource) as BankStatementLineResource;

/** Null where the tenant has no such statement. */
export const getBankStatement = async (session: TenantSession, id: string): Promise<BankStatementResource | null> => {
  const [row] = await session.rows<StatementRow>(
    'SELECT statement_id, resource FROM bank_statements WHERE tenant_id = $1 AND statement_id = $2',
    [session.tenantId, id],
    'bank_statements.get',
  );
  return row === undefined ? null : resourceOf(row);
};

/** Positions are statement ids. */
export const listBankStatements = async (
  session: TenantSession,
  query: PageQuery & { readonly accountId?: string },
): Promise<Page<BankStatementResource>> => {
  const list = tables
    .selectFrom('bank_statements')
    .select(['statement_id', 'resource'])
    .where(({ and }) => and({ tenant_id: session.tenantId, account_id: query.accountId }));
  const rows = await rowsOf(session, scanned(list, 'statement_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.statement_id, resourceOf);
};

/** Positions are line ids. */
export const listBankStatementLines = async (
  session: TenantSession,
  query: PageQuery & { readonly statementId: string; readonly status?: string },
): Promise<Page<BankStatementLineResource>> => {
  const list = tables
    .selectFrom('bank_statement_lines')
    .select(['line_id', 'resource'])
    .where(({ and }) => and({ tenant_id: session.tenantId, statement_id: query.statementId, status: query.status }));
  const rows = await rowsOf(session, scanned(list, 'line_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.line_id, lineOf);
};

/** A transaction that moved an account which a bank keeps, and that no line of a statement is. */
export interface Unreconciled {
  readonly transaction_id: string;
  readonly type: string;
  /** Minor units: above zero it came in. */
  readonly amount: number;
  readonly effective_at: string;
  readonly reference: string | null;
}

interface UnreconciledRow {
  readonly transaction_id: string;
  readonly amount: string;
  readonly effective_at: Date;
  readonly resource: string;
}

const referenceOf = (resource: string): { type: string; reference: string | null } => {
  const { type, reference, metadata } = JSON.parse(resource) as {
    type: string;
    reference: string | null;
    metadata: Readonly<Record<string, string | null>>;
  };
  return { type, reference: reference ?? metadata.payment_reference ?? null };
};

export const MOST_UNRECONCILED = 10_000;

/** Of an account, effective in a period (both ends included), oldest first; at most 10,000. */
export const unreconciled = async (
  session: TenantSession,
  account: { readonly id: string; readonly from: Instant; readonly to: Instant },
): Promise<readonly Unreconciled[]> => {
  const rows = await session.rows<UnreconciledRow>(
    `SELECT e.transaction_id, e.amount, e.effective_at, t.resource FROM (
       SELECT transaction_id, sum(CASE WHEN debit THEN amount ELSE -amount END) AS amount, min(effective_at) AS effective_at
       FROM entries WHERE tenant_id = $1 AND account_id = $2 AND effective_at >= $3 AND effective_at <= $4
       GROUP BY transaction_id
     ) e JOIN transactions t ON t.tenant_id = $1 AND t.transaction_id = e.transaction_id
     WHERE NOT EXISTS (
       SELECT FROM bank_statement_lines l
       JOIN bank_statements s ON s.tenant_id = l.tenant_id AND s.statement_id = l.statement_id AND s.account_id = $2
       WHERE l.tenant_id = $1 AND l.transaction_id = e.transaction_id
     ) ORDER BY e.effective_at, e.transaction_id LIMIT ${MOST_UNRECONCILED}`,
    [session.tenantId, account.id, formatInstant(account.from), formatInstant(account.to)],
    'bank_statements.unreconciled',
  );
  return rows.map(({ transaction_id, amount, effective_at, resource }) => ({
    transaction_id,
    amount: Number(amount),
    effective_at: effective_at.toISOString(),
    ...referenceOf(resource),
  }));
};
