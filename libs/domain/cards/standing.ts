import { subjectOf } from '../accounts/standing.js';
import { refuse, type Refusal } from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import { cold, type TenantState } from '../state.js';
import type { CardFacts, SpendingControls } from './cards.js';

/**
 * The whole card, from its last event; null where no card has this id. The command must have declared that it needs
 * `card:<id>`.
 */
export const cardFacts = (state: TenantState, cardId: string): CardFacts | null => {
  if (!state.cards.has(cardId)) return null;
  const event = cold(state, `card:${cardId}`);
  if (event === null || !('card' in event.data)) throw new LedgerInconsistent(`no event says what ${cardId} is`);
  return event.data.card;
};

/** Whose key seals what is said about a card: its account's. */
export const cardSubject = (state: TenantState, card: CardFacts): string => {
  const account = state.accounts.get(card.account_id);
  if (!account) throw new LedgerInconsistent(`${card.card_id} belongs to ${card.account_id}, which was never opened`);
  return subjectOf(account);
};

/** Why a card can't be given these controls, null where it can. A limit that nothing would hold is worse than none. */
export const refusedControls = (controls: Partial<SpendingControls> | undefined): Refusal | null => {
  const index = controls?.limits?.findIndex(({ interval }) => interval !== 'per_authorization') ?? -1;
  return index < 0
    ? null
    : refuse(
        'invalid_parameter',
        `spending_controls.limits[${index}].interval`,
        'Limits daily, monthly and all_time are not supported yet, only per_authorization.',
      );
};
