/**
 * Every command of a tenant's ledger, what decides it, what that needs, and when it is decided at all.
 *
 * Adding a command fails to compile until the table below has its row.
 */
import { blockAccount, type BlockAccount } from './accounts/block-account.js';
import { closeAccount, type CloseAccount } from './accounts/close-account.js';
import { openAccount, type OpenAccount } from './accounts/open-account.js';
import { unblockAccount, type UnblockAccount } from './accounts/unblock-account.js';
import { updateAccount, type UpdateAccount } from './accounts/update-account.js';
import { announceApiVersion, type AnnounceApiVersion } from './api-versions/announce-api-version.js';
import { releaseKey } from './api-versions/api-versions.js';
import { createApiKey, type CreateApiKey } from './api-keys/create-api-key.js';
import { deleteApiKey, type DeleteApiKey } from './api-keys/delete-api-key.js';
import { rotateApiKey, type RotateApiKey } from './api-keys/rotate-api-key.js';
import { updateApiKey, type UpdateApiKey } from './api-keys/update-api-key.js';
import { adjustCardTransaction, type AdjustCardTransaction } from './card-transactions/adjust-card-transaction.js';
import { authorizeCard, type AuthorizeCard } from './card-transactions/authorize-card.js';
import { captureCardTransaction, type CaptureCardTransaction } from './card-transactions/capture-card-transaction.js';
import { messageKey, type MessageKind } from './card-transactions/card-transactions.js';
import { expireCardTransaction, type ExpireCardTransaction } from './card-transactions/expire-card-transaction.js';
import {
  incrementCardTransaction,
  type IncrementCardTransaction,
} from './card-transactions/increment-card-transaction.js';
import { postCardTransaction, type PostCardTransaction } from './card-transactions/post-card-transaction.js';
import { refundCardTransaction, type RefundCardTransaction } from './card-transactions/refund-card-transaction.js';
import { refundToCard, type RefundToCard } from './card-transactions/refund-to-card.js';
import { reverseCardTransaction, type ReverseCardTransaction } from './card-transactions/reverse-card-transaction.js';
import type { CardType } from './cards/cards.js';
import { changeCardStatus, type ChangeCardStatus } from './cards/change-card-status.js';
import { issueCard, type IssueCard } from './cards/issue-card.js';
import { updateCard, type UpdateCard } from './cards/update-card.js';
import { createCustomer, type CreateCustomer } from './customers/create-customer.js';
import { updateCustomer, type UpdateCustomer } from './customers/update-customer.js';
import type { Decision, Moment, Refusal } from './decision.js';
import { refuse } from './decision.js';
import { changeEntitlements, type ChangeEntitlements } from './entitlements/change-entitlements.js';
import { isEntitled, type EntitlementKey } from './entitlements/entitlements.js';
import { eraseSubject, type EraseSubject } from './erasure/erase-subject.js';
import { erasedKey } from './erasure/erasure.js';
import { replaceFeeRules, type ReplaceFeeRules } from './fees/replace-fee-rules.js';
import { changeFinanceSettings, type ChangeFinanceSettings } from './finance-settings/change-finance-settings.js';
import { expireDueHolds, type ExpireDueHolds } from './holds/expire-due-holds.js';
import { approveKyc, type ApproveKyc } from './kyc/approve-kyc.js';
import { expireKyc, type ExpireKyc } from './kyc/expire-kyc.js';
import { customerOfKyc, erasureOfKyc, kycKey, kycOfCustomerKey } from './kyc/kyc.js';
import { rejectKyc, type RejectKyc } from './kyc/reject-kyc.js';
import { resubmitKyc, type ResubmitKyc } from './kyc/resubmit-kyc.js';
import { reviewKyc, type ReviewKyc } from './kyc/review-kyc.js';
import { submitKyc, type SubmitKyc } from './kyc/submit-kyc.js';
import { closeMonth, monthsAround, type CloseMonth } from './periods/close-month.js';
import { closePeriod, type ClosePeriod } from './periods/close-period.js';
import { evaluateLimits, type EvaluateLimits } from './limits/evaluate-limits.js';
import { recordHealth, type RecordHealth } from './health/record-health.js';
import { replaceLimits, type ReplaceLimits } from './limits/replace-limits.js';
import { importBankStatement, type ImportBankStatement } from './reconciliation/import-bank-statement.js';
import { digestKey, lineKey, reconciledKey, statementKey, statementLinesKey } from './reconciliation/reconciliation.js';
import {
  resolveBankStatementLine,
  type ResolveBankStatementLine,
} from './reconciliation/resolve-bank-statement-line.js';
import { captureReservation, type CaptureReservation } from './reservations/capture-reservation.js';
import { createReservation, type CreateReservation } from './reservations/create-reservation.js';
import { releaseReservation, type ReleaseReservation } from './reservations/release-reservation.js';
import { reservationKey } from './reservations/reservations.js';
import { completeSettlement, type CompleteSettlement } from './settlements/complete-settlement.js';
import { endBusinessDay, type EndBusinessDay } from './settlements/end-business-day.js';
import { failSettlement, type FailSettlement } from './settlements/fail-settlement.js';
import { recordNetworkItem, type RecordNetworkItem } from './settlements/record-network-item.js';
import { settlementKey } from './settlements/settlements.js';
import { cold, type TenantState } from './state.js';
import { changeTenantStatus, type ChangeTenantStatus } from './tenants/change-tenant-status.js';
import { createTenant, type CreateTenant } from './tenants/create-tenant.js';
import { updateTenant, type UpdateTenant } from './tenants/update-tenant.js';
import { postBatch, type PostBatch } from './transactions/post-batch.js';
import { postTransaction, type PostTransaction } from './transactions/post-transaction.js';
import { tryBatch, type TryBatch } from './transactions/try-batch.js';
import { reverseTransaction, type ReverseTransaction } from './transactions/reverse-transaction.js';
import { acceptInvitation, type AcceptInvitation } from './users/accept-invitation.js';
import { inviteUser, type InviteUser } from './users/invite-user.js';
import { resendInvitation, type ResendInvitation } from './users/resend-invitation.js';
import { updateUser, type UpdateUser } from './users/update-user.js';
import { createWebhookEndpoint, type CreateWebhookEndpoint } from './webhook-endpoints/create-webhook-endpoint.js';
import { deleteWebhookEndpoint, type DeleteWebhookEndpoint } from './webhook-endpoints/delete-webhook-endpoint.js';
import { disableWebhookEndpoint, type DisableWebhookEndpoint } from './webhook-endpoints/disable-webhook-endpoint.js';
import { enableWebhookEndpoint, type EnableWebhookEndpoint } from './webhook-endpoints/enable-webhook-endpoint.js';
import { rotateWebhookSecret, type RotateWebhookSecret } from './webhook-endpoints/rotate-webhook-secret.js';
import { updateWebhookEndpoint, type UpdateWebhookEndpoint } from './webhook-endpoints/update-webhook-endpoint.js';
import { webhookEndpointKey } from './webhook-endpoints/webhook-endpoints.js';
import { evolveFact, type LedgerDraft, type LedgerEvent } from './ledger.js';

/**
 * Who issues a command: decides what a suspended tenant may still do, which key must be active and what the tenant must
 * be entitled to.
 */
export interface Issuer {
  readonly plane: 'tenant' | 'admin' | 'system';
  readonly keyId: string | null;
  /** A tenant's user, who must be active. */
  readonly userId?: string | null;
  /** What the operation asks of the tenant; null: nothing. Operators and the system need no entitlement (DECISIONS 54). */
  readonly entitlement: EntitlementKey | null;
}

export type Command =
  | CreateTenant
  | UpdateTenant
  | ChangeTenantStatus
  | AnnounceApiVersion
  | CreateApiKey
  | UpdateApiKey
  | RotateApiKey
  | DeleteApiKey
  | CreateWebhookEndpoint
  | UpdateWebhookEndpoint
  | RotateWebhookSecret
  | EnableWebhookEndpoint
  | DisableWebhookEndpoint
  | DeleteWebhookEndpoint
  | InviteUser
  | ResendInvitation
  | AcceptInvitation
  | UpdateUser
  | OpenAccount
  | UpdateAccount
  | BlockAccount
  | UnblockAccount
  | CloseAccount
  | PostTransaction
  | PostBatch
  | TryBatch
  | ReverseTransaction
  | CreateReservation
  | CaptureReservation
  | ReleaseReservation
  | ExpireDueHolds
  | ReplaceFeeRules
  | ReplaceLimits
  | EvaluateLimits
  | CreateCustomer
  | UpdateCustomer
  | SubmitKyc
  | ResubmitKyc
  | ReviewKyc
  | ApproveKyc
  | RejectKyc
  | ExpireKyc
  | EraseSubject
  | ChangeEntitlements
  | ClosePeriod
  | CloseMonth
  | ChangeFinanceSettings
  | RecordHealth
  | RecordNetworkItem
  | CompleteSettlement
  | FailSettlement
  | EndBusinessDay
  | ImportBankStatement
  | ResolveBankStatementLine
  | IssueCard
  | UpdateCard
  | ChangeCardStatus
  | AuthorizeCard
  | IncrementCardTransaction
  | AdjustCardTransaction
  | ReverseCardTransaction
  | ExpireCardTransaction
  | CaptureCardTransaction
  | PostCardTransaction
  | RefundCardTransaction
  | RefundToCard;

export type CommandType = Command['type'];
type CommandOf<T extends CommandType> = Extract<Command, { type: T }>;

interface CommandRow<C> {
  readonly decide: (command: C, state: TenantState, moment: Moment) => Decision<LedgerDraft>;
  /** Cold keys that the decision reads; the engine loads the latest event under each. */
  readonly needs: (command: C) => readonly string[];
  /** Further cold keys, to which the events under the first ones lead. */
  readonly leadsTo?: (command: C, state: TenantState) => readonly string[];
  /**
   * When it is decided at all (DECISIONS 26): while the tenant is active, else a 403; in any status; or in any status, but
   * where the tenant itself asks for it, only while it is active.
   */
  readonly when: 'active' | 'always' | 'always_for_operators';
  /** What the tenant must be entitled to beside what the operation asks for; null: nothing more. */
  readonly alsoNeeds?: (command: C, state: TenantState) => EntitlementKey | null;
}

const none = (): readonly string[] => [];
const endpoint = (command: { readonly data: { readonly endpoint_id: string } }): string[] => [
  webhookEndpointKey(command.data.endpoint_id),
];
/** Cards that are tapped are an offer of their own (DECISIONS 54). */
const ofCard = (type: CardType | undefined): EntitlementKey | null => (type === 'nfc' ? 'cards.nfc.manage' : null);
const reference = (text: string | undefined): string[] => (text === undefined ? [] : [`ref:${text}`]);

const message = (kind: MessageKind, networkReference: string | undefined): string[] =>
  networkReference === undefined ? [] : [messageKey(kind, networkReference)];

/** The purchase that a transaction belongs to, which changes where a refund is taken back. */
const purchaseOf = (event: LedgerEvent | null): string[] => {
  if (event === null) return [];
  const { data } = event;
  const purchase = 'purchase' in data ? data.purchase : 'card_transaction' in data ? data.card_transaction : undefined;
  return purchase === undefined ? [] : [`txn:${purchase.card_transaction_id}`];
};

const statementOf = (event: LedgerEvent | null): string[] =>
  event !== null && 'bank_statement' in event.data ? [statementKey(event.data.bank_statement.statement_id)] : [];

const COMMANDS: { readonly [T in CommandType]: CommandRow<CommandOf<T>> } = {
  CreateTenant: { decide: createTenant, needs: none, when: 'always' },
  UpdateTenant: { decide: updateTenant, needs: () => ['tenant'], when: 'active' },
  ChangeTenantStatus: { decide: changeTenantStatus, needs: () => ['tenant'], when: 'always_for_operators' },
  AnnounceApiVersion: { decide: announceApiVersion, needs: (c) => [releaseKey(c.data.api_version)], when: 'always' },
  CreateApiKey: { decide: createApiKey, needs: none, when: 'active' },
  // Operators may always revoke; the decision itself refuses them the rest while the tenant is not active.
  UpdateApiKey: { decide: updateApiKey, needs: (c) => [`key:${c.data.key_id}`], when: 'always_for_operators' },
  RotateApiKey: { decide: rotateApiKey, needs: (c) => [`key:${c.data.key_id}`], when: 'active' },
  DeleteApiKey: { decide: deleteApiKey, needs: (c) => [`key:${c.data.key_id}`], when: 'always_for_operators' },
  CreateWebhookEndpoint: { decide: createWebhookEndpoint, needs: endpoint, when: 'active' },
  UpdateWebhookEndpoint: { decide: updateWebhookEndpoint, needs: endpoint, when: 'active' },
  RotateWebhookSecret: { decide: rotateWebhookSecret, needs: endpoint, when: 'active' },
  EnableWebhookEndpoint: { decide: enableWebhookEndpoint, needs: endpoint, when: 'active' },
  DisableWebhookEndpoint: { decide: disableWebhookEndpoint, needs: endpoint, when: 'always_for_operators' },
  DeleteWebhookEndpoint: { decide: deleteWebhookEndpoint, needs: endpoint, when: 'always_for_operators' },
  InviteUser: { decide: inviteUser, needs: none, when: 'active' },
  ResendInvitation: { decide: resendInvitation, needs: (c) => [`usr:${c.data.user_id}`], when: 'active' },
  // The decisions themselves say what is left while the tenant is not active.
  AcceptInvitation: { decide: acceptInvitation, needs: (c) => [`usr:${c.data.user_id}`], when: 'always' },
  UpdateUser: { decide: updateUser, needs: (c) => [`usr:${c.data.user_id}`], when: 'always_for_operators' },
  OpenAccount: {
    decide: openAccount,
    needs: ({ data: { account_code, customer_id } }) => [
      ...(account_code === undefined ? [] : [`code:${account_code}`]),
      ...(customer_id === undefined || customer_id === null ? [] : [erasedKey(customer_id)]),
    ],
    when: 'active',
  },
  UpdateAccount: { decide: updateAccount, needs: (c) => [`acc:${c.data.account_id}`], when: 'active' },
  BlockAccount: {
    decide: blockAccount,
    needs: (c) => [`acc:${c.data.account_id}`],
    when: 'always_for_operators',
  },
  UnblockAccount: {
    decide: unblockAccount,
    needs: (c) => [`acc:${c.data.account_id}`],
    when: 'always_for_operators',
  },
  CloseAccount: { decide: closeAccount, needs: (c) => [`acc:${c.data.account_id}`], when: 'active' },
  PostTransaction: { decide: postTransaction, needs: (c) => reference(c.data.reference), when: 'active' },
  PostBatch: {
    decide: (c, state, moment) => postBatch(c, state, moment, evolveFact),
    needs: (c) => c.data.transactions.flatMap((t) => reference(t.reference)),
    when: 'active',
  },
  TryBatch: {
    decide: (c, state, moment) => tryBatch(c, state, moment, evolveFact),
    needs: (c) => c.data.transactions.flatMap((t) => reference(t.reference)),
    when: 'active',
  },
  ReverseTransaction: {
    decide: reverseTransaction,
    needs: (c) => [`ltx:${c.data.transaction_id}`],
    leadsTo: (c, state) => purchaseOf(cold(state, `ltx:${c.data.transaction_id}`)),
    when: 'active',
  },
  CreateReservation: { decide: createReservation, needs: (c) => reference(c.data.reference), when: 'active' },
  CaptureReservation: {
    decide: captureReservation,
    needs: (c) => [reservationKey(c.data.reservation_id)],
    when: 'active',
  },
  ReleaseReservation: {
    decide: releaseReservation,
    needs: (c) => [reservationKey(c.data.reservation_id)],
    when: 'always',
  },
  ExpireDueHolds: { decide: expireDueHolds, needs: none, when: 'always' },
  ReplaceFeeRules: { decide: replaceFeeRules, needs: none, when: 'active' },
  ReplaceLimits: { decide: replaceLimits, needs: none, when: 'active' },
  EvaluateLimits: { decide: evaluateLimits, needs: none, when: 'always' },
  CreateCustomer: { decide: createCustomer, needs: none, when: 'active' },
  UpdateCustomer: {
    decide: updateCustomer,
    needs: (c) => [`cust:${c.data.customer_id}`, erasedKey(c.data.customer_id)],
    when: 'active',
  },
  // Erasing is a duty, whatever the tenant's status.
  EraseSubject: { decide: eraseSubject, needs: (c) => [erasedKey(c.data.subject_id), 'tenant'], when: 'always' },
  SubmitKyc: {
    decide: submitKyc,
    needs: ({ data: { customer_id: id } }) => [`cust:${id}`, kycOfCustomerKey(id), erasedKey(id)],
    when: 'active',
  },
  ResubmitKyc: {
    decide: resubmitKyc,
    needs: (c) => [kycKey(c.data.kyc_submission_id)],
    leadsTo: (c, state) => [
      ...customerOfKyc(state, c.data.kyc_submission_id),
      ...erasureOfKyc(state, c.data.kyc_submission_id),
    ],
    when: 'active',
  },
  ReviewKyc: { decide: reviewKyc, needs: (c) => [kycKey(c.data.kyc_submission_id)], when: 'active' },
  ApproveKyc: {
    decide: approveKyc,
    needs: (c) => [kycKey(c.data.kyc_submission_id)],
    leadsTo: (c, state) => customerOfKyc(state, c.data.kyc_submission_id),
    when: 'active',
  },
  RejectKyc: { decide: rejectKyc, needs: (c) => [kycKey(c.data.kyc_submission_id)], when: 'active' },
  ExpireKyc: {
    decide: expireKyc,
    needs: (c) => [kycKey(c.data.kyc_submission_id)],
    leadsTo: (c, state) => customerOfKyc(state, c.data.kyc_submission_id),
    when: 'active',
  },
  ChangeEntitlements: { decide: changeEntitlements, needs: none, when: 'active' },
  ClosePeriod: { decide: closePeriod, needs: none, when: 'active' },
  CloseMonth: { decide: closeMonth, needs: monthsAround, when: 'active' },
  ChangeFinanceSettings: { decide: changeFinanceSettings, needs: none, when: 'active' },
  // Measured by the system, whatever the tenant's status.
  RecordHealth: { decide: recordHealth, needs: none, when: 'always' },
  // What the network says of money passes in any status (DECISIONS 26).
  RecordNetworkItem: {
    decide: recordNetworkItem,
    needs: ({ data }) => [
      ...reference(data.reference),
      ...(data.corrects === undefined ? [] : [settlementKey(data.corrects)]),
    ],
    when: 'always',
  },
  CompleteSettlement: {
    decide: completeSettlement,
    needs: (c) => [settlementKey(c.data.settlement_id)],
    when: 'always',
  },
  FailSettlement: { decide: failSettlement, needs: (c) => [settlementKey(c.data.settlement_id)], when: 'always' },
  ImportBankStatement: {
    decide: importBankStatement,
    needs: ({ data }) => [
      digestKey(data.digest),
      ...data.lines.flatMap(({ transaction_id: id }) =>
        id === null ? [] : [`ltx:${id}`, reconciledKey(id, data.account_id)],
      ),
    ],
    leadsTo: ({ data }, state) => statementOf(cold(state, digestKey(data.digest))),
    when: 'active',
  },
  ResolveBankStatementLine: {
    decide: resolveBankStatementLine,
    needs: ({ data: { statement_id, line_id, transaction_id: id } }) => [
      statementKey(statement_id),
      statementLinesKey(statement_id),
      lineKey(line_id),
      ...(id === undefined ? [] : [`ltx:${id}`]),
    ],
    leadsTo: ({ data: { statement_id, transaction_id: id } }, state) => {
      const event = cold(state, statementKey(statement_id));
      return id === undefined || event === null || !('bank_statement' in event.data)
        ? []
        : [reconciledKey(id, event.data.bank_statement.account_id)];
    },
    when: 'active',
  },
  EndBusinessDay: {
    decide: (c, state, moment) => endBusinessDay(c, state, moment, evolveFact),
    needs: none,
    when: 'active',
  },
  IssueCard: { decide: issueCard, needs: none, when: 'active', alsoNeeds: (c) => ofCard(c.data.type) },
  UpdateCard: {
    decide: updateCard,
    needs: (c) => [`card:${c.data.card_id}`],
    when: 'active',
    alsoNeeds: (c, state) => ofCard(state.cards.get(c.data.card_id)?.type),
  },
  ChangeCardStatus: {
    decide: changeCardStatus,
    needs: (c) => [`card:${c.data.card_id}`],
    when: 'active',
    alsoNeeds: (c, state) => ofCard(state.cards.get(c.data.card_id)?.type),
  },
  // A decline is a result: the decision itself says `tenant_suspended`.
  AuthorizeCard: {
    decide: authorizeCard,
    needs: (c) => [messageKey('authorization', c.data.network_reference)],
    when: 'always',
  },
  // Asks for money that is the tenant's to give, unlike what the network only tells of (DECISIONS 26).
  IncrementCardTransaction: {
    decide: incrementCardTransaction,
    needs: (c) => [`txn:${c.data.card_transaction_id}`, ...message('increment', c.data.network_reference)],
    when: 'active',
  },
  AdjustCardTransaction: {
    decide: adjustCardTransaction,
    needs: (c) => [`txn:${c.data.card_transaction_id}`, ...message('advice', c.data.network_reference)],
    when: 'always',
  },
  ReverseCardTransaction: {
    decide: reverseCardTransaction,
    needs: (c) => [`txn:${c.data.card_transaction_id}`, ...message('reversal', c.data.network_reference)],
    when: 'always',
  },
  ExpireCardTransaction: {
    decide: expireCardTransaction,
    needs: (c) => [`txn:${c.data.card_transaction_id}`],
    when: 'always',
  },
  CaptureCardTransaction: {
    decide: captureCardTransaction,
    needs: (c) => [`txn:${c.data.card_transaction_id}`, messageKey('clearing', c.data.network_reference)],
    when: 'always',
  },
  PostCardTransaction: {
    decide: postCardTransaction,
    needs: (c) => [messageKey('clearing', c.data.network_reference)],
    when: 'always',
  },
  RefundCardTransaction: {
    decide: refundCardTransaction,
    needs: (c) => [`txn:${c.data.card_transaction_id}`, messageKey('refund', c.data.network_reference)],
    when: 'always',
  },
  RefundToCard: {
    decide: refundToCard,
    needs: (c) => [messageKey('refund', c.data.network_reference)],
    when: 'always',
  },
};

// TypeScript can't see that a command's row belongs to it; the mapped type above makes sure that it does.
const rowOf = (command: Command): CommandRow<Command> => COMMANDS[command.type] as unknown as CommandRow<Command>;

/** Cold keys that must be in `state.cold` before the command is decided. */
export const needs = (command: Command): readonly string[] => rowOf(command).needs(command);

/**
 * Whether a command may need more than `needs` says. Once that is loaded, `furtherNeeds` says what, which must be in
 * `state.cold` too before it is decided.
 */
export const leadsFurther = (command: Command): boolean => rowOf(command).leadsTo !== undefined;

export const furtherNeeds = (command: Command, state: TenantState): readonly string[] =>
  rowOf(command).leadsTo?.(command, state) ?? [];

const refusedByStatus = (command: Command, issuer: Issuer, state: TenantState): Refusal | null => {
  const tenant = state.tenant.value;
  if (tenant === null) return command.type === 'CreateTenant' ? null : refuse('tenant_not_found');
  if (issuer.keyId !== null && state.apiKeys.get(issuer.keyId)?.active === false) return refuse('revoked_key');
  const { userId = null } = issuer;
  if (userId !== null && state.users.get(userId)?.status !== 'active') return refuse('revoked_user');
  const { when } = rowOf(command);
  if (tenant.status === 'active' || when === 'always') return null;
  if (when === 'always_for_operators' && issuer.plane !== 'tenant') return null;
  return refuse(tenant.status === 'suspended' ? 'tenant_suspended' : 'tenant_inactive');
};

const refusedByEntitlement = (command: Command, issuer: Issuer, state: TenantState): Refusal | null => {
  if (issuer.plane !== 'tenant') return null;
  const map = state.entitlements.value;
  const key =
    issuer.entitlement === null || isEntitled(map, issuer.entitlement)
      ? (rowOf(command).alsoNeeds?.(command, state) ?? null)
      : issuer.entitlement;
  if (key === null || isEntitled(map, key)) return null;
  return { ...refuse('entitlement_required', undefined, `The tenant is not entitled to ${key}.`), rule: key };
};

/** The decision on a command, on the state as it stands. Pure; throws only where this code has a defect. */
export const decide = (command: Command, issuer: Issuer, state: TenantState, moment: Moment): Decision<LedgerDraft> =>
  refusedByStatus(command, issuer, state) ??
  refusedByEntitlement(command, issuer, state) ??
  rowOf(command).decide(command, state, moment);
