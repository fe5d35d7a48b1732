/** Card numbers in free text, which are never taken. */

// Groups of digits of any script, parted by single spaces or hyphens. The look-around keeps out digits that are part of a
// longer word. A group ends where a separator must stand, so there is one way to match and no text takes long.
const GROUPS = /(?<![\p{L}\p{N}])\p{Nd}+(?:[\p{Zs}\-\u2010\u2011]\p{Nd}+)*(?![\p{L}\p{N}])/gu;
const SEPARATOR = /[\p{Zs}\-\u2010\u2011]/u;
// Zero-width spaces, soft hyphens and their like: whoever reads the text sees the digits without them.
const UNSEEN = /\p{Cf}/gu;
const MIN_DIGITS = 13;
const MAX_DIGITS = 19;
const TWO = 50;
const SIX = 54;

const isDigit = (codePoint: number): boolean => /\p{Nd}/u.test(String.fromCodePoint(codePoint));

/** A digit of another script in ours: scripts have their ten digits in a row, and such rows have whole tens. */
const plainDigit = (digit: string): string => {
  const codePoint = digit.codePointAt(0) as number;
  let zero = codePoint;
  while (isDigit(zero - 1)) zero--;
  return String((codePoint - zero) % 10);
};

const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0;
};

/** Whether some run of whole groups, begun at any of them, is a card number. */
const holdsNumber = (groups: readonly string[]): boolean => {
  for (let first = 0; first < groups.length; first++) {
    let digits = '';
    for (let last = first; last < groups.length && digits.length < MAX_DIGITS; last++) {
      digits += groups[last] as string;
      const leading = digits.charCodeAt(0);
      const isLongEnough = digits.length >= MIN_DIGITS && digits.length <= MAX_DIGITS;
      if (isLongEnough && leading >= TWO && leading <= SIX && passesLuhn(digits)) return true;
    }
  }
  return false;
};

/**
 * Whether a text holds 13 to 19 digits, grouped by single spaces or hyphens or not, not touching another letter or digit,
 * that begin with 2 to 6 and pass the Luhn check. Digits of any script count: they are card numbers too.
 */
export const holdsCardNumber = (text: string): boolean => {
  if (text.length < MIN_DIGITS) return false;
  for (const [found] of text.replace(UNSEEN, '').matchAll(GROUPS)) {
    if (found.length < MIN_DIGITS) continue;
    const plain = found.replace(/(?!\d)\p{Nd}/gu, plainDigit);
    if (holdsNumber(plain.split(SEPARATOR))) return true;
  }
  return false;
};
