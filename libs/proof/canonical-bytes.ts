/**
 * Sees of bytes that they are canonical JSON without making the value: to parse it and to write it again costs five times as
 * much. It is sure of what a ledger writes and of nothing else: what has rare escapes, other keys than in ASCII or numbers of
 * more than 15 digits is left to who parses.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const NOT = -1;
const MOST_DIGITS = 15;
const DEEPEST = 32;

const tableOf = (is: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (is(byte) ? 1 : 0));
/** What stands for itself in a string. */
const PLAIN = tableOf((byte) => byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH);
const PLAIN_IN_KEY = tableOf((byte) => PLAIN[byte] === 1 && byte < 0x7f);
const ESCAPED = tableOf((byte) => '"\\bfnrt'.includes(String.fromCharCode(byte)));
const LITERALS = new Map(['true', 'false', 'null'].map((text) => [text.charCodeAt(0), Buffer.from(text)]));

// Each answers where what it reads ends, NOT where it is not sure of it. Beyond the end a byte is undefined, which is nothing.

const afterString = (bytes: Uint8Array, from: number): number => {
  let at = from;
  for (;;) {
    while (PLAIN[bytes[at]!] === 1) at++;
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] !== BACKSLASH || ESCAPED[bytes[at + 1]!] !== 1) return NOT;
    at += 2;
  }
};

const afterNumber = (bytes: Uint8Array, from: number): number => {
  const first = bytes[from] === MINUS ? from + 1 : from;
  if (bytes[first] === ZERO) return first === from ? from + 1 : NOT;
  let at = first;
  while (bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
  return at > first && at - first <= MOST_DIGITS ? at : NOT;
};

const afterLiteral = (bytes: Uint8Array, from: number): number => {
  const literal = LITERALS.get(bytes[from]!);
  if (literal === undefined) return afterNumber(bytes, from);
  for (let i = 1; i < literal.length; i++) if (bytes[from + i] !== literal[i]) return NOT;
  return from + literal.length;
};

const afterArray = (bytes: Uint8Array, from: number, depth: number): number => {
  if (bytes[from] === CLOSE_ARRAY) return from + 1;
  let at = from;
  for (;;) {
    at = afterValue(bytes, at, depth);
    if (at === NOT) return NOT;
    if (bytes[at] === CLOSE_ARRAY) return at + 1;
    if (bytes[at] !== COMMA) return NOT;
    at++;
  }
};

/** Whether the key that begins at `a` and ends before its quote comes before the one at `b`; both stand in these bytes. */
const isBefore = (bytes: Uint8Array, a: number, endOfA: number, b: number, endOfB: number): boolean => {
  const shorter = Math.min(endOfA - a, endOfB - b);
  for (let i = 0; i < shorter; i++) {
    const difference = bytes[a + i]! - bytes[b + i]!;
    if (difference !== 0) return difference < 0;
  }
  return endOfA - a < endOfB - b;
};

const afterObject = (bytes: Uint8Array, from: number, depth: number): number => {
  if (bytes[from] === CLOSE_OBJECT) return from + 1;
  let at = from;
  let [before, endOfBefore] = [NOT, NOT];
  for (;;) {
    if (bytes[at] !== QUOTE) return NOT;
    const key = at + 1;
    let end = key;
    while (PLAIN_IN_KEY[bytes[end]!] === 1) end++;
    if (bytes[end] !== QUOTE || bytes[end + 1] !== COLON) return NOT;
    if (before !== NOT && !isBefore(bytes, before, endOfBefore, key, end)) return NOT;
    [before, endOfBefore] = [key, end];
    at = afterValue(bytes, end + 2, depth);
    if (at === NOT) return NOT;
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    if (bytes[at] !== COMMA) return NOT;
    at++;
  }
};

const afterValue = (bytes: Uint8Array, at: number, depth: number): number => {
  const first = bytes[at];
  if (first === QUOTE) return afterString(bytes, at + 1);
  if (depth === DEEPEST) return NOT;
  if (first === OPEN_OBJECT) return afterObject(bytes, at + 1, depth + 1);
  if (first === OPEN_ARRAY) return afterArray(bytes, at + 1, depth + 1);
  return afterLiteral(bytes, at);
};

/** True: `bytes`, which must be UTF-8, are one object in canonical JSON. False says nothing. */
export const isSurelyCanonical = (bytes: Uint8Array): boolean =>
  bytes[0] === OPEN_OBJECT && afterObject(bytes, 1, 0) === bytes.length;
