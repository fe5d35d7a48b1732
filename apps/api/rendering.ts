/** From what a command came to, to the resource that is answered: by the same renderers as the read model's rows. */
import { renderAccount, type AccountResource } from '#contract/resources/account.js';
import { renderApiKey, type ApiKeyResource } from '#contract/resources/api-key.js';
import { renderCardTransaction, type CardTransactionResource } from '#contract/resources/card-transaction.js';
import { renderCard, type CardResource } from '#contract/resources/card.js';
import { renderCustomer, type CustomerResource } from '#contract/resources/customer.js';
import { renderEntitlements, type EntitlementsResource } from '#contract/resources/entitlements.js';
import { renderFeeRule, type FeeRuleResource } from '#contract/resources/fee-rule.js';
import { renderFinanceSettings, type FinanceSettingsResource } from '#contract/resources/finance-settings.js';
import { renderKycSubmission, type KycSubmissionResource } from '#contract/resources/kyc-submission.js';
import { renderLimit, type LimitResource } from '#contract/resources/limit.js';
import { renderReservation, type ReservationResource } from '#contract/resources/reservation.js';
import { renderSettlement, type SettlementResource } from '#contract/resources/settlement.js';
import { renderTenant, type TenantResource } from '#contract/resources/tenant.js';
import { renderTransaction, type TransactionResource } from '#contract/resources/transaction.js';
import { renderUser, type UserResource } from '#contract/resources/user.js';
import { renderWebhookEndpoint, type WebhookEndpointResource } from '#contract/resources/webhook-endpoint.js';
import type { Told } from './commands.js';

/** The command came to another kind of fact than its operation answers with: a defect. */
export class UnexpectedFact extends Error {
  override readonly name = 'UnexpectedFact';
}

export const accountTold = ({ fact, at, open }: Told): AccountResource => {
  if (!('account' in fact.data)) throw new UnexpectedFact(fact.type);
  return renderAccount(fact.data.account, { updatedAt: at }, open);
};

/** An account that was blocked or unblocked, and the accounts below it that this takes with it. */
export const blockingTold = (
  told: Told,
): {
  readonly account: AccountResource;
  readonly child_accounts: readonly { readonly id: string }[];
  readonly child_account_count: number;
} => {
  const { fact } = told;
  if (fact.type !== 'AccountBlocked' && fact.type !== 'AccountUnblocked') throw new UnexpectedFact(fact.type);
  const { account_ids, count } = fact.data.affected;
  return { account: accountTold(told), child_accounts: account_ids.map((id) => ({ id })), child_account_count: count };
};

export const transactionTold = ({ fact, eventId, revision, at, open }: Told): TransactionResource => {
  if (!('transaction' in fact.data)) throw new UnexpectedFact(fact.type);
  const entries = 'entries' in fact.data ? fact.data.entries : [];
  return renderTransaction(fact.data.transaction, entries, { eventId, revision, at }, open);
};

/** A reservation, or why it was refused: that only a dry run has to tell. */
export const reservationTold = (told: Told): ReservationResource | TransactionResource => {
  const { fact, at, open } = told;
  if ('reservation' in fact.data) return renderReservation(fact.data.reservation, { updatedAt: at }, open);
  return transactionTold(told);
};

export const cardTold = ({ fact, at, open }: Told): CardResource => {
  if (!('card' in fact.data)) throw new UnexpectedFact(fact.type);
  return renderCard(fact.data.card, { updatedAt: at }, open);
};

export const cardTransactionTold = ({ fact, at, open }: Told): CardTransactionResource => {
  if (!('card_transaction' in fact.data)) throw new UnexpectedFact(fact.type);
  return renderCardTransaction(fact.data.card_transaction, { updatedAt: at }, open);
};

export const tenantTold = ({ fact, at, open }: Told): TenantResource => {
  if (!('tenant' in fact.data)) throw new UnexpectedFact(fact.type);
  return renderTenant(fact.data.tenant, { updatedAt: at }, open);
};

export const apiKeyTold = ({ tenantId, fact, at, open }: Told): ApiKeyResource => {
  if (!('api_key' in fact.data)) throw new UnexpectedFact(fact.type);
  return renderApiKey(fact.data.api_key, { tenantId, updatedAt: at }, open);
};

export const webhookEndpointTold = ({ tenantId, fact, at, open }: Told): WebhookEndpointResource => {
  if (!('webhook_endpoint' in fact.data)) throw new UnexpectedFact(fact.type);
  return renderWebhookEndpoint(fact.data.webhook_endpoint, { tenantId, updatedAt: at }, open);
};

export const entitlementsTold = ({ tenantId, fact }: Told): EntitlementsResource => {
  if (fact.type !== 'EntitlementsChanged') throw new UnexpectedFact(fact.type);
  return renderEntitlements(fact.data.entitlements, { tenantId });
};

export const settlementTold = ({ fact, at, open }: Told): SettlementResource => {
  if (!('settlement' in fact.data)) throw new UnexpectedFact(fact.type);
  return renderSettlement(fact.data.settlement, { updatedAt: at }, open);
};

export const financeSettingsTold = ({ fact }: Told): FinanceSettingsResource => {
  if (!('finance_settings' in fact.data)) throw new UnexpectedFact(fact.type);
  return renderFinanceSettings(fact.data.finance_settings);
};

export const customerTold = ({ fact, at, open }: Told): CustomerResource => {
  if (!('customer' in fact.data)) throw new UnexpectedFact(fact.type);
  return renderCustomer(fact.data.customer, { updatedAt: at }, open);
};

export const kycTold = ({ tenantId, fact, at, open }: Told): KycSubmissionResource => {
  if (!('kyc_submission' in fact.data)) throw new UnexpectedFact(fact.type);
  return renderKycSubmission(fact.data.kyc_submission, { tenantId, updatedAt: at }, open);
};

export const limitsTold = ({ tenantId, fact, at }: Told): { readonly limits: readonly LimitResource[] } => {
  if (fact.type !== 'LimitsReplaced') throw new UnexpectedFact(fact.type);
  return { limits: fact.data.limits.map((rule) => renderLimit(rule, { tenantId, updatedAt: at })) };
};

export const userTold = ({ tenantId, fact, at, open }: Told): UserResource => {
  if (!('user' in fact.data)) throw new UnexpectedFact(fact.type);
  return renderUser(fact.data.user, { tenantId, updatedAt: at }, open);
};

export const feesTold = ({ tenantId, fact }: Told): { readonly fees: readonly FeeRuleResource[] } => {
  if (!('rules' in fact.data)) throw new UnexpectedFact(fact.type);
  return { fees: fact.data.rules.map((rule) => renderFeeRule(rule, { tenantId })) };
};
