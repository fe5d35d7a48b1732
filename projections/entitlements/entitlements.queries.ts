import { renderEntitlements, type EntitlementsResource } from '#contract/resources/entitlements.js';
import type { TenantSession } from '#projecting/tenant-session.js';

interface ChangeRow {
  readonly resource: string;
}

/** The whole map: keys that were not known at the last change are in it with their defaults. */
export const getEntitlements = async (session: TenantSession): Promise<EntitlementsResource> => {
  const [row] = await session.rows<ChangeRow>(
    'SELECT resource FROM tenant_entitlements WHERE tenant_id = $1',
    [session.tenantId],
    'tenant_entitlements.get',
  );
  const map = row === undefined ? {} : (JSON.parse(row.resource) as EntitlementsResource).entitlements;
  return renderEntitlements(map, { tenantId: session.tenantId });
};
