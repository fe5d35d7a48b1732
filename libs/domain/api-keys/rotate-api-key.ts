import { accept, refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { parseInstant } from '../time.js';
import { apiKeyFacts, type ApiKeyFacts } from './api-keys.js';
import { inUtc } from './terms.js';

/** Another key with the same name, scopes, limits and end takes the place of one. */
export interface RotateApiKey {
  readonly type: 'RotateApiKey';
  readonly data: {
    readonly key_id: string;
    /** The other key's; given from outside, because the secret that is shown once contains it. */
    readonly new_key_id: string;
    /** RFC 3339: until when both keys open; null: the old one opens nothing from now on. */
    readonly overlap_until: string | null;
  };
}

/**
 * Refused, in this order: `api_key_not_found`; `invalid_state` (a key out of use has nothing to hand over, or the new id is
 * taken). The last event is of the new key.
 */
export const rotateApiKey = ({ data }: RotateApiKey, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const { id: subject } = state.tenant.value as Tenant;
  const before = apiKeyFacts(state, data.key_id);
  if (before === null) return refuse('api_key_not_found');
  if (!before.is_active) return refuse('invalid_state', undefined, 'The key is not active.');
  if (state.apiKeys.has(data.new_key_id)) return refuse('invalid_state', 'key_id', 'The key exists already.');
  const old = ending(before, data.overlap_until);
  return accept(
    {
      id: moment.nextUlid(),
      type: 'ApiKeyUpdated',
      subject,
      data: { api_key: old, previous: { is_active: before.is_active, expires_at: before.expires_at } },
    },
    {
      id: moment.nextUlid(),
      type: 'ApiKeyCreated',
      subject,
      data: { api_key: { ...before, key_id: data.new_key_id } },
    },
  );
};

/** A key that ends earlier by itself still does. */
const ending = (before: ApiKeyFacts, until: string | null): ApiKeyFacts => {
  if (until === null) return { ...before, is_active: false };
  const end = before.expires_at === null ? undefined : parseInstant(before.expires_at);
  const asked = parseInstant(until);
  return end !== undefined && asked !== undefined && end <= asked ? before : { ...before, expires_at: inUtc(until) };
};
