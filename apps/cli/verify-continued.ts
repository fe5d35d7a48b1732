import { ledgerStream } from '#domain/codec.js';
import type { EventStore, RecordedEvent } from '#event-store/event-store.js';
import { exportedLine } from '#event-store/exported-line.js';
import { BookFile } from '#proof/book-file.js';
import type { VerifiedBook } from '#proof/verify-file.js';
import { Wrong } from '#proof/wrong.js';

interface Difference {
  /** `data.entries.0.balance_after`. */
  readonly path: string;
  readonly stands: unknown;
  readonly due: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Members whose values differ, in the order in which the event has them. */
function* differences(stands: unknown, due: unknown, path = ''): Generator<Difference> {
  if (!isObject(stands) || !isObject(due)) {
    if (stands !== due) yield { path, stands, due };
    return;
  }
  const names = [...new Set([...Object.keys(due), ...Object.keys(stands)])];
  for (const name of names) yield* differences(stands[name], due[name], path === '' ? name : `${path}.${name}`);
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'not there';
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
};

const MOST_NAMED = 5;

const differenceInWords = (stored: string, kept: string): string => {
  let found: Difference[];
  try {
    found = [...differences(JSON.parse(stored), JSON.parse(kept))];
  } catch {
    return 'what the database has is no event';
  }
  const told = found
    .slice(0, MOST_NAMED)
    .map(({ path, stands, due }) => `${path} is ${shown(stands)}, in the book ${shown(due)}`);
  const rest = found.length - told.length;
  if (told.length === 0) return 'it is written otherwise in the database than in the book';
  return `in the database ${told.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`;
};

/**
 * Whether a stream begins with the events of a book, byte for byte: the book may be older, the stream may not be shorter.
 * `book` is what verifying the file at `path` came to. Null: it does; else the first revision that differs.
 */
export const differenceFromBook = async (
  store: Pick<EventStore, 'read'>,
  path: string,
  { tenantId, revision: last }: Pick<VerifiedBook, 'tenantId' | 'revision'>,
): Promise<Wrong | null> => {
  const file = new BookFile(path);
  try {
    const lines = file.lines();
    lines.next();
    let due = 0;
    const compared = (event: RecordedEvent): Wrong | null => {
      if (event.revision !== due) return new Wrong(due, 'the database does not have it');
      const line = lines.next();
      const kept = line.done === true ? '' : line.value.bytes.toString('utf8');
      const stored = exportedLine(event).trimEnd();
      return stored === kept ? null : new Wrong(due, differenceInWords(stored, kept));
    };
    for await (const page of store.read(ledgerStream(tenantId), 0)) {
      for (const event of page) {
        if (due > last) return null;
        const wrong = compared(event);
        if (wrong !== null) return wrong;
        due++;
      }
    }
    if (due > last) return null;
    const ends = due === 0 ? `has no stream of ${tenantId}` : `ends with revision ${due - 1}`;
    return new Wrong(due, `the database ${ends}, the book goes up to ${last}`);
  } finally {
    file.close();
  }
};
