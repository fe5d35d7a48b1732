import type { Personal, PersonalMetadata } from '../decision.js';
import type { TenantState } from '../state.js';

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
}

export const evolveCard = (state: TenantState, event: CardEvent): void => {
  const { card_id, account_id, type, status, spending_controls } = event.data.card;
  state.cards.set(card_id, { id: card_id, accountId: account_id, type, status, controls: spending_controls });
};
