import type { Unreconciled } from '#projections/bank-statements/bank-statements.queries.js';
import type { StatementLine } from './bank-statement.js';
import { TextSearch } from './text-search.js';

const DAY_MS = 86_400_000;
/** Days that a bank may take to book what the ledger has. */
export const DAYS_APART = 5;

/** Letters and digits: shorter references stand in texts by chance. */
const SHORTEST_REFERENCE = 4;
/** Longer ones are no bank's, and are found only where the line's own reference is the same. */
const LONGEST_IN_TEXT = 64;
/** Characters of a text that are looked through. */
const MOST_TEXT = 1_000;

const words = (text: string | null): string => (text ?? '').toUpperCase().replace(/[^A-Z0-9]/g, '');

/** What a comparison asks of each side, made once: many lines may be of the amount of many transactions. */
interface ReadLine {
  readonly amount: number;
  readonly day: number;
  readonly hasReference: boolean;
  readonly reference: string;
  readonly text: string;
}

interface Candidate {
  readonly id: string;
  readonly day: number;
  readonly hasReference: boolean;
  readonly reference: string;
}

const readLine = ({ amount, booked_on, reference, text }: StatementLine): ReadLine => ({
  amount,
  day: Date.parse(booked_on) / DAY_MS,
  hasReference: reference !== null,
  reference: words(reference),
  text: words(text?.slice(0, MOST_TEXT) ?? null),
});

const candidate = ({ transaction_id, effective_at, reference }: Unreconciled): Candidate => ({
  id: transaction_id,
  day: Date.parse(effective_at.slice(0, 10)) / DAY_MS,
  hasReference: reference !== null,
  reference: words(reference),
});

/** The candidates of an amount. */
class Free {
  readonly all = new Set<Candidate>();
  private readonly byReference = new Map<string, Set<Candidate>>();
  private search: TextSearch | null = null;

  add(one: Candidate): void {
    this.all.add(one);
    if (one.reference.length < SHORTEST_REFERENCE) return;
    const same = this.byReference.get(one.reference);
    if (same) same.add(one);
    else this.byReference.set(one.reference, new Set([one]));
  }

  take(one: Candidate): void {
    this.all.delete(one);
    this.byReference.get(one.reference)?.delete(one);
  }

  /** Those whose reference the line tells: looked up from the line's side, as there may be thousands of them. */
  *toldBy({ reference, text }: ReadLine): Iterable<Candidate> {
    this.search ??= new TextSearch([...this.byReference.keys()].filter(({ length }) => length <= LONGEST_IN_TEXT));
    const inText = this.search.in(text);
    for (const said of inText) yield* this.byReference.get(said) ?? [];
    if (!inText.has(reference)) yield* this.byReference.get(reference) ?? [];
  }
}

/** The one that is nearest in time of those that suit, within five days; null where there is none, or several are as near. */
const nearest = (
  line: ReadLine,
  candidates: Iterable<Candidate>,
  suits: (one: Candidate) => boolean = () => true,
): Candidate | null => {
  let found: Candidate | null = null;
  let least = DAYS_APART + 1;
  for (const one of candidates) {
    const apart = Math.abs(line.day - one.day);
    if (apart > least || apart > DAYS_APART || !suits(one)) continue;
    found = apart < least ? one : null;
    least = apart;
  }
  return found;
};

/**
 * Which transaction each line is: of the same amount and within five days, first those whose reference it tells, then,
 * where one alone is nearest in time and one side tells no reference, that. No transaction is two lines; what could be
 * several stays open.
 */
export const matchLines = (
  lines: readonly StatementLine[],
  candidates: readonly Unreconciled[],
): readonly (string | null)[] => {
  const free = new Map<number, Free>();
  for (const one of candidates) {
    let same = free.get(one.amount);
    if (same === undefined) free.set(one.amount, (same = new Free()));
    same.add(candidate(one));
  }
  const read = lines.map(readLine);
  const matched: (string | null)[] = lines.map(() => null);
  const choose = (choice: (line: ReadLine, same: Free) => Candidate | null): void => {
    read.forEach((line, i) => {
      const same = free.get(line.amount);
      if (matched[i] !== null || same === undefined) return;
      const found = choice(line, same);
      if (found === null) return;
      matched[i] = found.id;
      same.take(found);
    });
  };
  choose((line, same) => nearest(line, same.toldBy(line)));
  choose((line, { all }) => nearest(line, all, (one) => !one.hasReference || !line.hasReference));
  return matched;
};
