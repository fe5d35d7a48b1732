import { accept, refuse, unchanged, type Decision, type Moment, type Refusal } from '../decision.js';
import { isId } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { tenantFacts } from '../tenants/standing.js';
import { isErased, type SubjectKind } from './erasure.js';

/**
 * Erases somebody: a customer, a user, the tenant's partner, or the holder of an account that is no customer's. What is sealed
 * under their key opens for nobody from then on; the books go on without their name.
 */
export interface EraseSubject {
  readonly type: 'EraseSubject';
  readonly data: { readonly subject_id: string };
}

const NOBODY = refuse('subject_not_found');

const kindOf = (state: TenantState, subjectId: string): SubjectKind | Refusal => {
  if (isId('customer', subjectId)) return state.customers.has(subjectId) ? 'customer' : NOBODY;
  if (isId('partner', subjectId)) return tenantFacts(state).partner.partner_id === subjectId ? 'partner' : NOBODY;
  if (isId('user', subjectId)) {
    const user = state.users.get(subjectId);
    if (user === undefined) return NOBODY;
    return user.status === 'revoked' ? 'user' : refuse('invalid_state', undefined, 'Revoke the user’s access first.');
  }
  const account = isId('account', subjectId) ? state.accounts.get(subjectId) : undefined;
  if (account === undefined) return NOBODY;
  const { customerId } = account.extras;
  if (customerId === undefined || customerId === null) return 'account';
  return refuse('invalid_state', undefined, `The account is a customer’s: erase ${customerId}.`);
};

/** Refused, in this order: `subject_not_found`; `invalid_state` (a user who has access; a customer's account). */
export const eraseSubject = ({ data }: EraseSubject, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const { subject_id } = data;
  const kind = kindOf(state, subject_id);
  if (typeof kind !== 'string') return kind;
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'SubjectErased',
    // Nothing of it is sealed: who was erased can be told by the id alone.
    subject: subject_id,
    data: { erasure: { subject_id, kind } },
  };
  return isErased(state, subject_id) ? unchanged(draft) : accept(draft);
};
