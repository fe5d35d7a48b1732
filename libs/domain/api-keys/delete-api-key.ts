import { accept, refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { apiKeyFacts } from './api-keys.js';

/** Out of use for good: the key is not listed any more and can't be brought back. */
export interface DeleteApiKey {
  readonly type: 'DeleteApiKey';
  readonly data: { readonly key_id: string };
}

/** Refused: `api_key_not_found`, also for one that was deleted. A safety measure, so open in every status of the tenant. */
export const deleteApiKey = ({ data }: DeleteApiKey, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const before = apiKeyFacts(state, data.key_id);
  if (before === null) return refuse('api_key_not_found');
  return accept({
    id: moment.nextUlid(),
    type: 'ApiKeyDeleted',
    subject: (state.tenant.value as Tenant).id,
    data: { api_key: { ...before, is_active: false }, previous: { is_active: before.is_active } },
  });
};
