import { subjectOf } from '../accounts/standing.js';
import { accept, clear, personalMetadata, refuse, type Decision, type Metadata, type Moment } from '../decision.js';
import { idOf, type Ulid } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { CardType, SpendingControls } from './cards.js';
import { isGiven, refusedControls, refusedExpiry } from './standing.js';

export interface IssueCard {
  readonly type: 'IssueCard';
  readonly data: {
    readonly account_id: string;
    readonly type: CardType;
    readonly holder_name?: string | null;
    /** The last month in which it is good; both or neither. */
    readonly exp_month?: number | null;
    readonly exp_year?: number | null;
    /** Four digits; made up where the card has no number yet. */
    readonly last4?: string;
    readonly spending_controls?: Partial<SpendingControls>;
    readonly metadata?: Metadata;
  };
}

const digitsOf = (ulid: Ulid): string =>
  [...ulid.slice(-4)].map((character) => String(character.charCodeAt(0) % 10)).join('');

/** A new card is inactive until it is activated. */
export const issueCard = ({ data }: IssueCard, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  if (data.last4 !== undefined && !/^\d{4}$/.test(data.last4)) return refuse('invalid_parameter', 'last4');
  const refusal = refusedExpiry(data) ?? refusedControls(data.spending_controls);
  if (refusal !== null) return refusal;
  const account = state.accounts.get(data.account_id);
  if (!account) return refuse('account_not_found', 'account_id');
  const { walletType } = account.terms;
  if (walletType === 'system' || walletType === 'float' || walletType === 'general') {
    return refuse('invalid_parameter', 'account_id', 'Only wallets have cards.');
  }
  if (account.extras.closed) return refuse('account_is_closed', 'account_id');
  const ulid = moment.nextUlid();
  return accept({
    id: ulid,
    type: 'CardIssued',
    subject: subjectOf(account),
    data: {
      card: {
        card_id: idOf('card', ulid),
        account_id: account.id,
        type: data.type,
        status: 'inactive',
        last4: data.last4 ?? digitsOf(ulid),
        holder_name: data.holder_name === undefined || data.holder_name === null ? null : clear(data.holder_name),
        ...(isGiven(data.exp_month) ? { exp_month: data.exp_month, exp_year: data.exp_year ?? null } : {}),
        spending_controls: {
          blocked_categories: data.spending_controls?.blocked_categories ?? [],
          limits: data.spending_controls?.limits ?? [],
        },
        metadata: personalMetadata(data.metadata),
      },
    },
  });
};
