import { accept, clear, refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { ceilingOf, inUtc, refusedExpiry, refusedLimit } from './terms.js';

/** The key's id is given from outside, because the secret that is shown once contains it. */
export interface CreateApiKey {
  readonly type: 'CreateApiKey';
  readonly data: {
    readonly key_id: string;
    readonly name?: string | null;
    readonly scopes: readonly string[];
    /** Calls; not given or null: the tier's ceiling. */
    readonly rate_limit_per_min?: number | null;
    readonly rate_limit_per_day?: number | null;
    /** RFC 3339; not given or null: never. */
    readonly expires_at?: string | null;
  };
}

export const createApiKey = ({ data }: CreateApiKey, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const { id: tenantId, tier } = state.tenant.value as Tenant;
  if (state.apiKeys.has(data.key_id)) return refuse('invalid_state', 'key_id', 'The key exists already.');
  const refusal =
    refusedLimit(tier, 'rate_limit_per_min', data.rate_limit_per_min) ??
    refusedLimit(tier, 'rate_limit_per_day', data.rate_limit_per_day) ??
    refusedExpiry(data.expires_at, moment.at);
  if (refusal) return refusal;
  return accept({
    id: moment.nextUlid(),
    type: 'ApiKeyCreated',
    subject: tenantId,
    data: {
      api_key: {
        key_id: data.key_id,
        name: data.name === undefined || data.name === null ? null : clear(data.name),
        scopes: [...new Set(data.scopes)].sort(),
        rate_limit_per_min: data.rate_limit_per_min ?? ceilingOf(tier, 'rate_limit_per_min'),
        rate_limit_per_day: data.rate_limit_per_day ?? ceilingOf(tier, 'rate_limit_per_day'),
        is_active: true,
        expires_at: data.expires_at === undefined || data.expires_at === null ? null : inUtc(data.expires_at),
      },
    },
  });
};
