import type { Unreconciled } from '#projections/bank-statements/bank-statements.queries.js';
import type { StatementLine } from './bank-statement.js';

const DAY_MS = 86_400_000;
/** Days that a bank may take to book what the ledger has. */
export const DAYS_APART = 5;

const words = (text: string | null): string => (text ?? '').toUpperCase().replace(/[^A-Z0-9]/g, '');

const tells = (line: StatementLine, reference: string | null): boolean => {
  const wanted = words(reference);
  return wanted.length >= 4 && (words(line.reference) === wanted || words(line.text).includes(wanted));
};

const daysApart = (line: StatementLine, { effective_at }: Unreconciled): number =>
  Math.abs(Date.parse(line.booked_on) - Date.parse(effective_at.slice(0, 10))) / DAY_MS;

/**
 * Which transaction each line is: of the same amount and within five days, first those whose reference it tells, then,
 * where one alone is nearest in time and one side tells no reference, that. No transaction is two lines; what could be
 * several stays open.
 */
export const matchLines = (
  lines: readonly StatementLine[],
  candidates: readonly Unreconciled[],
): readonly (string | null)[] => {
  const free = new Map<number, Set<Unreconciled>>();
  for (const one of candidates) free.set(one.amount, (free.get(one.amount) ?? new Set()).add(one));
  const matched: (string | null)[] = lines.map(() => null);
  const choose = (suits: (line: StatementLine, one: Unreconciled) => boolean): void => {
    lines.forEach((line, i) => {
      if (matched[i] !== null) return;
      const fitting = [...(free.get(line.amount) ?? [])].filter(
        (one) => daysApart(line, one) <= DAYS_APART && suits(line, one),
      );
      const nearest = Math.min(...fitting.map((one) => daysApart(line, one)));
      const best = fitting.filter((one) => daysApart(line, one) === nearest);
      const [only] = best;
      if (only === undefined || best.length > 1) return;
      matched[i] = only.transaction_id;
      free.get(line.amount)?.delete(only);
    });
  };
  choose((line, one) => tells(line, one.reference));
  choose((line, one) => one.reference === null || line.reference === null);
  return matched;
};
