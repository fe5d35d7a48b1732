import type { Environment, TenantFacts, TenantStatus, Tier } from '#domain/tenants/tenants.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { createdAt, opened, openedMetadata, type MetadataResource, type Open } from './personal.js';

/** The tenant as operators see it on the admin plane. */
export interface TenantResource {
  readonly object: 'tenant';
  readonly id: string;
  readonly workspace_id: string;
  readonly environment: Environment;
  readonly name: string | null;
  readonly status: TenantStatus;
  /** Follows from `status`. */
  readonly is_active: boolean;
  /** The partner's, as it applies to the tenant. */
  readonly tier: Tier;
  readonly default_currency: string;
  readonly timezone: string;
  /** What applies without a header: the pin, else the version that was current when the tenant was made. */
  readonly api_version: string;
  readonly pinned_api_version: string | null;
  /** Until when an inactive tenant may be made active again. */
  readonly retention_ends_at: string | null;
  readonly metadata: MetadataResource;
  readonly created_at: string;
  readonly updated_at: string;
  readonly partner: {
    readonly id: string;
    readonly name: string | null;
    readonly email: string | null;
    readonly tier: Tier;
    readonly is_active: boolean;
  };
}

/** `updatedAt`: time of the tenant's last event. */
export const renderTenant = (
  facts: TenantFacts,
  { updatedAt }: { readonly updatedAt: Instant },
  open: Open,
): TenantResource => {
  const isActive = facts.status === 'active';
  return {
    object: 'tenant',
    id: facts.tenant_id,
    workspace_id: facts.workspace_id,
    environment: facts.environment,
    name: opened(facts.name, open),
    status: facts.status,
    is_active: isActive,
    tier: facts.partner.tier,
    default_currency: facts.default_currency,
    timezone: facts.timezone,
    api_version: facts.pinned_api_version ?? facts.created_api_version,
    pinned_api_version: facts.pinned_api_version,
    retention_ends_at: facts.retention_ends_at,
    metadata: openedMetadata(facts.metadata, open),
    created_at: createdAt(facts.tenant_id),
    updated_at: formatInstant(updatedAt),
    partner: {
      id: facts.partner.partner_id,
      name: opened(facts.partner.name, open),
      email: opened(facts.partner.email, open),
      tier: facts.partner.tier,
      is_active: isActive,
    },
  };
};
