import type { KycTier } from '#domain/accounts/accounts.js';
import type { CustomerFacts, CustomerKind } from '#domain/customers/customers.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { createdAt, opened, openedMetadata, type MetadataResource, type Open } from './personal.js';

/** Name, e-mail, phone and metadata are null once the customer is erased. */
export interface CustomerResource {
  readonly object: 'customer';
  readonly id: string;
  readonly kind: CustomerKind;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  /** Which limits its accounts have. */
  readonly kyc_tier: KycTier;
  readonly metadata: MetadataResource;
  readonly created_at: string;
  readonly updated_at: string;
}

/** `updatedAt`: time of the customer's last event. */
export const renderCustomer = (
  facts: CustomerFacts,
  { updatedAt }: { readonly updatedAt: Instant },
  open: Open,
): CustomerResource => ({
  object: 'customer',
  id: facts.customer_id,
  kind: facts.kind,
  name: opened(facts.name, open),
  email: opened(facts.email, open),
  phone: opened(facts.phone, open),
  kyc_tier: facts.kyc_tier,
  metadata: openedMetadata(facts.metadata, open),
  created_at: createdAt(facts.customer_id),
  updated_at: formatInstant(updatedAt),
});
