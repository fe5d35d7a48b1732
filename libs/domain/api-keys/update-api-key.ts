import { isEmpty, replaced } from '../changes.js';
import { accept, refuse, unchanged, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { apiKeyFacts, type ApiKeyFacts } from './api-keys.js';
import { ceilingOf, inUtc, refusedExpiry, refusedLimit } from './terms.js';

/** Scopes never change: a key that may do something else is another key. */
export interface UpdateApiKey {
  readonly type: 'UpdateApiKey';
  readonly data: {
    readonly key_id: string;
    readonly is_active?: boolean;
    /** Calls; null: the tier's ceiling. */
    readonly rate_limit_per_min?: number | null;
    readonly rate_limit_per_day?: number | null;
    /** RFC 3339; null: never. */
    readonly expires_at?: string | null;
  };
}

export const updateApiKey = ({ data }: UpdateApiKey, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const { id: tenantId, status, tier } = state.tenant.value as Tenant;
  // Taking a key out of use is a safety measure and open in every status; all else is not.
  if (status !== 'active' && data.is_active !== false) {
    return refuse(status === 'suspended' ? 'tenant_suspended' : 'tenant_inactive');
  }
  const before = apiKeyFacts(state, data.key_id);
  if (before === null) return refuse('api_key_not_found');
  const refusal =
    refusedLimit(tier, 'rate_limit_per_min', data.rate_limit_per_min) ??
    refusedLimit(tier, 'rate_limit_per_day', data.rate_limit_per_day) ??
    refusedExpiry(data.expires_at, moment.at);
  if (refusal) return refusal;
  const limit = (name: 'rate_limit_per_min' | 'rate_limit_per_day'): number | null =>
    data[name] === undefined ? before[name] : (data[name] ?? ceilingOf(tier, name));
  const key: ApiKeyFacts = {
    ...before,
    rate_limit_per_min: limit('rate_limit_per_min'),
    rate_limit_per_day: limit('rate_limit_per_day'),
    is_active: data.is_active ?? before.is_active,
    expires_at:
      data.expires_at === undefined ? before.expires_at : data.expires_at === null ? null : inUtc(data.expires_at),
  };
  const previous = replaced(before, key);
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'ApiKeyUpdated',
    subject: tenantId,
    data: { api_key: key, previous },
  };
  return isEmpty(previous) ? unchanged(draft) : accept(draft);
};
