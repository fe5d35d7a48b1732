import type { Side } from '#domain/entries.js';
import type { Instant } from '#domain/time.js';
import { renderAccountLine, type TrialBalanceAccount } from '#contract/resources/trial-balance.js';
import { pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import type { TenantSession } from '#projecting/tenant-session.js';
import { dayOf, revisionsOfDay, shiftOf } from './entries.queries.js';

interface LineRow {
  readonly account_id: string;
  readonly account_code: string;
  readonly wallet_type: string;
  readonly currency: string;
  readonly normal_side: Side;
  readonly balance: string;
}

/** What each account has: now, after a revision, or at a time by what had taken effect then. */
const balanceAsOf = async (
  session: TenantSession,
  asOf: { readonly revision: number } | { readonly at: Instant } | null,
): Promise<{ readonly sql: string; readonly values: readonly unknown[] }> => {
  if (asOf === null) return { sql: 'b.balance', values: [] };
  const last = (revision: string): string => `COALESCE((SELECT r.balance_after FROM entries r WHERE r.tenant_id = $1
    AND r.account_id = b.account_id AND r.revision <= ${revision} ORDER BY r.revision DESC, r.index DESC LIMIT 1), 0)`;
  if ('revision' in asOf) return { sql: last('$2'), values: [asOf.revision] };
  const bounds = await revisionsOfDay(session, asOf.at);
  return {
    sql: `${last('$5')} + CASE WHEN b.debit_normal THEN 1 ELSE -1 END * (${shiftOf('b.account_id')})`,
    values: [new Date(dayOf(asOf.at)), new Date(asOf.at), bounds.first, bounds.last],
  };
};

/** The accounts that a trial balance is made of, by their ids. Positions are account ids. Throws `NotExact` as it does. */
export const trialBalanceAccounts = async (
  session: TenantSession,
  asOf: { readonly revision: number } | { readonly at: Instant } | null,
  query: PageQuery,
): Promise<Page<TrialBalanceAccount>> => {
  const { sql, values } = await balanceAsOf(session, asOf);
  const scan = scanOf(query);
  const given = [session.tenantId, ...values];
  const from = scan.from === null ? '' : `AND b.account_id ${scan.comparison} $${given.push(scan.from)}`;
  const rows = await session.rows<LineRow>(
    `SELECT b.account_id, a.account_code, a.wallet_type, b.currency,
       CASE WHEN b.debit_normal THEN 'debit' ELSE 'credit' END AS normal_side, ${sql} AS balance
     FROM account_balances b JOIN accounts a ON a.tenant_id = b.tenant_id AND a.account_id = b.account_id
     WHERE b.tenant_id = $1 ${from} ORDER BY b.account_id ${scan.direction} LIMIT ${scan.limit}`,
    given,
  );
  return pageOf(query, rows, (row) => row.account_id, renderAccountLine);
};
