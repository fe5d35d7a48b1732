/** What an API key may be allowed to do, and what an operator's token may. */

/** Each scope of an API key and what it lets the key do, in words for the reference. */
export const SCOPES = {
  'accounts:read': 'See accounts, their balances and entries',
  'accounts:write': 'Open and change accounts',
  'accounts:manage': 'Block, unblock and close accounts',
  'transactions:read': 'See transactions',
  'transactions:write': 'Post, reverse and reserve; evaluate limits and preview fees',
  'cards:read': 'See cards and card transactions',
  'cards:write': 'Issue and change cards, report what the card network did',
  'settlements:read': 'See settlements',
  'settlements:write': 'Complete and fail settlements, close periods',
  'liquidity:read': 'See liquidity',
  'events:read': 'See the events of the tenant',
  'webhooks:manage': 'Manage webhook endpoints',
  'ledger:audit': 'Read the raw event stream with its hashes',
  'audit:read': 'Read the audit log',
  'settings:manage': 'Change the tenant’s settings',
  'kyc:read': 'See KYC submissions',
  'kyc:write': 'Submit KYC data',
  'virtual_accounts:read': 'See virtual accounts',
  'virtual_accounts:write': 'Create virtual accounts',
  'pos:read': 'See terminals and their transactions',
  'pos:write': 'Manage terminals and their operations',
  'payouts:read': 'See payouts',
  'payouts:write': 'Make payouts',
  'templates:read': 'See pass templates',
  'templates:write': 'Change pass templates',
  'passes:read': 'See passes',
  'passes:write': 'Issue and change passes',
} as const;

export type Scope = keyof typeof SCOPES;

export const SCOPE_NAMES = Object.keys(SCOPES) as readonly Scope[];

/** Each permission of an operator's token. */
export const PERMISSIONS = {
  view_tenants: 'See tenants and everything that belongs to them',
  manage_tenants: 'Create and change tenants; implies the four below that have no word of their own in the first list',
  manage_tenant_entitlements: 'Change entitlements',
  manage_tenant_users: 'Invite and change users',
  manage_tenant_api_keys: 'Create and change API keys',
  manage_tenant_webhooks: 'Manage webhook endpoints',
  manage_tenant_accounts: 'Block, unblock and close accounts',
  manage_tenant_fees: 'Replace fee rules',
  manage_tenant_limits: 'Replace limits',
  manage_tenant_kyc: 'Decide KYC submissions',
} as const;

export type Permission = keyof typeof PERMISSIONS;

export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as readonly Permission[];

/** What `manage_tenants` also allows. */
const IMPLIED_BY_MANAGE_TENANTS: ReadonlySet<Permission> = new Set([
  'manage_tenant_accounts',
  'manage_tenant_fees',
  'manage_tenant_limits',
  'manage_tenant_kyc',
]);

export const mayManage = (granted: ReadonlySet<string>, needed: Permission): boolean =>
  granted.has(needed) || (IMPLIED_BY_MANAGE_TENANTS.has(needed) && granted.has('manage_tenants'));
