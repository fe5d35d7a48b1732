import type { LedgerFact } from '#domain/ledger.js';
import type { Collection } from './reads.js';

/** The resource that a fact is about; null where it is about something of the tenant that has no id. */
export const subjectOfFact = ({
  data,
}: LedgerFact): { readonly collection: Collection | 'tenants'; readonly id: string } | null => {
  if ('card_transaction' in data)
    return { collection: 'card_transactions', id: data.card_transaction.card_transaction_id };
  if ('reservation' in data) return { collection: 'reservations', id: data.reservation.reservation_id };
  if ('bank_statement' in data) return { collection: 'bank_statements', id: data.bank_statement.statement_id };
  if ('settlement' in data) return { collection: 'settlements', id: data.settlement.settlement_id };
  if ('transaction' in data) return { collection: 'transactions', id: data.transaction.transaction_id };
  if ('account' in data) return { collection: 'accounts', id: data.account.account_id };
  if ('customer' in data) return { collection: 'customers', id: data.customer.customer_id };
  if ('kyc_submission' in data) return { collection: 'kyc_submissions', id: data.kyc_submission.kyc_submission_id };
  if ('card' in data) return { collection: 'cards', id: data.card.card_id };
  if ('api_key' in data) return { collection: 'api_keys', id: data.api_key.key_id };
  if ('webhook_endpoint' in data) return { collection: 'webhook_endpoints', id: data.webhook_endpoint.endpoint_id };
  if ('user' in data) return { collection: 'users', id: data.user.user_id };
  if ('tenant' in data) return { collection: 'tenants', id: data.tenant.tenant_id };
  return null;
};
