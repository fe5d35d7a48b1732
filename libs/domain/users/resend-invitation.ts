import { accept, refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { invitationEnd } from './invite-user.js';
import { userFacts } from './users.js';

/** Another invitation, which lasts seven days from now and is the only one that opens anything. */
export interface ResendInvitation {
  readonly type: 'ResendInvitation';
  readonly data: { readonly user_id: string };
}

/** Refused, in this order: `user_not_found`; `invitation_used` (accepted, or taken back). */
export const resendInvitation = (
  { data }: ResendInvitation,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const before = userFacts(state, data.user_id);
  if (before === null) return refuse('user_not_found');
  if (before.status !== 'invited') return refuse('invitation_used');
  const user = { ...before, invitation_expires_at: invitationEnd(moment.at) };
  return accept({
    id: moment.nextUlid(),
    type: 'InvitationResent',
    subject: user.user_id,
    data: { user, previous: { invitation_expires_at: before.invitation_expires_at } },
  });
};
