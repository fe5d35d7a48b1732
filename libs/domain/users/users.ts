import type { Personal, PersonalMetadata } from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import { cold, type TenantState } from '../state.js';

/** What a user may do is the contract's table (`roles.ts`); DECISIONS 33. */
export const ROLES = ['owner', 'admin', 'operator', 'finance', 'support', 'viewer', 'member'] as const;
export type Role = (typeof ROLES)[number];

export type UserStatus = 'invited' | 'active' | 'suspended' | 'revoked';

/** The whole user as an event leaves them. Who they are is sealed under their own key; how they sign in is no event. */
export interface UserFacts {
  readonly user_id: string;
  readonly email: Personal;
  readonly full_name: Personal;
  readonly role: Role;
  readonly status: UserStatus;
  readonly metadata: PersonalMetadata;
  /** RFC 3339: when they were first invited. */
  readonly invited_at: string;
  /** RFC 3339: until when the last invitation can be accepted; null once it was. */
  readonly invitation_expires_at: string | null;
  readonly accepted_at: string | null;
}

export type UserEvent =
  | { readonly type: 'UserInvited'; readonly data: { readonly user: UserFacts } }
  | {
      readonly type: 'InvitationResent' | 'InvitationAccepted' | 'UserUpdated';
      readonly data: { readonly user: UserFacts; readonly previous: Partial<UserFacts> };
    };

/** What deciding needs of a user. */
export interface User {
  readonly role: Role;
  readonly status: UserStatus;
}

export const evolveUser = (state: TenantState, { data: { user } }: UserEvent): void => {
  state.users.set(user.user_id, { role: user.role, status: user.status });
};

/** The whole user; null where none has this id. The command must have declared that it needs `usr:<id>`. */
export const userFacts = (state: TenantState, userId: string): UserFacts | null => {
  if (!state.users.has(userId)) return null;
  const event = cold(state, `usr:${userId}`);
  if (event === null || !('user' in event.data)) throw new LedgerInconsistent(`no event says who ${userId} is`);
  return event.data.user;
};

const isActiveOwner = ({ role, status }: User): boolean => role === 'owner' && status === 'active';

/** Whether nobody else is an active owner, where this user is one. */
export const isLastOwner = (state: TenantState, userId: string): boolean => {
  const user = state.users.get(userId);
  if (user === undefined || !isActiveOwner(user)) return false;
  let owners = 0;
  for (const one of state.users.values()) if (isActiveOwner(one)) owners += 1;
  return owners === 1;
};
