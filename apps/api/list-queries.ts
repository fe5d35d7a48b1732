/** What a list asks for, in the words of the projection that answers it. */
import type { Query } from '#platform/http/call.js';
import type { AccountsQuery } from '#projections/accounts/accounts.queries.js';
import type { KycSubmissionsQuery } from '#projections/kyc-submissions/kyc-submissions.queries.js';
import type { TransactionsQuery } from '#projections/transactions/transactions.queries.js';
import type { ListRequest } from './reads.js';

/** Values were checked by the parameter's own parser; only the names differ here. */
export type Values = Record<string, never>;

export const paging = ({ limit, order, startingAfter = null, endingBefore = null }: ListRequest) => ({
  limit,
  order,
  startingAfter,
  endingBefore,
});

export const accountsQuery = (filters: Query): Omit<AccountsQuery, 'limit'> => {
  const { status, wallet_type, currency, kyc_tier, parent_account_id, account_code, customer_id, q } =
    filters as Values;
  return {
    status,
    walletType: wallet_type,
    currency,
    kycTier: kyc_tier,
    parentAccountId: parent_account_id,
    accountCode: account_code,
    customerId: customer_id,
    containing: q,
  };
};

export const kycQuery = (filters: Query): Omit<KycSubmissionsQuery, 'limit'> => {
  const { status, kind, customer_id, tenant_id, search, submitted_from, submitted_to } = filters as Values;
  return {
    status,
    kind,
    customerId: customer_id,
    tenantId: tenant_id,
    containing: search,
    submittedFrom: submitted_from,
    submittedTo: submitted_to,
  };
};

const metadataFilters = (filters: Query): Record<string, string> =>
  Object.fromEntries(
    Object.entries(filters).flatMap(([name, value]) => {
      const key = /^metadata\[(.+)\]$/.exec(name)?.[1];
      return key === undefined ? [] : [[key, String(value)]];
    }),
  );

export const transactionsQuery = (filters: Query): Omit<TransactionsQuery, 'limit'> => {
  const { account, type, status, channel, reference, from, to } = filters as Values;
  return {
    account,
    type,
    status,
    channel,
    reference,
    from,
    to,
    amountAtLeast: filters['amount[gte]'] as number | undefined,
    amountAtMost: filters['amount[lte]'] as number | undefined,
    metadata: metadataFilters(filters),
  };
};
