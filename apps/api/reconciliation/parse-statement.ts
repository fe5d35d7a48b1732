import { decodedFile, unreadable, type BankStatement } from './bank-statement.js';
import { parseCamt053 } from './parse-camt053.js';
import { parseMt940 } from './parse-mt940.js';

/** A statement's file, camt.053 or MT940, by what it looks like. Throws `UnreadableStatement`. */
export const parseStatement = (bytes: Uint8Array): BankStatement => {
  const text = decodedFile(bytes).replace(/^\ufeff/, '');
  if (text.includes('\0')) return unreadable('It holds a NUL, which no text has.');
  return text.trimStart().startsWith('<') ? parseCamt053(text) : parseMt940(text);
};
