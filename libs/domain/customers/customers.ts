import type { KycTier } from '../accounts/accounts.js';
import type { Personal, PersonalMetadata } from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import { cold, type TenantState } from '../state.js';

export const CUSTOMER_KINDS = ['person', 'business'] as const;
export type CustomerKind = (typeof CUSTOMER_KINDS)[number];

/** The whole customer as an event leaves it, enough to render the resource. Who it is is sealed under its own key. */
export interface CustomerFacts {
  readonly customer_id: string;
  readonly kind: CustomerKind;
  readonly name: Personal;
  readonly email: Personal | null;
  readonly phone: Personal | null;
  /** Which limits its accounts have. */
  readonly kyc_tier: KycTier;
  readonly metadata: PersonalMetadata;
}

export type CustomerEvent =
  | { readonly type: 'CustomerCreated'; readonly data: { readonly customer: CustomerFacts } }
  | {
      readonly type: 'CustomerUpdated';
      readonly data: { readonly customer: CustomerFacts; readonly previous: Partial<CustomerFacts> };
    };

export const evolveCustomer = (state: TenantState, { data: { customer } }: CustomerEvent): void => {
  if (state.customers.get(customer.customer_id) === customer.kyc_tier) return;
  state.customers.set(customer.customer_id, customer.kyc_tier);
};

/** The whole customer; null where none has this id. The command must have declared that it needs `cust:<id>`. */
export const customerFacts = (state: TenantState, customerId: string): CustomerFacts | null => {
  if (!state.customers.has(customerId)) return null;
  const event = cold(state, `cust:${customerId}`);
  if (event === null || !('customer' in event.data)) {
    throw new LedgerInconsistent(`no event says who ${customerId} is`);
  }
  return event.data.customer;
};
