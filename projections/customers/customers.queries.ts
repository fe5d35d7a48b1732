import type { CustomerResource } from '#contract/resources/customer.js';
import type { Instant } from '#domain/time.js';
import { firstIdAt, lastIdAt, pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf, scanned } from '#projecting/queries.js';
import type { TenantSession } from '#projecting/tenant-session.js';
import { emailDigest } from './email-digest.js';

export interface CustomersQuery extends PageQuery {
  readonly kind?: string;
  readonly kycTier?: string;
  /** In any case. */
  readonly email?: string;
  /** When it was created, both ends included. */
  readonly from?: Instant;
  readonly to?: Instant;
}

interface CustomerRow {
  readonly customer_id: string;
  readonly resource: string;
}

const tables = queriesOf<{
  customers: CustomerRow & { tenant_id: string; kind: string; kyc_tier: string; email_digest: Buffer | null };
}>();

const resourceOf = ({ resource }: CustomerRow): CustomerResource => JSON.parse(resource) as CustomerResource;

/** Null where the tenant has no such customer. */
export const getCustomer = async (session: TenantSession, customerId: string): Promise<CustomerResource | null> => {
  const [row] = await session.rows<CustomerRow>(
    'SELECT customer_id, resource FROM customers WHERE tenant_id = $1 AND customer_id = $2',
    [session.tenantId, customerId],
    'customers.get',
  );
  return row === undefined ? null : resourceOf(row);
};

/** Those of these customers that the tenant has, in no order. */
export const getCustomers = async (session: TenantSession, ids: readonly string[]): Promise<CustomerResource[]> => {
  const rows = await session.rows<CustomerRow>(
    'SELECT customer_id, resource FROM customers WHERE tenant_id = $1 AND customer_id = ANY($2)',
    [session.tenantId, ids],
    'customers.get_many',
  );
  return rows.map(resourceOf);
};

/** Positions are customer ids. */
export const listCustomers = async (session: TenantSession, query: CustomersQuery): Promise<Page<CustomerResource>> => {
  const { kind, kycTier, email, from, to } = query;
  let list = tables
    .selectFrom('customers')
    .select(['customer_id', 'resource'])
    .where(({ and }) => and({ tenant_id: session.tenantId, kind, kyc_tier: kycTier }));
  if (email !== undefined) list = list.where('email_digest', '=', emailDigest(email));
  if (from !== undefined) list = list.where('customer_id', '>=', firstIdAt('cust', from));
  if (to !== undefined) list = list.where('customer_id', '<=', lastIdAt('cust', to));
  const rows = await rowsOf(session, scanned(list, 'customer_id', scanOf(query)));
  return pageOf(query, rows, (row) => row.customer_id, resourceOf);
};
