/** Card numbers in free text, which are never taken. */

// Groups of digits parted by single spaces or hyphens. The look-around keeps out digits that are part of a longer word.
const GROUPS = /(?<![\p{L}\p{N}])\d+(?:[ -]\d+)*(?![\p{L}\p{N}])/gu;
const MIN_DIGITS = 13;
const MAX_DIGITS = 19;
const TWO = 50;
const SIX = 54;

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
 * that begin with 2 to 6 and pass the Luhn check.
 */
export const holdsCardNumber = (text: string): boolean => {
  if (text.length < MIN_DIGITS) return false;
  for (const [found] of text.matchAll(GROUPS)) {
    if (found.length >= MIN_DIGITS && holdsNumber(found.split(/[ -]/))) return true;
  }
  return false;
};
