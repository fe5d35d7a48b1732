import type { CardFacts, CardStatus, CardType, SpendingControls } from '#domain/cards/cards.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { createdAt, opened, openedMetadata, type MetadataResource, type Open } from './personal.js';

export interface CardResource {
  readonly object: 'card';
  readonly id: string;
  readonly account_id: string;
  readonly type: CardType;
  readonly status: CardStatus;
  readonly last4: string;
  readonly holder_name: string | null;
  /** 1 to 12 and four digits: good to the end of that month. */
  readonly exp_month: number | null;
  readonly exp_year: number | null;
  readonly spending_controls: SpendingControls;
  readonly metadata: MetadataResource;
  readonly created_at: string;
  readonly updated_at: string;
}

/** `updatedAt`: time of the card's last event. */
export const renderCard = (
  facts: CardFacts,
  { updatedAt }: { readonly updatedAt: Instant },
  open: Open,
): CardResource => ({
  object: 'card',
  id: facts.card_id,
  account_id: facts.account_id,
  type: facts.type,
  status: facts.status,
  last4: facts.last4,
  holder_name: opened(facts.holder_name, open),
  exp_month: facts.exp_month ?? null,
  exp_year: facts.exp_year ?? null,
  spending_controls: {
    blocked_categories: facts.spending_controls.blocked_categories,
    limits: facts.spending_controls.limits.map(({ amount, interval }) => ({ amount, interval })),
  },
  metadata: openedMetadata(facts.metadata, open),
  created_at: createdAt(facts.card_id),
  updated_at: formatInstant(updatedAt),
});
