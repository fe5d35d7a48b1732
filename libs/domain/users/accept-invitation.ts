import { accept, refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { formatInstant } from '../time.js';
import { userFacts, type UserFacts } from './users.js';

/** Whoever sends it has shown the token of the last invitation. */
export interface AcceptInvitation {
  readonly type: 'AcceptInvitation';
  readonly data: { readonly user_id: string };
}

/** Refused, in this order: `tenant_inactive`; `user_not_found`; `invitation_used`; `invitation_expired`. */
export const acceptInvitation = (
  { data }: AcceptInvitation,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  // A suspended tenant's users may sign in, and so may become users; an inactive one has none (DECISIONS 26).
  if ((state.tenant.value as Tenant).status === 'inactive') return refuse('tenant_inactive');
  const before = userFacts(state, data.user_id);
  if (before === null) return refuse('user_not_found');
  if (before.status !== 'invited') return refuse('invitation_used');
  const now = formatInstant(moment.at);
  // RFC 3339 with milliseconds in UTC: the order of the texts is the order of the times.
  if (before.invitation_expires_at !== null && now > before.invitation_expires_at) return refuse('invitation_expired');
  const user: UserFacts = { ...before, status: 'active', accepted_at: now, invitation_expires_at: null };
  return accept({
    id: moment.nextUlid(),
    type: 'InvitationAccepted',
    subject: user.user_id,
    data: {
      user,
      previous: { status: before.status, accepted_at: null, invitation_expires_at: before.invitation_expires_at },
    },
  });
};
