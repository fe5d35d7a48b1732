import type pg from 'pg';
import { DEFAULT_FINANCE_SETTINGS, type FinanceSettings } from '#domain/finance-settings/finance-settings.js';
import type { TenantSession } from '#projecting/tenant-session.js';

export const getFinanceSettings = async (session: TenantSession): Promise<FinanceSettings> => {
  const [row] = await session.rows<{ settings: string }>(
    'SELECT settings FROM finance_settings WHERE tenant_id = $1',
    [session.tenantId],
    'finance_settings.get',
  );
  return { ...DEFAULT_FINANCE_SETTINGS, ...(JSON.parse(row?.settings ?? '{}') as Partial<FinanceSettings>) };
};

/** The currencies whose coverage is below its mark. */
export const breachedCurrencies = async (session: TenantSession): Promise<ReadonlySet<string>> => {
  const rows = await session.rows<{ currency: string }>(
    'SELECT currency FROM liquidity_alerts WHERE tenant_id = $1 AND breached',
    [session.tenantId],
    'liquidity_alerts.breached',
  );
  return new Set(rows.map(({ currency }) => currency));
};

/** Currencies of all tenants whose coverage is below its mark. The pool's role reads all tenants' rows. */
export const countBreached = async (pool: Pick<pg.Pool, 'query'>): Promise<number> => {
  const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM liquidity_alerts WHERE breached');
  return Number(rows[0]?.count ?? 0);
};
