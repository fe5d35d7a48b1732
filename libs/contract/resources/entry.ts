import type { Entry, Side } from '#domain/entries.js';
import { entryId, type Ulid } from '#domain/ids.js';
import { createdAt } from './personal.js';

/** An entry as it stands inside its transaction. */
export interface EntryLine {
  readonly id: string;
  readonly account_id: string;
  readonly direction: Side;
  /** Minor units, above zero. */
  readonly amount: number;
  readonly currency: string;
  /** The account's balance after it, on the account's normal side. */
  readonly balance_after: number;
}

/** An entry on its own, as an account's list of postings shows it. */
export interface EntryResource extends EntryLine {
  readonly object: 'entry';
  /** Null where no transaction posted it. */
  readonly transaction_id: string | null;
  readonly effective_at: string;
  readonly created_at: string;
  /** Revision of the tenant's stream at which it was posted. */
  readonly revision: number;
}

/** The n-th entry (from 0) of an event. */
export const renderEntryLine = (entry: Entry, eventId: Ulid, index: number): EntryLine => ({
  id: entryId(eventId, index),
  account_id: entry.account_id,
  direction: entry.direction,
  amount: entry.amount,
  currency: entry.currency,
  balance_after: entry.balance_after,
});

export const renderEntry = (
  line: EntryLine,
  posted: Pick<EntryResource, 'transaction_id' | 'effective_at' | 'revision'>,
): EntryResource => ({
  object: 'entry',
  id: line.id,
  account_id: line.account_id,
  direction: line.direction,
  amount: line.amount,
  currency: line.currency,
  balance_after: line.balance_after,
  transaction_id: posted.transaction_id,
  effective_at: posted.effective_at,
  created_at: createdAt(line.id),
  revision: posted.revision,
});
