import { renderCustomer } from '#contract/resources/customer.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';
import { emailDigest } from './email-digest.js';

const CUSTOMER = {
  tenant_id: 'text',
  customer_id: 'text',
  kind: 'text',
  kyc_tier: 'text',
  email_digest: 'bytea',
  resource: 'text',
} as const;

const setCustomers = insertInto(
  'customers',
  CUSTOMER,
  `ON CONFLICT (tenant_id, customer_id) DO UPDATE SET kyc_tier = EXCLUDED.kyc_tier,
     email_digest = EXCLUDED.email_digest, resource = EXCLUDED.resource`,
);

const statements = ({ events, open }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const rows = events.flatMap(({ tenantId, event }): RowOf<typeof CUSTOMER>[] => {
    if (!('customer' in event.data)) return [];
    const customer = renderCustomer(event.data.customer, { updatedAt: event.at }, open(tenantId));
    const { id, kind, kyc_tier, email } = customer;
    const email_digest = email === null ? null : emailDigest(email);
    const resource = JSON.stringify(customer);
    return [{ tenant_id: tenantId, customer_id: id, kind, kyc_tier, email_digest, resource }];
  });
  return setCustomers(lastBy(rows, (row) => `${row.tenant_id} ${row.customer_id}`));
};

export const customers: Projection<LedgerEvent> = {
  name: 'customers',
  version: 1,
  tables: ['customers'],
  migrations: [{ name: 'customers', sql: sqlBeside(import.meta.url, './customers.sql') }],
  statements,
};
