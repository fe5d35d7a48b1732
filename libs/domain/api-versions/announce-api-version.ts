import { accept, unchanged, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { cold, type TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { releaseKey, type ReleaseFacts } from './api-versions.js';

/** Tells a tenant of a version that shipped: once, whoever asks and however often. Never refused. */
export interface AnnounceApiVersion {
  readonly type: 'AnnounceApiVersion';
  readonly data: ReleaseFacts;
}

export const announceApiVersion = (
  { data }: AnnounceApiVersion,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const told = cold(state, releaseKey(data.api_version));
  const draft = (release: ReleaseFacts): LedgerDraft => ({
    id: moment.nextUlid(),
    type: 'ApiVersionReleased',
    subject: (state.tenant.value as Tenant).id,
    data: { release },
  });
  return told?.type === 'ApiVersionReleased' ? unchanged(draft(told.data.release)) : accept(draft(data));
};
