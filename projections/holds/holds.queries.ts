import type { TenantSession } from '#projecting/tenant-session.js';

interface LevelRow {
  readonly held: string;
  readonly overdraft_limit: string;
}

const LEVELS = `SELECT
  COALESCE((SELECT h.held FROM held_amounts h WHERE h.tenant_id = $1 AND h.account_id = $2 AND h.revision <= $3
    ORDER BY h.revision DESC LIMIT 1), 0) AS held,
  COALESCE((SELECT o.overdraft_limit FROM overdraft_limits o WHERE o.tenant_id = $1 AND o.account_id = $2
    AND o.revision <= $3 ORDER BY o.revision DESC LIMIT 1), 0) AS overdraft_limit`;

/** What was held on an account after the event at a revision, and how far it could be overdrawn; minor units. */
export const heldAtRevision = async (
  session: TenantSession,
  accountId: string,
  revision: number,
): Promise<{ readonly held: number; readonly overdraftLimit: number }> => {
  const [row] = await session.rows<LevelRow>(LEVELS, [session.tenantId, accountId, revision], 'holds.at_revision');
  return { held: Number(row?.held ?? 0), overdraftLimit: Number(row?.overdraft_limit ?? 0) };
};
