/** Fees: which rule, how much, and rates and shares rounded half to even, all in whole numbers. */
import type { Books, Charged } from './books.js';
import type { DataOf, FeeTerms, Now, Verdict } from './terms.js';
import { nextName } from './books.js';

/** The integer nearest to `dividend / divisor`; of two that are equally near the even one. */
export const nearest = (dividend: bigint, divisor: bigint): bigint => {
  const down = dividend / divisor;
  const twice = (dividend - down * divisor) * 2n;
  if (twice < divisor) return down;
  if (twice > divisor) return down + 1n;
  return down % 2n === 0n ? down : down + 1n;
};

/** A decimal text as a fraction. */
export const fraction = (text: string): [bigint, bigint] => {
  const [whole = '0', decimals = ''] = text.split('.');
  return [BigInt(whole + decimals), 10n ** BigInt(decimals.length)];
};

/** `part / whole` of an amount. */
export const share = (amount: number, part: number, whole: number): number =>
  Number(nearest(BigInt(amount) * BigInt(part), BigInt(whole)));

const amountOf = (terms: FeeTerms, amount: number): number => {
  const [units, scale] = fraction(terms.percentage_rate);
  const raw = Number(nearest(BigInt(terms.flat_amount) * scale + BigInt(amount) * units, scale));
  return Math.min(Math.max(raw, terms.fee_floor ?? 0), terms.fee_cap ?? Number.MAX_SAFE_INTEGER);
};

/** The fee beside an amount: of the rules in force whose band holds it the latest; null where there is nothing to pay. */
export const dueFee = (
  books: Books,
  channel: string | undefined,
  currency: string,
  amount: number,
  now: Now,
): Charged | null => {
  let rule: Books['fees'][number] | undefined;
  for (const one of books.fees) {
    const { terms } = one;
    if (terms.channel !== channel || terms.currency !== currency || terms.from > now.at) continue;
    if (amount < (terms.min_amount ?? 0) || amount > (terms.max_amount ?? Infinity)) continue;
    // Of two that were written in the past (and so are in force since the same moment) the one that names the later time.
    const time = (other: Books['fees'][number]): number => Date.parse(other.terms.effective_from);
    if (!rule || terms.from > rule.terms.from || (terms.from === rule.terms.from && time(one) > time(rule))) rule = one;
  }
  if (!rule) return null;
  const fee = amountOf(rule.terms, amount);
  return fee === 0
    ? null
    : { rule: rule.name, amount: fee, payer: rule.terms.who_pays, payee: rule.terms.who_gets_paid };
};

const meet = (a: FeeTerms, b: FeeTerms): boolean =>
  a.channel === b.channel &&
  a.currency === b.currency &&
  Date.parse(a.effective_from) === Date.parse(b.effective_from) &&
  (a.min_amount ?? 0) <= (b.max_amount ?? Infinity) &&
  (b.min_amount ?? 0) <= (a.max_amount ?? Infinity);

/** Replaces the whole schedule. A time in the past means now. */
export const replaceFees = (books: Books, { rules }: DataOf<'ReplaceFeeRules'>, now: Now): Verdict => {
  if (rules.some((one, i) => rules.slice(0, i).some((other) => meet(one, other)))) {
    return 'refused: overlapping_fee_rules';
  }
  const made = nextName(books, 'fees');
  books.fees = rules.map((terms, i) => ({
    name: `${made}.${i + 1}`,
    terms: { ...terms, from: Math.max(now.at, Date.parse(terms.effective_from)) },
  }));
  return 'done';
};
