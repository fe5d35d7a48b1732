import type { LimitResource } from '#contract/resources/limit.js';
import type { TenantSession } from '#projecting/tenant-session.js';

interface LimitRow {
  readonly resource: string;
}

/** The limits that stand, in their own order. */
export const listLimits = async (session: TenantSession): Promise<LimitResource[]> => {
  const rows = await session.rows<LimitRow>(
    'SELECT resource FROM limits WHERE tenant_id = $1 AND superseded_at IS NULL ORDER BY position',
    [session.tenantId],
    'limits.list',
  );
  return rows.map(({ resource }) => JSON.parse(resource) as LimitResource);
};

/** Any limit that ever stood, for what was refused by it; null where there was none. */
export const getLimit = async (session: TenantSession, limitId: string): Promise<LimitResource | null> => {
  const [row] = await session.rows<LimitRow>('SELECT resource FROM limits WHERE tenant_id = $1 AND limit_id = $2', [
    session.tenantId,
    limitId,
  ]);
  return row === undefined ? null : (JSON.parse(row.resource) as LimitResource);
};
