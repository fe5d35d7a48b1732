/** Which resource an event is about. */
import type { EventType, FactOf, LedgerEvent } from '#domain/ledger.js';

/** An event of this type, also where several types share one shape. */
export type EventOf<T extends EventType> = FactOf<T> & Pick<LedgerEvent, 'revision' | 'id' | 'at' | 'meta'>;

const tenantOf = (
  event: EventOf<'TenantCreated' | 'TenantUpdated' | 'TenantSuspended' | 'TenantReactivated' | 'TenantDeactivated'>,
): string => event.data.tenant.tenant_id;

const apiKeyOf = (event: EventOf<'ApiKeyCreated' | 'ApiKeyUpdated' | 'ApiKeyDeleted'>): string =>
  event.data.api_key.key_id;

const endpointOf = (
  event: EventOf<
    | 'WebhookEndpointCreated'
    | 'WebhookEndpointUpdated'
    | 'WebhookSecretRotated'
    | 'WebhookEndpointDisabled'
    | 'WebhookEndpointDeleted'
  >,
): string => event.data.webhook_endpoint.endpoint_id;

const userOf = (event: EventOf<'UserInvited' | 'InvitationResent' | 'InvitationAccepted' | 'UserUpdated'>): string =>
  event.data.user.user_id;

const accountOf = (
  event: EventOf<
    'AccountOpened' | 'SystemAccountOpened' | 'AccountUpdated' | 'AccountBlocked' | 'AccountUnblocked' | 'AccountClosed'
  >,
): string => event.data.account.account_id;

const transactionOf = (event: EventOf<'TransactionPosted' | 'TransactionFailed'>): string =>
  event.data.transaction.transaction_id;

const reservationOf = (
  event: EventOf<'FundsReserved' | 'ReservationCaptured' | 'ReservationReleased' | 'ReservationExpired'>,
): string => event.data.reservation.reservation_id;

const customerOf = (event: EventOf<'CustomerCreated' | 'CustomerUpdated'>): string => event.data.customer.customer_id;

const kycOf = (
  event: EventOf<'KycSubmitted' | 'KycReviewStarted' | 'KycApproved' | 'KycRejected' | 'KycExpired'>,
): string => event.data.kyc_submission.kyc_submission_id;

const ownTenant = (
  event: EventOf<
    | 'ApiVersionReleased'
    | 'FeeRulesReplaced'
    | 'LimitsReplaced'
    | 'EntitlementsChanged'
    | 'PeriodClosed'
    | 'FinanceSettingsChanged'
    | 'BusinessCalendarChanged'
    | 'LiquidityBreached'
    | 'LiquidityRestored'
    | 'HealthThresholdCrossed'
    | 'HealthThresholdRestored'
  >,
): string => event.meta.tenant_id;

const statementOf = (event: EventOf<'BankStatementImported' | 'BankStatementLineResolved'>): string =>
  event.data.bank_statement.statement_id;

const settlementOf = (
  event: EventOf<'SettlementOpened' | 'SettlementNetted' | 'SettlementCompleted' | 'SettlementFailed'>,
): string => event.data.settlement.settlement_id;

const cardOf = (event: EventOf<'CardIssued' | 'CardUpdated' | 'CardStatusChanged'>): string => event.data.card.card_id;

const purchaseOf = (
  event: EventOf<
    | 'CardAuthorized'
    | 'CardDeclined'
    | 'CardAuthorizationChanged'
    | 'CardAuthorizationReversed'
    | 'CardAuthorizationExpired'
    | 'CardTransactionPosted'
    | 'CardTransactionRefunded'
  >,
): string => event.data.card_transaction.card_transaction_id;

const RESOURCE_IDS: { readonly [T in EventType]: (event: EventOf<T>) => string } = {
  TenantCreated: tenantOf,
  TenantUpdated: tenantOf,
  TenantSuspended: tenantOf,
  TenantReactivated: tenantOf,
  TenantDeactivated: tenantOf,
  ApiVersionReleased: ownTenant,
  ApiKeyCreated: apiKeyOf,
  ApiKeyUpdated: apiKeyOf,
  ApiKeyDeleted: apiKeyOf,
  WebhookEndpointCreated: endpointOf,
  WebhookEndpointUpdated: endpointOf,
  WebhookSecretRotated: endpointOf,
  WebhookEndpointDisabled: endpointOf,
  WebhookEndpointDeleted: endpointOf,
  UserInvited: userOf,
  InvitationResent: userOf,
  InvitationAccepted: userOf,
  UserUpdated: userOf,
  AccountOpened: accountOf,
  SystemAccountOpened: accountOf,
  AccountUpdated: accountOf,
  AccountBlocked: accountOf,
  AccountUnblocked: accountOf,
  AccountClosed: accountOf,
  TransactionPosted: transactionOf,
  TransactionFailed: transactionOf,
  TransactionReversed: (event) => event.data.original.transaction_id,
  FundsReserved: reservationOf,
  ReservationCaptured: reservationOf,
  ReservationReleased: reservationOf,
  ReservationExpired: reservationOf,
  CustomerCreated: customerOf,
  CustomerUpdated: customerOf,
  KycSubmitted: kycOf,
  KycReviewStarted: kycOf,
  KycApproved: kycOf,
  KycRejected: kycOf,
  KycExpired: kycOf,
  SubjectErased: (event) => event.data.erasure.subject_id,
  FeeRulesReplaced: ownTenant,
  LimitsReplaced: ownTenant,
  EntitlementsChanged: ownTenant,
  PeriodClosed: ownTenant,
  FinanceSettingsChanged: ownTenant,
  BusinessCalendarChanged: ownTenant,
  LiquidityBreached: ownTenant,
  LiquidityRestored: ownTenant,
  HealthThresholdCrossed: ownTenant,
  HealthThresholdRestored: ownTenant,
  BankStatementImported: statementOf,
  BankStatementLineResolved: statementOf,
  SettlementOpened: settlementOf,
  SettlementNetted: settlementOf,
  SettlementCompleted: settlementOf,
  SettlementFailed: settlementOf,
  CardIssued: cardOf,
  CardUpdated: cardOf,
  CardStatusChanged: cardOf,
  CardAuthorized: purchaseOf,
  CardDeclined: purchaseOf,
  CardAuthorizationChanged: purchaseOf,
  CardAuthorizationReversed: purchaseOf,
  CardAuthorizationExpired: purchaseOf,
  CardTransactionPosted: purchaseOf,
  CardTransactionRefunded: purchaseOf,
};

/** The id of what the event is about, which `resource_id` filters by. A new fee schedule, new limits are the tenant's. */
export const resourceId = (event: LedgerEvent): string =>
  // TypeScript can't see that an event's row belongs to it; the mapped type above makes sure that it does.
  (RESOURCE_IDS[event.type] as (event: LedgerEvent) => string)(event);
