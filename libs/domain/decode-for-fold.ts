/**
 * A quicker way to read postings where only the fold wants them. Most of a long stream is `TransactionPosted`, and most of
 * such an event the fold never looks at; `JSON.parse` would make an object of each part of it all the same.
 *
 * What is stored is canonical JSON (RFC 8785): no white space, members sorted, one way to write each value. So all postings
 * are texts of one grammar, small enough for a regular expression, and here it is: a text that it describes from the first
 * character to the last is a posting, and what it captures are the values of some of its members. Any other text (an escape
 * where hardly ever one is, a member that is new) is left to `decodeEvent`, and that alone refuses.
 */
import { decodeEvent } from './codec.js';
import type { Entry, Side } from './entries.js';
import type { EventMeta, IdempotencyRecord, LedgerEvent } from './ledger.js';
import type { LimitUse } from './limits/limit-uses.js';
import type { LimitDirection } from './limits/limits.js';
import { parseInstant } from './time.js';
import type { TransactionEvent, TransactionFacts } from './transactions/transactions.js';

type PostedData = Extract<TransactionEvent, { type: 'TransactionPosted' }>['data'];

/** What is read of a posting's `data`: all that the fold and the cold keys may look at. */
type FoldedData = Omit<PostedData, 'business_date' | 'transaction'> & {
  readonly transaction: Pick<TransactionFacts, 'transaction_id' | 'reference'>;
};

/** What is read of its `meta`: also what idempotency keys are kept by. */
type FoldedMeta = Pick<EventMeta, 'idempotency' | 'sequence' | 'tenant_id'>;

const PLAIN = '[^"\\\\\\u0000-\\u001f]*';
/** A string without escapes. */
const STRING = `"${PLAIN}"`;
/** Any string; how a character is escaped, the RFC leaves no choice. */
const TEXT = `"${PLAIN}(?:\\\\(?:["\\\\bfnrt]|u00[01][0-9a-f])${PLAIN})*"`;
const INTEGER = '(?:0|-?[1-9][0-9]*)';
/** Looked into row by row afterwards. */
const ROWS = '\\[[^\\]]*\\]';

const read = (value: string): string => `(${value})`;
/** Of a string without escapes, what stands between its quotes. */
const CONTENT = `"${read(PLAIN)}"`;
const orNull = (value: string): string => `(?:null|${value})`;
const array = (value: string): string => `\\[(?:${value}(?:,${value})*)?\\]`;
const object = (members: Readonly<Record<string, string>>): string =>
  `\\{${Object.entries(members)
    .map(([name, value]) => `"${name}":${value}`)
    .join(',')}\\}`;
const row = (members: Readonly<Record<string, string>>): RegExp => new RegExp(`${object(members)}[,\\]]`, 'y');

const ENTRY = row({
  account_id: read(STRING),
  amount: read(INTEGER),
  balance_after: read(INTEGER),
  currency: CONTENT,
  direction: '"(debit|credit)"',
});

const LIMIT_USE = row({
  account_id: read(STRING),
  amount: read(INTEGER),
  counted_on: CONTENT,
  direction: '"(inbound|outbound)"',
});

const TRANSACTION = object({
  amount: INTEGER,
  card_transaction_id: orNull(STRING),
  channel: orNull(STRING),
  currency: STRING,
  destination: orNull(STRING),
  destination_amount: orNull(INTEGER),
  effective_at: STRING,
  failure_code: 'null',
  failure_rule: 'null',
  fees: array(object({ account_id: STRING, amount: INTEGER, payee: STRING, payer: STRING, rule_id: STRING })),
  metadata: array(`\\[${TEXT},${TEXT}\\]`),
  narration: orNull(TEXT),
  rate: orNull(STRING),
  reference: orNull(CONTENT),
  reversal_of: 'null',
  reversed_amount: INTEGER,
  source: orNull(STRING),
  status: STRING,
  transaction_id: CONTENT,
  type: STRING,
});

const IDEMPOTENCY = object({
  events: INTEGER,
  key: STRING,
  operation: STRING,
  part: orNull(object({ i: INTEGER, n: INTEGER })),
  request: STRING,
});

const META = object({
  actor: STRING,
  api_version: orNull(STRING),
  idempotency: orNull(read(IDEMPOTENCY)),
  ip: orNull(STRING),
  request_id: orNull(TEXT),
  sequence: read(INTEGER),
  tenant_id: CONTENT,
});

const DATA =
  `\\{"business_date":${STRING},"entries":${read(ROWS)}(?:,"limit_uses":${read(ROWS)})?,` +
  `"local_date":"${read(PLAIN)}","transaction":${TRANSACTION}\\}`;
const END = ',"type":"TransactionPosted","v":1}';
const POSTING = new RegExp(
  `^\\{"at":"${read(PLAIN)}","data":${DATA},"id":${read(STRING)},"meta":${META},"revision":${read(INTEGER)}${END}$`,
);

/** Undefined where one of the rows is something else; also where there is none, for nothing is posted without an entry. */
const rowsOf = <T>(array: string, description: RegExp, rowOf: (found: RegExpExecArray) => T): T[] | undefined => {
  const rows: T[] = [];
  description.lastIndex = 1;
  do {
    const found = description.exec(array);
    if (!found) return undefined;
    rows.push(rowOf(found));
  } while (description.lastIndex < array.length);
  return rows;
};

// What a match captures is a window on the text that was searched. To find a row by such a string costs more than to copy
// it first, and kept in the state it would keep all of the text; `JSON.parse` copies.
const copied = (string: string): string => JSON.parse(string) as string;

const entryOf = (found: RegExpExecArray): Entry => ({
  account_id: copied(found[1]!),
  amount: Number(found[2]),
  balance_after: Number(found[3]),
  currency: found[4]!,
  direction: found[5] as Side,
});

const limitUseOf = (found: RegExpExecArray): LimitUse => ({
  account_id: copied(found[1]!),
  amount: Number(found[2]),
  counted_on: found[3]!,
  direction: found[4] as LimitDirection,
});

const dataOf = (found: RegExpExecArray): FoldedData | undefined => {
  const entries = rowsOf(found[2]!, ENTRY, entryOf);
  if (!entries) return undefined;
  const local_date = found[4]!;
  const transaction = { reference: found[5] ?? null, transaction_id: found[6]! };
  if (found[3] === undefined) return { entries, local_date, transaction };
  const limit_uses = rowsOf(found[3], LIMIT_USE, limitUseOf);
  return limit_uses && { entries, limit_uses, local_date, transaction };
};

const readPosting = (stored: string) => {
  const found = POSTING.exec(stored);
  const at = found ? parseInstant(found[1]!) : undefined;
  const data = found && at !== undefined ? dataOf(found) : undefined;
  if (!found || at === undefined || !data) return undefined;
  const meta: FoldedMeta = {
    idempotency: found[8] === undefined ? null : (JSON.parse(found[8]) as IdempotencyRecord),
    sequence: Number(found[9]),
    tenant_id: found[10]!,
  };
  return { revision: Number(found[11]), id: copied(found[7]!), at, type: 'TransactionPosted', data, meta };
};

/**
 * Reads a stored envelope as `decodeEvent` does, but of a posting only what `evolve`, `coldKeys` and whoever keeps idempotency
 * keys look at: good for that and nothing else. Throws `LedgerInconsistent` as `decodeEvent` does.
 */
export const decodeForFold = (stored: string): LedgerEvent =>
  (stored.endsWith(END) ? (readPosting(stored) as unknown as LedgerEvent | undefined) : undefined) ??
  decodeEvent(stored);
