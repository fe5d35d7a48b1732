/** Reversals: the mirror of what the event of the original says, in the share that is taken back (DECISIONS 24, 44). */
import type { Entry } from '#domain/entries.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { LimitUse } from '#domain/limits/limit-uses.js';
import type { Minor } from '#domain/money.js';
import { apportion } from '#domain/transactions/apportion.js';
import type { TransactionFacts } from '#domain/transactions/transactions.js';
import { halfEven } from './fee-check.js';
import { must } from './wrong.js';

export interface ReversalStep {
  readonly id: string;
  /** Of the original's amount, what was taken back before and after. */
  readonly before: number;
  readonly after: number;
  readonly uses: readonly LimitUse[];
}

interface Part {
  readonly before: number;
  readonly after: number;
  readonly whole: number;
}

const rounded = (amount: number, part: number, whole: number): number =>
  Number(halfEven(BigInt(amount) * BigInt(part), BigInt(whole)));

const shareOf = (amount: number, { before, after, whole }: Part): number =>
  rounded(amount, after, whole) - rounded(amount, before, whole);

/** Of a journal each side of each currency is apportioned as a whole; of the rest each entry by itself. */
const sharesOf = (type: string, entries: readonly Entry[], part: Part): number[] => {
  if (type !== 'journal') return entries.map(({ amount }) => shareOf(amount, part));
  const shares = entries.map(() => 0);
  for (const side of new Set(entries.map(({ direction, currency }) => `${direction}|${currency}`))) {
    const places = [...entries.keys()].filter((i) => `${entries[i]!.direction}|${entries[i]!.currency}` === side);
    const amounts = places.map((i) => entries[i]!.amount as Minor);
    const [after, before] = [part.after, part.before].map((n) => apportion(amounts, n as Minor, part.whole as Minor));
    for (const [i, place] of places.entries()) shares[place] = after![i]! - before![i]!;
  }
  return shares;
};

const usesOf = ({ data, type }: LedgerEvent): readonly LimitUse[] => {
  const uses = ('limit_uses' in data ? data.limit_uses : undefined) ?? [];
  if (type !== 'ReservationCaptured') return uses;
  const { reservation, transaction } = data;
  const { account_id, counted_on } = reservation;
  return [
    { account_id, direction: 'outbound', amount: transaction.amount, counted_on },
    ...uses.filter(({ direction }) => direction === 'inbound'),
  ];
};

const text = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) => {
    if (member === null || typeof member !== 'object' || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

const unchanged = ({ status: _status, reversed_amount: _reversed, ...facts }: TransactionFacts): object => facts;

/** That the event repeats what the original's own event says of it. */
const checkOriginal = (
  event: LedgerEvent & { type: 'TransactionReversed' },
  found: LedgerEvent | null,
): LedgerEvent => {
  const { original, original_event_id, original_entries, original_limit_uses = [] } = event.data;
  must(
    found?.id === original_event_id,
    () => `it reverses the event ${original_event_id}, which does not stand where it says`,
  );
  const { data } = found as LedgerEvent;
  must('transaction' in data && 'entries' in data, () => 'it reverses what posted nothing');
  const posted = data as { readonly transaction: TransactionFacts; readonly entries: readonly Entry[] };
  must(
    text(unchanged(posted.transaction)) === text(unchanged(original)),
    () => `it tells another ${original.transaction_id} than its own event`,
  );
  must(
    text(posted.entries) === text(original_entries),
    () => `it tells other entries of ${original.transaction_id} than its own event`,
  );
  // A card's refund and a reservation's capture say the uses in their own way.
  must(
    text(usesOf(found!)) === text(original_limit_uses),
    () => `it tells another use of limits of ${original.transaction_id} than its own event`,
  );
  return found as LedgerEvent;
};

const OPPOSITE = { debit: 'credit', credit: 'debit' } as const;

const checkMirror = ({ data }: LedgerEvent & { type: 'TransactionReversed' }, part: Part): void => {
  const { original, original_entries, entries } = data;
  const shares = sharesOf(original.type, original_entries, part);
  let place = 0;
  for (const [i, { account_id, direction }] of original_entries.entries()) {
    const amount = shares[i]!;
    if (amount === 0) continue;
    const entry = entries[place];
    must(
      entry?.account_id === account_id && entry.direction === OPPOSITE[direction] && entry.amount === amount,
      () => `its entry ${place} does not take back ${amount} of ${account_id}`,
    );
    place++;
  }
};

const checkFees = ({ data }: LedgerEvent & { type: 'TransactionReversed' }, part: Part): void => {
  const due = data.original.fees
    .map(({ amount, rule_id }) => ({ amount: shareOf(amount, part), rule_id }))
    .filter(({ amount }) => amount > 0);
  const stated = data.transaction.fees.map(({ amount, rule_id }) => ({ amount, rule_id }));
  must(text(stated) === text(due), () => `it gives back the fees ${text(stated)}, due is ${text(due)}`);
};

/** `find` answers the event at a revision of the same book. */
export const reversalStep = (
  event: LedgerEvent,
  find: (revision: number) => LedgerEvent | null,
): ReversalStep | null => {
  if (event.type !== 'TransactionReversed') return null;
  const { transaction, original, original_revision } = event.data;
  must(original_revision < event.revision, () => 'it reverses what comes after it');
  checkOriginal(event, find(original_revision));
  const whole = original.amount;
  const after = original.reversed_amount;
  const before = after - transaction.amount;
  must(
    transaction.amount > 0 && before >= 0 && after <= whole,
    () => `it takes back ${transaction.amount} of ${whole}, ${after} in all`,
  );
  const due = after === whole ? 'reversed' : 'partially_reversed';
  must(original.status === due, () => `${original.transaction_id} is called ${original.status}, it is ${due}`);
  must(
    transaction.reversal_of === original.transaction_id,
    () => `it says that it reverses ${transaction.reversal_of}`,
  );
  const part = { before, after, whole };
  checkMirror(event, part);
  checkFees(event, part);
  const uses = (event.data.original_limit_uses ?? []).flatMap((one) => {
    const share = shareOf(one.amount, part);
    return share === 0 ? [] : [{ ...one, amount: -share }];
  });
  return { id: original.transaction_id, before, after, uses };
};
