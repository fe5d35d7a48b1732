import { ulidAfter, type Ulid } from '#domain/ids.js';
import { bodyOf } from './api-calls.js';
import type { Visit } from './visit.js';

/** An entry as it stands in an event. */
export interface StoredEntry {
  readonly account_id: string;
  readonly direction: 'debit' | 'credit';
  readonly amount: number;
  readonly currency: string;
  readonly balance_after: number;
}

/** An event as it is stored, and its hash. */
export interface StoredEvent {
  readonly revision: number;
  readonly id: Ulid;
  readonly type: string;
  readonly v: number;
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly entries?: readonly StoredEntry[] };
  readonly meta: Readonly<Record<string, unknown>> & { readonly sequence: number | null };
  readonly hash: string;
}

export interface Part {
  /** The newest revision when it was read. */
  readonly head: number;
  /** Oldest first. */
  readonly events: readonly StoredEvent[];
}

/** What the first event's hash follows from. */
export const BEFORE_THE_FIRST = '0'.repeat(64);
/** An event's entries are at most so many. */
const MOST_ENTRIES = 200;

/** At most `limit` events from a revision on. Throws `Refused`. */
export const eventsFrom = async (visit: Visit, revision: number, limit: number): Promise<Part> => {
  const answer = await visit.get<string>('/v1/ledger/events', { after_revision: Math.max(-1, revision - 1), limit });
  const lines = bodyOf(answer).split('\n').filter(Boolean);
  const events = lines.map((line) => JSON.parse(line) as StoredEvent);
  return { head: answer.refusal === null ? (answer.revision ?? -1) : -1, events };
};

/** The newest event that is not after an id: ids and revisions grow together, so it is sought by halves. */
const newestUpTo = async (visit: Visit, ulid: Ulid): Promise<StoredEvent | null> => {
  const { head } = await eventsFrom(visit, Number.MAX_SAFE_INTEGER, 1);
  let found: StoredEvent | null = null;
  for (let low = 0, high = head; low <= high;) {
    const middle = low + Math.floor((high - low) / 2);
    const [event] = (await eventsFrom(visit, middle, 1)).events;
    if (event !== undefined && event.id <= ulid) {
      found = event;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return found;
};

/** The event of this id, or that made what has it: an entry's lies a few steps behind its event's. */
export const eventOf = async (visit: Visit, ulid: Ulid): Promise<StoredEvent | null> => {
  const event = await newestUpTo(visit, ulid);
  return event !== null && ulid <= ulidAfter(event.id, MOST_ENTRIES) ? event : null;
};
