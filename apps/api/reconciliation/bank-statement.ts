/** A bank statement as its file says it, whatever format that has; `keptStatement` is what may be kept of it. */

export interface StatementLine {
  /** Minor units; above zero: the bank got it, below: it went out. */
  readonly amount: number;
  /** `YYYY-MM-DD`. */
  readonly booked_on: string;
  readonly value_on: string;
  /** Ours or the network's, where the bank repeats one. */
  readonly reference: string | null;
  readonly text: string | null;
}

export interface BankStatement {
  readonly format: 'camt053' | 'mt940';
  /** The bank's own name for it. */
  readonly number: string;
  readonly account: string | null;
  readonly currency: string;
  readonly opened_on: string;
  readonly closed_on: string;
  readonly opening_balance: number;
  readonly closing_balance: number;
  readonly lines: readonly StatementLine[];
}

/** The file is not a statement that can be taken; the message says why, without a word of what it holds. */
export class UnreadableStatement extends Error {
  override readonly name = 'UnreadableStatement';
}

export const unreadable = (message: string): never => {
  throw new UnreadableStatement(message);
};

export const MOST_LINES = 2_000;

/** A decimal text in major units as minor units; refuses more places than the currency has, and what no amount can say. */
export const minorUnits = (text: string, exponent: number): number => {
  const found = /^(\d{1,15})(?:[.,](\d{0,5}))?$/.exec(text);
  if (!found) return unreadable('An amount is not a decimal number.');
  const places = (found[2] ?? '').replace(/0+$/, '');
  if (places.length > exponent) return unreadable('An amount has more places than its currency.');
  const value = Number(`${found[1]}${places.padEnd(exponent, '0')}`);
  return Number.isSafeInteger(value) ? value : unreadable('An amount is larger than 2^53 − 1 minor units.');
};

/** At most so many characters; a pair of surrogates is not parted, as half of one can't be stored. */
export const shortened = (text: string, most: number): string => text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');

/** The day, where it is one of the calendar. Years that no bank means are none: not all of them are times of the database. */
export const dayOf = (text: string): string => {
  const found = /^((?:19|20|21)\d\d)-(\d\d)-(\d\d)/.exec(text);
  const day = found ? `${found[1]}-${found[2]}-${found[3]}` : '';
  const isDay = found !== null && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day);
  return isDay ? day : unreadable('A date is not one of the calendar.');
};

const textOf = (bytes: Uint8Array, encoding: string): string | null => {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
};

const ENCODINGS: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8',
  'us-ascii': 'utf-8',
  'iso-8859-1': 'windows-1252',
  'windows-1252': 'windows-1252',
};

/** XML by the encoding that it declares; anything else as UTF-8 or, where it is none, as Western European. */
export const decodedFile = (bytes: Uint8Array): string => {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  if (/^(?:\xfe\xff|\xff\xfe)/.test(head)) return unreadable('The file is UTF-16; send it as UTF-8.');
  const declared = /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w-]+)["']/i.exec(head)?.[1]?.toLowerCase();
  const isXml = /^(?:\xef\xbb\xbf)?\s*</.test(head);
  if (isXml) {
    const encoding =
      ENCODINGS[declared ?? 'utf-8'] ?? unreadable('The file declares an encoding that is not taken here.');
    return textOf(bytes, encoding) ?? unreadable('The file is not of the encoding that it declares.');
  }
  const text = textOf(bytes, 'utf-8') ?? textOf(bytes, 'windows-1252');
  return text ?? unreadable('The file is not text.');
};

/** Refuses what does not add up: the one thing that a statement must do. */
const balanced = (statement: BankStatement): void => {
  const { lines, opening_balance, closing_balance, opened_on, closed_on } = statement;
  const sum = lines.reduce((all, { amount }) => all + BigInt(amount), BigInt(opening_balance));
  if (sum !== BigInt(closing_balance)) {
    unreadable('Its opening balance and its lines do not add up to its closing balance.');
  }
  if (opened_on > closed_on) unreadable('It ends before it begins.');
};

/** Statements of one file as one: they must be of one account and currency, each beginning where the one before ended. */
export const joined = (statements: readonly BankStatement[]): BankStatement => {
  const [first] = statements;
  const last = statements.at(-1);
  if (first === undefined || last === undefined) return unreadable('It holds no statement.');
  statements.forEach((one, i) => {
    balanced(one);
    const before = statements[i - 1];
    if (before === undefined) return;
    const follows = one.account === before.account && one.currency === before.currency;
    if (!follows || one.opening_balance !== before.closing_balance) {
      unreadable('It holds statements of several accounts, or with a gap between; send them one by one.');
    }
  });
  const lines = statements.flatMap((one) => one.lines);
  if (lines.length > MOST_LINES) return unreadable(`It has more than ${MOST_LINES} lines; send it in parts.`);
  return { ...first, closed_on: last.closed_on, closing_balance: last.closing_balance, lines };
};
