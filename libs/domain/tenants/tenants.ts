import type { Personal, PersonalMetadata } from '../decision.js';
import type { TenantState } from '../state.js';

export type TenantStatus = 'active' | 'suspended' | 'inactive';
export type Environment = 'live' | 'sandbox';
export type Tier = 'free' | 'paid' | 'enterprise';

/** The whole tenant as an event leaves it, enough to render the resource. */
export interface TenantFacts {
  readonly tenant_id: string;
  readonly workspace_id: string;
  readonly environment: Environment;
  readonly name: Personal;
  readonly status: TenantStatus;
  readonly default_currency: string;
  /** IANA name, `UTC` by default. */
  readonly timezone: string;
  /** The API version that was current when the tenant was created; what applies without a header or a pin. */
  readonly created_api_version: string;
  readonly pinned_api_version: string | null;
  /** RFC 3339; until when an inactive tenant may be made active again. */
  readonly retention_ends_at: string | null;
  readonly partner: {
    readonly partner_id: string;
    readonly name: Personal;
    readonly email: Personal;
    readonly tier: Tier;
  };
  readonly metadata: PersonalMetadata;
}

export type TenantEvent =
  | { readonly type: 'TenantCreated'; readonly data: { readonly tenant: TenantFacts } }
  | {
      readonly type: 'TenantUpdated';
      readonly data: { readonly tenant: TenantFacts; readonly previous: Partial<TenantFacts> };
    }
  | {
      readonly type: 'TenantSuspended' | 'TenantReactivated' | 'TenantDeactivated';
      readonly data: {
        readonly tenant: TenantFacts;
        readonly previous: { readonly status: TenantStatus };
        readonly reason: Personal | null;
      };
    };

/** What deciding needs of a tenant. */
export interface Tenant {
  readonly id: string;
  readonly environment: Environment;
  readonly status: TenantStatus;
  readonly defaultCurrency: string;
  readonly timezone: string;
  readonly tier: Tier;
  readonly retentionEndsAt: string | null;
}

export const evolveTenant = (state: TenantState, event: TenantEvent): void => {
  const { tenant } = event.data;
  state.tenant.set({
    id: tenant.tenant_id,
    environment: tenant.environment,
    status: tenant.status,
    defaultCurrency: tenant.default_currency,
    timezone: tenant.timezone,
    tier: tenant.partner.tier,
    retentionEndsAt: tenant.retention_ends_at,
  });
};
