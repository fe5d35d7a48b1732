import { accept, clear, refuse, unchanged, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { formatInstant } from '../time.js';
import { retentionEnd, tenantFacts } from './standing.js';
import type { TenantStatus } from './tenants.js';

export interface ChangeTenantStatus {
  readonly type: 'ChangeTenantStatus';
  readonly data: {
    readonly status: TenantStatus;
    /** Derived from `status`; may be said too, but not otherwise. */
    readonly is_active?: boolean;
    readonly reason?: string;
  };
}

/** Where a tenant may go from each status. From inactive only while its data is retained. */
const NEXT: { readonly [S in TenantStatus]: readonly TenantStatus[] } = {
  active: ['suspended', 'inactive'],
  suspended: ['active', 'inactive'],
  inactive: ['active'],
};

const EVENT = { active: 'TenantReactivated', suspended: 'TenantSuspended', inactive: 'TenantDeactivated' } as const;

export const changeTenantStatus = (
  { data }: ChangeTenantStatus,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const { status } = data;
  if (data.is_active !== undefined && data.is_active !== (status === 'active')) {
    return refuse('contradictory_status', 'is_active');
  }
  const before = tenantFacts(state);
  const draftOf = (retentionEndsAt: string | null): LedgerDraft => ({
    id: moment.nextUlid(),
    type: EVENT[status],
    subject: before.tenant_id,
    data: {
      tenant: { ...before, status, retention_ends_at: retentionEndsAt },
      previous: { status: before.status },
      reason: data.reason === undefined ? null : clear(data.reason),
    },
  });
  if (status === before.status) return unchanged(draftOf(before.retention_ends_at));
  if (!NEXT[before.status].includes(status)) return refuse('invalid_status_transition', 'status');
  // RFC 3339 with milliseconds in UTC: the order of the texts is the order of the times.
  if (before.retention_ends_at !== null && formatInstant(moment.at) > before.retention_ends_at) {
    return refuse('retention_expired', 'status');
  }
  return accept(draftOf(status === 'inactive' ? retentionEnd(moment.at) : null));
};
