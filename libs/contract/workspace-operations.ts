/** The operations on workspaces: rows of `operations.ts`. */
import { admin, created, type Operation } from './operation-terms.js';
import { ADMIN_PAGING } from './query-parameters.js';

const W = '/api/v1/admin/workspaces';

export const WORKSPACE_OPERATIONS = {
  createWorkspace: admin('Workspaces (admin)', 'manage_tenants', [`POST ${W}`, 'workspace', 'Create a workspace'], {
    ...created('CreateWorkspaceBody'),
    description:
      'Tenants are created in it with its id as `workspace_id`. A tenant that is created without one gets a workspace of ' +
      'its own.',
  }),
  listWorkspaces: admin('Workspaces (admin)', 'view_tenants', [`GET ${W}`, 'page:workspace', 'List workspaces'], {
    query: ADMIN_PAGING,
  }),
  getWorkspace: admin('Workspaces (admin)', 'view_tenants', [
    `GET ${W}/{workspace_id}`,
    'workspace',
    'Get a workspace',
  ]),
  listWorkspaceTenants: admin(
    'Workspaces (admin)',
    'view_tenants',
    [`GET ${W}/{workspace_id}/tenants`, 'page:tenant', 'List its tenants, live and sandbox'],
    { query: ADMIN_PAGING },
  ),
  listWorkspaceMembers: admin(
    'Workspaces (admin)',
    'view_tenants',
    [`GET ${W}/{workspace_id}/members`, 'workspace_members', 'List the people who work in its tenants'],
    {
      query: ADMIN_PAGING,
      description:
        'One for each address, with the users that they are in its tenants and their roles there: between those they ' +
        'switch with `POST /api/v1/auth/switch`.',
    },
  ),
} as const satisfies Record<string, Operation>;
