import type { KycTier } from '../accounts/accounts.js';
import { accept, clear, personalMetadata, type Decision, type Metadata, type Moment } from '../decision.js';
import { idOf } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { CustomerKind } from './customers.js';

export interface CreateCustomer {
  readonly type: 'CreateCustomer';
  readonly data: {
    readonly kind: CustomerKind;
    readonly name: string;
    readonly email?: string | null;
    readonly phone?: string | null;
    readonly kyc_tier?: KycTier;
    readonly metadata?: Metadata;
  };
}

/** What a request may leave out or say as null. */
export const clearOrNull = (text: string | null | undefined): { readonly clear: string } | null =>
  text === null || text === undefined ? null : clear(text);

export const createCustomer = (
  { data }: CreateCustomer,
  _state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const id = moment.nextUlid();
  const customerId = idOf('customer', id);
  return accept({
    id,
    type: 'CustomerCreated',
    subject: customerId,
    data: {
      customer: {
        customer_id: customerId,
        kind: data.kind,
        name: clear(data.name),
        email: clearOrNull(data.email),
        phone: clearOrNull(data.phone),
        kyc_tier: data.kyc_tier ?? 'tier1',
        metadata: personalMetadata(data.metadata),
      },
    },
  });
};
