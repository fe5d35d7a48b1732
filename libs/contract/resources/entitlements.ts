import {
  wholeMap,
  type Entitlement,
  type EntitlementKey,
  type EntitlementMap,
} from '#domain/entitlements/entitlements.js';

/** Always the whole map, also in the answer to a change of a part of it. */
export interface EntitlementsResource {
  readonly object: 'entitlements';
  readonly tenant_id: string;
  readonly entitlements: Readonly<Record<EntitlementKey, Entitlement>>;
}

export const renderEntitlements = (
  map: EntitlementMap,
  { tenantId }: { readonly tenantId: string },
): EntitlementsResource => ({ object: 'entitlements', tenant_id: tenantId, entitlements: wholeMap(map) });
