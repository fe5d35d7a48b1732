/** Commands that the specs of postings share, and how they tell what came of one. */
import type { FeeTerms } from '../fees/replace-fee-rules.js';
import type { Command } from '../commands.js';
import type { LedgerDraft } from '../ledger.js';
import { outcomeOf, told, type Book, type Outcome } from '../spec-support.js';
import type { PostTransactionData } from './post-transaction.js';

export const UNKNOWN = 'acc_01JGFJJZ00ZZZZZZZZZZZZZZZZ';

export const post = (data: Partial<PostTransactionData>): Command => ({
  type: 'PostTransaction',
  data: { type: 'transfer', amount: 100, currency: 'NGN', source: '@ada', destination: '@bob', ...data },
});

export const journal = (entries: PostTransactionData['entries'], data: Partial<PostTransactionData> = {}): Command => ({
  type: 'PostTransaction',
  data: { type: 'journal', entries, ...data },
});

export const debit = (to: string, amount: number, currency = 'NGN') =>
  ({ account: to, direction: 'debit', amount, currency }) as const;
export const credit = (to: string, amount: number, currency = 'NGN') =>
  ({ account: to, direction: 'credit', amount, currency }) as const;

export const block = (name: string, block_debits: boolean, block_credits: boolean): Command => ({
  type: 'BlockAccount',
  data: { account_id: `@${name}`, reason: 'r', source: 'fraud', block_debits, block_credits },
});
export const close = (name: string): Command => ({
  type: 'CloseAccount',
  data: { account_id: `@${name}`, reason: 'r', source: 'customer', confirmation: 'CLOSE_ACCOUNT' },
});
export const fee = (differing: Partial<FeeTerms> = {}): Command => ({
  type: 'ReplaceFeeRules',
  data: {
    rules: [
      {
        channel: 'funds_transfer',
        currency: 'NGN',
        flat_amount: 10,
        percentage_rate: '0.015',
        who_pays: 'customer',
        who_gets_paid: 'platform',
        effective_from: '2026-01-01T00:00:00Z',
        ...differing,
      },
    ],
  },
});

/** `TransactionFailed: insufficient_funds by fee_…` where a rule of the ledger refused it. */
export const outcome = ({ decision }: Outcome): string => {
  if (decision.kind !== 'accepted') return outcomeOf(decision);
  return decision.events
    .map((event: LedgerDraft) => {
      if (event.type !== 'TransactionFailed') return event.type;
      const { failure_code, failure_rule } = event.data.transaction;
      return `${event.type}: ${failure_code}${failure_rule === null ? '' : ' by rule'}`;
    })
    .join(' ');
};

/** The entries of what was posted last, as `account direction amount balance_after`. */
export const entriesOf = ({ events }: Outcome, book: Book): string[] => {
  const event = events.at(-1);
  if (!event || !('entries' in event.data)) throw new RangeError('nothing was posted');
  return told(book, event.data.entries);
};
