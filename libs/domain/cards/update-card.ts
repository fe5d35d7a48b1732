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
  type Personal,
} from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { CardFacts, SpendingControls } from './cards.js';
import { cardFacts, cardSubject, refusedControls, refusedExpiry, type CardExpiry } from './standing.js';

/** What is not named stays. */
export interface UpdateCard {
  readonly type: 'UpdateCard';
  readonly data: {
    readonly card_id: string;
    /** Null takes the name away. */
    readonly holder_name?: string | null;
    /** The last month in which it is good, for a renewed card; both or neither. */
    readonly exp_month?: number | null;
    readonly exp_year?: number | null;
    readonly spending_controls?: Partial<SpendingControls>;
    readonly metadata?: MetadataPatch;
  };
}

const nameAfter = (before: Personal | null, asked: string | null | undefined): Personal | null =>
  asked === undefined ? before : asked === null ? null : clear(asked);

const partAfter = (before: number | null | undefined, asked: number | null | undefined): number | null | undefined =>
  asked === undefined || (asked === null && before === undefined) ? before : asked;

/** Left out of cards that never had one, whose facts stay as they were. */
const expiryAfter = (before: CardFacts, asked: UpdateCard['data']): CardExpiry => {
  const exp_month = partAfter(before.exp_month, asked.exp_month);
  const exp_year = partAfter(before.exp_year, asked.exp_year);
  return { ...(exp_month === undefined ? {} : { exp_month }), ...(exp_year === undefined ? {} : { exp_year }) };
};

export const updateCard = ({ data }: UpdateCard, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const before = cardFacts(state, data.card_id);
  if (before === null) return refuse('card_not_found');
  if (before.status === 'terminated') return refuse('invalid_state', undefined, 'The card is terminated.');
  const expiry = expiryAfter(before, data);
  const refusal = refusedExpiry(expiry) ?? refusedControls(data.spending_controls);
  if (refusal !== null) return refusal;
  const metadata = mergeMetadata(before.metadata, data.metadata);
  if (metadata.length > MAX_METADATA_KEYS) return refuse('invalid_parameter', 'metadata', 'More than 50 keys.');
  const card: CardFacts = {
    ...before,
    holder_name: nameAfter(before.holder_name, data.holder_name),
    ...expiry,
    spending_controls: {
      blocked_categories: data.spending_controls?.blocked_categories ?? before.spending_controls.blocked_categories,
      limits: data.spending_controls?.limits ?? before.spending_controls.limits,
    },
    metadata,
  };
  const previous = replaced(before, card);
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'CardUpdated',
    subject: cardSubject(state, card),
    data: { card, previous },
  };
  return isEmpty(previous) ? unchanged(draft) : accept(draft);
};
