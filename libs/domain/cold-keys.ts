import { kindOf, messageKey, type CardTransactionEvent } from './card-transactions/card-transactions.js';
import { erasedKey } from './erasure/erasure.js';
import { kycKey, kycOfCustomerKey } from './kyc/kyc.js';
import type { LedgerFact } from './ledger.js';
import { digestKey, lineKey, reconciledKey, statementKey, statementLinesKey } from './reconciliation/reconciliation.js';
import { reservationKey } from './reservations/reservations.js';
import { settlementKey } from './settlements/settlements.js';
import type { TransactionEvent } from './transactions/transactions.js';
import { webhookEndpointKey } from './webhook-endpoints/webhook-endpoints.js';

/**
 * The cold keys under which an event is the latest: how an aggregate that is not in memory is found again, and what makes
 * a reference, a code or a network message unique. One key, one revision.
 */
// eslint-disable-next-line max-lines-per-function -- one case per type of event: a switch that the compiler holds total reads best whole
export const coldKeys = (event: LedgerFact): readonly string[] => {
  switch (event.type) {
    case 'TenantCreated':
    case 'TenantUpdated':
    case 'TenantSuspended':
    case 'TenantReactivated':
    case 'TenantDeactivated':
      return ['tenant'];
    case 'ApiKeyCreated':
    case 'ApiKeyUpdated':
    case 'ApiKeyDeleted':
      return [`key:${event.data.api_key.key_id}`];
    case 'WebhookEndpointCreated':
    case 'WebhookEndpointUpdated':
    case 'WebhookSecretRotated':
    case 'WebhookEndpointDisabled':
    case 'WebhookEndpointDeleted':
      return [webhookEndpointKey(event.data.webhook_endpoint.endpoint_id)];
    case 'UserInvited':
    case 'InvitationResent':
    case 'InvitationAccepted':
    case 'UserUpdated':
      return [`usr:${event.data.user.user_id}`];
    case 'AccountOpened':
    case 'SystemAccountOpened':
      return [`acc:${event.data.account.account_id}`, `code:${event.data.account.account_code}`];
    case 'AccountUpdated':
    case 'AccountBlocked':
    case 'AccountUnblocked':
    case 'AccountClosed':
      return [`acc:${event.data.account.account_id}`];
    case 'TransactionPosted':
    case 'TransactionFailed':
    case 'TransactionReversed':
      return keysOfTransaction(event);
    case 'FundsReserved': {
      const { reservation_id, reference } = event.data.reservation;
      return reference === null
        ? [reservationKey(reservation_id)]
        : [reservationKey(reservation_id), `ref:${reference}`];
    }
    case 'ReservationCaptured':
      return [reservationKey(event.data.reservation.reservation_id), `ltx:${event.data.transaction.transaction_id}`];
    case 'ReservationReleased':
    case 'ReservationExpired':
      return [reservationKey(event.data.reservation.reservation_id)];
    case 'FeeRulesReplaced':
      return ['fees'];
    case 'LimitsReplaced':
      return ['limits'];
    case 'CustomerCreated':
    case 'CustomerUpdated':
      return [`cust:${event.data.customer.customer_id}`];
    case 'KycSubmitted':
    case 'KycReviewStarted':
    case 'KycApproved':
    case 'KycRejected':
    case 'KycExpired':
      return [
        kycKey(event.data.kyc_submission.kyc_submission_id),
        kycOfCustomerKey(event.data.kyc_submission.customer_id),
      ];
    case 'SubjectErased':
      return [erasedKey(event.data.erasure.subject_id)];
    case 'EntitlementsChanged':
      return ['entitlements'];
    case 'PeriodClosed':
      return ['periods'];
    case 'FinanceSettingsChanged':
      return ['finance-settings'];
    case 'SettlementOpened':
    case 'SettlementFailed':
      return [settlementKey(event.data.settlement.settlement_id)];
    case 'SettlementNetted':
    case 'SettlementCompleted': {
      const key = settlementKey(event.data.settlement.settlement_id);
      return 'transaction' in event.data ? [key, `ltx:${event.data.transaction.transaction_id}`] : [key];
    }
    case 'BusinessCalendarChanged':
      return ['business-calendar'];
    case 'LiquidityBreached':
    case 'LiquidityRestored':
      return [`liquidity:${event.data.liquidity.currency}`];
    case 'BankStatementImported': {
      const { bank_statement, lines } = event.data;
      const { statement_id, digest } = bank_statement;
      const matched = lines.flatMap(({ transaction_id }) => (transaction_id === null ? [] : [transaction_id]));
      const own = [statementKey(statement_id), statementLinesKey(statement_id), digestKey(digest)];
      return [...own, ...matched.map((id) => reconciledKey(id, bank_statement.account_id))];
    }
    case 'BankStatementLineResolved': {
      const { bank_statement, line } = event.data;
      const own = [statementKey(bank_statement.statement_id), lineKey(line.line_id)];
      return line.transaction_id === null
        ? own
        : [...own, reconciledKey(line.transaction_id, bank_statement.account_id)];
    }
    case 'CardIssued':
    case 'CardUpdated':
    case 'CardStatusChanged':
      return [`card:${event.data.card.card_id}`];
    case 'CardAuthorized':
    case 'CardDeclined':
    case 'CardAuthorizationChanged':
    case 'CardAuthorizationReversed':
    case 'CardAuthorizationExpired':
    case 'CardTransactionPosted':
    case 'CardTransactionRefunded':
      return keysOfCardTransaction(event);
  }
};

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
