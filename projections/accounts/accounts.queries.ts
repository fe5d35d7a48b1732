import { expressionBuilder, sql, type Expression, type InferResult, type SqlBool } from 'kysely';
import { restandAccount, type AccountResource } from '#contract/resources/account.js';
import { renderTrialBalance, type BalanceSum, type TrialBalanceLine } from '#contract/resources/trial-balance.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
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

interface Tables {
  readonly accounts: {
    tenant_id: string;
    account_id: string;
    account_code: string;
    wallet_type: string;
    currency: string;
    kyc_tier: AccountResource['kyc_tier'];
    parent_account_id: string | null;
    customer_id: string | null;
    receivable_of: string | null;
    status: AccountResource['status'];
    post_no_debit: boolean;
    post_no_credit: boolean;
    resource: string;
  };
  readonly account_balances: { tenant_id: string; account_id: string; balance: string; held: string };
}

const tables = queriesOf<Tables>();

// What an account's holder owes is the balance of a system account. Joined by a column of its own: row-level security does
// not trust the operator that makes its code of an id, and would look through all accounts.
const standing = tables
  .selectFrom('accounts')
  .innerJoin('account_balances as b', (on) =>
    on.onRef('b.tenant_id', '=', 'accounts.tenant_id').onRef('b.account_id', '=', 'accounts.account_id'),
  )
  .leftJoin('accounts as d', (on) =>
    on.onRef('d.tenant_id', '=', 'accounts.tenant_id').onRef('d.receivable_of', '=', 'accounts.account_id'),
  )
  .leftJoin('account_balances as o', (on) =>
    on.onRef('o.tenant_id', '=', 'd.tenant_id').onRef('o.account_id', '=', 'd.account_id'),
  )
  .select(['accounts.account_id', 'accounts.resource', 'accounts.status', 'accounts.kyc_tier'])
  .select(['accounts.post_no_debit', 'accounts.post_no_credit', 'b.balance', 'b.held', 'o.balance as receivable']);

type AccountRow = InferResult<typeof standing>[number];

// The same text every time, so it is made once; its values are those of each call.
const GET = standing.where('accounts.tenant_id', '=', '').where('accounts.account_id', '=', '').compile().sql;

const resourceOf = (row: AccountRow): AccountResource =>
  restandAccount(JSON.parse(row.resource) as AccountResource, {
    status: row.status,
    kyc_tier: row.kyc_tier,
    post_no_debit: row.post_no_debit,
    post_no_credit: row.post_no_credit,
    balance: Number(row.balance),
    held: Number(row.held),
    receivable: Number(row.receivable ?? 0),
  });

/** Null where the tenant has no such account. */
export const getAccount = async (session: TenantSession, accountId: string): Promise<AccountResource | null> => {
  const [row] = await session.rows<AccountRow>(GET, [session.tenantId, accountId], 'accounts.get');
  return row === undefined ? null : resourceOf(row);
};

const GET_MANY = standing
  .where('accounts.tenant_id', '=', '')
  .where(sql<boolean>`accounts.account_id = ANY(${['']})`)
  .compile().sql;

/** Those of these accounts that the tenant has, in no order. */
export const getAccounts = async (session: TenantSession, ids: readonly string[]): Promise<AccountResource[]> => {
  const rows = await session.rows<AccountRow>(GET_MANY, [session.tenantId, ids], 'accounts.get_many');
  return rows.map(resourceOf);
};

const asked = (session: TenantSession, query: Omit<AccountsQuery, keyof PageQuery>): Expression<SqlBool> => {
  const { and } = expressionBuilder<Tables, 'accounts'>();
  const equal = and({
    'accounts.tenant_id': session.tenantId,
    'accounts.status': query.status as AccountResource['status'] | undefined,
    'accounts.wallet_type': query.walletType,
    'accounts.currency': query.currency,
    'accounts.kyc_tier': query.kycTier as AccountResource['kyc_tier'] | undefined,
    'accounts.parent_account_id': query.parentAccountId,
    'accounts.account_code': query.accountCode,
    'accounts.customer_id': query.customerId,
  });
  if (query.containing === undefined) return equal;
  const searched = sql`accounts.account_code || ' ' || COALESCE(accounts.resource::json ->> 'account_name', '')`;
  return equal.and(sql<boolean>`strpos(lower(${searched}), lower(${query.containing})) > 0`);
};

/** Positions are account ids. */
export const listAccounts = async (session: TenantSession, query: AccountsQuery): Promise<Page<AccountResource>> => {
  const list = standing.where(asked(session, query));
  const rows = await rowsOf(session, scanned(list, 'accounts.account_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.account_id, resourceOf);
};

/** For the lists of the admin plane, which tell how many there are. */
export const countAccounts = async (
  session: TenantSession,
  query: Omit<AccountsQuery, keyof PageQuery>,
): Promise<number> => {
  const count = tables.selectFrom('accounts').select(({ fn }) => fn.countAll<string>().as('count'));
  const [row] = await rowsOf(session, count.where(asked(session, query)));
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
