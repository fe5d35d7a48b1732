import { accept, clear, personalMetadata, refuse, type Decision, type Metadata, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { isCurrency } from '../money.js';
import type { TenantState } from '../state.js';
import { retentionEnd } from './standing.js';
import type { Environment, TenantStatus, Tier } from './tenants.js';

/** Ids are given from outside: the platform's stream registers them before the tenant's begins (DECISIONS 4). */
export interface CreateTenant {
  readonly type: 'CreateTenant';
  readonly data: {
    readonly tenant_id: string;
    readonly partner_id: string;
    readonly workspace_id: string;
    readonly environment: Environment;
    readonly name: string;
    readonly default_currency: string;
    /** IANA name; known to exist. */
    readonly timezone: string;
    /** The API version that is current now. */
    readonly api_version: string;
    readonly status?: TenantStatus;
    readonly is_active?: boolean;
    readonly partner: { readonly name: string; readonly email: string; readonly tier: Tier };
    readonly metadata?: Metadata;
  };
}

export const createTenant = ({ data }: CreateTenant, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  if (state.tenant.value !== null) return refuse('invalid_state', undefined, 'The tenant exists already.');
  if (!isCurrency(data.default_currency)) return refuse('invalid_currency', 'default_currency');
  const status = data.status ?? (data.is_active === false ? 'inactive' : 'active');
  if (data.is_active !== undefined && data.is_active !== (status === 'active')) {
    return refuse('contradictory_status', 'is_active');
  }
  const { partner_id, partner } = data;
  return accept({
    id: moment.nextUlid(),
    type: 'TenantCreated',
    subject: data.tenant_id,
    data: {
      tenant: {
        tenant_id: data.tenant_id,
        workspace_id: data.workspace_id,
        environment: data.environment,
        name: clear(data.name),
        status,
        default_currency: data.default_currency,
        timezone: data.timezone,
        created_api_version: data.api_version,
        pinned_api_version: null,
        retention_ends_at: status === 'inactive' ? retentionEnd(moment.at) : null,
        partner: {
          partner_id,
          name: { clear: partner.name, subject: partner_id },
          email: { clear: partner.email, subject: partner_id },
          tier: partner.tier,
        },
        metadata: personalMetadata(data.metadata),
      },
    },
  });
};
