/** Schemas of workspaces: a part of `resource-schemas.ts`. */
import { ROLES } from '#domain/users/users.js';
import { complete, id, is, list, nullable, oneOf, text, time, whole, type Schema } from './schema-words.js';

export const WORKSPACE_SCHEMAS: Readonly<Record<string, Schema>> = {
  workspace: complete({ object: is('workspace'), id: id('workspace'), name: nullable(text), created_at: time }),
  workspace_members: complete({
    members: list(
      complete({
        object: is('workspace_member'),
        id: { ...id('user'), description: 'Of the first of their users.' },
        full_name: nullable(text),
        email: nullable(text),
        role: { ...oneOf('admin', 'member'), description: '`admin`: an active owner of one of its tenants.' },
        users: list(
          complete({
            tenant_id: id('tenant'),
            user_id: id('user'),
            role: oneOf(...ROLES),
            status: oneOf('invited', 'active', 'suspended', 'revoked'),
          }),
        ),
      }),
    ),
    pagination: complete({ limit: whole, offset: whole, total_count: whole, cursor: nullable(text) }),
  }),
};
