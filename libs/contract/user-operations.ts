/** The operations on users, invitations and API keys, and signing in: rows of `operations.ts`. */
import { admin, auth, created, T, type Operation } from './operation-terms.js';
import { ADMIN_ORDER, ADMIN_PAGING, KEY_FILTERS, USER_FILTERS } from './query-parameters.js';

export const USER_OPERATIONS = {
  inviteUser: admin('Users (admin)', 'manage_tenant_users', [`POST ${T}/invitations`, 'invitation', 'Invite a user'], {
    ...created('InviteUserBody'),
    description: 'A token is mailed to the address. It can be used once, for seven days.',
  }),
  revokeInvitation: admin(
    'Users (admin)',
    'manage_tenant_users',
    [`DELETE ${T}/invitations/{user_id}`, 'nothing', 'Take an invitation back'],
    { status: 204 },
  ),
  listUsers: admin('Users (admin)', 'view_tenants', [`GET ${T}/users`, 'page:user', 'List a tenant’s users'], {
    query: { ...ADMIN_PAGING, ...ADMIN_ORDER, ...USER_FILTERS },
  }),
  getUser: admin('Users (admin)', 'view_tenants', [`GET ${T}/users/{user_id}`, 'user', 'Get a user']),
  updateUser: admin(
    'Users (admin)',
    'manage_tenant_users',
    [`PATCH ${T}/users/{user_id}`, 'user', 'Change a user’s role, status or metadata'],
    {
      body: 'UpdateUserBody',
      description:
        'From `active` to `suspended` and back; from each to `revoked`, for good. What ends their access ends their sessions. ' +
        'A tenant keeps its last active owner.',
    },
  ),
  resendInvitation: admin(
    'Users (admin)',
    'manage_tenant_users',
    [`POST ${T}/users/{user_id}/resend-invite`, 'resent_invitation', 'Send another invitation'],
    { body: 'NoBody', bodyOptional: true, description: 'Only the token that was sent last can be used.' },
  ),

  createApiKey: admin(
    'API keys (admin)',
    'manage_tenant_api_keys',
    [`POST ${T}/api-keys`, 'new_api_key', 'Create an API key'],
    {
      ...created('CreateApiKeyBody'),
      description:
        '`full_key` is shown in this answer only. With `prefix: test` on a live tenant the key is one of its sandbox twin, ' +
        'which is made where there is none: `key.tenant_id` says whose it is.',
    },
  ),
  listApiKeys: admin('API keys (admin)', 'view_tenants', [`GET ${T}/api-keys`, 'api_keys', 'List API keys'], {
    query: KEY_FILTERS,
  }),
  getApiKey: admin('API keys (admin)', 'view_tenants', [`GET ${T}/api-keys/{key_id}`, 'api_key', 'Get an API key']),
  updateApiKey: admin(
    'API keys (admin)',
    'manage_tenant_api_keys',
    [`PATCH ${T}/api-keys/{key_id}`, 'api_key', 'Change limits, expiry or the active flag'],
    { body: 'UpdateApiKeyBody' },
  ),
  rotateApiKey: admin(
    'API keys (admin)',
    'manage_tenant_api_keys',
    [`POST ${T}/api-keys/{key_id}/rotate`, 'new_api_key', 'Replace a key by another one'],
    {
      ...created('RotateApiKeyBody'),
      bodyOptional: true,
      description:
        'The new key has the old one’s name, scopes, limits and end. The old one opens for `overlap_seconds` more, at once ' +
        'nothing where that is 0 or left out.',
    },
  ),
  deleteApiKey: admin(
    'API keys (admin)',
    'manage_tenant_api_keys',
    [`DELETE ${T}/api-keys/{key_id}`, 'nothing', 'Take a key out of use for good'],
    { status: 204 },
  ),

  acceptInvitation: auth(['POST /api/v1/auth/invitations/accept', 'session', 'Accept an invitation and sign in'], {
    body: 'AcceptInvitationBody',
    description:
      'Whoever has no password yet may choose one; whoever has, anywhere in this installation, gives it or leaves it out.',
  }),
  login: auth(['POST /api/v1/auth/login', 'session', 'Sign in'], {
    body: 'LoginBody',
    description: 'With `email` and `password`, or with the `token` of a link that was mailed.',
  }),
  requestLoginLink: auth(['POST /api/v1/auth/login/link', 'sent', 'Ask for a link to sign in with'], {
    body: 'LoginLinkBody',
    description:
      'It opens once, for a quarter of an hour. The answer is the same whether the address is a user’s or not.',
  }),
  refreshSession: auth(['POST /api/v1/auth/refresh', 'session', 'Get the next access token'], {
    body: 'RefreshBody',
    description:
      'Each refresh token is good once, and is answered with the next one. One that comes a second time is somebody’s ' +
      'copy: it ends the session for everybody who has any of its tokens.',
  }),
  logout: auth(['POST /api/v1/auth/logout', 'nothing', 'End a session'], { body: 'RefreshBody', status: 204 }),
  changePassword: auth(['POST /api/v1/auth/password', 'session', 'Change one’s password'], {
    user: true,
    body: 'ChangePasswordBody',
    description:
      'Ends every session of the address, in every tenant, and answers with a new one. Whoever has no password yet chooses ' +
      'one by a reset.',
  }),
  requestPasswordReset: auth(['POST /api/v1/auth/password/reset', 'sent', 'Ask for a letter to choose a password by'], {
    body: 'LoginLinkBody',
    description:
      'Its token is good once, for a quarter of an hour. The answer is the same whether the address is a user’s or not.',
  }),
  resetPassword: auth(['POST /api/v1/auth/password/reset/confirm', 'session', 'Choose a password, and sign in'], {
    body: 'ResetPasswordBody',
    description: 'Ends every session of the address, in every tenant, and takes back what else was mailed to it.',
  }),
  switchTenant: auth(['POST /api/v1/auth/switch', 'session', 'Sign in to another tenant of the workspace'], {
    user: true,
    body: 'SwitchTenantBody',
  }),
  getOwnUser: auth(['GET /api/v1/auth/me', 'me', 'The user who signed in, and the tenants they may switch to'], {
    user: true,
  }),
} as const satisfies Record<string, Operation>;
