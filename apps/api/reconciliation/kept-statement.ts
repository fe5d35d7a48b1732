/** What is kept of what a file says. The words are the bank's, so whatever may not be kept is taken out and the rest stays. */
import { holdsCardNumber } from '#contract/card-numbers.js';
import { shortened, type BankStatement } from './bank-statement.js';

// Controls but line breaks and tabs, and what turns the direction of the text around it.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;
const UNSEEN = /\p{Cf}/gu;
const GROUP = /(?<![\p{L}\p{N}])\p{Nd}+(?![\p{L}\p{N}])/gu;
const SEPARATOR = /^[\p{Zs}\-\u2010\u2011]$/u;
const DIGIT = /\p{Nd}/gu;
const NO_DIGIT = /\P{Nd}/gu;
const LAST_FOUR = /(?:\p{Nd}\P{Nd}?){4}$/u;
const MIN_DIGITS = 13;
const MAX_DIGITS = 19;

interface Span {
  readonly begin: number;
  readonly end: number;
}

const lastFour = (text: string, { begin, end }: Span): number => begin + text.slice(begin, end).search(LAST_FOUR);

/** Where card numbers stand, those that share digits as one: a text does not say which of them is meant. */
const numbersIn = (text: string): Span[] => {
  const spans: Span[] = [];
  let begins: number[] = [];
  let before = 0;
  for (const { 0: group, index } of text.matchAll(GROUP)) {
    begins = SEPARATOR.test(text.slice(before, index)) ? [...begins, index].slice(-2 * MAX_DIGITS) : [index];
    const end = index + group.length;
    before = end;
    // One look for all of them first: a text may be nothing but digits.
    if (!holdsCardNumber(text.slice(begins[0], end))) continue;
    // Of one group, so that no shorter number in it is found.
    const isNumber = (begin: number): boolean =>
      end - begin >= MIN_DIGITS && holdsCardNumber(text.slice(begin, end).replace(NO_DIGIT, ''));
    const begin = begins.find(isNumber);
    if (begin === undefined) continue;
    const last = spans.at(-1);
    const isJoined = last !== undefined && begin < last.end;
    if (isJoined) spans.pop();
    const span = { begin: isJoined ? Math.min(begin, last.begin) : begin, end };
    spans.push(span);
    // What is left of it may be where another begins.
    begins.push(lastFour(text, span));
  }
  return spans;
};

/** Card numbers with `*` for all but their last four digits. */
const masked = (text: string): string => {
  if (!holdsCardNumber(text)) return text;
  const seen = text.replace(UNSEEN, '');
  let told = '';
  let done = 0;
  for (const span of numbersIn(seen)) {
    const last = lastFour(seen, span);
    told += seen.slice(done, span.begin) + seen.slice(span.begin, last).replace(DIGIT, '*');
    done = last;
  }
  return told + seen.slice(done);
};

/** Masked before it is cut, as half a number is none; and behind it, as what is cut may be one. Null where nothing is left. */
const kept = (text: string | null, most: number): string | null => {
  // What stands far behind the cut is not looked at: a text may be as long as the file.
  const told = shortened((text ?? '').replace(CONTROLS, '').replace(/\t/g, ' '), 2 * most);
  return masked(shortened(masked(told), most)) || null;
};

/** Without controls and whole card numbers, and as long as can be kept. Its lines are matched before: by what they say. */
export const keptStatement = (statement: BankStatement): BankStatement => ({
  ...statement,
  number: kept(statement.number, 64) ?? '',
  account: kept(statement.account, 64),
  lines: statement.lines.map((line) => ({
    ...line,
    reference: kept(line.reference, 255),
    text: kept(line.text, 500),
  })),
});
