import { formatInstant, type Instant } from '#domain/time.js';
import type { Role, UserFacts, UserStatus } from '#domain/users/users.js';
import { createdAt, opened, openedMetadata, type MetadataResource, type Open } from './personal.js';

/** Somebody who works with a tenant's books. E-mail, name and metadata are null once the user is erased. */
export interface UserResource {
  readonly object: 'user';
  readonly id: string;
  readonly tenant_id: string;
  readonly email: string | null;
  readonly full_name: string | null;
  readonly role: Role;
  readonly status: UserStatus;
  readonly metadata: MetadataResource;
  readonly invited_at: string;
  readonly invitation_expires_at: string | null;
  readonly accepted_at: string | null;
  readonly last_login_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** `updatedAt`: time of the user's last event. When they last signed in is no event; who knows it puts it in. */
export const renderUser = (
  facts: UserFacts,
  { tenantId, updatedAt }: { readonly tenantId: string; readonly updatedAt: Instant },
  open: Open,
): UserResource => ({
  object: 'user',
  id: facts.user_id,
  tenant_id: tenantId,
  email: opened(facts.email, open),
  full_name: opened(facts.full_name, open),
  role: facts.role,
  status: facts.status,
  metadata: openedMetadata(facts.metadata, open),
  invited_at: facts.invited_at,
  invitation_expires_at: facts.invitation_expires_at,
  accepted_at: facts.accepted_at,
  last_login_at: null,
  created_at: createdAt(facts.user_id),
  updated_at: formatInstant(updatedAt),
});
