import { isEmpty, replaced } from '../changes.js';
import {
  accept,
  clear,
  MAX_METADATA_KEYS,
  mergeMetadata,
  refuse,
  unchanged,
  type Decision,
  type MetadataPatch,
  type Moment,
} from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { isLastOwner, userFacts, type Role, type UserFacts, type UserStatus } from './users.js';

/** What is not named stays. */
export interface UpdateUser {
  readonly type: 'UpdateUser';
  readonly data: {
    readonly user_id: string;
    readonly full_name?: string;
    readonly role?: Role;
    /** From invited only to revoked: nobody becomes active but by accepting. */
    readonly status?: Exclude<UserStatus, 'invited'>;
    readonly metadata?: MetadataPatch;
    /** Only where the user is still invited: an invitation is taken back, or it is too late for that. */
    readonly only_invited?: boolean;
  };
}

/** DECISIONS 33. */
const NEXT: { readonly [S in UserStatus]: readonly UserStatus[] } = {
  invited: ['revoked'],
  active: ['suspended', 'revoked'],
  suspended: ['active', 'revoked'],
  revoked: [],
};

const asksOnlyToShutOut = ({ full_name, role, status, metadata }: UpdateUser['data']): boolean =>
  full_name === undefined &&
  role === undefined &&
  metadata === undefined &&
  (status === 'suspended' || status === 'revoked');

/**
 * Refused, in this order: `tenant_suspended`, `tenant_inactive` (but for shutting somebody out); `user_not_found`;
 * `invitation_used` (`only_invited`); `invalid_status_transition` (also any change of one who is revoked); `last_owner`;
 * `invalid_parameter` (more than 50 keys of metadata).
 */
export const updateUser = ({ data }: UpdateUser, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const tenant = (state.tenant.value as Tenant).status;
  if (tenant !== 'active' && !asksOnlyToShutOut(data)) {
    return refuse(tenant === 'suspended' ? 'tenant_suspended' : 'tenant_inactive');
  }
  const before = userFacts(state, data.user_id);
  if (before === null) return refuse('user_not_found');
  if (data.only_invited === true && before.status !== 'invited') return refuse('invitation_used');
  const status = data.status ?? before.status;
  if (status !== before.status && !NEXT[before.status].includes(status)) {
    return refuse('invalid_status_transition', 'status');
  }
  const user = updated(before, data, status);
  const previous = replaced(before, user);
  if (before.status === 'revoked' && !isEmpty(previous)) {
    return refuse('invalid_status_transition', undefined, 'The user is revoked for good.');
  }
  if ((user.role !== 'owner' || user.status !== 'active') && isLastOwner(state, user.user_id)) {
    return refuse('last_owner', user.role === 'owner' ? 'status' : 'role');
  }
  if (user.metadata.length > MAX_METADATA_KEYS) return refuse('invalid_parameter', 'metadata', 'More than 50 keys.');
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'UserUpdated',
    subject: user.user_id,
    data: { user, previous },
  };
  return isEmpty(previous) ? unchanged(draft) : accept(draft);
};

const updated = (before: UserFacts, data: UpdateUser['data'], status: UserStatus): UserFacts => ({
  ...before,
  full_name: data.full_name === undefined ? before.full_name : clear(data.full_name),
  role: data.role ?? before.role,
  status,
  metadata: mergeMetadata(before.metadata, data.metadata),
  invitation_expires_at: status === 'revoked' ? null : before.invitation_expires_at,
});
