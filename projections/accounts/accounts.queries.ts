import { restandAccount, type AccountResource } from '#contract/resources/account.js';
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

// What an account's holder owes is the balance of the system account that is named after it.
const FROM = `FROM accounts a
  JOIN account_balances b ON b.tenant_id = a.tenant_id AND b.account_id = a.account_id
  LEFT JOIN accounts d ON a.wallet_type <> 'system' AND d.tenant_id = a.tenant_id
    AND d.account_code = 'receivable:' || a.account_id AND d.wallet_type = 'system' AND d.currency = a.currency
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

export interface TrialBalance {
  readonly currency: string;
  /** Sums of the accounts that stand on the debit side, and of those that stand on the credit side; minor units. */
  readonly debits: number;
  readonly credits: number;
}

/** By currency. Throws `RangeError` where a sum is beyond ±(2^53 − 1): it would be told rounded. */
export const trialBalance = async (session: TenantSession): Promise<TrialBalance[]> => {
  const rows = await session.rows<{ currency: string; debits: string; credits: string }>(
    `SELECT currency,
       COALESCE(sum(abs(balance)) FILTER (WHERE debit_normal = (balance > 0)), 0) AS debits,
       COALESCE(sum(abs(balance)) FILTER (WHERE debit_normal <> (balance > 0)), 0) AS credits
     FROM account_balances WHERE tenant_id = $1 GROUP BY currency ORDER BY currency`,
    [session.tenantId],
  );
  return rows.map(({ currency, debits, credits }) => ({
    currency,
    debits: exactly(debits),
    credits: exactly(credits),
  }));
};

const exactly = (sum: string): number => {
  const value = Number(sum);
  if (!Number.isSafeInteger(value)) throw new RangeError(`the sum ${sum} is beyond what a JSON number holds`);
  return value;
};
