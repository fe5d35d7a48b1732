import { restandAccount, type AccountResource } from '#contract/resources/account.js';
import { renderTrialBalance, type BalanceSum, type TrialBalanceLine } from '#contract/resources/trial-balance.js';
import { Conditions, pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import type { TenantSession } from '#projecting/tenant-session.js';

export interface AccountsQuery extends PageQuery {
  readonly status?: string;
  readonly walletType?: string;
  readonly currency?: string;
  readonly kycTier?: string;
  readonly parentAccountId?: string;
  readonly accountCode?: string;
  readonly customerId?: string;
  /** A part of the code or of the name, in any case. Reads account after account: for operators, not for programs. */
  readonly containing?: string;
}

interface AccountRow {
  readonly account_id: string;
  readonly resource: string;
  readonly status: AccountResource['status'];
  readonly post_no_debit: boolean;
  readonly post_no_credit: boolean;
  readonly balance: string;
  readonly held: string;
  readonly receivable: string;
}

// What an account's holder owes is the balance of a system account. Joined by a column of its own: row-level security does
// not trust the operator that makes its code of an id, and would look through all accounts.
const FROM = `FROM accounts a
  JOIN account_balances b ON b.tenant_id = a.tenant_id AND b.account_id = a.account_id
  LEFT JOIN accounts d ON d.tenant_id = a.tenant_id AND d.receivable_of = a.account_id
  LEFT JOIN account_balances o ON o.tenant_id = d.tenant_id AND o.account_id = d.account_id`;

const COLUMNS = `a.account_id, a.resource, a.status, a.post_no_debit, a.post_no_credit, b.balance, b.held,
  COALESCE(o.balance, 0) AS receivable`;

const GET = `SELECT ${COLUMNS} ${FROM} WHERE a.tenant_id = $1 AND a.account_id = $2`;

const resourceOf = (row: AccountRow): AccountResource =>
  restandAccount(JSON.parse(row.resource) as AccountResource, {
    status: row.status,
    post_no_debit: row.post_no_debit,
    post_no_credit: row.post_no_credit,
    balance: Number(row.balance),
    held: Number(row.held),
    receivable: Number(row.receivable),
  });

/** Null where the tenant has no such account. */
export const getAccount = async (session: TenantSession, accountId: string): Promise<AccountResource | null> => {
  const [row] = await session.rows<AccountRow>(GET, [session.tenantId, accountId], 'accounts.get');
  return row === undefined ? null : resourceOf(row);
};

const conditionsOf = (session: TenantSession, query: Omit<AccountsQuery, keyof PageQuery>): Conditions => {
  const where = new Conditions().and('a.tenant_id = ?', session.tenantId);
  where
    .when(query.status, 'a.status = ?')
    .when(query.walletType, 'a.wallet_type = ?')
    .when(query.currency, 'a.currency = ?')
    .when(query.kycTier, 'a.kyc_tier = ?')
    .when(query.parentAccountId, 'a.parent_account_id = ?')
    .when(query.accountCode, 'a.account_code = ?')
    .when(query.customerId, 'a.customer_id = ?')
    .when(
      query.containing,
      `strpos(lower(a.account_code || ' ' || COALESCE(a.resource::json ->> 'account_name', '')), lower(?)) > 0`,
    );
  return where;
};

/** Positions are account ids. */
export const listAccounts = async (session: TenantSession, query: AccountsQuery): Promise<Page<AccountResource>> => {
  const scan = scanOf(query);
  const where = conditionsOf(session, query).when(scan.from, `a.account_id ${scan.comparison} ?`);
  const rows = await session.rows<AccountRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE ${where} ORDER BY a.account_id ${scan.direction} LIMIT ${scan.limit}`,
    where.values,
  );
  return pageOf(query, rows, (row) => row.account_id, resourceOf);
};

/** For the lists of the admin plane, which tell how many there are. */
export const countAccounts = async (
  session: TenantSession,
  query: Omit<AccountsQuery, keyof PageQuery>,
): Promise<number> => {
  const where = conditionsOf(session, query);
  const [row] = await session.rows<{ count: string }>(`SELECT count(*) FROM accounts a WHERE ${where}`, where.values);
  return Number(row?.count ?? 0);
};

/** As the accounts stand now, by currency. Throws `RangeError` where a sum is beyond what a JSON number holds. */
export const trialBalance = async (session: TenantSession): Promise<TrialBalanceLine[]> =>
  renderTrialBalance(
    await session.rows<BalanceSum>(
      `SELECT currency, CASE WHEN debit_normal THEN 'debit' ELSE 'credit' END AS normal_side,
         COALESCE(sum(balance) FILTER (WHERE balance > 0), 0) AS positive,
         COALESCE(sum(balance) FILTER (WHERE balance < 0), 0) AS negative
       FROM account_balances WHERE tenant_id = $1 GROUP BY 1, 2`,
      [session.tenantId],
    ),
  );
