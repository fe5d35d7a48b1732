/** ISO 20022 camt.053, bank to customer statement, of any version: what all of them have in common. */
import { XMLParser } from 'fast-xml-parser';
import { exponentOf, isCurrency } from '#domain/money.js';
import { dayOf, joined, minorUnits, unreadable, type BankStatement, type StatementLine } from './bank-statement.js';

type Node = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  // No document type, so nothing that could grow or reach outside.
  processEntities: { enabled: true, maxTotalExpansions: 100_000, maxExpandedLength: 2_000_000 },
});

const nodes = (value: unknown): Node[] => {
  const list = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.filter((one): one is Node => one !== null && typeof one === 'object');
};

/** What stands at a path, first of each. */
const at = (node: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((here, name) => {
    const first: unknown = Array.isArray(here) ? here[0] : here;
    return first !== null && typeof first === 'object' ? (first as Node)[name] : undefined;
  }, node);

const text = (node: unknown, ...path: readonly string[]): string | null => {
  const found = at(node, ...path);
  const first: unknown = Array.isArray(found) ? found[0] : found;
  if (typeof first === 'string') return first.trim();
  const inner = first !== null && typeof first === 'object' ? (first as Node)['#text'] : undefined;
  return typeof inner === 'string' ? inner.trim() : null;
};

const day = (node: unknown, ...path: readonly string[]): string | null => {
  const found = text(node, ...path, 'Dt') ?? text(node, ...path, 'DtTm');
  return found === null ? null : dayOf(found);
};

/** The signed amount of a balance or an entry, in the statement's currency. */
const amountOf = (node: Node, currency: string): number => {
  if (text(node, 'Amt', '@Ccy') !== currency) return unreadable('An amount is of another currency than the statement.');
  if (!isCurrency(currency)) return unreadable('Its currency is not one that is kept here.');
  const size = minorUnits(text(node, 'Amt') ?? '', exponentOf(currency));
  switch (text(node, 'CdtDbtInd')) {
    case 'CRDT':
      return size;
    case 'DBIT':
      return -size;
    default:
      return unreadable('An amount does not say whether it is a credit or a debit.');
  }
};

const balance = (statement: Node, codes: readonly string[]): Node | undefined =>
  codes
    .map((code) => nodes(statement.Bal).find((one) => text(one, 'Tp', 'CdOrPrtry', 'Cd') === code))
    .find((one) => one !== undefined);

const NOT_PROVIDED = 'NOTPROVIDED';

const lineOf = (entry: Node, currency: string, closedOn: string): StatementLine => {
  const details = at(entry, 'NtryDtls', 'TxDtls');
  const references = [
    text(details, 'Refs', 'EndToEndId'),
    text(details, 'RmtInf', 'Strd', 'CdtrRefInf', 'Ref'),
    text(details, 'Refs', 'InstrId'),
    text(entry, 'NtryRef'),
    text(entry, 'AcctSvcrRef'),
  ];
  const booked_on = day(entry, 'BookgDt') ?? closedOn;
  const told = nodes(details).flatMap((one) => [text(one, 'RmtInf', 'Ustrd'), text(one, 'AddtlTxInf')]);
  const all = [...told, text(entry, 'AddtlNtryInf')].filter((one) => one !== null && one !== '').join(' ');
  return {
    amount: amountOf(entry, currency),
    booked_on,
    value_on: day(entry, 'ValDt') ?? booked_on,
    reference: references.find((one) => one !== null && one !== '' && one !== NOT_PROVIDED) ?? null,
    text: all === '' ? null : all,
  };
};

/** What is only announced is not on the account yet. */
const isBooked = (entry: Node): boolean => {
  const status = text(entry, 'Sts', 'Cd') ?? text(entry, 'Sts');
  return status === null || status === 'BOOK';
};

/** A tag with 33 attributes: none of a statement has more than two, and the parser takes long for thousands. */
const MANY_ATTRIBUTES = /<[^\s<>!?/]+(?:\s+[^\s=<>"']+\s*=\s*(?:"[^"]*"|'[^']*')){33}/;

const documentOf = (xml: string): unknown => {
  if (/<!DOCTYPE/i.test(xml)) return unreadable('It declares a document type, which no statement needs.');
  if (MANY_ATTRIBUTES.test(xml)) return unreadable('It has an element of more than 32 attributes.');
  try {
    return parser.parse(xml, true);
  } catch {
    return unreadable('It is not well-formed XML.');
  }
};

const statementOf = (statement: Node): BankStatement => {
  const opening = balance(statement, ['OPBD', 'PRCD']);
  const closing = balance(statement, ['CLBD']);
  if (!opening || !closing) return unreadable('It lacks an opening or a closing balance (OPBD or PRCD, and CLBD).');
  const currency = text(opening, 'Amt', '@Ccy') ?? '';
  const closed_on = day(closing, 'Dt') ?? unreadable('A balance has no date.');
  return {
    format: 'camt053',
    number: text(statement, 'ElctrncSeqNb') ?? text(statement, 'Id') ?? '',
    account: text(statement, 'Acct', 'Id', 'IBAN') ?? text(statement, 'Acct', 'Id', 'Othr', 'Id'),
    currency,
    opened_on: day(opening, 'Dt') ?? unreadable('A balance has no date.'),
    closed_on,
    opening_balance: amountOf(opening, currency),
    closing_balance: amountOf(closing, currency),
    lines: nodes(statement.Ntry)
      .filter(isBooked)
      .map((entry) => lineOf(entry, currency, closed_on)),
  };
};

/** Throws `UnreadableStatement`. */
export const parseCamt053 = (xml: string): BankStatement => {
  const statements = nodes(at(documentOf(xml), 'Document', 'BkToCstmrStmt', 'Stmt'));
  return statements.length === 0 ? unreadable('It is no camt.053 statement.') : joined(statements.map(statementOf));
};
