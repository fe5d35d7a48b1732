/**
 * Every operation of the HTTP interface: one row each. Route binding, guard, idempotency, validation, the OpenAPI document,
 * the reference and the tests are made from these rows; a route without a row does not start, a row without a route fails
 * a test.
 */
import type { EntitlementKey } from '#domain/entitlements/entitlements.js';
import {
  ACCOUNT_FILTERS,
  ADMIN_PAGING,
  AS_OF,
  CARD_FILTERS,
  CARD_TRANSACTION_FILTERS,
  ENTRY_FILTERS,
  EVENT_FILTERS,
  FEES_AS_OF,
  KEY_FILTERS,
  PAGING,
  TENANT_FILTERS,
  TRANSACTION_FILTERS,
  type QueryParameter,
} from './query-parameters.js';
import type { Permission, Scope } from './scopes.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Terms {
  /** With the names of its parameters in braces; `{account_id}` must be an id of an account, else it is a 404. */
  readonly path: string;
  readonly method: Method;
  /** Success. */
  readonly status: 200 | 201 | 204;
  /** Name of the request body's schema: the name of the class that declares it. */
  readonly body?: string;
  /** A PUT, PATCH or POST whose body may be left out, as if it were `{}`. */
  readonly bodyOptional?: true;
  /** Bytes; 1 MiB where it is not said. */
  readonly maxBytes?: number;
  /** Fields and list items of the body altogether; 10,000 where it is not said. */
  readonly maxMembers?: number;
  readonly query?: Readonly<Record<string, QueryParameter>>;
  /** Name of the answer's schema in `resource-schemas.ts`; null: the operation says itself what it answers. */
  readonly answers: string | null;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Writes: appends to the tenant's stream. */
  readonly writes: boolean;
}

/** Called with a tenant's API key. */
export interface TenantOperation extends Terms {
  readonly plane: 'tenant';
  /** Null: any key. */
  readonly scope: Scope | null;
  /** There for sandbox tenants only: with a live tenant's key it is a 404, as is any path that nothing stands at. */
  readonly sandboxOnly?: true;
  /** What the tenant must be entitled to, beside the key's scope; null: to nothing. */
  readonly entitlement: EntitlementKey | null;
}

/** Called with an operator's token. */
export interface AdminOperation extends Terms {
  readonly plane: 'admin';
  readonly permission: Permission;
}

/** Called by anybody. */
export interface OpenOperation extends Terms {
  readonly plane: 'open';
}

export type Operation = TenantOperation | AdminOperation | OpenOperation;

type Rest = Partial<Omit<Terms, 'path' | 'method' | 'answers' | 'summary' | 'tag'>>;
type Ask = readonly [route: string, answers: string, summary: string];

const BATCH_BYTES = 4 * 1024 * 1024;
/** 100 journals of 100 entries each, with everything that may be said of them, have 56,402. */
const BATCH_MEMBERS = 60_000;

const terms = (tag: string, [route, answers, summary]: Ask, rest: Rest): Terms => {
  const [method, path] = route.split(' ') as [Method, string];
  return { path, method, answers, summary, tag, status: 200, writes: method !== 'GET', ...rest };
};

/** An entitlement has the scope's words, with a dot. */
const tenant = (
  tag: string,
  scope: Scope | null,
  ask: Ask,
  rest: Rest & { readonly entitlement?: EntitlementKey | null; readonly sandboxOnly?: true } = {},
): TenantOperation => {
  const { entitlement = ENTITLEMENT_OF[scope ?? 'none'] ?? null, sandboxOnly, ...more } = rest;
  const where = sandboxOnly === undefined ? {} : { sandboxOnly };
  return { plane: 'tenant', scope, entitlement, ...where, ...terms(tag, ask, more) };
};

const admin = (tag: string, permission: Permission, ask: Ask, rest: Rest = {}): AdminOperation => ({
  plane: 'admin',
  permission,
  ...terms(tag, ask, rest),
});

const open = (ask: Ask): OpenOperation => ({ plane: 'open', ...terms('Installation', ask, {}) });

/**
 * The entitlement that goes with a scope, where one does. Cards, events, settlements and settings have none; where one
 * scope opens what several entitlements are about (balances, reservations, limits, statements, customers, the parts of
 * `pos` and of virtual accounts), the operation's row names its own.
 */
const ENTITLEMENT_OF: { readonly [S in Scope | 'none']?: EntitlementKey } = {
  'accounts:read': 'accounts.read',
  'accounts:write': 'accounts.write',
  'accounts:manage': 'accounts.manage',
  'transactions:read': 'transactions.read',
  'transactions:write': 'transactions.write',
  'liquidity:read': 'liquidity.read',
  'webhooks:manage': 'webhooks.manage',
  'kyc:read': 'kyc.read',
  'kyc:write': 'kyc.submit',
  'virtual_accounts:read': 'virtual_accounts.read',
  'payouts:write': 'payouts.write',
};

const T = '/api/v1/admin/tenants/{tenant_id}';
const created = (body: string): Rest => ({ status: 201, body });

export const OPERATIONS = {
  getTenant: tenant('Tenant', null, ['GET /v1/tenant', 'tenant', 'The tenant that the key belongs to']),

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
    { query: AS_OF },
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
  closePeriod: tenant(
    'Accounts',
    'settlements:write',
    ['POST /v1/periods/close', 'closed_period', 'Close the books through a time, for good'],
    {
      body: 'ClosePeriodBody',
      description:
        'From then on no `effective_at` at or before it is taken, and what is read as of such a time stays as it is. The ' +
        'same again changes nothing; what is closed is never opened again.',
    },
  ),

  issueCard: tenant('Cards', 'cards:write', ['POST /v1/cards', 'card', 'Issue a card'], created('IssueCardBody')),
  listCards: tenant('Cards', 'cards:read', ['GET /v1/cards', 'list:card', 'List cards'], {
    query: { ...PAGING, ...CARD_FILTERS },
  }),
  getCard: tenant('Cards', 'cards:read', ['GET /v1/cards/{card_id}', 'card', 'Get a card']),
  updateCard: tenant('Cards', 'cards:write', ['PATCH /v1/cards/{card_id}', 'card', 'Change a card'], {
    body: 'UpdateCardBody',
  }),
  activateCard: tenant('Cards', 'cards:write', ['POST /v1/cards/{card_id}/activate', 'card', 'Activate a card'], {
    body: 'NoBody',
    bodyOptional: true,
  }),
  suspendCard: tenant('Cards', 'cards:write', ['POST /v1/cards/{card_id}/suspend', 'card', 'Suspend a card'], {
    body: 'NoBody',
    bodyOptional: true,
  }),
  resumeCard: tenant('Cards', 'cards:write', ['POST /v1/cards/{card_id}/resume', 'card', 'Resume a suspended card'], {
    body: 'NoBody',
    bodyOptional: true,
  }),
  terminateCard: tenant(
    'Cards',
    'cards:write',
    ['POST /v1/cards/{card_id}/terminate', 'card', 'Terminate a card for good'],
    { body: 'NoBody', bodyOptional: true },
  ),
  listCardsTransactions: tenant(
    'Cards',
    'cards:read',
    ['GET /v1/cards/{card_id}/transactions', 'list:card_transaction', 'A card’s transactions'],
    { query: { ...PAGING, ...CARD_TRANSACTION_FILTERS } },
  ),

  authorizeCard: tenant(
    'Card transactions',
    'cards:write',
    ['POST /v1/card_transactions/authorize', 'card_transaction', 'The network asks for a hold'],
    {
      ...created('AuthorizeCardBody'),
      description:
        'A decline is a result, not an error: 201 with status `declined` and a `decline_reason`, the first of these that ' +
        'is so: `card_inactive card_suspended card_terminated expired_card account_closed account_frozen ' +
        'tenant_suspended currency_mismatch category_blocked spending_limit_exceeded limit_exceeded insufficient_funds`.',
    },
  ),
  incrementCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    [
      'POST /v1/card_transactions/{card_transaction_id}/increment',
      'card_transaction',
      'The network asks for more on the same hold',
    ],
    {
      body: 'IncrementCardTransactionBody',
      description:
        'Judged as an authorization is. A decline is a 422 with the reason as its code; it is kept as an element ' +
        '`increment_declined` and leaves the hold as it was. Where nothing is held any more: 409.',
    },
  ),
  adjustCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    [
      'POST /v1/card_transactions/{card_transaction_id}/adjust',
      'card_transaction',
      'An advice: the hold becomes this amount',
    ],
    {
      body: 'AdjustCardTransactionBody',
      description:
        'Never declined, so what is available may fall below zero by it. What it adds counts as `incremented`, what it ' +
        'takes away as `reversed`. Where nothing is held any more, nothing becomes held again.',
    },
  ),
  reverseCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    [
      'POST /v1/card_transactions/{card_transaction_id}/reverse',
      'card_transaction',
      'Gives back the hold, or part of it',
    ],
    {
      body: 'ReverseCardTransactionBody',
      bodyOptional: true,
      description: 'At most what is held. What was captured is given back by refunds.',
    },
  ),
  expireCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    [
      'POST /v1/card_transactions/{card_transaction_id}/expire',
      'card_transaction',
      'Gives back all of the hold, before its time is up',
    ],
    {
      body: 'ExpireCardTransactionBody',
      bodyOptional: true,
      description: 'Holds also expire by themselves at `expires_at`. What is cleared afterwards posts all the same.',
    },
  ),
  refundToCard: tenant(
    'Card transactions',
    'cards:write',
    ['POST /v1/card_transactions/refund', 'card_transaction', 'A refund of a purchase that is not known here'],
    created('RefundToCardBody'),
  ),
  refundCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    ['POST /v1/card_transactions/{card_transaction_id}/refund', 'card_transaction', 'A refund of a purchase'],
    {
      body: 'RefundCardTransactionBody',
      description:
        'Always posts, also more than was captured: then its element says `exceeds_captured`. What the holder owes is ' +
        'repaid first. It is taken back by reversing its transaction.',
    },
  ),
  postCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    ['POST /v1/card_transactions/post', 'card_transaction', 'A clearing without authorization'],
    {
      ...created('PostCardTransactionBody'),
      description: 'A force post, a single message or a credit: always posts. What is lacking becomes a receivable.',
    },
  ),
  captureCardTransaction: tenant(
    'Card transactions',
    'cards:write',
    [
      'POST /v1/card_transactions/{card_transaction_id}/capture',
      'card_transaction',
      'A clearing of a hold: partial, full, over',
    ],
    { body: 'CaptureCardTransactionBody' },
  ),
  simulateAuthorization: tenant(
    'Tests',
    'cards:write',
    ['POST /v1/test/cards/simulate_authorization', 'card_transaction', 'An authorization, as a network would send it'],
    {
      ...created('SimulateAuthorizationBody'),
      sandboxOnly: true,
      description: 'Judged as any authorization is; what is not given is made up. Sandbox tenants only.',
    },
  ),
  simulateDecline: tenant(
    'Tests',
    'cards:write',
    ['POST /v1/test/cards/simulate_decline', 'card_transaction', 'An authorization that is declined'],
    {
      ...created('SimulateDeclineBody'),
      sandboxOnly: true,
      description: 'Declined for the reason given, whatever the card may do. Sandbox tenants only.',
    },
  ),
  listCardTransactions: tenant(
    'Card transactions',
    'cards:read',
    ['GET /v1/card_transactions', 'list:card_transaction', 'List card transactions'],
    { query: { ...PAGING, ...CARD_TRANSACTION_FILTERS } },
  ),
  getCardTransaction: tenant('Card transactions', 'cards:read', [
    'GET /v1/card_transactions/{card_transaction_id}',
    'card_transaction',
    'Get a card transaction',
  ]),

  listEvents: tenant('Events', 'events:read', ['GET /v1/events', 'list:event', 'List public events'], {
    query: { ...PAGING, ...EVENT_FILTERS },
  }),
  getEvent: tenant('Events', 'events:read', ['GET /v1/events/{event_id}', 'event', 'Get an event']),

  createTenant: admin(
    'Tenants (admin)',
    'manage_tenants',
    ['POST /api/v1/admin/tenants', 'tenant', 'Create a tenant'],
    created('CreateTenantBody'),
  ),
  listTenants: admin('Tenants (admin)', 'view_tenants', ['GET /api/v1/admin/tenants', 'page:tenant', 'List tenants'], {
    query: { ...ADMIN_PAGING, ...TENANT_FILTERS },
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
  listTenantAccounts: admin(
    'Accounts (admin)',
    'view_tenants',
    [`GET ${T}/accounts`, 'page:account', 'List a tenant’s accounts'],
    { query: { ...ADMIN_PAGING, ...ACCOUNT_FILTERS } },
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
  createApiKey: admin(
    'API keys (admin)',
    'manage_tenant_api_keys',
    [`POST ${T}/api-keys`, 'new_api_key', 'Create an API key'],
    {
      ...created('CreateApiKeyBody'),
      description: '`full_key` is shown in this answer only.',
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

  getHealth: open(['GET /healthz', 'health', 'Whether the process is alive']),
  getReadiness: open(['GET /readyz', 'readiness', 'Whether it can serve, and what keeps it from that']),
  getMetrics: open(['GET /metrics', 'metrics', 'Metrics in the text form of Prometheus']),
  getOpenApi: open(['GET /openapi.json', 'openapi', 'The OpenAPI document']),
  getReference: open(['GET /docs', 'reference', 'The API reference']),
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;

export const operationOf = (name: OperationName): Operation => OPERATIONS[name];

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];
