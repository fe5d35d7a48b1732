import { subjectOf } from '../accounts/standing.js';
import { refuse, type Refusal } from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import { cold, type TenantState } from '../state.js';
import type { CardFacts, SpendingControls } from './cards.js';
import { isMerchantCategory } from './merchant-categories.js';

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

/** Why a card can't be given these controls, null where it can: what is no category would decline nothing. */
export const refusedControls = (controls: Partial<SpendingControls> | undefined): Refusal | null => {
  const index = controls?.blocked_categories?.findIndex((code) => !isMerchantCategory(code)) ?? -1;
  return index < 0
    ? null
    : refuse(
        'invalid_parameter',
        `spending_controls.blocked_categories[${index}]`,
        'This is no merchant category code of ISO 18245.',
      );
};

/** When a card expires, as a request says it; null takes the date away. */
export interface CardExpiry {
  /** 1 to 12. */
  readonly exp_month?: number | null;
  /** Four digits. */
  readonly exp_year?: number | null;
}

export const isGiven = (part: number | null | undefined): part is number => typeof part === 'number';

const isWithin = (value: number, first: number, last: number): boolean =>
  Number.isInteger(value) && value >= first && value <= last;

/** Why a card can't expire then, null where it can. A time that is past is taken: a card may come from elsewhere. */
export const refusedExpiry = ({ exp_month, exp_year }: CardExpiry): Refusal | null => {
  if (isGiven(exp_month) && !isWithin(exp_month, 1, 12)) return refuse('invalid_parameter', 'exp_month');
  if (isGiven(exp_year) && !isWithin(exp_year, 2000, 2099)) return refuse('invalid_parameter', 'exp_year');
  if (isGiven(exp_month) === isGiven(exp_year)) return null;
  return refuse('missing_field', isGiven(exp_month) ? 'exp_year' : 'exp_month', 'Month and year go together.');
};
