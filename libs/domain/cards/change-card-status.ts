import { accept, refuse, unchanged, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { CardStatus } from './cards.js';
import { cardFacts, cardSubject } from './standing.js';

export type CardAction = 'activate' | 'suspend' | 'resume' | 'terminate';

export interface ChangeCardStatus {
  readonly type: 'ChangeCardStatus';
  readonly data: { readonly card_id: string; readonly action: CardAction };
}

/** Where each action leads, and from which statuses. Terminated is final. */
const ACTIONS: { readonly [A in CardAction]: { readonly to: CardStatus; readonly from: readonly CardStatus[] } } = {
  activate: { to: 'active', from: ['inactive'] },
  suspend: { to: 'suspended', from: ['active'] },
  resume: { to: 'active', from: ['suspended'] },
  terminate: { to: 'terminated', from: ['inactive', 'active', 'suspended'] },
};

/** Changes what a card may be used for from now on. What the network clears posts whatever the card's status. */
export const changeCardStatus = (
  { data }: ChangeCardStatus,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const before = cardFacts(state, data.card_id);
  if (before === null) return refuse('card_not_found');
  const { to, from } = ACTIONS[data.action];
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'CardStatusChanged',
    subject: cardSubject(state, before),
    data: { card: { ...before, status: to }, action: data.action, previous: { status: before.status } },
  };
  if (before.status === to) return unchanged(draft);
  if (!from.includes(before.status)) {
    return refuse('invalid_state', undefined, `A card that is ${before.status} can't be changed like this.`);
  }
  if (to === 'active' && state.accounts.get(before.account_id)?.extras.closed === true)
    return refuse('account_is_closed');
  return accept(draft);
};
