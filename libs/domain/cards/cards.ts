import type { Personal, PersonalMetadata } from '../decision.js';
import type { TenantState } from '../state.js';
import { NOT_SPENT, type CardSpending } from './spending.js';

export type CardType = 'virtual' | 'physical' | 'nfc';
export type CardStatus = 'inactive' | 'active' | 'suspended' | 'terminated';

export interface SpendingLimit {
  readonly amount: number;
  readonly interval: 'per_authorization' | 'daily' | 'monthly' | 'all_time';
}

export interface SpendingControls {
  /** Four-digit ISO 18245 codes. */
  readonly blocked_categories: readonly string[];
  readonly limits: readonly SpendingLimit[];
}

/** The whole card as an event leaves it. No PAN: only its last four digits. */
export interface CardFacts {
  readonly card_id: string;
  readonly account_id: string;
  readonly type: CardType;
  readonly status: CardStatus;
  readonly last4: string;
  readonly holder_name: Personal | null;
  /** 1 to 12 and four digits; both or neither. The card is good to the end of that month. */
  readonly exp_month?: number | null;
  readonly exp_year?: number | null;
  readonly spending_controls: SpendingControls;
  readonly metadata: PersonalMetadata;
}

export type CardEvent =
  | { readonly type: 'CardIssued'; readonly data: { readonly card: CardFacts } }
  | { readonly type: 'CardUpdated'; readonly data: { readonly card: CardFacts; readonly previous: Partial<CardFacts> } }
  | {
      readonly type: 'CardStatusChanged';
      readonly data: {
        readonly card: CardFacts;
        readonly action: 'activate' | 'suspend' | 'resume' | 'terminate';
        readonly previous: { readonly status: CardStatus };
      };
    };

/** What deciding needs of a card. */
export interface Card {
  readonly id: string;
  readonly accountId: string;
  readonly type: CardType;
  readonly status: CardStatus;
  readonly controls: SpendingControls;
  /** `YYYY-MM`: the last month in which it is good; null: for ever. */
  readonly goodThrough: string | null;
  readonly spent: CardSpending;
}

// A month never comes without its year.
const goodThrough = ({ exp_month, exp_year }: CardFacts): string | null =>
  typeof exp_year !== 'number' ? null : `${exp_year}-${String(exp_month).padStart(2, '0')}`;

export const evolveCard = (state: TenantState, event: CardEvent): void => {
  const facts = event.data.card;
  const { card_id, account_id, type, status, spending_controls } = facts;
  state.cards.set(card_id, {
    id: card_id,
    accountId: account_id,
    type,
    status,
    controls: spending_controls,
    goodThrough: goodThrough(facts),
    spent: state.cards.get(card_id)?.spent ?? NOT_SPENT,
  });
};
