import type { KycTier } from '../accounts/accounts.js';
import { isEmpty, replaced } from '../changes.js';
import {
  accept,
  clear,
  MAX_METADATA_KEYS,
  mergeMetadata,
  refuse,
  unchanged,
  type Decision,
  type MetadataPatch,
  type Moment,
} from '../decision.js';
import { isErased } from '../erasure/erasure.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { clearOrNull } from './create-customer.js';
import { customerFacts, type CustomerFacts } from './customers.js';

/** What is not named stays; null takes an address or a number away. A new tier holds for the next posting of any account. */
export interface UpdateCustomer {
  readonly type: 'UpdateCustomer';
  readonly data: {
    readonly customer_id: string;
    readonly name?: string;
    readonly email?: string | null;
    readonly phone?: string | null;
    readonly kyc_tier?: KycTier;
    readonly metadata?: MetadataPatch;
  };
}

const tellsSomething = ({ name, email, phone, metadata }: UpdateCustomer['data']): boolean =>
  [name, email, phone, metadata].some((said) => said !== undefined);

/**
 * Refused, in this order: `customer_not_found`; `subject_erased` (anything but the tier); `invalid_parameter` (more than 50
 * keys of metadata).
 */
export const updateCustomer = ({ data }: UpdateCustomer, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const before = customerFacts(state, data.customer_id);
  if (before === null) return refuse('customer_not_found');
  if (tellsSomething(data) && isErased(state, data.customer_id)) return refuse('subject_erased');
  const metadata = mergeMetadata(before.metadata, data.metadata);
  if (metadata.length > MAX_METADATA_KEYS) return refuse('invalid_parameter', 'metadata', 'More than 50 keys.');
  const customer: CustomerFacts = {
    ...before,
    name: data.name === undefined ? before.name : clear(data.name),
    email: data.email === undefined ? before.email : clearOrNull(data.email),
    phone: data.phone === undefined ? before.phone : clearOrNull(data.phone),
    kyc_tier: data.kyc_tier ?? before.kyc_tier,
    metadata,
  };
  const previous = replaced(before, customer);
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'CustomerUpdated',
    subject: customer.customer_id,
    data: { customer, previous },
  };
  return isEmpty(previous) ? unchanged(draft) : accept(draft);
};
