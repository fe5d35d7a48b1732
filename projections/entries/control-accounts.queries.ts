import type { WalletType } from '#domain/accounts/accounts.js';
import { controlCode } from '#domain/periods/month-report.js';
import type { Instant } from '#domain/time.js';
import type { TenantSession } from '#projecting/tenant-session.js';
import { dayOf, revisionsOfDay, shiftOf } from './entries.queries.js';

interface ControlRow {
  readonly wallet_type: WalletType;
  readonly code: string | null;
  readonly currency: string;
  readonly balance: string;
}

/** All receivables are one, and read as one; every other account of the ledger's own is a row. */
const CONTROL_BALANCES = `
  SELECT wallet_type, code, currency, sum(balance) AS balance FROM (
    SELECT a.wallet_type, b.currency,
      CASE WHEN a.wallet_type <> 'system' THEN NULL WHEN a.account_code LIKE 'receivable:%' THEN 'receivable:'
        ELSE a.account_code END AS code,
      CASE WHEN b.debit_normal THEN 1 ELSE -1 END * COALESCE((SELECT r.balance_after FROM entries r
        WHERE r.tenant_id = $1 AND r.account_id = b.account_id AND r.revision <= $5
        ORDER BY r.revision DESC, r.index DESC LIMIT 1), 0) + ${shiftOf('b.account_id')} AS balance
    FROM account_balances b JOIN accounts a ON a.tenant_id = b.tenant_id AND a.account_id = b.account_id
    WHERE b.tenant_id = $1
  ) standing GROUP BY 1, 2, 3`;

export interface ControlBalance {
  readonly type: WalletType;
  readonly code: string | null;
  readonly currency: string;
  /** Minor units, debits above zero. */
  readonly balance: bigint;
}

/** Accounts by kind and currency at a time (included), by what had taken effect then. Takes as long as there are accounts. */
export const controlBalances = async (session: TenantSession, at: Instant): Promise<ControlBalance[]> => {
  const { first, last } = await revisionsOfDay(session, at);
  const values = [session.tenantId, new Date(dayOf(at)), new Date(at), first, last];
  const rows = await session.rows<ControlRow>(CONTROL_BALANCES, values);
  return rows.map(({ wallet_type, code, currency, balance }) => ({
    type: wallet_type,
    code: code === null ? null : controlCode(wallet_type, code),
    currency,
    balance: BigInt(balance),
  }));
};
