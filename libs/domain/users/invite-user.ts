import { accept, clear, personalMetadata, refuse, type Decision, type Metadata, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { formatInstant, type Instant } from '../time.js';
import type { Role } from './users.js';

/** The user's id is given from outside, because the token that is mailed is kept under it before the event exists. */
export interface InviteUser {
  readonly type: 'InviteUser';
  readonly data: {
    readonly user_id: string;
    readonly email: string;
    readonly full_name: string;
    readonly role: Role;
    readonly metadata?: Metadata;
  };
}

const INVITATION_MS = 7 * 86_400_000;

/** Until when an invitation that is sent now can be accepted. */
export const invitationEnd = (at: Instant): string => formatInstant(at + INVITATION_MS);

/** That an address is invited only once is held where addresses are known: no event shows one. */
export const inviteUser = ({ data }: InviteUser, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  if (state.users.has(data.user_id)) return refuse('invalid_state', 'user_id', 'The user exists already.');
  return accept({
    id: moment.nextUlid(),
    type: 'UserInvited',
    subject: data.user_id,
    data: {
      user: {
        user_id: data.user_id,
        email: clear(data.email),
        full_name: clear(data.full_name),
        role: data.role,
        status: 'invited',
        metadata: personalMetadata(data.metadata),
        invited_at: formatInstant(moment.at),
        invitation_expires_at: invitationEnd(moment.at),
        accepted_at: null,
      },
    },
  });
};
