import { releaseKey } from './api-versions/api-versions.js';
import { kindOf, messageKey, type CardTransactionEvent } from './card-transactions/card-transactions.js';
import { erasedKey } from './erasure/erasure.js';
import { kycKey, kycOfCustomerKey } from './kyc/kyc.js';
import type { EventType, FactOf, LedgerFact } from './ledger.js';
import { digestKey, lineKey, reconciledKey, statementKey, statementLinesKey } from './reconciliation/reconciliation.js';
import { monthKey } from './periods/periods.js';
import { reservationKey } from './reservations/reservations.js';
import { settlementKey } from './settlements/settlements.js';
import type { TransactionEvent } from './transactions/transactions.js';
import { webhookEndpointKey } from './webhook-endpoints/webhook-endpoints.js';

const ofTenant = (): readonly string[] => ['tenant'];

const ofApiKey = (event: FactOf<'ApiKeyCreated' | 'ApiKeyUpdated' | 'ApiKeyDeleted'>): readonly string[] => [
  `key:${event.data.api_key.key_id}`,
];

const ofEndpoint = (
  event: FactOf<
    | 'WebhookEndpointCreated'
    | 'WebhookEndpointUpdated'
    | 'WebhookSecretRotated'
    | 'WebhookEndpointDisabled'
    | 'WebhookEndpointDeleted'
  >,
): readonly string[] => [webhookEndpointKey(event.data.webhook_endpoint.endpoint_id)];

const ofUser = (
  event: FactOf<'UserInvited' | 'InvitationResent' | 'InvitationAccepted' | 'UserUpdated'>,
): readonly string[] => [`usr:${event.data.user.user_id}`];

const ofNewAccount = (event: FactOf<'AccountOpened' | 'SystemAccountOpened'>): readonly string[] => [
  `acc:${event.data.account.account_id}`,
  `code:${event.data.account.account_code}`,
];

const ofAccount = (
  event: FactOf<'AccountUpdated' | 'AccountBlocked' | 'AccountUnblocked' | 'AccountClosed'>,
): readonly string[] => [`acc:${event.data.account.account_id}`];

const ofReservation = (event: FactOf<'ReservationReleased' | 'ReservationExpired'>): readonly string[] => [
  reservationKey(event.data.reservation.reservation_id),
];

const ofCustomer = (event: FactOf<'CustomerCreated' | 'CustomerUpdated'>): readonly string[] => [
  `cust:${event.data.customer.customer_id}`,
];

const ofKyc = (
  event: FactOf<'KycSubmitted' | 'KycReviewStarted' | 'KycApproved' | 'KycRejected' | 'KycExpired'>,
): readonly string[] => [
  kycKey(event.data.kyc_submission.kyc_submission_id),
  kycOfCustomerKey(event.data.kyc_submission.customer_id),
];

const ofSettlement = (event: FactOf<'SettlementOpened' | 'SettlementFailed'>): readonly string[] => [
  settlementKey(event.data.settlement.settlement_id),
];

const ofEndedSettlement = (event: FactOf<'SettlementNetted' | 'SettlementCompleted'>): readonly string[] => {
  const key = settlementKey(event.data.settlement.settlement_id);
  return 'transaction' in event.data ? [key, `ltx:${event.data.transaction.transaction_id}`] : [key];
};

const ofLiquidity = (event: FactOf<'LiquidityBreached' | 'LiquidityRestored'>): readonly string[] => [
  `liquidity:${event.data.liquidity.currency}`,
];

const ofHealth = (event: FactOf<'HealthThresholdCrossed' | 'HealthThresholdRestored'>): readonly string[] => [
  `health:${event.data.health.indicator}`,
];

const ofCard = (event: FactOf<'CardIssued' | 'CardUpdated' | 'CardStatusChanged'>): readonly string[] => [
  `card:${event.data.card.card_id}`,
];
const keysOfTransaction = (event: TransactionEvent): readonly string[] => {
  switch (event.type) {
    case 'TransactionPosted': {
      const { transaction } = event.data;
      const key = `ltx:${transaction.transaction_id}`;
      return transaction.reference === null ? [key] : [key, `ref:${transaction.reference}`];
    }
    case 'TransactionFailed':
      // A failed transaction does not use up its reference (DECISIONS 17).
      return [`ltx:${event.data.transaction.transaction_id}`];
    case 'TransactionReversed':
      return [
        `ltx:${event.data.transaction.transaction_id}`,
        `ltx:${event.data.original.transaction_id}`,
        ...(event.data.purchase === undefined ? [] : [`txn:${event.data.purchase.card_transaction_id}`]),
      ];
  }
};

const keysOfCardTransaction = (event: CardTransactionEvent): readonly string[] => {
  const key = `txn:${event.data.card_transaction.card_transaction_id}`;
  const posted = 'transaction' in event.data ? [`ltx:${event.data.transaction.transaction_id}`] : [];
  return [key, ...posted, ...messageOf(event)];
};

const messageOf = (event: CardTransactionEvent): string[] => {
  const last = event.data.card_transaction.elements.at(-1);
  const kind = last ? kindOf(last.type) : null;
  return last && kind !== null && last.network_reference !== null ? [messageKey(kind, last.network_reference)] : [];
};

const KEYS: { readonly [T in EventType]: (event: FactOf<T>) => readonly string[] } = {
  TenantCreated: ofTenant,
  TenantUpdated: ofTenant,
  TenantSuspended: ofTenant,
  TenantReactivated: ofTenant,
  TenantDeactivated: ofTenant,
  ApiVersionReleased: (event) => [releaseKey(event.data.release.api_version)],
  ApiKeyCreated: ofApiKey,
  ApiKeyUpdated: ofApiKey,
  ApiKeyDeleted: ofApiKey,
  WebhookEndpointCreated: ofEndpoint,
  WebhookEndpointUpdated: ofEndpoint,
  WebhookSecretRotated: ofEndpoint,
  WebhookEndpointDisabled: ofEndpoint,
  WebhookEndpointDeleted: ofEndpoint,
  UserInvited: ofUser,
  InvitationResent: ofUser,
  InvitationAccepted: ofUser,
  UserUpdated: ofUser,
  AccountOpened: ofNewAccount,
  SystemAccountOpened: ofNewAccount,
  AccountUpdated: ofAccount,
  AccountBlocked: ofAccount,
  AccountUnblocked: ofAccount,
  AccountClosed: ofAccount,
  TransactionPosted: keysOfTransaction,
  TransactionFailed: keysOfTransaction,
  TransactionReversed: keysOfTransaction,
  FundsReserved: (event) => {
    const { reservation_id, reference } = event.data.reservation;
    return reference === null ? [reservationKey(reservation_id)] : [reservationKey(reservation_id), `ref:${reference}`];
  },
  ReservationCaptured: (event) => [
    reservationKey(event.data.reservation.reservation_id),
    `ltx:${event.data.transaction.transaction_id}`,
  ],
  ReservationReleased: ofReservation,
  ReservationExpired: ofReservation,
  FeeRulesReplaced: () => ['fees'],
  LimitsReplaced: () => ['limits'],
  CustomerCreated: ofCustomer,
  CustomerUpdated: ofCustomer,
  KycSubmitted: ofKyc,
  KycReviewStarted: ofKyc,
  KycApproved: ofKyc,
  KycRejected: ofKyc,
  KycExpired: ofKyc,
  SubjectErased: (event) => [erasedKey(event.data.erasure.subject_id)],
  EntitlementsChanged: () => ['entitlements'],
  PeriodClosed: ({ data: { month } }) => (month === undefined ? ['periods'] : ['periods', monthKey(month.month)]),
  FinanceSettingsChanged: () => ['finance-settings'],
  SettlementOpened: ofSettlement,
  SettlementFailed: ofSettlement,
  SettlementNetted: ofEndedSettlement,
  SettlementCompleted: ofEndedSettlement,
  BusinessCalendarChanged: () => ['business-calendar'],
  LiquidityBreached: ofLiquidity,
  LiquidityRestored: ofLiquidity,
  HealthThresholdCrossed: ofHealth,
  HealthThresholdRestored: ofHealth,
  BankStatementImported: (event) => {
    const { bank_statement, lines } = event.data;
    const { statement_id, digest } = bank_statement;
    const matched = lines.flatMap(({ transaction_id }) => (transaction_id === null ? [] : [transaction_id]));
    const own = [statementKey(statement_id), statementLinesKey(statement_id), digestKey(digest)];
    return [...own, ...matched.map((id) => reconciledKey(id, bank_statement.account_id))];
  },
  BankStatementLineResolved: (event) => {
    const { bank_statement, line } = event.data;
    const own = [statementKey(bank_statement.statement_id), lineKey(line.line_id)];
    return line.transaction_id === null ? own : [...own, reconciledKey(line.transaction_id, bank_statement.account_id)];
  },
  CardIssued: ofCard,
  CardUpdated: ofCard,
  CardStatusChanged: ofCard,
  CardAuthorized: keysOfCardTransaction,
  CardDeclined: keysOfCardTransaction,
  CardAuthorizationChanged: keysOfCardTransaction,
  CardAuthorizationReversed: keysOfCardTransaction,
  CardAuthorizationExpired: keysOfCardTransaction,
  CardTransactionPosted: keysOfCardTransaction,
  CardTransactionRefunded: keysOfCardTransaction,
};

/**
 * The cold keys under which an event is the latest: how an aggregate that is not in memory is found again, and what makes
 * a reference, a code or a network message unique. One key, one revision.
 */
export const coldKeys = (event: LedgerFact): readonly string[] =>
  // TypeScript can't see that an event's row belongs to it; the mapped type above makes sure that it does.
  (KEYS[event.type] as (event: LedgerFact) => readonly string[])(event);
