import { LedgerInconsistent } from '../entries.js';
import { cold, type TenantState } from '../state.js';
import { formatInstant, type Instant } from '../time.js';
import type { TenantFacts } from './tenants.js';

const RETENTION_MS = 90 * 86_400_000;

/** Until when a tenant that becomes inactive now may be made active again, RFC 3339. */
export const retentionEnd = (at: Instant): string => formatInstant(at + RETENTION_MS);

/** The whole tenant, from its last event. The command must have declared that it needs `tenant`. */
export const tenantFacts = (state: TenantState): TenantFacts => {
  const event = cold(state, 'tenant');
  if (event === null || !('tenant' in event.data)) throw new LedgerInconsistent('no event says what the tenant is');
  return event.data.tenant;
};
