/** What a tenant that is not active may still do, command by command (DECISIONS 26). */
import { idOf } from './ids.js';
import type { Command, CommandType, Issuer } from './commands.js';
import {
  account,
  card,
  customer,
  deposit,
  given,
  named,
  OPERATOR,
  START,
  tenant,
  transfer,
  ulidAt,
  type Step,
} from './spec-support.js';
import type { TenantStatus } from './tenants/tenants.js';

const KEY = idOf('api_key', ulidAt(START, 9));
const NEW_KEY = idOf('api_key', ulidAt(START, 10));
const SETTLEMENT = idOf('settlement', ulidAt(START, 14));
const USER = idOf('user', ulidAt(START, 11));
const NEW_USER = idOf('user', ulidAt(START, 12));
const ENDPOINT = idOf('webhook_endpoint', ulidAt(START, 13));
const NEW_ENDPOINT = idOf('webhook_endpoint', ulidAt(START, 14));
const endpoint = { endpoint_id: ENDPOINT, secret_id: 's1', url: 'https://acme.example/hooks', events: ['*'] };
const invited = { email: 'ada@acme.example', full_name: 'Ada', role: 'viewer' } as const;
const TENANTS_KEY: Issuer = { plane: 'tenant', keyId: null, entitlement: null };
const SYSTEM: Issuer = { plane: 'system', keyId: null, entitlement: null };
const merchant = { name: 'Shop', category_code: '5411' };
const network = (network_reference: string) => ({ amount: 1, currency: 'NGN', merchant, network_reference });

const history: readonly Step[] = [
  tenant(),
  named('key', { type: 'CreateApiKey', data: { key_id: KEY, scopes: ['accounts:read'] } }),
  { type: 'InviteUser', data: { user_id: USER, ...invited } },
  { type: 'CreateWebhookEndpoint', data: endpoint },
  account('ada'),
  account('bob'),
  account('eve'),
  customer('cy'),
  named('kyc', { type: 'SubmitKyc', data: { customer_id: '@cy', tier: 'tier2' } }),
  {
    type: 'BlockAccount',
    data: { account_id: '@eve', block_debits: true, block_credits: true, source: 'fraud', reason: 'r' },
  },
  named('paid', deposit('ada', 100)),
  named('hold', { type: 'CreateReservation', data: { account_id: '@ada', amount: 1, currency: 'NGN' } }),
  ...card('visa', 'ada'),
  named('buy', { type: 'AuthorizeCard', data: { card_id: '@visa', ...network('a1') } }),
];

type Taker = 'nobody' | 'operators' | 'everybody' | 'everybody_while_suspended';

/** Who is not refused for the tenant's status while it is suspended or inactive. */
const TAKEN: { readonly [T in CommandType]: readonly [Taker, Extract<Command, { type: T }>] } = {
  CreateTenant: ['everybody', tenant()],
  UpdateTenant: ['nobody', { type: 'UpdateTenant', data: { name: 'New' } }],
  ChangeTenantStatus: ['operators', { type: 'ChangeTenantStatus', data: { status: 'active' } }],
  AnnounceApiVersion: [
    'everybody',
    { type: 'AnnounceApiVersion', data: { api_version: '2026-05-19', supersedes: null, changes: [] } },
  ],
  CreateApiKey: ['nobody', { type: 'CreateApiKey', data: { key_id: KEY, scopes: ['accounts:read'] } }],
  UpdateApiKey: ['operators', { type: 'UpdateApiKey', data: { key_id: KEY, is_active: false } }],
  RotateApiKey: ['nobody', { type: 'RotateApiKey', data: { key_id: KEY, new_key_id: NEW_KEY, overlap_until: null } }],
  DeleteApiKey: ['operators', { type: 'DeleteApiKey', data: { key_id: KEY } }],
  CreateWebhookEndpoint: [
    'nobody',
    { type: 'CreateWebhookEndpoint', data: { ...endpoint, endpoint_id: NEW_ENDPOINT } },
  ],
  UpdateWebhookEndpoint: ['nobody', { type: 'UpdateWebhookEndpoint', data: { endpoint_id: ENDPOINT, events: ['a'] } }],
  RotateWebhookSecret: [
    'nobody',
    { type: 'RotateWebhookSecret', data: { endpoint_id: ENDPOINT, secret_id: 's2', overlap_until: null } },
  ],
  EnableWebhookEndpoint: ['nobody', { type: 'EnableWebhookEndpoint', data: { endpoint_id: ENDPOINT } }],
  DisableWebhookEndpoint: [
    'operators',
    { type: 'DisableWebhookEndpoint', data: { endpoint_id: ENDPOINT, as: 'disabled' } },
  ],
  DeleteWebhookEndpoint: ['operators', { type: 'DeleteWebhookEndpoint', data: { endpoint_id: ENDPOINT } }],
  InviteUser: ['nobody', { type: 'InviteUser', data: { user_id: NEW_USER, ...invited } }],
  ResendInvitation: ['nobody', { type: 'ResendInvitation', data: { user_id: USER } }],
  // An inactive tenant has no users to sign in.
  AcceptInvitation: ['everybody_while_suspended', { type: 'AcceptInvitation', data: { user_id: USER } }],
  UpdateUser: ['operators', { type: 'UpdateUser', data: { user_id: USER, status: 'revoked' } }],
  OpenAccount: ['nobody', account('new').command as Extract<Command, { type: 'OpenAccount' }>],
  UpdateAccount: ['nobody', { type: 'UpdateAccount', data: { account_id: '@bob', account_name: 'Bo' } }],
  BlockAccount: [
    'operators',
    {
      type: 'BlockAccount',
      data: { account_id: '@bob', block_debits: true, block_credits: true, source: 'fraud', reason: 'r' },
    },
  ],
  UnblockAccount: [
    'operators',
    {
      type: 'UnblockAccount',
      data: { account_id: '@eve', unblock_debits: true, unblock_credits: true, source: 'cleared', reason: 'r' },
    },
  ],
  CloseAccount: [
    'nobody',
    { type: 'CloseAccount', data: { account_id: '@bob', confirmation: 'CLOSE_ACCOUNT', source: 's', reason: 'r' } },
  ],
  PostTransaction: ['nobody', transfer('ada', 'bob', 1) as Extract<Command, { type: 'PostTransaction' }>],
  PostBatch: [
    'nobody',
    {
      type: 'PostBatch',
      data: { transactions: [{ type: 'deposit', amount: 1, currency: 'NGN', destination: '@bob' }] },
    },
  ],
  TryBatch: [
    'nobody',
    {
      type: 'TryBatch',
      data: { transactions: [{ type: 'deposit', amount: 1, currency: 'NGN', destination: '@bob' }] },
    },
  ],
  ReverseTransaction: ['nobody', { type: 'ReverseTransaction', data: { transaction_id: '@paid' } }],
  CreateReservation: [
    'nobody',
    { type: 'CreateReservation', data: { account_id: '@ada', amount: 1, currency: 'NGN' } },
  ],
  CaptureReservation: ['nobody', { type: 'CaptureReservation', data: { reservation_id: '@hold' } }],
  ReleaseReservation: ['everybody', { type: 'ReleaseReservation', data: { reservation_id: '@hold' } }],
  ExpireDueHolds: ['everybody', { type: 'ExpireDueHolds', data: {} }],
  ReplaceFeeRules: ['nobody', { type: 'ReplaceFeeRules', data: { rules: [] } }],
  ReplaceLimits: ['nobody', { type: 'ReplaceLimits', data: { limits: [] } }],
  EvaluateLimits: [
    'everybody',
    { type: 'EvaluateLimits', data: { account_id: '@ada', direction: 'outbound', amount: 1, currency: 'NGN' } },
  ],
  CreateCustomer: ['nobody', { type: 'CreateCustomer', data: { kind: 'person', name: 'Cy' } }],
  UpdateCustomer: ['nobody', { type: 'UpdateCustomer', data: { customer_id: '@cy', name: 'Cy' } }],
  EraseSubject: ['everybody', { type: 'EraseSubject', data: { subject_id: '@cy' } }],
  SubmitKyc: ['nobody', { type: 'SubmitKyc', data: { customer_id: '@cy', tier: 'tier2' } }],
  ResubmitKyc: ['nobody', { type: 'ResubmitKyc', data: { kyc_submission_id: '@kyc' } }],
  ReviewKyc: ['nobody', { type: 'ReviewKyc', data: { kyc_submission_id: '@kyc' } }],
  ApproveKyc: ['nobody', { type: 'ApproveKyc', data: { kyc_submission_id: '@kyc' } }],
  RejectKyc: ['nobody', { type: 'RejectKyc', data: { kyc_submission_id: '@kyc', reason: 'r' } }],
  ExpireKyc: ['nobody', { type: 'ExpireKyc', data: { kyc_submission_id: '@kyc' } }],
  ChangeEntitlements: ['nobody', { type: 'ChangeEntitlements', data: { entitlements: {} } }],
  ClosePeriod: ['nobody', { type: 'ClosePeriod', data: { through: '2026-01-01T00:00:00Z' } }],
  CloseMonth: [
    'nobody',
    {
      type: 'CloseMonth',
      data: { month: '2025-12', timezone: 'UTC', from: '2025-12-01T00:00:00Z', through: '2025-12-31T23:59:59.999Z' },
    },
  ],
  ChangeFinanceSettings: ['nobody', { type: 'ChangeFinanceSettings', data: { cut_off_hour: 17 } }],
  RecordHealth: ['everybody', { type: 'RecordHealth', data: { measures: { rate_limit_hits: 101 } } }],
  RecordNetworkItem: [
    'everybody',
    { type: 'RecordNetworkItem', data: { type: 'network_fee', amount: 1, currency: 'NGN' } },
  ],
  CompleteSettlement: ['everybody', { type: 'CompleteSettlement', data: { settlement_id: SETTLEMENT, amount: 1 } }],
  FailSettlement: ['everybody', { type: 'FailSettlement', data: { settlement_id: SETTLEMENT, reason: 'r' } }],
  ImportBankStatement: [
    'nobody',
    {
      type: 'ImportBankStatement',
      data: {
        account_id: '@ada',
        digest: 'd',
        format: 'mt940',
        number: '1',
        currency: 'NGN',
        opened_on: '2026-01-01',
        closed_on: '2026-01-02',
        opening_balance: 0,
        closing_balance: 0,
        lines: [],
      },
    },
  ],
  ResolveBankStatementLine: [
    'nobody',
    { type: 'ResolveBankStatementLine', data: { statement_id: 'bst_1', line_id: 'bsl_1', reason: 'r' } },
  ],
  EndBusinessDay: ['nobody', { type: 'EndBusinessDay', data: {} }],
  IssueCard: ['nobody', { type: 'IssueCard', data: { account_id: '@ada', type: 'virtual' } }],
  UpdateCard: ['nobody', { type: 'UpdateCard', data: { card_id: '@visa', holder_name: 'Ada' } }],
  ChangeCardStatus: ['nobody', { type: 'ChangeCardStatus', data: { card_id: '@visa', action: 'suspend' } }],
  AuthorizeCard: ['everybody', { type: 'AuthorizeCard', data: { card_id: '@visa', ...network('a2') } }],
  ExpireCardTransaction: ['everybody', { type: 'ExpireCardTransaction', data: { card_transaction_id: '@buy' } }],
  IncrementCardTransaction: [
    'nobody',
    { type: 'IncrementCardTransaction', data: { card_transaction_id: '@buy', amount: 1 } },
  ],
  AdjustCardTransaction: [
    'everybody',
    { type: 'AdjustCardTransaction', data: { card_transaction_id: '@buy', amount: 1 } },
  ],
  ReverseCardTransaction: ['everybody', { type: 'ReverseCardTransaction', data: { card_transaction_id: '@buy' } }],
  RefundCardTransaction: [
    'everybody',
    { type: 'RefundCardTransaction', data: { card_transaction_id: '@buy', amount: 1, network_reference: 'r1' } },
  ],
  RefundToCard: ['everybody', { type: 'RefundToCard', data: { card_id: '@visa', amount: 1, network_reference: 'r2' } }],
  CaptureCardTransaction: [
    'everybody',
    { type: 'CaptureCardTransaction', data: { card_transaction_id: '@buy', amount: 1, network_reference: 'c1' } },
  ],
  PostCardTransaction: [
    'everybody',
    { type: 'PostCardTransaction', data: { card_id: '@visa', direction: 'debit', ...network('c2') } },
  ],
};

const REFUSED = { suspended: 'refused: tenant_suspended', inactive: 'refused: tenant_inactive' } as const;

describe.each(['suspended', 'inactive'] as const satisfies readonly TenantStatus[])('while it is %s', (status) => {
  const stop: Command = { type: 'ChangeTenantStatus', data: { status } };
  it.each(Object.values(TAKEN).map(([taker, command]) => [command.type, taker, command] as const))(
    '%s is taken from %s',
    (_type, taker, command) => {
      const outcomeFor = (issuer: Issuer): string => given(...history, stop).when(command, issuer).outcome;
      const isRefused = (issuer: Issuer): boolean => outcomeFor(issuer) === REFUSED[status];
      const fromNobody = taker === 'nobody' || (taker === 'everybody_while_suspended' && status === 'inactive');
      expect({ tenant: isRefused(TENANTS_KEY), operator: isRefused(OPERATOR), system: isRefused(SYSTEM) }).toEqual({
        tenant: fromNobody || taker === 'operators',
        operator: fromNobody,
        system: fromNobody,
      });
    },
  );

  it('takes nothing of what an operator configures of a key but its revocation', () => {
    const more: Command = { type: 'UpdateApiKey', data: { key_id: KEY, rate_limit_per_min: 9 } };
    expect(given(...history, stop).when(more).outcome).toBe(REFUSED[status]);
  });
});
