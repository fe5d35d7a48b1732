import { ROLES } from '#domain/users/users.js';
import {
  EmailAddress,
  FreeText,
  MetadataMap,
  MetadataPatchMap,
  OneOf,
  Optional,
  Says,
} from '#platform/validation/fields.js';

type RoleName = (typeof ROLES)[number];

export class InviteUserBody {
  @EmailAddress()
  email: string;

  @FreeText(1, 200)
  full_name: string;

  @OneOf(ROLES)
  role: RoleName;

  @Optional()
  @MetadataMap()
  metadata?: Record<string, string>;
}

export class UpdateUserBody {
  @Optional()
  @FreeText(1, 200)
  full_name?: string;

  @Optional()
  @OneOf(ROLES)
  role?: RoleName;

  @Optional()
  @OneOf(['active', 'suspended', 'revoked'])
  status?: 'active' | 'suspended' | 'revoked';

  @Says('Merged; null takes a key away.')
  @Optional()
  @MetadataPatchMap()
  metadata?: Record<string, string | null>;
}
