import type { Account } from '../accounts/accounts.js';
import { subjectOf } from '../accounts/standing.js';
import { accept, type Decision, type Moment } from '../decision.js';
import type { HoldChange } from '../entries.js';
import type { LedgerDraft } from '../ledger.js';
import type { Counted } from '../limits/limit-uses.js';
import type { CardTransaction } from './card-transactions.js';
import { before } from './standing.js';

/** The event of a hold that is, or was asked to be, another one. */
export const holdChanged = (
  card_transaction: CardTransaction,
  earlier: CardTransaction,
  account: Account,
  holds: readonly HoldChange[],
  counted: Counted,
  { localDate: local_date, businessDate: business_date, nextUlid }: Moment,
): Decision<LedgerDraft> =>
  accept<LedgerDraft>({
    id: nextUlid(),
    type: 'CardAuthorizationChanged',
    data: {
      local_date,
      business_date,
      card_transaction,
      holds,
      previous: before(earlier, card_transaction),
      ...counted,
    },
    subject: subjectOf(account),
  });
