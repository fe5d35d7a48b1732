/**
 * Every operation of the HTTP interface: one row each. Route binding, guard, idempotency, validation, the OpenAPI document,
 * the reference and the tests are made from these rows; a route without a row does not start, a row without a route fails
 * a test.
 */
import { AUDIT_OPERATIONS } from './audit-operations.js';
import { CARD_OPERATIONS } from './card-operations.js';
import { admin, created, open, T, tenant, type Operation } from './operation-terms.js';
import {
  ACCOUNT_FILTERS,
  ACCOUNT_SEARCH,
  ADMIN_ORDER,
  ADMIN_PAGING,
  AS_OF,
  CUSTOMER_FILTERS,
  ENTRY_FILTERS,
  FEES_AS_OF,
  PAGING,
  TENANT_FILTERS,
  TRIAL_BALANCE_DETAIL,
  TRANSACTION_FILTERS,
} from './query-parameters.js';
import { EVENT_OPERATIONS } from './event-operations.js';
import { FINANCE_OPERATIONS } from './finance-operations.js';
import { HEALTH_OPERATIONS } from './health-operations.js';
import { KYC_OPERATIONS } from './kyc-operations.js';
import { PERIOD_OPERATIONS } from './period-operations.js';
import { RESERVATION_OPERATIONS } from './reservation-operations.js';
import { STATEMENT_OPERATIONS } from './statement-operations.js';
import { USER_OPERATIONS } from './user-operations.js';
import { PUBLISHED_OPERATIONS, VERSION_OPERATIONS } from './version-operations.js';
import { WORKSPACE_OPERATIONS } from './workspace-operations.js';
import { WEBHOOK_OPERATIONS } from './webhook-operations.js';

const BATCH_BYTES = 4 * 1024 * 1024;
/** 100 journals of 100 entries each, with everything that may be said of them, have 56,402. */
const BATCH_MEMBERS = 60_000;

export const OPERATIONS = {
  getTenant: tenant('Tenant', null, ['GET /v1/tenant', 'tenant', 'The tenant that the key belongs to']),
  ...VERSION_OPERATIONS,

  openAccount: tenant('Accounts', 'accounts:write', ['POST /v1/accounts', 'account', 'Open an account'], {
    ...created('OpenAccountBody'),
    description:
      '`kyc_tier`, `overdraft_limit` and `allow_negative` may be set here with this scope alone: whoever opens an account ' +
      'says what it is. Later `kyc_tier` and `overdraft_limit` are changed only with `accounts:manage` as well, and ' +
      '`allow_negative` not at all.',
  }),
  listAccounts: tenant('Accounts', 'accounts:read', ['GET /v1/accounts', 'list:account', 'List accounts'], {
    query: { ...PAGING, ...ACCOUNT_FILTERS },
  }),
  getAccount: tenant('Accounts', 'accounts:read', ['GET /v1/accounts/{account_id}', 'account', 'Get an account']),
  updateAccount: tenant(
    'Accounts',
    'accounts:write',
    ['PATCH /v1/accounts/{account_id}', 'account', 'Change an account'],
    {
      body: 'UpdateAccountBody',
      description:
        '`kyc_tier` and `overdraft_limit` also need the scope `accounts:manage`, though whoever opens an account may set ' +
        'them. `allow_negative` is set when the account is opened and can’t be changed.',
    },
  ),
  getBalance: tenant(
    'Accounts',
    'accounts:read',
    ['GET /v1/accounts/{account_id}/balance', 'balance', 'An account’s balance, also of another time'],
    {
      query: AS_OF,
      entitlement: 'balances.read',
    },
  ),
  listEntries: tenant(
    'Accounts',
    'accounts:read',
    ['GET /v1/accounts/{account_id}/entries', 'list:entry', 'Every posting on an account'],
    { query: { ...PAGING, ...ENTRY_FILTERS } },
  ),
  blockAccount: tenant(
    'Accounts',
    'accounts:manage',
    ['PUT /v1/accounts/{account_id}/block', 'account_blocking', 'Block an account and those below it'],
    { body: 'BlockAccountBody' },
  ),
  unblockAccount: tenant(
    'Accounts',
    'accounts:manage',
    ['PUT /v1/accounts/{account_id}/unblock', 'account_blocking', 'Lift blocks'],
    { body: 'UnblockAccountBody' },
  ),
  closeAccount: tenant(
    'Accounts',
    'accounts:manage',
    ['PUT /v1/accounts/{account_id}/close', 'account', 'Close an empty account for good'],
    { body: 'CloseAccountBody' },
  ),
  getTrialBalance: tenant(
    'Accounts',
    'accounts:read',
    [
      'GET /v1/trial_balance',
      'trial_balance',
      'Debits and credits of the whole ledger, per currency, also of another time',
    ],
    { query: { ...AS_OF, ...TRIAL_BALANCE_DETAIL } },
  ),

  createCustomer: tenant('Customers', 'accounts:write', ['POST /v1/customers', 'customer', 'Create a customer'], {
    ...created('CreateCustomerBody'),
    description:
      'Accounts are opened for a customer with its `customer_id`: their tier is the customer’s, and limits are counted ' +
      'over all of them together. `kyc_tier` may be set here with this scope alone.',
  }),
  listCustomers: tenant('Customers', 'accounts:read', ['GET /v1/customers', 'list:customer', 'List customers'], {
    query: { ...PAGING, ...CUSTOMER_FILTERS },
    entitlement: 'identity.read',
  }),
  getCustomer: tenant('Customers', 'accounts:read', ['GET /v1/customers/{customer_id}', 'customer', 'Get a customer'], {
    entitlement: 'identity.read',
  }),
  updateCustomer: tenant(
    'Customers',
    'accounts:write',
    ['PATCH /v1/customers/{customer_id}', 'customer', 'Change a customer'],
    {
      body: 'UpdateCustomerBody',
      description:
        '`kyc_tier` also needs the scope `accounts:manage`; the next posting on any of the customer’s accounts is judged ' +
        'by the new one’s limits. `kind` is set when the customer is created and can’t be changed.',
    },
  ),

  eraseCustomer: tenant(
    'Customers',
    'accounts:manage',
    ['DELETE /v1/customers/{customer_id}/personal_data', 'nothing', 'Erase a customer’s personal data, for good'],
    {
      status: 204,
      description:
        'Names, addresses, documents, narrations and metadata of the customer and of its accounts, cards and transactions ' +
        'open for nobody from then on and are answered as null; amounts, ids and the ledger’s proof stay as they are. ' +
        'What was rendered and sent before is blanked within seconds. Nothing is told of the customer again but its tier.',
    },
  ),

  postTransaction: tenant(
    'Transactions',
    'transactions:write',
    ['POST /v1/transactions', 'transaction', 'Post a transaction'],
    {
      ...created('PostTransactionBody'),
      description:
        'With `dry_run: true` it answers 200 with what would happen and appends nothing. A refusal of the ledger is a 422 and is kept: `error.transaction_id` names the failed transaction.',
    },
  ),
  postBatch: tenant(
    'Transactions',
    'transactions:write',
    ['POST /v1/transactions/batch', 'transaction_batch', 'Post up to 100 transactions'],
    {
      body: 'PostBatchBody',
      maxBytes: BATCH_BYTES,
      maxMembers: BATCH_MEMBERS,
      description:
        'Each on its own with its own outcome, or all or none with `atomic: true`. All or none is refused with the code and ' +
        'status of the first transaction that can’t be posted: 400 where it is malformed or names what does not exist, 409 ' +
        'where it conflicts with what is there (a reference that is taken), 422 where a rule of the ledger stops it. ' +
        '`error.param` names it (`transactions[3]`), and nothing is kept. A malformed member is a 400 for the whole batch ' +
        'without `atomic` too.',
    },
  ),
  listTransactions: tenant(
    'Transactions',
    'transactions:read',
    ['GET /v1/transactions', 'list:transaction', 'List transactions'],
    { query: { ...PAGING, ...TRANSACTION_FILTERS } },
  ),
  getTransaction: tenant('Transactions', 'transactions:read', [
    'GET /v1/transactions/{transaction_id}',
    'transaction',
    'Get a transaction',
  ]),
  reverseTransaction: tenant(
    'Transactions',
    'transactions:write',
    ['POST /v1/transactions/{transaction_id}/reverse', 'transaction', 'Reverse a transaction, all or in part'],
    { ...created('ReverseTransactionBody'), bodyOptional: true },
  ),

  previewFee: tenant(
    'Transactions',
    'transactions:write',
    ['POST /v1/fees/preview', 'fee_preview', 'What a transaction would cost, and by which rule'],
    { body: 'PreviewFeeBody', writes: false },
  ),
  evaluateLimits: tenant(
    'Transactions',
    'transactions:write',
    ['POST /v1/limits/evaluate', 'limit_evaluation', 'Which limits an amount would exceed now'],
    {
      body: 'EvaluateLimitsBody',
      writes: false,
      entitlement: 'limits.evaluate',
      description:
        'Judged by the tenant’s writer as the next posting would be, at the revision that `Ledger-Revision` names: the ' +
        'daily and the monthly limit of the account’s tier and, of what comes in, what the account may hold. ' +
        '`violations` stand in the order in which a posting names them. Says nothing about funds, blocks and fees, and ' +
        'takes the other side for somebody else’s: a transfer between accounts of one customer would use nothing.',
    },
  ),
  ...PERIOD_OPERATIONS,

  ...RESERVATION_OPERATIONS,

  ...CARD_OPERATIONS,

  ...KYC_OPERATIONS,

  ...FINANCE_OPERATIONS,

  ...EVENT_OPERATIONS,

  ...AUDIT_OPERATIONS,

  ...STATEMENT_OPERATIONS,
  ...HEALTH_OPERATIONS,

  createTenant: admin(
    'Tenants (admin)',
    'manage_tenants',
    ['POST /api/v1/admin/tenants', 'tenant', 'Create a tenant'],
    created('CreateTenantBody'),
  ),
  listTenants: admin('Tenants (admin)', 'view_tenants', ['GET /api/v1/admin/tenants', 'page:tenant', 'List tenants'], {
    query: { ...ADMIN_PAGING, ...ADMIN_ORDER, ...TENANT_FILTERS },
  }),
  getTenantById: admin('Tenants (admin)', 'view_tenants', [`GET ${T}`, 'tenant', 'Get a tenant']),
  updateTenant: admin('Tenants (admin)', 'manage_tenants', [`PATCH ${T}`, 'tenant', 'Change a tenant'], {
    body: 'UpdateTenantBody',
  }),
  changeTenantStatus: admin(
    'Tenants (admin)',
    'manage_tenants',
    [`PATCH ${T}/status`, 'tenant', 'Suspend, reactivate or deactivate a tenant'],
    { body: 'ChangeTenantStatusBody' },
  ),
  getEntitlements: admin('Entitlements (admin)', 'view_tenants', [
    `GET ${T}/entitlements`,
    'entitlements',
    'What the tenant is entitled to',
  ]),
  updateEntitlements: admin(
    'Entitlements (admin)',
    'manage_tenant_entitlements',
    [`PATCH ${T}/entitlements`, 'entitlements', 'Change what the tenant is entitled to'],
    {
      body: 'UpdateEntitlementsBody',
      description:
        'Only what is named changes; the answer is the whole map. Writes are judged by it from the next one on, wherever ' +
        'they come in; reads at once on the instance that answers this, and on the others within a second of the answer.',
    },
  ),
  getFees: admin('Fees (admin)', 'view_tenants', [`GET ${T}/fees`, 'fee_schedule', 'The tenant’s fee rules'], {
    query: FEES_AS_OF,
  }),
  replaceFees: admin('Fees (admin)', 'manage_tenant_fees', [`PUT ${T}/fees`, 'fee_schedule', 'Replace all fee rules'], {
    body: 'ReplaceFeesBody',
  }),
  previewTenantFee: admin(
    'Fees (admin)',
    'view_tenants',
    [`POST ${T}/fees/preview`, 'fee_preview', 'What a transaction of the tenant would cost, and by which rule'],
    { body: 'PreviewFeeBody', writes: false },
  ),
  getLimits: admin('Limits (admin)', 'view_tenants', [`GET ${T}/limits`, 'limits', 'The tenant’s limits by KYC tier']),
  replaceLimits: admin('Limits (admin)', 'manage_tenant_limits', [`PUT ${T}/limits`, 'limits', 'Replace all limits'], {
    body: 'ReplaceLimitsBody',
    description:
      'They hold from the next posting on, and what was used before goes on counting. One row for each tier, direction, ' +
      'window and currency.',
  }),
  listTenantAccounts: admin(
    'Accounts (admin)',
    'view_tenants',
    [`GET ${T}/accounts`, 'page:account', 'List a tenant’s accounts'],
    { query: { ...ADMIN_PAGING, ...ADMIN_ORDER, ...ACCOUNT_FILTERS, ...ACCOUNT_SEARCH } },
  ),
  getTenantAccount: admin('Accounts (admin)', 'view_tenants', [
    `GET ${T}/accounts/{account_id}`,
    'account',
    'Get an account of a tenant',
  ]),
  blockTenantAccount: admin(
    'Accounts (admin)',
    'manage_tenant_accounts',
    [`PUT ${T}/accounts/{account_id}/block`, 'account_blocking', 'Block an account and those below it'],
    { body: 'BlockAccountBody' },
  ),
  unblockTenantAccount: admin(
    'Accounts (admin)',
    'manage_tenant_accounts',
    [`PUT ${T}/accounts/{account_id}/unblock`, 'account_blocking', 'Lift blocks'],
    { body: 'UnblockAccountBody' },
  ),
  closeTenantAccount: admin(
    'Accounts (admin)',
    'manage_tenant_accounts',
    [`PUT ${T}/accounts/{account_id}/close`, 'account', 'Close an empty account for good'],
    { body: 'CloseAccountBody' },
  ),
  eraseSubject: admin(
    'Tenants (admin)',
    'manage_tenants',
    [`DELETE ${T}/personal_data/{subject_id}`, 'nothing', 'Erase somebody’s personal data, for good'],
    {
      status: 204,
      description:
        'Of a customer (`cust_`), of a user who was revoked (`usr_`), of the tenant’s partner (`prt_`), or of the holder of an ' +
        'account that is no customer’s (`acc_`).',
    },
  ),
  ...WORKSPACE_OPERATIONS,
  ...USER_OPERATIONS,

  ...WEBHOOK_OPERATIONS,

  getHealth: open(['GET /healthz', 'health', 'Whether the process is alive']),
  getReadiness: open(['GET /readyz', 'readiness', 'Whether it can serve, and what keeps it from that']),
  getMetrics: open(['GET /metrics', 'metrics', 'Metrics in the text form of Prometheus']),
  getOpenApi: open(['GET /openapi.json', 'openapi', 'The OpenAPI document']),
  getReference: open(['GET /docs', 'reference', 'The API reference']),
  ...PUBLISHED_OPERATIONS,
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;

export const operationOf = (name: OperationName): Operation => OPERATIONS[name];

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];
