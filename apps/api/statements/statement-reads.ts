import type pg from 'pg';
import { NotExact } from '#contract/exact.js';
import { renderStatement, type StatementResource } from '#contract/resources/statement.js';
import { withTenant, type TenantSession } from '#projecting/tenant-session.js';
import { getAccount } from '#projections/accounts/accounts.queries.js';
import { balanceKnownAt, statementEntries } from '#projections/entries/statement.queries.js';
import { Problem } from '#platform/http/problem.js';
import type { AskedPeriod, One, Resource } from '../reads.js';

/** Entries that one statement has at most. */
const MOST_LINES = 100_000;

const PROGRESS = `SELECT revision FROM tenant_progress WHERE tenant_id = $1 AND projection_group = 'core'`;

/** From the same snapshot as what is read then. */
const revisionOf = async (session: TenantSession): Promise<number> => {
  const [row] = await session.rows<{ revision: string }>(PROGRESS, [session.tenantId]);
  return Number(row?.revision ?? -1);
};

const statementOf = async (
  session: TenantSession,
  accountId: string,
  { from, to, revision: asked }: AskedPeriod,
): Promise<StatementResource | null> => {
  const account = await getAccount(session, accountId);
  if (account === null) return null;
  const period = { from, to, revision: asked ?? (await revisionOf(session)) };
  const opening = await balanceKnownAt(session, account, from - 1, period.revision);
  const entries = await statementEntries(session, accountId, period, MOST_LINES);
  if (entries.length > MOST_LINES) {
    throw new Problem('out_of_range', {
      param: 'to',
      message: `More than ${MOST_LINES} entries take effect in this period. Ask for parts of it.`,
    });
  }
  return renderStatement(session.tenantId, account, period, opening, entries);
};

/** Null: no such account. Throws `Problem` where it has too many lines or a balance that is no number of JSON. */
export const readStatement = async (
  pool: pg.Pool,
  tenantId: string,
  accountId: string,
  period: AskedPeriod,
): Promise<One> => {
  try {
    const { revision, data } = await withTenant(pool, tenantId, (session) => statementOf(session, accountId, period));
    return { revision, resource: data as unknown as Resource | null };
  } catch (error) {
    if (!(error instanceof NotExact)) throw error;
    throw new Problem('out_of_range', { param: 'from', message: 'A balance in this period is beyond ±(2^53 − 1).' });
  }
};
